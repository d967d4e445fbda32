//! Keys that sign no longer. What they signed is still verified, so their public halves stay
//! in the trust list.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::ids::KeySlot;
use yanma_domain::trust::{PublicKey, Purpose, TrustedKey};

use super::KeyError;

/// A key that signed codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RetiredKey {
    pub(super) slot: KeySlot,
    pub(super) public: PublicKey,
    pub(super) from: Timestamp,
    /// Codes that were signed before this instant count.
    pub(super) until: Timestamp,
}

impl RetiredKey {
    pub(super) fn trusted(&self) -> TrustedKey {
        TrustedKey {
            slot: self.slot,
            public: self.public,
            purposes: vec![Purpose::Codes],
            from: self.from,
            until: Some(self.until),
        }
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("retired.json")
}

/// The keys that were retired, the oldest first.
pub(super) fn read(folder: &Path) -> Result<Vec<RetiredKey>, KeyError> {
    let path = file(folder);
    match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).map_err(|_| KeyError::Damaged(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(KeyError::Io { path, source }),
    }
}

/// Replaces the list, all of it or nothing.
pub(super) fn write(folder: &Path, keys: &[RetiredKey]) -> Result<(), KeyError> {
    let path = file(folder);
    let text = serde_json::to_string_pretty(keys).map_err(|_| KeyError::Damaged(path.clone()))?;
    let beside = folder.join("retired.json.new");
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    });
    written.map_err(|source| KeyError::Io { path, source })
}
