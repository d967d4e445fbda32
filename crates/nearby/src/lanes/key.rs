//! The key that the lanes of one site share, and what is made with it.

use std::fmt;
use std::str::FromStr;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use serde::{Deserialize, Serialize};
use yanma_station::DeskError;

/// Length of a key, in bytes.
const KEY_LEN: usize = 16;
/// Length of what tells a mistyped key, in bytes.
const CHECK_LEN: usize = 2;
/// Length of what an asker and an answerer each add by chance, in bytes.
pub(super) const SALT_LEN: usize = 16;
/// Length of a tag, in bytes.
pub(super) const TAG_LEN: usize = 32;
const TAG_BYTES: usize = 16;
/// Digits of a group when a key is shown.
const GROUP: usize = 4;

/// What a key is used for: no tag of one is a key of the other.
const CHECK: &[u8] = b"yanma-lane-check-v1";
const ASK: &[u8] = b"yanma-lane-ask-v1";
const ANSWER: &[u8] = b"yanma-lane-answer-v1";

/// A key that somebody typed is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key of lanes: 36 hexadecimal digits, as the other desk shows them")]
pub struct LaneKeyError;

/// The key of one site's lanes: 128 bits by chance, shown as nine groups of four hexadecimal digits,
/// the last of which are a check. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LaneKey([u8; KEY_LEN]);

impl LaneKey {
    /// A new one.
    ///
    /// # Errors
    /// [`DeskError::NoRandomness`].
    pub fn make() -> Result<Self, DeskError> {
        let mut key = [0; KEY_LEN];
        getrandom::fill(&mut key).map_err(|_| DeskError::NoRandomness)?;
        Ok(Self(key))
    }

    /// The key as another desk is to be told it.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut bytes = self.0.to_vec();
        bytes.extend_from_slice(&self.checks());
        let digits = hex::encode(bytes);
        let groups: Vec<_> = digits.as_bytes().chunks(GROUP).map(String::from_utf8_lossy).collect();
        groups.join("-")
    }

    fn checks(&self) -> [u8; CHECK_LEN] {
        let tag = self.mac(CHECK, &[]);
        let mut checks = [0; CHECK_LEN];
        checks.copy_from_slice(&tag.as_ref()[..CHECK_LEN]);
        checks
    }

    fn mac(&self, purpose: &[u8], parts: &[&[u8]]) -> hmac::Tag {
        let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.0));
        mac.update(purpose);
        parts.iter().for_each(|part| mac.update(part));
        mac.sign()
    }

    /// What shows that whoever asks has the key: without it nothing is answered.
    pub(super) fn ask(&self, salt: &[u8; SALT_LEN], known: &[u8]) -> [u8; TAG_LEN] {
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(self.mac(ASK, &[salt, known]).as_ref());
        tag
    }

    /// Whether `tag` is that of such a question.
    pub(super) fn asks(&self, salt: &[u8; SALT_LEN], known: &[u8], tag: &[u8]) -> bool {
        let message: Vec<u8> = [ASK, salt, known].concat();
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), &message, tag).is_ok()
    }

    /// The answer to the question with this salt: the answerer's own salt, then AES-256-GCM under
    /// a key that both salts make, so that no answer is another question's.
    ///
    /// # Errors
    /// [`DeskError::NoRandomness`].
    pub(super) fn seal(
        &self,
        asked: &[u8; SALT_LEN],
        mut answer: Vec<u8>,
    ) -> Result<Vec<u8>, DeskError> {
        let mut salt = [0; SALT_LEN];
        getrandom::fill(&mut salt).map_err(|_| DeskError::NoRandomness)?;
        let key = self.once(asked, &salt).ok_or(DeskError::UnknownForm)?;
        let sealed = key.seal_in_place_append_tag(nonce(), Aad::empty(), &mut answer);
        sealed.map_err(|_| DeskError::UnknownForm)?;
        Ok([&salt[..], &answer].concat())
    }

    /// What an answer to the question with this salt says; `None` when it is none.
    pub(super) fn open(&self, asked: &[u8; SALT_LEN], sealed: &[u8]) -> Option<Vec<u8>> {
        let (salt, sealed) = sealed.split_first_chunk::<SALT_LEN>()?;
        sealed.len().checked_sub(TAG_BYTES)?;
        let mut answer = sealed.to_vec();
        let key = self.once(asked, salt)?;
        let length = key.open_in_place(nonce(), Aad::empty(), &mut answer).ok()?.len();
        answer.truncate(length);
        Some(answer)
    }

    /// A key that is used once, so its nonce may be the same always.
    fn once(&self, asked: &[u8; SALT_LEN], answered: &[u8; SALT_LEN]) -> Option<LessSafeKey> {
        let key = self.mac(ANSWER, &[asked, answered]);
        UnboundKey::new(&AES_256_GCM, key.as_ref()).ok().map(LessSafeKey::new)
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

impl FromStr for LaneKey {
    type Err = LaneKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let bytes = hex::decode(digits).map_err(|_| LaneKeyError)?;
        let (key, checks) = bytes.split_first_chunk().ok_or(LaneKeyError)?;
        let key = Self(*key);
        if key.checks() == checks { Ok(key) } else { Err(LaneKeyError) }
    }
}

impl TryFrom<String> for LaneKey {
    type Error = LaneKeyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<LaneKey> for String {
    fn from(key: LaneKey) -> Self {
        key.reveal()
    }
}

impl fmt::Debug for LaneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LaneKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: [u8; SALT_LEN] = [7; SALT_LEN];

    #[test]
    fn a_key_is_read_as_it_is_shown_and_a_mistyped_one_is_none() {
        let key = LaneKey([0x5a; KEY_LEN]);
        let shown = key.reveal();
        let (digits, check) = shown.rsplit_once('-').unwrap();
        assert_eq!(digits, ["5a5a"; 8].join("-"));
        assert_eq!((shown.len(), check.len()), (44, 4));
        assert_eq!(shown.parse(), Ok(key.clone()));
        let typed = shown.to_uppercase().replace('-', " ");
        assert_eq!(format!("  {typed} ").parse(), Ok(key.clone()));
        assert!(!format!("{key:?}").contains("5a"));
        for (at, digit) in shown.char_indices().filter(|(_, digit)| *digit != '-') {
            let mut wrong: Vec<char> = shown.chars().collect();
            wrong[at] = if digit == '7' { '8' } else { '7' };
            let wrong: String = wrong.into_iter().collect();
            assert_eq!(wrong.parse::<LaneKey>(), Err(LaneKeyError), "{wrong}");
        }
        for none in ["", "5a5a", digits, "钥匙", &format!("{shown}-00")] {
            assert_eq!(none.parse::<LaneKey>(), Err(LaneKeyError), "{none}");
        }
        assert_ne!(LaneKey::make().unwrap(), LaneKey::make().unwrap());
    }

    #[test]
    fn an_answer_is_for_one_question_and_one_key() {
        let (key, other) = (LaneKey([1; KEY_LEN]), LaneKey([2; KEY_LEN]));
        let sealed = key.seal(&ASKED, b"MF8101".to_vec()).unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"MF8101"), "not in clear");
        assert_eq!(key.open(&ASKED, &sealed).as_deref(), Some(&b"MF8101"[..]));
        assert_eq!(other.open(&ASKED, &sealed), None, "another site");
        assert_eq!(key.open(&[8; SALT_LEN], &sealed), None, "an answer of before, played again");
        for at in [0, SALT_LEN, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(&ASKED, &changed), None, "byte {at}");
        }
        assert_eq!(key.open(&ASKED, &sealed[..SALT_LEN + 3]), None);
        assert_eq!(key.open(&ASKED, &[]), None);
        assert_ne!(sealed, key.seal(&ASKED, b"MF8101".to_vec()).unwrap(), "never twice the same");
    }

    #[test]
    fn a_question_is_of_whoever_has_the_key() {
        let (key, other) = (LaneKey([1; KEY_LEN]), LaneKey([2; KEY_LEN]));
        let tag = key.ask(&ASKED, b"known");
        assert!(key.asks(&ASKED, b"known", &tag));
        assert!(!other.asks(&ASKED, b"known", &tag));
        assert!(!key.asks(&ASKED, b"other", &tag));
        assert!(!key.asks(&ASKED, b"known", &tag[..8]), "nor by a part of it");
    }
}
