//! Feed keys that sign no longer. What desks sealed for them is still to be opened, whenever it
//! arrives, so their private halves stay in one more file. Whoever wants that to end takes the
//! file away.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use super::KeyError;
use super::file::{KeyFile, Use, check_mode, key_file, write_secret};

fn file(folder: &Path) -> PathBuf {
    folder.join("feeds-earlier.json")
}

/// The keys, the oldest first; none before the first rotation.
pub(super) fn read(folder: &Path) -> Result<Vec<SigningKey>, KeyError> {
    let damaged = || KeyError::Damaged(file(folder));
    files(folder)?.iter().map(|key| key.signing_key().ok_or_else(damaged)).collect()
}

fn files(folder: &Path) -> Result<Vec<KeyFile>, KeyError> {
    let path = file(folder);
    let text = match fs::read_to_string(&path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(KeyError::Io { path, source }),
    };
    check_mode(&path)?;
    serde_json::from_str(&text).map_err(|_| KeyError::Damaged(path))
}

/// Adds the feed key that is in use, all of it or nothing.
pub(super) fn keep(folder: &Path) -> Result<(), KeyError> {
    let mut keys = files(folder)?;
    let in_use = key_file(folder, Use::Feeds)?;
    // A rotation that was broken off has it here already.
    keys.retain(|key| *key != in_use);
    keys.push(in_use);
    let path = file(folder);
    let beside = path.with_extension("json.new");
    drop(fs::remove_file(&beside));
    write_secret(&beside, &keys)?;
    fs::rename(&beside, &path).map_err(|source| KeyError::Io { path, source })
}
