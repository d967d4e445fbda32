//! Another program on the desk's computer, such as a booking system: it has people checked, holds
//! receipts against the desk's key, and is told what happens.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use xtask::children::http;

/// A program that asks a desk.
pub(crate) struct Caller {
    /// Where the desk answers.
    pub(crate) port: u16,
    /// With which token it asks.
    pub(crate) token: String,
}

impl Caller {
    /// Has somebody checked; status and answer.
    pub(crate) fn check(&self, body: &Value) -> Result<(u16, Value)> {
        self.ask("POST", "/v1/checks", Some(&body.to_string()))
    }

    /// Asks for something that is there; status and answer.
    pub(crate) fn get(&self, path: &str) -> Result<(u16, Value)> {
        self.ask("GET", path, None)
    }

    fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Result<(u16, Value)> {
        let bearer = format!("Bearer {}", self.token);
        let answer = http(self.port, method, path, &[("authorization", &bearer)], body)?;
        let value = serde_json::from_str(&answer.body)
            .with_context(|| format!("{} is no JSON: {}", answer.status, answer.body))?;
        Ok((answer.status, value))
    }
}

/// What a receipt says, if this key signed it: a compact JWS with Ed25519.
pub(crate) fn claims_of(receipt: &str, jwk: &Value) -> Result<Value> {
    let (signed, signature) = receipt.rsplit_once('.').context("three parts")?;
    let (_, claims) = signed.split_once('.').context("three parts")?;
    let key = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().context("a key")?)?;
    let key = VerifyingKey::from_bytes(key.as_slice().try_into()?)?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature)?)?;
    key.verify_strict(signed.as_bytes(), &signature)?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?)
}

/// A message that a desk sent to an address.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Message {
    /// By which name it is known again.
    pub(crate) fn id(&self) -> &str {
        self.headers.get("webhook-id").map_or("", String::as_str)
    }

    /// What it says.
    pub(crate) fn json(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// Fails unless it was signed under `secret`, as Standard Webhooks has it.
    pub(crate) fn must_be_signed(&self, secret: &str) -> Result<()> {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").context("a secret")?)?;
        let header = |name: &str| self.headers.get(name).context(name.to_owned());
        let mut mac = Hmac::<Sha256>::new_from_slice(&key)?;
        mac.update(format!("{}.{}.", self.id(), header("webhook-timestamp")?).as_bytes());
        mac.update(&self.body);
        let given = header("webhook-signature")?.strip_prefix("v1,").context("a version")?;
        Ok(mac.verify_slice(&STANDARD.decode(given)?)?)
    }
}

/// Takes what a desk sends to a port of this machine, until the test ends.
pub(crate) struct Receiver {
    messages: Arc<Mutex<Vec<Message>>>,
    status: Arc<Mutex<u16>>,
}

impl Receiver {
    /// Listens on `port` and answers every message with `status`.
    pub(crate) fn at(port: u16, status: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let receiver = Self { messages: Arc::default(), status: Arc::new(Mutex::new(status)) };
        let (messages, status) = (Arc::clone(&receiver.messages), Arc::clone(&receiver.status));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever breaks off was not told, and comes again.
                let Ok(message) = receive(&stream) else { continue };
                let status = *status.lock().unwrap_or_else(PoisonError::into_inner);
                messages.lock().unwrap_or_else(PoisonError::into_inner).push(message);
                let answer = format!(
                    "HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                let _ = (&stream).write_all(answer.as_bytes());
            }
        });
        Ok(receiver)
    }

    /// Answers with another status from now on.
    pub(crate) fn answers(&self, status: u16) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    /// What came so far.
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn receive(stream: &TcpStream) -> Result<Message> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    ensure!(line.starts_with("POST "), "{line}");
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").context("a length")?.parse()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Message { headers, body })
}
