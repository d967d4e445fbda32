//! The authority's keys. This is the only file that touches a private key.

mod directory;
mod file;
mod retired;
mod roots;
#[cfg(test)]
mod tests;
mod unsealing;

use std::io;
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use yanma_domain::document::DirectoryKey;
use yanma_domain::ids::{IssuerId, KeySlot};
use yanma_domain::trust::{PublicKey, Purpose, TrustedKey};
use yanma_protocol::hpke;
use yanma_protocol::root_chain::{MOST_ROOTS, RootStatement};
use yanma_protocol::stations::DirectoryKeys;
use zeroize::Zeroizing;

use self::directory::DirectoryRing;
use self::file::{KeyFile, Use, make_folder, put, read, replace, second_factor, write};
use self::retired::RetiredKey;
use crate::feeds::{FeedKey, FeedKeys};
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
    /// The root key was rotated as often as a trust list can tell. Make keys anew, and enrol
    /// every desk again.
    #[error("the root key was rotated too often")]
    NoRoot,
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

struct SigningPair {
    key: SigningKey,
    created_at: Timestamp,
}

/// The keys of one authority, ready to sign.
pub struct KeyRing {
    root: SigningPair,
    root_generation: u32,
    /// What the root keys before said.
    roots: Vec<RootStatement>,
    codes: SigningPair,
    generation: u32,
    retired: Vec<RetiredKey>,
    feeds: SigningPair,
    feeds_generation: u32,
    /// Feed keys from before, for what was sealed for them.
    unsealing: Vec<SigningKey>,
    directory: DirectoryRing,
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
    /// head names, which the root key signs. What desks sealed for the one before it still opens.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); the key before it is in use then.
    pub fn rotate_feeds(folder: &Path, now: Timestamp) -> Result<KeySlot, KeyError> {
        let generation = Self::load(folder)?.feeds_generation.saturating_add(1);
        replace(folder, Use::Feeds, generation, whole(now), || unsealing::keep(folder))?;
        Ok(KeySlot::FEEDS)
    }

    /// Makes another directory key. A server that is started with it publishes the directory
    /// under it, in a new epoch; desks are given it when they ask with their token. Codes carry
    /// hashes under the one before it for two days more: by then every process is to be started
    /// anew, and desks that may still admit somebody have followed. Answers which key it is; the
    /// first is 1.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); the key before it is in use then.
    pub fn rotate_directory(folder: &Path, now: Timestamp) -> Result<u32, KeyError> {
        Self::load(folder)?;
        directory::rotate(folder, whole(now))
    }

    /// Makes another root key, which the one before it introduces as its last word. The trust
    /// list carries that word, so desks and other regions that know any root key of before
    /// follow by themselves. The private half of the one before is gone. Answers the new one's
    /// public half.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoRoot`], and as [`load`](Self::load); the key before it is in use then.
    pub fn rotate_root(
        folder: &Path,
        issuer: IssuerId,
        now: Timestamp,
    ) -> Result<PublicKey, KeyError> {
        let before = Self::load(folder)?;
        let now = whole(now);
        let rotations = before.root_generation.saturating_add(1);
        let file = KeyFile::make(Use::Root, now, rotations)?;
        let next = file.signing_key().ok_or_else(|| KeyError::Damaged(Use::Root.file(folder)))?;
        let next = public(&SigningPair { key: next, created_at: now }, Use::Root)?;
        let mut roots = before.roots.clone();
        if roots.len() >= MOST_ROOTS {
            return Err(KeyError::NoRoot);
        }
        let number = u32::try_from(roots.len()).unwrap_or(u32::MAX).saturating_add(1);
        let pair = (before.root_public()?, next);
        roots.push(RootStatement::new(issuer, number, now, pair, &|message| {
            before.root.key.sign(message).to_bytes()
        }));
        put(folder, Use::Root, &file, || roots::write(folder, &roots))?;
        Ok(next)
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
        let (root, root_generation) = pair(Use::Root)?;
        let roots = roots::read(folder, &public(&root, Use::Root)?)?;
        let (codes, generation) = pair(Use::Codes)?;
        let (feeds, feeds_generation) = pair(Use::Feeds)?;
        let mut retired = retired::read(folder)?;
        // A rotation that was broken off has retired the key that is still in use.
        retired.retain(|key| key.slot != code_slot(generation));
        let unsealing = unsealing::read(folder)?;
        let directory = DirectoryRing::read(folder)?;
        let second_factor = second_factor(folder, root.created_at)?;
        Ok(Self {
            root,
            root_generation,
            roots,
            codes,
            generation,
            retired,
            feeds,
            feeds_generation,
            unsealing,
            directory,
            second_factor,
        })
    }

    /// Signs the signing input of a code.
    pub fn sign_code(&self, message: &[u8]) -> [u8; 64] {
        self.codes.key.sign(message).to_bytes()
    }

    /// The point that a feed key of ours and somebody's point share: what was sealed for that
    /// key opens with it. Feed keys from before count as well; nothing for a key that is none.
    pub(crate) fn agree(&self, own: &PublicKey, theirs: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
        let keys = std::iter::once(&self.feeds.key).chain(&self.unsealing);
        let own = own.to_bytes();
        let key = keys.into_iter().find(|key| key.verifying_key().to_bytes() == own)?;
        Some(hpke::agree(key.to_scalar_bytes(), theirs))
    }

    /// From when on what the key for codes signs counts.
    pub(crate) fn codes_from(&self) -> Timestamp {
        self.codes.created_at - BACKDATED
    }

    /// The slot of the key that signs codes.
    pub fn code_slot(&self) -> KeySlot {
        code_slot(self.generation)
    }

    /// How many keys for codes, for feeds and of the root there were before those in use.
    pub fn rotations(&self) -> u32 {
        let signing = self.generation.saturating_add(self.feeds_generation);
        signing.saturating_add(self.root_generation)
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
            roots: &self.roots,
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

    /// The key under which documents are looked up. Stations get it too.
    pub fn directory(&self) -> &DirectoryKey {
        self.directory.in_force()
    }

    /// Which directory key that is; the first is 1.
    pub fn directory_generation(&self) -> u32 {
        self.directory.generation()
    }

    /// The key under which a code that is signed at an instant carries its document.
    pub(crate) fn directory_for_codes(&self, issued_at: Timestamp) -> &DirectoryKey {
        self.directory.for_codes(issued_at)
    }

    /// The directory keys as stations get them.
    pub(crate) fn directory_keys(&self, now: Timestamp) -> DirectoryKeys {
        self.directory.keys(now)
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

/// A whole second, as codes carry.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
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
