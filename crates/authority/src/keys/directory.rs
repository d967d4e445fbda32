//! The key under which documents are hashed, and those before it: codes that are out carry
//! hashes under them, so desks that compare a code with a document need them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use yanma_domain::document::DirectoryKey;
use yanma_protocol::Secret;
use yanma_protocol::stations::{DirectoryKeys, EarlierDirectoryKey};

use super::file::{HexSeed, Use, check_mode, read, replace, write_secret};
use super::{GRACE, KeyError, LONGEST_CODE};

/// From so long after it was made a key is used in codes: within [`GRACE`] every process was
/// started anew and the directory published, and a desk that has not heard of that for the
/// overlap admits nobody by age.
const IN_CODES_AFTER: SignedDuration =
    SignedDuration::from_secs(GRACE.as_secs() + DirectoryKey::OVERLAP.as_secs());

/// The directory keys of one authority.
pub(super) struct DirectoryRing {
    in_force: Made,
    /// The latest last.
    earlier: Vec<Earlier>,
}

struct Made {
    /// The first is 1.
    generation: u32,
    key: DirectoryKey,
    created_at: Timestamp,
}

struct Earlier {
    made: Made,
    until: Timestamp,
}

/// A key of before, as the file has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EarlierFile {
    generation: u32,
    created_at: Timestamp,
    /// From when on no code that counts carries a hash under it.
    until: Timestamp,
    seed: HexSeed,
}

impl DirectoryRing {
    pub(super) fn read(folder: &Path) -> Result<Self, KeyError> {
        let (seed, created_at, rotations) = read(folder, Use::Directory)?;
        let generation = rotations.saturating_add(1);
        let in_force = Made { generation, key: DirectoryKey::from_bytes(*seed), created_at };
        let damaged = || KeyError::Damaged(file(folder));
        let mut earlier = Vec::new();
        for kept in read_earlier(folder)? {
            // A rotation that was broken off has put the key that is still in use there.
            if kept.generation < generation {
                let key = DirectoryKey::from_hex(&kept.seed.0).map_err(|_| damaged())?;
                let made = Made { generation: kept.generation, key, created_at: kept.created_at };
                earlier.push(Earlier { made, until: kept.until });
            }
        }
        earlier.sort_unstable_by_key(|earlier| earlier.made.generation);
        Ok(Self { in_force, earlier })
    }

    pub(super) fn in_force(&self) -> &DirectoryKey {
        &self.in_force.key
    }

    pub(super) fn generation(&self) -> u32 {
        self.in_force.generation
    }

    /// The latest key that every desk has which may still admit somebody; the oldest of all
    /// while there is none.
    pub(super) fn for_codes(&self, issued_at: Timestamp) -> &DirectoryKey {
        let earlier = self.earlier.iter().map(|earlier| &earlier.made);
        let mut latest_first = earlier.chain([&self.in_force]).rev();
        let known =
            latest_first.find(|made| issued_at.duration_since(made.created_at) >= IN_CODES_AFTER);
        let oldest = self.earlier.first().map_or(&self.in_force, |earlier| &earlier.made);
        &known.unwrap_or(oldest).key
    }

    pub(super) fn keys(&self, now: Timestamp) -> DirectoryKeys {
        let needed = self.earlier.iter().filter(|earlier| now < earlier.until);
        DirectoryKeys {
            directory_key: Secret::new(self.in_force.key.to_hex()),
            directory_key_generation: self.in_force.generation,
            earlier_directory_keys: needed
                .map(|earlier| EarlierDirectoryKey {
                    generation: earlier.made.generation,
                    key: Secret::new(earlier.made.key.to_hex()),
                    until: earlier.until,
                })
                .collect(),
        }
    }
}

/// Puts another key in the place of the one in force; answers which one it is. Keys that
/// nobody needs any longer are forgotten.
pub(super) fn rotate(folder: &Path, now: Timestamp) -> Result<u32, KeyError> {
    let before = DirectoryRing::read(folder)?;
    let DirectoryRing { in_force, mut earlier } = before;
    let generation = in_force.generation;
    earlier.retain(|earlier| now < earlier.until);
    earlier.push(Earlier { made: in_force, until: now + IN_CODES_AFTER + LONGEST_CODE });
    let kept: Vec<_> = earlier
        .into_iter()
        .map(|Earlier { made, until }| EarlierFile {
            generation: made.generation,
            created_at: made.created_at,
            until,
            seed: HexSeed(made.key.to_hex()),
        })
        .collect();
    // The file counts the keys before.
    replace(folder, Use::Directory, generation, now, || write_earlier(folder, &kept))?;
    Ok(generation.saturating_add(1))
}

fn file(folder: &Path) -> PathBuf {
    folder.join("directory-earlier.json")
}

fn read_earlier(folder: &Path) -> Result<Vec<EarlierFile>, KeyError> {
    let path = file(folder);
    match fs::read_to_string(&path) {
        Ok(text) => {
            check_mode(&path)?;
            let text = zeroize::Zeroizing::new(text);
            serde_json::from_str(&text).map_err(|_| KeyError::Damaged(path))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(KeyError::Io { path, source }),
    }
}

/// Replaces the list, all of it or nothing.
fn write_earlier(folder: &Path, keys: &[EarlierFile]) -> Result<(), KeyError> {
    let path = file(folder);
    let beside = path.with_extension("json.new");
    drop(fs::remove_file(&beside));
    write_secret(&beside, &keys)?;
    fs::rename(&beside, &path).map_err(|source| KeyError::Io { path, source })
}
