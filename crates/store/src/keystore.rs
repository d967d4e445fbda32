//! Where the file's key lies.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

/// The 32 bytes that encrypt the station's file. Overwritten in memory when dropped; its
/// `Debug` shows nothing.
#[derive(Clone)]
pub struct FileKey([u8; 32]);

impl FileKey {
    /// A key from its bytes. They must be random: no password stretching is done here.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A new key from the operating system's random source.
    ///
    /// # Errors
    ///
    /// [`KeystoreError::NoRandomness`] when the system has none to give.
    pub fn make() -> Result<Self, KeystoreError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| KeystoreError::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// The statement that gives SQLCipher the raw key, without its key derivation: that is
    /// for passwords, and would cost each connection a fifth of a second.
    /// <https://www.zetetic.net/sqlcipher/sqlcipher-api/#key>
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        let hex = Zeroizing::new(hex::encode(self.0));
        Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", hex.as_str()))
    }

    /// The key itself, to derive others from.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A fingerprint that tells a wrong key from a damaged file. It gives nothing away: the
    /// key is 256 random bits, and this is a hash of them.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(b"yanma-store-key-v1").chain_update(self.0);
        hex::encode(digest.finalize())
    }
}

impl Drop for FileKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(…)")
    }
}

/// Why a key could not be had or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeystoreError {
    /// There is a key already; it was not replaced.
    #[error("there is a key already")]
    Exists,
    /// Others than its owner may read the key file. Take their rights away (`chmod 600`),
    /// and treat the key as known to them.
    #[error("key file {path} may be read by others (mode {mode:03o})")]
    TooOpen {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file does not hold 64 hexadecimal digits. Restore it from where it is kept.
    #[error("key file {path} does not hold a key")]
    Malformed {
        /// Which file.
        path: PathBuf,
    },
    /// The system's random source failed.
    #[error("the system has no random numbers to give")]
    NoRandomness,
    /// The operating system refused.
    #[error("key file {path} could not be used")]
    Io {
        /// Which file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
}

/// Keeps the file's key.
///
/// The operating systems' own keystores (Secret Service, Keychain, DPAPI) will be further
/// implementations. Until then [`KeyFile`] is the only one.
pub trait Keystore {
    /// The key, or `None` when none was kept yet.
    ///
    /// # Errors
    ///
    /// Any [`KeystoreError`]; a key that is there and unusable is an error, not `None`.
    fn get(&self) -> Result<Option<FileKey>, KeystoreError>;

    /// Keeps `key` for good: it outlives a power cut from here on.
    ///
    /// # Errors
    ///
    /// [`KeystoreError::Exists`] when there is one: a key is never replaced, because the
    /// file would be lost with it.
    fn create(&self, key: &FileKey) -> Result<(), KeystoreError>;

    /// The key, made now when there is none.
    ///
    /// # Errors
    ///
    /// As [`Keystore::get`] and [`Keystore::create`].
    fn get_or_create(&self) -> Result<FileKey, KeystoreError> {
        if let Some(key) = self.get()? {
            return Ok(key);
        }
        let key = FileKey::make()?;
        match self.create(&key) {
            Ok(()) => Ok(key),
            // Another program was quicker: its key counts.
            Err(KeystoreError::Exists) => self.get()?.ok_or(KeystoreError::Exists),
            Err(error) => Err(error),
        }
    }
}

/// A key in a file beside the data, for desks without a keystore.
///
/// **What this does not protect against:** whoever takes the whole disk, or may read this
/// user's files, has the key with the data. The file keeps out other users of the machine,
/// and a copy of the data file alone is useless. On Unix the file must be readable by its
/// owner only (mode 0600), and is refused otherwise. On other systems no permission is set
/// or checked: the folder must be private by itself (a Windows user profile is).
#[derive(Clone, Debug)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The key file at `path`; nothing is read or written yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn io(&self, source: std::io::Error) -> KeystoreError {
        KeystoreError::Io { path: self.path.clone(), source }
    }

    #[cfg(unix)]
    fn refuse_if_open(&self, file: &File) -> Result<(), KeystoreError> {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(|e| self.io(e))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeystoreError::TooOpen { path: self.path.clone(), mode });
        }
        Ok(())
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "same shape as on Unix")]
    fn refuse_if_open(&self, _file: &File) -> Result<(), KeystoreError> {
        Ok(())
    }
}

impl Keystore for KeyFile {
    fn get(&self) -> Result<Option<FileKey>, KeystoreError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.io(error)),
        };
        self.refuse_if_open(&file)?;
        let mut text = Zeroizing::new(String::new());
        let malformed = || KeystoreError::Malformed { path: self.path.clone() };
        file.take(256).read_to_string(&mut text).map_err(|_| malformed())?;
        let mut key = FileKey([0; 32]);
        hex::decode_to_slice(text.trim(), &mut key.0).map_err(|_| malformed())?;
        Ok(Some(key))
    }

    fn create(&self, key: &FileKey) -> Result<(), KeystoreError> {
        // Written whole under another name, then linked: a crash leaves no half a key, and
        // a link, unlike a rename, never replaces what is there.
        let draft = self.path.with_added_extension(format!("new-{}", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let _ = fs::remove_file(&draft);
        let mut file = options.open(&draft).map_err(|e| self.io(e))?;
        let text = Zeroizing::new(format!("{}\n", Zeroizing::new(hex::encode(key.0)).as_str()));
        let linked = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::hard_link(&draft, &self.path))
            .and_then(|()| crate::lock::sync_folder_of(&self.path));
        // The draft is a second name of the same file; losing it loses nothing.
        let _ = fs::remove_file(&draft);
        linked.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => KeystoreError::Exists,
            _ => self.io(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_file() -> (tempfile::TempDir, KeyFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::new(folder.path().join("desk.key"));
        (folder, file)
    }

    #[test]
    fn a_key_is_kept_and_never_replaced() {
        let (folder, file) = key_file();
        assert!(file.get().unwrap().is_none(), "no key before the first");
        let made = file.get_or_create().unwrap();
        assert_ne!(made.0, [0; 32], "random bytes");
        assert_eq!(file.get().unwrap().unwrap().0, made.0);
        assert_eq!(file.get_or_create().unwrap().0, made.0, "the same key from then on");
        let other = FileKey::from_bytes([1; 32]);
        assert!(matches!(file.create(&other), Err(KeystoreError::Exists)));
        assert_eq!(file.get().unwrap().unwrap().0, made.0, "untouched by the refusal");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft left behind");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, file) = key_file();
        file.get_or_create().unwrap();
        for (mode, fine) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            let got = file.get();
            assert_eq!(got.is_ok(), fine, "{mode:o}");
            assert!(fine || matches!(got, Err(KeystoreError::TooOpen { .. })), "{mode:o}");
        }
    }

    #[test]
    fn a_file_without_a_key_is_an_error_and_not_a_missing_key() {
        let (_folder, file) = key_file();
        file.get_or_create().unwrap();
        let good = fs::read(file.path()).unwrap();
        let cases: [&[u8]; 5] =
            [b"", &good[..63], &[&good[..64], b"0"].concat(), &[0xff; 64], b"x"];
        for case in cases {
            fs::write(file.path(), case).unwrap();
            assert!(matches!(file.get(), Err(KeystoreError::Malformed { .. })), "{case:?}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", FileKey::from_bytes([0xab; 32])), "FileKey(…)");
    }
}
