//! The app on an administrator's phone: one-time passwords of RFC 6238, computed apart from the
//! authority's own code.

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use xtask::demo::output;

const STEP_SECONDS: u64 = 30;

/// An app with one account.
pub(crate) struct Authenticator {
    secret: Vec<u8>,
}

impl Authenticator {
    /// Takes the secret over as the console writes it, in groups of four letters.
    pub(crate) fn with_secret(text: &str) -> Result<Self> {
        const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut secret = Vec::new();
        let (mut bits, mut count) = (0_u32, 0);
        for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
            let value = LETTERS.find(letter).with_context(|| format!("{letter:?} in base 32"))?;
            bits = bits << 5 | u32::try_from(value)?;
            count += 5;
            if count >= 8 {
                count -= 8;
                secret.push(u8::try_from(bits >> count & 0xff)?);
            }
        }
        ensure!(secret.len() == 20, "a secret of {} bytes", secret.len());
        Ok(Self { secret })
    }

    /// What the app shows now.
    pub(crate) fn password(&self) -> Result<String> {
        Ok(self.at(now_seconds()? / STEP_SECONDS))
    }

    /// What the app will show next: an authority takes no password twice, and clocks may differ
    /// by a step.
    pub(crate) fn next_password(&self) -> Result<String> {
        Ok(self.at(now_seconds()? / STEP_SECONDS + 1))
    }

    fn at(&self, step: u64) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.secret).unwrap();
        mac.update(&step.to_be_bytes());
        let hash: [u8; 20] = mac.finalize().into_bytes().into();
        let from = usize::from(hash[19] & 0xf);
        let word = u32::from_be_bytes([hash[from], hash[from + 1], hash[from + 2], hash[from + 3]]);
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

/// As `date` tells it: tests read no clock of their own.
fn now_seconds() -> Result<u64> {
    Ok(output(std::process::Command::new("date").arg("+%s"))?.trim().parse()?)
}

/// RFC 6238 appendix B, cut to six digits.
#[test]
fn the_app_shows_what_the_standard_says() {
    let app = Authenticator::with_secret("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ").unwrap();
    assert_eq!(app.at(59 / STEP_SECONDS), "287082");
    assert_eq!(app.at(1_111_111_109 / STEP_SECONDS), "081804");
    assert_eq!(app.at(20_000_000_000 / STEP_SECONDS), "353130");
}
