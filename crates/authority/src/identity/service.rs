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
use yanma_protocol::json;

use crate::breaker::Breaker;
use crate::clock::Clock;
use crate::error::Error;
use crate::outbound;
use crate::secret;

/// How long the service may take to be reached, and to answer.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Most bytes of an answer.
const ANSWER_MAX_BYTES: u64 = 4_096;

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
    pub(super) fn new(settings: ServiceSettings, clock: Clock) -> Result<Self, Error> {
        Self::within(ANSWER_WITHIN, settings, clock)
    }

    fn within(
        answer_within: Duration,
        mut settings: ServiceSettings,
        clock: Clock,
    ) -> Result<Self, Error> {
        let base = &settings.base;
        // Names and numbers go there, and a yes that somebody forged on the way would count.
        let is_server = !base.cannot_be_a_base() && outbound::is_private(base);
        if settings.secret.chars() < SECRET_MIN_CHARS || !is_server {
            return Err(Error::IdentitySettings);
        }
        // Without a slash at its end the last part of the address would be replaced.
        if !settings.base.path().ends_with('/') {
            let path = format!("{}/", settings.base.path());
            settings.base.set_path(&path);
        }
        let client =
            outbound::client(CONNECT_WITHIN, answer_within).map_err(|_| Error::IdentitySettings)?;
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
        let mut asking = self
            .breaker
            .may_ask(self.clock.now())
            .map_err(|seconds| Error::IdentityUnavailable { retry_after_seconds: seconds })?;
        let url = self.settings.base.join(path).map_err(|_| Error::IdentitySettings)?;
        let body = serde_json::to_vec(question).map_err(|_| Error::IdentitySettings)?;
        let nonce = hex::encode(secret::random::<16>()?);
        let mut pauses = PAUSES.iter();
        loop {
            match self.try_once(&url, &body, &nonce).await {
                Tried::Answered(result) => {
                    asking.went(true, self.clock.now());
                    return Ok(result);
                }
                Tried::Refused(status) => {
                    // It is there, and it does not like us: its operator and ours must talk.
                    asking.went(true, self.clock.now());
                    tracing::error!(path, %status, "the identity service refused a question");
                    return Err(Error::IdentityUnavailable { retry_after_seconds: 60 });
                }
                Tried::Failed(cause) => {
                    asking.went(false, self.clock.now());
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
            StatusCode::OK => match outbound::body(response, ANSWER_MAX_BYTES).await {
                Ok(body) => match body.and_then(|body| json::read_answer(&body)) {
                    Some(ServiceAnswer { result }) => Tried::Answered(result),
                    None => Tried::Failed("what it sends is no answer".to_owned()),
                },
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

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn settings(base: &str, secret: &str) -> ServiceSettings {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (base, key) = (base.parse().unwrap(), "k".to_owned());
        ServiceSettings { base, key, secret: secret.into() }
    }

    #[test]
    fn a_short_secret_is_not_taken() {
        let open =
            |secret: &str| Service::new(settings("http://127.0.0.1:9/v1", secret), Clock::system());
        assert!(matches!(open("short"), Err(Error::IdentitySettings)));
        let service = open(&"s".repeat(32)).unwrap();
        assert_eq!(service.settings.base.path(), "/v1/");
    }

    #[test]
    fn names_and_numbers_go_nowhere_where_they_can_be_read_on_the_way() {
        for (base, taken) in [
            ("https://identity.example/v1", true),
            ("http://127.0.0.1:9/v1", true),
            ("http://identity.example/v1", false),
            ("ftp://127.0.0.1/v1", false),
        ] {
            let service = Service::new(settings(base, SECRET), Clock::system());
            assert_eq!(service.is_ok(), taken);
        }
    }

    fn service(base: &str) -> Service {
        let clock = Clock::from_fn(|| "2020-07-01T00:00:00Z".parse().unwrap());
        Service::within(QUICKLY, settings(base, SECRET), clock).unwrap()
    }

    /// Computed by another implementation (Python's `hmac`), and printed in the contract.
    #[test]
    fn the_signature_is_the_documented_one() {
        let body =
            r#"{"document_type":"resident-id","number":"350100190001010004","name":"样本明"}"#;
        let digest = hex::encode(Sha256::digest(body));
        let nonce = "00112233445566778899aabbccddeeff";
        let input = signing_input("/v1/match", "1593561600000", nonce, &digest);
        let signature = service("https://identity.example/v1").sign(&input).unwrap();
        assert_eq!(signature, "e3c625da332174b1603a5f6271ee85cc45aea1d63df57724d4ff1e87e09ee182");
        let contract = include_str!("../../../../docs/identity-service.md");
        for part in [SECRET, body, &*input, &*signature] {
            assert!(contract.contains(part), "not in the contract: {part}");
        }
        let signed = format!("SIGNED\n{input}\nSIGNATURE\n{signature}\n");
        assert!(contract.contains(&signed), "the example is one piece");
    }

    /// A service of the tests has so long to answer.
    const QUICKLY: Duration = Duration::from_millis(200);

    /// What it takes until nothing is known: three tries, and the pauses between them.
    const ALL_TRIES: Duration = Duration::from_millis(3 * 200 + 500);

    async fn gives_up(service: &Service) -> Duration {
        let begun = std::time::Instant::now();
        let asked = service.ask("match", &"who").await;
        assert!(
            matches!(asked, Err(Error::IdentityUnavailable { retry_after_seconds: 5 })),
            "{asked:?}"
        );
        begun.elapsed()
    }

    #[test]
    fn the_times_are_the_documented_ones() {
        let contract = include_str!("../../../../docs/identity-service.md");
        let [first, second] = PAUSES.map(|pause| pause.as_millis());
        let (connect, answer) = (CONNECT_WITHIN.as_secs(), ANSWER_WITHIN.as_secs());
        for said in [
            format!("after {first} and {second} ms"),
            format!("could not connect ({connect} s), was not answered ({answer} s)"),
        ] {
            assert!(contract.contains(&said), "{said}");
        }
    }

    #[tokio::test]
    async fn a_service_that_is_silent_is_asked_three_times_and_then_left_alone() {
        // Connections are made by the system; nobody ever reads from one.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = service(&format!("http://{}/v1", silent.local_addr().unwrap()));
        let took = gives_up(&service).await;
        assert!((ALL_TRIES..ALL_TRIES + QUICKLY * 2).contains(&took), "{took:?}");
        // After five failures in a row nobody is asked any more.
        let asked = service.ask("match", &"who").await;
        assert!(matches!(asked, Err(Error::IdentityUnavailable { .. })));
        let begun = std::time::Instant::now();
        let asked = service.ask("match", &"who").await;
        assert!(
            matches!(asked, Err(Error::IdentityUnavailable { retry_after_seconds: 30..=31 })),
            "{asked:?}"
        );
        assert!(begun.elapsed() < QUICKLY, "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_refused_connection_is_neither_yes_nor_no() {
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = closed.local_addr().unwrap();
        drop(closed);
        let took = gives_up(&service(&format!("http://{address}/v1"))).await;
        // Only the pauses.
        assert!((PAUSES[0] + PAUSES[1]..ALL_TRIES).contains(&took), "{took:?}");
    }

    /// One that begins an answer and never ends it is as silent as one that says nothing.
    #[tokio::test]
    async fn half_an_answer_is_none() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let half = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = service(&format!("http://{}/v1", half.local_addr().unwrap()));
        tokio::spawn(async move {
            let mut kept = Vec::new();
            loop {
                let (mut connection, _) = half.accept().await.unwrap();
                let mut request = [0; 1_024];
                let _ = connection.read(&mut request).await.unwrap();
                let begin = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"result\": \"match\"";
                connection.write_all(begin).await.unwrap();
                kept.push(connection);
            }
        });
        let took = gives_up(&service).await;
        assert!((ALL_TRIES..ALL_TRIES + QUICKLY * 2).contains(&took), "{took:?}");
    }

    /// What is longer than any answer is none, and is not read to its end.
    #[tokio::test]
    async fn an_answer_without_an_end_is_none() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let long = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = service(&format!("http://{}/v1", long.local_addr().unwrap()));
        tokio::spawn(async move {
            loop {
                let (mut connection, _) = long.accept().await.unwrap();
                let mut request = [0; 1_024];
                let _ = connection.read(&mut request).await.unwrap();
                let answer = format!("{{\"result\": \"match\"}}{}", " ".repeat(5_000));
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", answer.len());
                // Whoever asks may be gone before the end.
                drop(connection.write_all((head + &answer).as_bytes()).await);
            }
        });
        gives_up(&service).await;
    }
}
