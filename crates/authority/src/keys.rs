//! The authority's keys. This is the only file that touches a private key.

mod retired;
#[cfg(test)]
mod tests;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use yanma_domain::document::DirectoryKey;
use yanma_domain::ids::KeySlot;
use yanma_domain::trust::{PublicKey, Purpose, TrustedKey};
use zeroize::{Zeroize, Zeroizing};

use self::retired::RetiredKey;
use crate::feeds::{FeedKey, FeedKeys};
use crate::homes::sealed;
use crate::second_factor::{RecoveryHash, SECRET_BYTES, Seed};

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
    #[serde(rename = "second-factor")]
    SecondFactor,
}

impl Use {
    const ALL: [Self; 5] =
        [Self::Root, Self::Codes, Self::Feeds, Self::Directory, Self::SecondFactor];

    fn file(self, folder: &Path) -> PathBuf {
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
    /// 32 bytes: the seed of an Ed25519 key (RFC 8032), or the key itself.
    seed: HexSeed,
}

/// A seed as hexadecimal text; overwritten when it is dropped.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct HexSeed(String);

impl Drop for HexSeed {
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
    feeds_generation: u32,
    directory: DirectoryKey,
    second_factor: Zeroizing<[u8; 32]>,
}

impl KeyRing {
    /// Makes the five keys in `folder`, each a file that only its owner can read.
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
        for for_use in Use::ALL {
            write(&for_use.file(folder), &KeyFile::make(for_use, whole(now), 0)?)?;
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
        let now = whole(now);
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
        replace(folder, Use::Codes, generation, now, || retired::write(folder, &retired))?;
        Ok(slot)
    }

    /// Makes another key for feeds, in the same slot; the one before it counts for nothing
    /// from the next publication on. A server that is started with it signs everything anew,
    /// in a new epoch; desks and other regions learn the key from the trust list that the
    /// head names, which the root key signs.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); the key before it is in use then.
    pub fn rotate_feeds(folder: &Path, now: Timestamp) -> Result<KeySlot, KeyError> {
        let generation = Self::load(folder)?.feeds_generation.saturating_add(1);
        replace(folder, Use::Feeds, generation, whole(now), || Ok(()))?;
        Ok(KeySlot::FEEDS)
    }

    /// Whether [`make`](Self::make) was run in `folder`.
    pub fn exists(folder: &Path) -> bool {
        Use::ALL.iter().any(|for_use| for_use.file(folder).exists())
    }

    /// Reads the keys from `folder`. The key of one-time passwords is made when it is not
    /// there: folders from before it have none.
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
        let (feeds, feeds_generation) = pair(Use::Feeds)?;
        let mut retired = retired::read(folder)?;
        // A rotation that was broken off has retired the key that is still in use.
        retired.retain(|key| key.slot != code_slot(generation));
        let directory = DirectoryKey::from_bytes(*read(folder, Use::Directory)?.0);
        let second_factor = second_factor(folder, root.created_at)?;
        Ok(Self {
            root,
            codes,
            generation,
            retired,
            feeds,
            feeds_generation,
            directory,
            second_factor,
        })
    }

    /// Signs the signing input of a code.
    pub fn sign_code(&self, message: &[u8]) -> [u8; 64] {
        self.codes.key.sign(message).to_bytes()
    }

    /// The point that our feed key and somebody's point share: what was sealed for us opens
    /// with it.
    pub(crate) fn agree(&self, theirs: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        sealed::agree(self.feeds.key.to_scalar_bytes(), theirs)
    }

    /// The slot of the key that signs codes.
    pub fn code_slot(&self) -> KeySlot {
        code_slot(self.generation)
    }

    /// How many keys for codes and for feeds there were before those in use.
    pub fn rotations(&self) -> u32 {
        self.generation.saturating_add(self.feeds_generation)
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

    /// The secret of somebody's authenticator app: neither the seed in the database nor the
    /// key here gives it away alone.
    pub(crate) fn one_time_secret(&self, clerk: i64, seed: &Seed) -> Zeroizing<[u8; SECRET_BYTES]> {
        let whole = self.for_second_factor(b"yanma-one-time-password-v1", clerk, seed);
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        secret.copy_from_slice(&whole[..SECRET_BYTES]);
        secret
    }

    /// What the database keeps of a recovery code. A plain hash of sixty bits could be tried
    /// out by whoever has the database.
    pub(crate) fn recovery_hash(&self, clerk: i64, code: &str) -> RecoveryHash {
        *self.for_second_factor(b"yanma-recovery-code-v1", clerk, code.as_bytes())
    }

    /// HMAC-SHA-256 under the key of one-time passwords.
    fn for_second_factor(&self, use_of_it: &[u8], clerk: i64, data: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.second_factor)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(use_of_it);
        mac.update(&clerk.to_be_bytes());
        mac.update(data);
        Zeroizing::new(mac.finalize().into_bytes().into())
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

/// Puts a new key in the place of one, all of it or nothing; `first` is what has to be on the
/// disk before.
fn replace(
    folder: &Path,
    for_use: Use,
    generation: u32,
    now: Timestamp,
    first: impl FnOnce() -> Result<(), KeyError>,
) -> Result<(), KeyError> {
    let path = for_use.file(folder);
    let beside = path.with_extension("json.new");
    drop(fs::remove_file(&beside));
    write(&beside, &KeyFile::make(for_use, now, generation)?)?;
    first()?;
    fs::rename(&beside, &path).map_err(|source| KeyError::Io { path, source })
}

/// A whole second, as codes carry.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

impl KeyFile {
    fn make(for_use: Use, created_at: Timestamp, generation: u32) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(KeyError::Randomness)?;
        Ok(Self { for_use, created_at, generation, seed: HexSeed(hex::encode(*seed)) })
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

/// Reads the key of one-time passwords; makes it when it is not there. Nothing depends on its
/// date.
fn second_factor(folder: &Path, created_at: Timestamp) -> Result<Zeroizing<[u8; 32]>, KeyError> {
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
