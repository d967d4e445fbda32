//! An identity service by HTTP: signed questions, time limits, retries, a breaker. The
//! contract is in `docs/identity-service.md`.

use std::fmt;
use std::time::Duration;

use hmac::{Hmac, Mac};
use reqwest::{Client, StatusCode, Url};
use serde::Serialize;
use sha2::{Digest, Sha256};
use yanma_protocol::Secret;
use yanma_protocol::identity::{
    KEY_HEADER, NONCE_HEADER, SIGNATURE_HEADER, ServiceAnswer, ServiceResult, TIME_HEADER,
    signing_input,
};

use crate::breaker::Breaker;
use crate::clock::Clock;
use crate::error::Error;
use crate::outbound;
use crate::secret;

/// How long the service may take to be reached, and to answer.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Pauses before each further try.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// Fewest characters of the secret that both sides share: 128 bits in hexadecimal.
const SECRET_MIN_CHARS: usize = 32;

/// Where the service is, and how it knows who asks.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// Such as `https://identity.example/v1/`.
    pub base: Url,
    /// Names the secret to the service.
    pub key: String,
    /// The secret that both sides share, 32 characters or more.
    pub secret: Secret,
}

pub(crate) struct Service {
    settings: ServiceSettings,
    client: Client,
    breaker: Breaker,
    clock: Clock,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// One try.
enum Tried {
    Answered(ServiceResult),
    /// Asking again may help.
    Failed(String),
    /// It would not.
    Refused(StatusCode),
}

impl Service {
    pub(super) fn new(mut settings: ServiceSettings, clock: Clock) -> Result<Self, Error> {
        if settings.secret.chars() < SECRET_MIN_CHARS || settings.base.cannot_be_a_base() {
            return Err(Error::IdentitySettings);
        }
        // Without a slash at its end the last part of the address would be replaced.
        if !settings.base.path().ends_with('/') {
            let path = format!("{}/", settings.base.path());
            settings.base.set_path(&path);
        }
        let client =
            outbound::client(CONNECT_WITHIN, ANSWER_WITHIN).map_err(|_| Error::IdentitySettings)?;
        Ok(Self { settings, client, breaker: Breaker::default(), clock })
    }

    /// Asks; retries what may pass by itself.
    ///
    /// # Errors
    ///
    /// [`Error::IdentityUnavailable`]: nothing is known then, neither yes nor no.
    pub(super) async fn ask(
        &self,
        path: &str,
        question: &impl Serialize,
    ) -> Result<ServiceResult, Error> {
        self.breaker
            .may_ask(self.clock.now())
            .map_err(|seconds| Error::IdentityUnavailable { retry_after_seconds: seconds })?;
        let url = self.settings.base.join(path).map_err(|_| Error::IdentitySettings)?;
        let body = serde_json::to_vec(question).map_err(|_| Error::IdentitySettings)?;
        let nonce = hex::encode(secret::random::<16>()?);
        let mut pauses = PAUSES.iter();
        loop {
            match self.try_once(&url, &body, &nonce).await {
                Tried::Answered(result) => {
                    self.breaker.went(true, self.clock.now());
                    return Ok(result);
                }
                Tried::Refused(status) => {
                    // It is there, and it does not like us: its operator and ours must talk.
                    self.breaker.went(true, self.clock.now());
                    tracing::error!(path, %status, "the identity service refused a question");
                    return Err(Error::IdentityUnavailable { retry_after_seconds: 60 });
                }
                Tried::Failed(cause) => {
                    self.breaker.went(false, self.clock.now());
                    let Some(pause) = pauses.next() else {
                        tracing::error!(path, cause, "the identity service does not answer");
                        return Err(Error::IdentityUnavailable { retry_after_seconds: 5 });
                    };
                    tokio::time::sleep(*pause).await;
                }
            }
        }
    }

    async fn try_once(&self, url: &Url, body: &[u8], nonce: &str) -> Tried {
        let time = self.clock.now().as_millisecond().to_string();
        let digest = hex::encode(Sha256::digest(body));
        let Ok(signature) = self.sign(&signing_input(url.path(), &time, nonce, &digest)) else {
            return Tried::Failed("the question could not be signed".to_owned());
        };
        let request = self
            .client
            .post(url.clone())
            .header("content-type", "application/json")
            .header(KEY_HEADER, &self.settings.key)
            .header(TIME_HEADER, time)
            .header(NONCE_HEADER, nonce)
            .header(SIGNATURE_HEADER, signature)
            .body(body.to_vec());
        // An error of reqwest may repeat the address, which has nothing personal in it.
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Tried::Failed(error.without_url().to_string()),
        };
        match response.status() {
            StatusCode::OK => match response.json::<ServiceAnswer>().await {
                Ok(answer) => Tried::Answered(answer.result),
                Err(error) => Tried::Failed(error.without_url().to_string()),
            },
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Tried::Failed(status.to_string())
            }
            status => Tried::Refused(status),
        }
    }

    fn sign(&self, input: &str) -> Result<String, Error> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.settings.secret.reveal().as_bytes())
            .map_err(|_| Error::IdentitySettings)?;
        mac.update(input.as_bytes());
        Ok(hex::encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_is_not_taken() {
        let settings = |secret: &str| ServiceSettings {
            base: "http://127.0.0.1:9/v1".parse().unwrap(),
            key: "k".to_owned(),
            secret: secret.into(),
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let open = |secret: &str| Service::new(settings(secret), Clock::system());
        assert!(matches!(open("short"), Err(Error::IdentitySettings)));
        let service = open(&"s".repeat(32)).unwrap();
        assert_eq!(service.settings.base.path(), "/v1/");
    }

    /// RFC 2104 over the lines of the contract, so that another implementation can compare.
    #[test]
    fn the_signature_is_the_documented_one() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = ServiceSettings {
            base: "http://127.0.0.1:9/v1/".parse().unwrap(),
            key: "k".to_owned(),
            secret: "0123456789abcdef0123456789abcdef".into(),
        };
        let service = Service::new(settings, Clock::system()).unwrap();
        let digest = hex::encode(Sha256::digest(b"{}"));
        let input = signing_input("/v1/match", "1593561600000", &"0".repeat(32), &digest);
        assert_eq!(input.lines().count(), 5);
        assert_eq!(service.sign(&input).unwrap().len(), 64);
    }
}
