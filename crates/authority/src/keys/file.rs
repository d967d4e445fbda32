//! Key files: one key each, which only their owner can read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::KeyError;

/// What a key is for; the name of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Use {
    Root,
    Codes,
    Feeds,
    Directory,
    #[serde(rename = "second-factor")]
    SecondFactor,
}

impl Use {
    pub(super) const ALL: [Self; 5] =
        [Self::Root, Self::Codes, Self::Feeds, Self::Directory, Self::SecondFactor];

    pub(super) fn file(self, folder: &Path) -> PathBuf {
        folder.join(match self {
            Self::Root => "root.json",
            Self::Codes => "codes.json",
            Self::Feeds => "feeds.json",
            Self::Directory => "directory.json",
            Self::SecondFactor => "second-factor.json",
        })
    }
}

/// A key file.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyFile {
    #[serde(rename = "use")]
    for_use: Use,
    /// A whole second, as codes carry.
    created_at: Timestamp,
    /// How many keys for this use there were before.
    #[serde(default)]
    generation: u32,
    /// 32 bytes: the seed of an Ed25519 key (RFC 8032), or the key itself.
    seed: HexSeed,
}

/// A seed as hexadecimal text; overwritten when it is dropped.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct HexSeed(pub(super) String);

impl Drop for HexSeed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl KeyFile {
    /// The key, for a use that signs.
    pub(super) fn signing_key(&self) -> Option<SigningKey> {
        let mut seed = Zeroizing::new([0; 32]);
        hex::decode_to_slice(self.seed.0.as_bytes(), &mut *seed).ok()?;
        Some(SigningKey::from_bytes(&seed))
    }

    pub(super) fn make(
        for_use: Use,
        created_at: Timestamp,
        generation: u32,
    ) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(KeyError::Randomness)?;
        Ok(Self { for_use, created_at, generation, seed: HexSeed(hex::encode(*seed)) })
    }
}

/// Puts a new key in the place of one, all of it or nothing; `first` is what has to be on the
/// disk before.
pub(super) fn replace(
    folder: &Path,
    for_use: Use,
    generation: u32,
    now: Timestamp,
    first: impl FnOnce() -> Result<(), KeyError>,
) -> Result<(), KeyError> {
    put(folder, for_use, &KeyFile::make(for_use, now, generation)?, first)
}

/// The same with a key that was made.
pub(super) fn put(
    folder: &Path,
    for_use: Use,
    file: &KeyFile,
    first: impl FnOnce() -> Result<(), KeyError>,
) -> Result<(), KeyError> {
    let path = for_use.file(folder);
    let beside = path.with_extension("json.new");
    drop(fs::remove_file(&beside));
    write(&beside, file)?;
    first()?;
    fs::rename(&beside, &path).map_err(|source| KeyError::Io { path, source })
}

pub(super) fn make_folder(folder: &Path) -> Result<(), KeyError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| KeyError::Io { path: folder.to_owned(), source })
}

pub(super) fn write(path: &Path, file: &KeyFile) -> Result<(), KeyError> {
    write_secret(path, file)
}

/// Writes what only the owner may read into a file that is not there yet.
pub(super) fn write_secret(path: &Path, file: &impl Serialize) -> Result<(), KeyError> {
    let text = serde_json::to_string_pretty(file).map_err(|_| KeyError::Damaged(path.into()))?;
    let text = Zeroizing::new(text);
    let mut options = OpenOptions::new();
    // `create_new` is what refuses to overwrite, whoever else makes keys at this moment.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut handle| {
        handle.write_all(text.as_bytes())?;
        handle.sync_all()
    });
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
        _ => KeyError::Io { path: path.to_owned(), source },
    })
}

pub(super) type Key = (Zeroizing<[u8; 32]>, Timestamp, u32);

pub(super) fn read(folder: &Path, for_use: Use) -> Result<Key, KeyError> {
    let file = key_file(folder, for_use)?;
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(file.seed.0.as_bytes(), &mut *seed)
        .map_err(|_| KeyError::Damaged(for_use.file(folder)))?;
    Ok((seed, file.created_at, file.generation))
}

pub(super) fn key_file(folder: &Path, for_use: Use) -> Result<KeyFile, KeyError> {
    let path = for_use.file(folder);
    let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => KeyError::Missing(path.clone()),
        _ => KeyError::Io { path: path.clone(), source },
    })?;
    let text = Zeroizing::new(text);
    check_mode(&path)?;
    let damaged = || KeyError::Damaged(path.clone());
    let file: KeyFile = serde_json::from_str(&text).map_err(|_| damaged())?;
    if file.for_use != for_use {
        return Err(damaged());
    }
    Ok(file)
}

/// Reads the key of one-time passwords; makes it when it is not there. Nothing depends on its
/// date.
pub(super) fn second_factor(
    folder: &Path,
    created_at: Timestamp,
) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    match read(folder, Use::SecondFactor) {
        Err(KeyError::Missing(path)) => {
            tracing::warn!("there was no key of one-time passwords; it is made");
            let file = KeyFile::make(Use::SecondFactor, created_at, 0)?;
            // Written whole, and then put in its place unless another process was faster.
            let mut name = [0; 8];
            getrandom::fill(&mut name).map_err(KeyError::Randomness)?;
            let beside = path.with_extension(format!("{}.new", hex::encode(name)));
            write(&beside, &file)?;
            let linked = fs::hard_link(&beside, &path);
            drop(fs::remove_file(&beside));
            match linked {
                Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                    Err(KeyError::Io { path, source })
                }
                _ => Ok(read(folder, Use::SecondFactor)?.0),
            }
        }
        read => Ok(read?.0),
    }
}

#[cfg(unix)]
pub(super) fn check_mode(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)
        .map_err(|source| KeyError::Io { path: path.to_owned(), source })?
        .permissions()
        .mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::Open(path.to_owned())) }
}

#[cfg(not(unix))]
pub(super) fn check_mode(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}
