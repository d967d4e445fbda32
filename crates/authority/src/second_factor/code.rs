//! One-time passwords of RFC 6238 as every authenticator app computes them: HMAC-SHA-1, six
//! digits, thirty seconds. Some apps ignore that a URI asks for anything else.

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use yanma_protocol::second_factor::{CODE_DIGITS, STEP_SECONDS};

/// Bytes of a secret: as long as the hash, as RFC 4226 §4 recommends.
pub(crate) const SECRET_BYTES: usize = 20;

/// Clocks differ, and people type: a password counts one step before and after its own.
const SKEW_STEPS: i64 = 1;

/// The step that an instant lies in.
pub(super) fn step_of(now: Timestamp) -> i64 {
    now.as_second().div_euclid(STEP_SECONDS)
}

/// The step of a password that counts now and later than `last`, the step of the last one that
/// was taken.
pub(super) fn step_of_password(
    secret: &[u8; SECRET_BYTES],
    typed: &str,
    last: i64,
    now: Timestamp,
) -> Option<i64> {
    let middle = step_of(now);
    let mut taken = None;
    // Every step is looked at, whichever fits: how long it takes tells nothing.
    for step in middle - SKEW_STEPS..=middle + SKEW_STEPS {
        let password = password(secret, step);
        if same(password.as_bytes(), typed.as_bytes()) && step > last {
            taken = Some(step);
        }
    }
    taken
}

/// The password of a step, with zeros before it.
fn password(secret: &[u8; SECRET_BYTES], step: i64) -> String {
    let number = truncated(secret, step) % 10_u32.pow(CODE_DIGITS);
    format!("{number:0width$}", width = CODE_DIGITS as usize)
}

/// Whether the texts are the same; the time it takes does not tell where they differ.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).fold(0, |differ, (left, right)| differ | (left ^ right)) == 0
}

/// The 31 bits of RFC 4226 §5.3.
fn truncated(secret: &[u8; SECRET_BYTES], step: i64) -> u32 {
    let hash = hash(secret, step);
    let from = usize::from(hash[19] & 0xf);
    let word = [hash[from], hash[from + 1], hash[from + 2], hash[from + 3]];
    u32::from_be_bytes(word) & 0x7fff_ffff
}

/// HMAC-SHA-1 over the number of the step.
fn hash(secret: &[u8; SECRET_BYTES], step: i64) -> [u8; 20] {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("a key of any length");
    mac.update(&step.to_be_bytes());
    mac.finalize().into_bytes().into()
}

/// The secret as it is typed: base 32 of RFC 4648 §6. Twenty bytes need no padding.
pub(super) fn base32(secret: &[u8; SECRET_BYTES]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(SECRET_BYTES * 8 / 5);
    for five in secret.chunks_exact(5) {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let letters = (0..8).rev().map(|at| LETTERS[(bits >> (5 * at) & 31) as usize]);
        text.extend(letters.map(char::from));
    }
    text
}

/// What an app reads from a QR code (Google's Key Uri Format). Names are written whole, in the
/// percent encoding of RFC 3986 §2.1. Hash, digits and period are what is meant when nothing is
/// said of them, and the symbol is smaller without.
pub(super) fn uri(issuer: &str, account: &str, secret: &str) -> String {
    let (issuer, account) = (encoded(issuer), encoded(account));
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the vectors in RFC 4226 and RFC 6238.
    const SECRET: &[u8; 20] = b"12345678901234567890";

    /// RFC 6238 appendix B, the rows of SHA-1; they have eight digits.
    #[test]
    fn the_vectors_of_rfc_6238_come_out() {
        for (second, expect) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let step = step_of(Timestamp::from_second(second).unwrap());
            assert_eq!(truncated(SECRET, step) % 100_000_000, expect, "at {second} s");
        }
    }

    /// RFC 4226 appendix D.
    #[test]
    fn the_vectors_of_rfc_4226_come_out() {
        let expect = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, expect) in (0..).zip(expect) {
            assert_eq!(password(SECRET, step), expect, "step {step}");
        }
    }

    /// RFC 4648 §10, where no padding is needed.
    #[test]
    fn the_vectors_of_rfc_4648_come_out() {
        assert_eq!(base32(b"foobafoobafoobafooba"), "MZXW6YTBMZXW6YTBMZXW6YTBMZXW6YTB");
        assert_eq!(base32(&[0xff; 20]), "7".repeat(32));
        assert_eq!(base32(&[0; 20]), "A".repeat(32));
    }

    #[test]
    fn a_password_counts_from_one_step_before_to_one_after_and_not_twice() {
        let now = Timestamp::from_second(1_593_590_415).unwrap();
        let own = step_of(now);
        for (step, last, counts) in [
            (own - 2, 0, false),
            (own - 1, 0, true),
            (own, 0, true),
            (own + 1, 0, true),
            (own + 2, 0, false),
            (own, own - 1, true),
            (own, own, false),
            (own - 1, own, false),
            (own + 1, own, true),
        ] {
            let typed = password(SECRET, step);
            let taken = step_of_password(SECRET, &typed, last, now);
            assert_eq!(taken, counts.then_some(step), "{} after {last}", step - own);
        }
        for typed in ["", "00000", "0000000"] {
            assert_eq!(step_of_password(SECRET, typed, 0, now), None, "{typed:?}");
        }
    }

    #[test]
    fn a_uri_keeps_every_name_whole() {
        assert_eq!(
            uri("Yanma 35", "林&co", "ABCD"),
            "otpauth://totp/Yanma%2035:%E6%9E%97%26co?secret=ABCD&issuer=Yanma%2035"
        );
    }
}
