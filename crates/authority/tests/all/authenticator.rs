//! An authenticator app, and what somebody does with it. Written from the RFCs once more, so
//! that it does not agree with the authority by being the same code.

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha1::Sha1;
use yanma_authority::clerks::Role;

use crate::world::{Caller, World};

pub(crate) struct Authenticator {
    secret: Vec<u8>,
}

impl Authenticator {
    /// Takes in the secret of an answer to setting up.
    pub(crate) fn new(set_up: &Value) -> Self {
        let (mut bits, mut held, mut secret) = (0_u32, 0, Vec::new());
        for letter in set_up["secret"].as_str().unwrap().bytes() {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'2'..=b'7' => letter - b'2' + 26,
                _ => panic!("not base 32"),
            };
            bits = bits << 5 | u32::from(value);
            held += 5;
            if held >= 8 {
                held -= 8;
                secret.push((bits >> held) as u8);
                bits &= (1 << held) - 1;
            }
        }
        assert_eq!(secret.len(), 20);
        Self { secret }
    }

    /// What the app shows at an instant.
    pub(crate) fn code(&self, at: Timestamp) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.secret).unwrap();
        mac.update(&(at.as_second() / 30).to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let from = usize::from(hash[19] % 16);
        let word: [u8; 4] = hash[from..from + 4].try_into().unwrap();
        format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
    }

    /// What it certainly does not show now, nor a step before or after.
    pub(crate) fn wrong(&self, at: Timestamp) -> String {
        let near: Vec<_> = [-30, 0, 30]
            .map(|seconds| self.code(at + jiff::SignedDuration::from_secs(seconds)))
            .into();
        let mut codes = (0..4).map(|n| format!("{n:06}"));
        codes.find(|code| !near.contains(code)).unwrap()
    }
}

/// Sets up an app with a token and signs in: a caller with the session and without the token.
pub(crate) async fn signed_in<'w>(world: &'w World, token: &str) -> (Caller<'w>, Authenticator) {
    let browser = world.browser();
    let with_token = browser.bearing(token);
    let set_up = with_token.post("/v1/clerks/me/second-factor", json!({})).await.expect(200);
    let app = Authenticator::new(&set_up);
    let code = json!({"code": app.code(world.now())});
    with_token.post("/v1/clerks/me/second-factor/confirm", code).await.expect(200);
    (browser, app)
}

/// An administrator at work.
pub(crate) async fn administrator(world: &World) -> Caller<'_> {
    let token = world.authority.create_clerk("administrator", Role::Administrator).await.unwrap();
    signed_in(world, token.reveal()).await.0
}
