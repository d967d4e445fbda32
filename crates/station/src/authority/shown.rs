//! The files that came by a series of symbols before the camera.

use std::collections::BTreeMap;

use yanma_protocol::Digest;

use super::{Authority, AuthorityError, Pending};

/// How many digits of its SHA-256 the name of a file has.
const HASH_DIGITS: usize = 16;

/// A head and some of the files that it names, and never the directory, which is too large to be
/// shown.
#[derive(Debug)]
pub(crate) struct Shown {
    head: Vec<u8>,
    /// By the digits in their names.
    files: BTreeMap<String, Vec<u8>>,
}

impl Shown {
    pub(crate) fn new(head: Vec<u8>, files: Vec<Vec<u8>>) -> Self {
        let named = |file: Vec<u8>| {
            let mut digits = Digest::of(&file).to_string();
            digits.truncate(HASH_DIGITS);
            (digits, file)
        };
        Self { head, files: files.into_iter().map(named).collect() }
    }
}

impl Authority for Shown {
    fn carries_directory(&self) -> bool {
        false
    }

    fn head(&self) -> Pending<'_, Vec<u8>> {
        Box::pin(async { Ok(self.head.clone()) })
    }

    fn file<'a>(&'a self, name: &'a str, limit: u64) -> Pending<'a, Vec<u8>> {
        let digits = name.rsplit('-').next().and_then(|end| end.strip_suffix(".yf"));
        let found = digits.and_then(|digits| self.files.get(digits)).cloned();
        Box::pin(async move {
            let bytes = found.ok_or(AuthorityError::NoSuchFile)?;
            if bytes.len() as u64 > limit {
                return Err(AuthorityError::TooLong { limit });
            }
            Ok(bytes)
        })
    }
}
