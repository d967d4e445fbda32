//! The authority's keys. This is the only file that touches a private key.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer, SigningKey};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use yanma_domain::document::DirectoryKey;
use yanma_domain::ids::KeySlot;
use yanma_domain::trust::{PublicKey, Purpose, TrustedKey};
use zeroize::{Zeroize, Zeroizing};

use crate::feeds::{FeedKey, FeedKeys};

/// Why a key cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There are keys already. Move them away first if they really are to be replaced:
    /// without them no code that is out can be verified.
    #[error("{0} exists already and is not overwritten")]
    Exists(PathBuf),
    /// No key file. Run `yanma-authority make-key`.
    #[error("{0} is missing: run `yanma-authority make-key` first")]
    Missing(PathBuf),
    /// Others than the owner may read the file. Run `chmod 600` on it, and consider whether
    /// somebody did.
    #[error("{0} can be read by others: its mode must be 600")]
    Open(PathBuf),
    /// Not a key file of this use. Restore it from a copy.
    #[error("{0} is not a key file of the expected kind")]
    Damaged(PathBuf),
    /// The file system.
    #[error("{path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The machine's source of randomness failed.
    #[error("no randomness is to be had")]
    Randomness(getrandom::Error),
}

/// A key counts from this long before it was made.
const BACKDATED: SignedDuration = SignedDuration::from_hours(24);

/// What a key is for; the name of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Use {
    Root,
    Codes,
    Feeds,
    Directory,
}

impl Use {
    const ALL: [Self; 4] = [Self::Root, Self::Codes, Self::Feeds, Self::Directory];

    fn file(self, folder: &Path) -> PathBuf {
        folder.join(match self {
            Self::Root => "root.json",
            Self::Codes => "codes.json",
            Self::Feeds => "feeds.json",
            Self::Directory => "directory.json",
        })
    }
}

/// A key file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    #[serde(rename = "use")]
    for_use: Use,
    /// A whole second, as codes carry.
    created_at: Timestamp,
    /// 32 bytes: the seed of an Ed25519 key (RFC 8032), or the directory key itself.
    seed: Seed,
}

/// A seed as hexadecimal text; overwritten when it is dropped.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Seed(String);

impl Drop for Seed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

struct SigningPair {
    key: SigningKey,
    created_at: Timestamp,
}

/// The keys of one authority, ready to sign.
pub struct KeyRing {
    root: SigningPair,
    codes: SigningPair,
    feeds: SigningPair,
    directory: DirectoryKey,
}

impl KeyRing {
    /// Makes the four keys in `folder`, each a file that only its owner can read.
    ///
    /// # Errors
    ///
    /// [`KeyError::Exists`] when one of them is there; none is made then.
    pub fn make(folder: &Path, now: Timestamp) -> Result<(), KeyError> {
        make_folder(folder)?;
        for for_use in Use::ALL {
            let path = for_use.file(folder);
            if path.exists() {
                return Err(KeyError::Exists(path));
            }
        }
        let created_at = Timestamp::from_second(now.as_second()).unwrap_or(now);
        for for_use in Use::ALL {
            let mut seed = Zeroizing::new([0; 32]);
            getrandom::fill(&mut *seed).map_err(KeyError::Randomness)?;
            let file = KeyFile { for_use, created_at, seed: Seed(hex::encode(*seed)) };
            write(&for_use.file(folder), &file)?;
        }
        Ok(())
    }

    /// Whether [`make`](Self::make) was run in `folder`.
    pub fn exists(folder: &Path) -> bool {
        Use::ALL.iter().any(|for_use| for_use.file(folder).exists())
    }

    /// Reads the keys from `folder`.
    ///
    /// # Errors
    ///
    /// [`KeyError::Missing`], [`KeyError::Open`], [`KeyError::Damaged`] or [`KeyError::Io`].
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        let pair = |for_use| -> Result<SigningPair, KeyError> {
            let (seed, created_at) = read(folder, for_use)?;
            Ok(SigningPair { key: SigningKey::from_bytes(&seed), created_at })
        };
        Ok(Self {
            root: pair(Use::Root)?,
            codes: pair(Use::Codes)?,
            feeds: pair(Use::Feeds)?,
            directory: DirectoryKey::from_bytes(*read(folder, Use::Directory)?.0),
        })
    }

    /// Signs the signing input of a code.
    pub fn sign_code(&self, message: &[u8]) -> [u8; 64] {
        self.codes.key.sign(message).to_bytes()
    }

    /// What publishing may do with the keys: sign feeds and the trust list.
    ///
    /// # Errors
    ///
    /// As [`root_public`](Self::root_public).
    pub fn feed_keys(&self) -> Result<FeedKeys<'_>, KeyError> {
        Ok(FeedKeys {
            root: lend(&self.root, Use::Root, KeySlot::ROOT)?,
            feeds: lend(&self.feeds, Use::Feeds, KeySlot::FEEDS)?,
        })
    }

    /// The key that stations pin when they enrol.
    ///
    /// # Errors
    ///
    /// [`KeyError::Damaged`] for a key that nobody should trust, which chance does not make.
    pub fn root_public(&self) -> Result<PublicKey, KeyError> {
        public(&self.root, Use::Root)
    }

    /// The key under which documents are hashed. Stations get it too.
    pub fn directory(&self) -> &DirectoryKey {
        &self.directory
    }

    /// The public halves, as the trust list has them.
    ///
    /// # Errors
    ///
    /// As [`root_public`](Self::root_public).
    pub fn trusted(&self) -> Result<Vec<TrustedKey>, KeyError> {
        let entries = [
            (&self.root, Use::Root, KeySlot::ROOT, Purpose::Root),
            (&self.codes, Use::Codes, KeySlot::CODES, Purpose::Codes),
            (&self.feeds, Use::Feeds, KeySlot::FEEDS, Purpose::Feeds),
        ];
        entries
            .into_iter()
            .map(|(pair, for_use, slot, purpose)| {
                Ok(TrustedKey {
                    slot,
                    public: public(pair, for_use)?,
                    purposes: vec![purpose],
                    // Clocks differ, and a drill signs codes that are some hours old.
                    from: pair.created_at - BACKDATED,
                    until: None,
                })
            })
            .collect()
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRing")
    }
}

/// Lends a key for signing; the private half stays here.
fn lend(pair: &SigningPair, for_use: Use, slot: KeySlot) -> Result<FeedKey<'_>, KeyError> {
    Ok(FeedKey {
        slot,
        public: public(pair, for_use)?,
        sign: Box::new(|message| pair.key.sign(message).to_bytes()),
    })
}

fn public(pair: &SigningPair, for_use: Use) -> Result<PublicKey, KeyError> {
    PublicKey::from_bytes(&pair.key.verifying_key().to_bytes())
        .map_err(|_| KeyError::Damaged(for_use.file(Path::new(""))))
}

fn make_folder(folder: &Path) -> Result<(), KeyError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| KeyError::Io { path: folder.to_owned(), source })
}

fn write(path: &Path, file: &KeyFile) -> Result<(), KeyError> {
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

fn read(folder: &Path, for_use: Use) -> Result<(Zeroizing<[u8; 32]>, Timestamp), KeyError> {
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
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(file.seed.0.as_bytes(), &mut *seed).map_err(|_| damaged())?;
    Ok((seed, file.created_at))
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)
        .map_err(|source| KeyError::Io { path: path.to_owned(), source })?
        .permissions()
        .mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::Open(path.to_owned())) }
}

#[cfg(not(unix))]
fn check_mode(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2020-07-01T00:00:00.900Z".parse().unwrap()
    }

    #[test]
    fn keys_are_made_once_and_signatures_hold() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        assert!(!KeyRing::exists(&keys));
        KeyRing::make(&keys, now()).unwrap();
        assert!(KeyRing::exists(&keys));
        let before = fs::read(keys.join("codes.json")).unwrap();
        assert!(matches!(KeyRing::make(&keys, now()), Err(KeyError::Exists(_))));
        assert_eq!(fs::read(keys.join("codes.json")).unwrap(), before);

        let ring = KeyRing::load(&keys).unwrap();
        let trusted = ring.trusted().unwrap();
        let lent = ring.feed_keys().unwrap();
        let signatures = [(lent.root.sign)(b"m"), ring.sign_code(b"m"), (lent.feeds.sign)(b"m")];
        for (key, signature) in trusted.iter().zip(&signatures) {
            assert!(key.public.signed(b"m", signature));
            assert!(!key.public.signed(b"n", signature));
            assert_eq!(key.from.to_string(), "2020-06-30T00:00:00Z");
        }
        assert_eq!(ring.root_public().unwrap(), trusted[0].public);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        KeyRing::make(folder.path(), now()).unwrap();
        let path = folder.path().join("codes.json");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(KeyRing::load(folder.path()), Err(KeyError::Open(_))));
    }

    #[test]
    fn a_missing_or_damaged_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            KeyRing::load(folder.path()),
            Err(KeyError::Missing(path)) if path.ends_with("root.json")
        ));
        KeyRing::make(folder.path(), now()).unwrap();
        let codes = fs::read_to_string(folder.path().join("codes.json")).unwrap();
        for broken in [
            String::new(),
            codes.replace("codes", "feeds"),
            codes.replace("seed\": \"", "seed\": \"zz"),
        ] {
            fs::write(folder.path().join("codes.json"), broken).unwrap();
            assert!(matches!(
                KeyRing::load(folder.path()),
                Err(KeyError::Damaged(path)) if path.ends_with("codes.json")
            ));
        }
    }
}
