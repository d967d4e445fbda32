//! The authority's keys. This is the only file that touches a private key.

mod retired;

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

use self::retired::RetiredKey;
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
    /// Every slot has had a key. A slot is free again when no code of its key can be out any
    /// longer.
    #[error("no slot is left for another key")]
    NoSlot,
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

/// A retired key's codes count when they were signed within this time after: until then
/// every process is to be started anew.
const GRACE: SignedDuration = SignedDuration::from_hours(24);

/// The keys for codes that follow the first one take turns in slots 3 to 15: a code gives the
/// slot four bits.
const FIRST_FURTHER: u8 = 3;
const FURTHER: u32 = 13;

/// No code lives longer than 128 days; after that a retired key's slot is free.
const LONGEST_CODE: SignedDuration = SignedDuration::from_hours(24 * 129);

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
    /// How many keys for this use there were before.
    #[serde(default)]
    generation: u32,
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
    generation: u32,
    retired: Vec<RetiredKey>,
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
            write(&for_use.file(folder), &KeyFile::make(for_use, created_at, 0)?)?;
        }
        Ok(())
    }

    /// Makes another key for codes, in another slot; what the one before it has signed and
    /// signs within a day still counts. A server that runs goes on with the key before it
    /// until it is started anew.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoSlot`], and as [`load`](Self::load); the key before it is in use then.
    pub fn rotate(folder: &Path, now: Timestamp) -> Result<KeySlot, KeyError> {
        let before = Self::load(folder)?;
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let mut retired = before.retired.clone();
        retired.push(RetiredKey {
            slot: before.code_slot(),
            public: public(&before.codes, Use::Codes)?,
            from: before.codes.created_at - BACKDATED,
            until: now + GRACE,
        });
        let generation = before.generation.saturating_add(1);
        let slot = code_slot(generation);
        // The slot's last key must have ended; from now on it stands for the new one alone.
        if retired.iter().any(|key| key.slot == slot && key.until + LONGEST_CODE > now) {
            return Err(KeyError::NoSlot);
        }
        retired.retain(|key| key.slot != slot);
        let beside = folder.join("codes.json.new");
        drop(fs::remove_file(&beside));
        write(&beside, &KeyFile::make(Use::Codes, now, generation)?)?;
        retired::write(folder, &retired)?;
        let path = Use::Codes.file(folder);
        fs::rename(&beside, &path).map_err(|source| KeyError::Io { path, source })?;
        Ok(slot)
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
        let pair = |for_use| -> Result<(SigningPair, u32), KeyError> {
            let (seed, created_at, generation) = read(folder, for_use)?;
            Ok((SigningPair { key: SigningKey::from_bytes(&seed), created_at }, generation))
        };
        let (root, _) = pair(Use::Root)?;
        let (codes, generation) = pair(Use::Codes)?;
        let (feeds, _) = pair(Use::Feeds)?;
        let mut retired = retired::read(folder)?;
        // A rotation that was broken off has retired the key that is still in use.
        retired.retain(|key| key.slot != code_slot(generation));
        Ok(Self {
            root,
            codes,
            generation,
            retired,
            feeds,
            directory: DirectoryKey::from_bytes(*read(folder, Use::Directory)?.0),
        })
    }

    /// Signs the signing input of a code.
    pub fn sign_code(&self, message: &[u8]) -> [u8; 64] {
        self.codes.key.sign(message).to_bytes()
    }

    /// The slot of the key that signs codes.
    pub fn code_slot(&self) -> KeySlot {
        code_slot(self.generation)
    }

    /// How many keys for codes there were before the one in use.
    pub fn rotations(&self) -> u32 {
        self.generation
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
            (&self.codes, Use::Codes, self.code_slot(), Purpose::Codes),
            (&self.feeds, Use::Feeds, KeySlot::FEEDS, Purpose::Feeds),
        ];
        let in_use = entries.into_iter().map(|(pair, for_use, slot, purpose)| {
            Ok(TrustedKey {
                slot,
                public: public(pair, for_use)?,
                purposes: vec![purpose],
                // Clocks differ, and a drill signs codes that are some hours old.
                from: pair.created_at - BACKDATED,
                until: None,
            })
        });
        in_use.chain(self.retired.iter().map(|key| Ok(key.trusted()))).collect()
    }
}

/// The slot of a generation of keys for codes.
fn code_slot(generation: u32) -> KeySlot {
    let Some(further) = generation.checked_sub(1) else {
        return KeySlot::CODES;
    };
    let turn = u8::try_from(further % FURTHER).unwrap_or(0);
    KeySlot::new(FIRST_FURTHER + turn).unwrap_or(KeySlot::CODES)
}

impl KeyFile {
    fn make(for_use: Use, created_at: Timestamp, generation: u32) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(KeyError::Randomness)?;
        Ok(Self { for_use, created_at, generation, seed: Seed(hex::encode(*seed)) })
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

type Key = (Zeroizing<[u8; 32]>, Timestamp, u32);

fn read(folder: &Path, for_use: Use) -> Result<Key, KeyError> {
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
    Ok((seed, file.created_at, file.generation))
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
    use jiff::ToSpan;

    #[test]
    fn keys_for_codes_take_turns_and_old_ones_are_still_verified() {
        let folder = tempfile::tempdir().unwrap();
        let mut now: Timestamp = "2020-07-01T00:00:00Z".parse().unwrap();
        KeyRing::make(folder.path(), now).unwrap();
        let first = KeyRing::load(folder.path()).unwrap();
        assert_eq!((first.code_slot(), first.rotations()), (KeySlot::CODES, 0));
        now += (24 * 7).hours();
        assert_eq!(KeyRing::rotate(folder.path(), now).unwrap().get(), 3);
        let second = KeyRing::load(folder.path()).unwrap();
        assert_eq!((second.code_slot().get(), second.rotations()), (3, 1));
        assert_ne!(first.sign_code(b"code"), second.sign_code(b"code"));
        let trusted = second.trusted().unwrap();
        let old = trusted.iter().find(|key| key.slot == KeySlot::CODES).unwrap();
        assert_eq!(old.public, first.trusted().unwrap()[1].public);
        assert_eq!(old.until, Some(now + 24.hours()));

        // Thirteen slots, each free again when no code of its key can be out.
        for slot in 4..=15 {
            assert_eq!(KeyRing::rotate(folder.path(), now).unwrap().get(), slot);
        }
        assert!(matches!(KeyRing::rotate(folder.path(), now), Err(KeyError::NoSlot)));
        assert_eq!(KeyRing::load(folder.path()).unwrap().rotations(), 13);
        now += (24 * 131).hours();
        assert_eq!(KeyRing::rotate(folder.path(), now).unwrap().get(), 3);
        assert_eq!(KeyRing::load(folder.path()).unwrap().rotations(), 14);
    }

    #[test]
    fn a_rotation_that_was_broken_off_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let now = "2020-07-01T00:00:00Z".parse().unwrap();
        KeyRing::make(folder.path(), now).unwrap();
        let before = KeyRing::load(folder.path()).unwrap();
        let codes = fs::read(Use::Codes.file(folder.path())).unwrap();
        KeyRing::rotate(folder.path(), now).unwrap();
        fs::write(Use::Codes.file(folder.path()), codes).unwrap();
        let after = KeyRing::load(folder.path()).unwrap();
        assert_eq!(after.trusted().unwrap(), before.trusted().unwrap());
        assert_eq!(KeyRing::rotate(folder.path(), now).unwrap().get(), 3);
    }

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
