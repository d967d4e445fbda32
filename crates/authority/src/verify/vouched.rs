//! Codes whose signature is known to hold, so that it is not checked again.
//!
//! Checking a signature costs more than everything else of an answer. Most codes that a desk
//! asks about were signed by this process within the last minute, and are asked about more
//! than once: what was signed or checked here is remembered by a hash of its whole text. Only
//! codes under this authority's own key are, which does not change while the process runs.

use std::collections::HashMap;
use std::sync::RwLock;

use sha2::{Digest, Sha256};
use yanma_domain::StatusIndex;

/// Codes in each of two generations; with 32 bytes each about 16 MB in all.
const MOST: usize = 1 << 17;

/// What was signed or checked lately. When the newer generation is full, the older is
/// forgotten.
#[derive(Debug, Default)]
pub(crate) struct Vouched {
    generations: RwLock<[HashMap<u128, StatusIndex>; 2]>,
}

impl Vouched {
    /// Remembers a code whose signature holds.
    pub(crate) fn keep(&self, text: &str, index: StatusIndex) {
        if let Ok(mut generations) = self.generations.write() {
            let [newer, older] = &mut *generations;
            if newer.len() >= MOST {
                *older = std::mem::take(newer);
            }
            newer.insert(key(text), index);
        }
    }

    /// The holder of a code whose signature is known to hold.
    pub(super) fn get(&self, text: &str) -> Option<StatusIndex> {
        let key = key(text);
        let generations = self.generations.read().ok()?;
        generations.iter().find_map(|generation| generation.get(&key)).copied()
    }
}

/// Half of SHA-256, of the digits alone: a desk leaves out what stands before them.
fn key(text: &str) -> u128 {
    let digits = text.rsplit('/').next().unwrap_or(text);
    let hash: [u8; 32] = Sha256::digest(digits.as_bytes()).into();
    hash.iter().take(16).fold(0, |key, byte| key << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_by_all_its_digits_and_memory_is_bounded() {
        let vouched = Vouched::default();
        vouched.keep("HTTPS://YM.TEST/123456", StatusIndex(7));
        assert_eq!(vouched.get("123456"), Some(StatusIndex(7)));
        assert_eq!(vouched.get("HTTPS://OTHER/123456"), Some(StatusIndex(7)));
        for other in ["123457", "12345", "0123456", "HTTPS://YM.TEST/123456/1", ""] {
            assert_eq!(vouched.get(other), None, "{other}");
        }
        for n in 0..3 * MOST {
            vouched.keep(&n.to_string(), StatusIndex(0));
        }
        assert_eq!(vouched.get("HTTPS://YM.TEST/123456x"), None);
        let kept = vouched.generations.read().unwrap().iter().map(HashMap::len).sum::<usize>();
        assert!(kept <= 2 * MOST, "{kept}");
    }
}
