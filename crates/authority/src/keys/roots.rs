//! What the root keys before the one in use said, each of the next. Nothing in it is secret.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use yanma_domain::trust::PublicKey;
use yanma_protocol::root_chain::RootStatement;

use super::KeyError;

fn file(folder: &Path) -> PathBuf {
    folder.join("roots.json")
}

/// The statements that lead to the root key in use, the first one first.
pub(super) fn read(folder: &Path, in_use: &PublicKey) -> Result<Vec<RootStatement>, KeyError> {
    let path = file(folder);
    let mut roots: Vec<RootStatement> = match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).map_err(|_| KeyError::Damaged(path.clone()))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(KeyError::Io { path, source }),
    };
    // A rotation that was broken off has introduced a key that never came into use.
    if roots.last().is_some_and(|last| last.next != *in_use && last.from == *in_use) {
        roots.pop();
    }
    match roots.last() {
        // Without what leads to the key in use nobody could follow.
        Some(last) if last.next != *in_use => Err(KeyError::Damaged(path)),
        _ => Ok(roots),
    }
}

/// Replaces the statements, all of them or none.
pub(super) fn write(folder: &Path, roots: &[RootStatement]) -> Result<(), KeyError> {
    let path = file(folder);
    let text = serde_json::to_string_pretty(roots).map_err(|_| KeyError::Damaged(path.clone()))?;
    let beside = folder.join("roots.json.new");
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    });
    written.map_err(|source| KeyError::Io { path, source })
}
