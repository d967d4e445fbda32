//! The server that has new versions: what it announces, and its files.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use minisign_verify::PublicKey;
use reqwest::{Client, Response, Url};
use semver::Version;
use serde::Deserialize;
use tokio::io::AsyncWriteExt as _;

use crate::bundle::Bundle;
use crate::settings::SettingsError;
use crate::signed::{self, SignatureError};

/// The longest description, in bytes.
const LONGEST_DESCRIPTION: u64 = 256 * 1024;
/// The longest file, in bytes: an AppImage with its web engine has a fifth of it.
const LONGEST_FILE: u64 = 1024 * 1024 * 1024;
/// Notes beyond it are cut, in characters.
const LONGEST_NOTES: usize = 4000;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For how long a server may say nothing in the middle of an answer.
const SILENCE: Duration = Duration::from_secs(20);
/// How the name of a file begins while it is fetched.
const FETCHED: &str = ".update-";
/// How long a whole file may take.
const FILE_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// Why there is no update. Nothing was changed by any of them.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The server cannot be reached.
    #[error("the server for updates cannot be reached")]
    Unreachable,
    /// It took the connection and said nothing for too long.
    #[error("the server for updates does not answer")]
    Silent,
    /// It answers something else than the file.
    #[error("the server for updates answers {0}")]
    Status(u16),
    /// What it describes is no version.
    #[error("the description of the update is wrong: {0}")]
    Description(String),
    /// There is nothing for this system, or for how this program was installed.
    #[error("the new version has no file for {0}")]
    NoFile(String),
    /// More bytes than are taken.
    #[error("the update is larger than {0} bytes")]
    TooLarge(u64),
    /// The connection ended before the file did.
    #[error("the file ended before its end")]
    CutShort,
    /// It is not what it says.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// This computer's certificates or network cannot be used.
    #[error("this computer's certificates or network cannot be used")]
    Client,
    /// The file cannot be kept here.
    #[error("the update cannot be kept on this computer: {0}")]
    Io(#[from] io::Error),
}

/// What a server announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The version that runs here.
    Same,
    /// An older one. It is never taken.
    Older(Version),
    /// A newer one.
    Newer(Release),
}

/// A version that is newer than this one, as the server announces it. Nothing of it is signed
/// but its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// When it was published, if the server says so.
    pub date: Option<Timestamp>,
    /// What is new in it, as plain text, 4,000 characters at most.
    pub notes: String,
    files: BTreeMap<String, File>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct File {
    url: String,
    signature: String,
}

/// The description, as Tauri's updater has it.
#[derive(Deserialize)]
struct Description {
    version: String,
    #[serde(default)]
    notes: Option<String>,
    #[serde(default)]
    pub_date: Option<String>,
    #[serde(default)]
    platforms: BTreeMap<String, File>,
}

/// Where new versions are, and whose signature makes them believed.
#[derive(Clone)]
pub struct Source {
    address: Url,
    key: PublicKey,
    silence: Duration,
    longest_file: u64,
}

impl Source {
    /// A server and the public key of its publisher.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(address: &str, key: &str) -> Result<Self, SettingsError> {
        Ok(Self {
            address: Self::address(address)?,
            key: Self::key(key)?,
            silence: SILENCE,
            longest_file: LONGEST_FILE,
        })
    }

    /// With another patience than 20 seconds of silence, and another limit of a file than 1 GiB in
    /// bytes.
    #[must_use]
    pub fn with_limits(self, silence: Duration, longest_file: u64) -> Self {
        Self { silence, longest_file, ..self }
    }

    pub(crate) fn address(address: &str) -> Result<Url, SettingsError> {
        let url = Url::parse(address.trim()).map_err(|_| SettingsError::Address)?;
        if is_private(&url) { Ok(url) } else { Err(SettingsError::Address) }
    }

    pub(crate) fn key(key: &str) -> Result<PublicKey, SettingsError> {
        signed::public_key(key).ok_or(SettingsError::Key)
    }

    /// What the server announces, beside the version that runs here.
    ///
    /// # Errors
    /// When it cannot be asked, or answers something else.
    pub async fn look(&self, current: &Version) -> Result<Found, UpdateError> {
        let mut answer = self.get(self.address.clone(), 2 * self.silence).await?;
        let mut text = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(in_the_middle)? {
            text.extend_from_slice(&piece);
            if text.len() as u64 > LONGEST_DESCRIPTION {
                return Err(UpdateError::TooLarge(LONGEST_DESCRIPTION));
            }
        }
        let release = described(&text)?;
        Ok(match release.version.cmp_precedence(current) {
            std::cmp::Ordering::Less => Found::Older(release.version),
            std::cmp::Ordering::Equal => Found::Same,
            std::cmp::Ordering::Greater => Found::Newer(release),
        })
    }

    /// Fetches the file of a release for a program that was installed this way into a folder, and
    /// gives its path once its signature holds. `progress` hears how many bytes have come, and of
    /// how many where the server says so. What does not hold is taken away.
    ///
    /// # Errors
    /// When there is none, it cannot be fetched or kept, or is not signed as this version.
    pub async fn fetch(
        &self,
        release: &Release,
        bundle: &Bundle,
        folder: &Path,
        mut progress: impl FnMut(u64, Option<u64>),
    ) -> Result<PathBuf, UpdateError> {
        let target = bundle.target();
        let no_file = || UpdateError::NoFile(target.clone());
        let file = release.files.get(&target).ok_or_else(no_file)?;
        let signature = signed::signature(&file.signature)?;
        let wrong_address = || UpdateError::Description(format!("{target}: url"));
        let url = self.address.join(&file.url).map_err(|_| wrong_address())?;
        if !is_private(&url) {
            return Err(wrong_address());
        }
        let mut verifier = self.key.verify_stream(&signature).map_err(refusal)?;
        let mut answer = self.get(url, FILE_TIMEOUT).await?;
        let total = answer.content_length();
        if total.is_some_and(|total| total > self.longest_file) {
            return Err(UpdateError::TooLarge(self.longest_file));
        }
        std::fs::create_dir_all(folder)?;
        tidy(folder)?;
        // It goes when this is left before the end.
        let kept = tempfile::Builder::new().prefix(FETCHED).tempfile_in(folder)?;
        let mut out = tokio::fs::File::from_std(kept.reopen()?);
        let mut done = 0;
        while let Some(piece) = answer.chunk().await.map_err(in_the_middle)? {
            done += piece.len() as u64;
            if done > self.longest_file {
                return Err(UpdateError::TooLarge(self.longest_file));
            }
            verifier.update(&piece);
            out.write_all(&piece).await?;
            progress(done, total);
        }
        out.flush().await?;
        verifier.finalize().map_err(refusal)?;
        signed::is_of(&signature, &release.version)?;
        out.sync_all().await?;
        let path = folder.join(bundle.file_name(&release.version));
        kept.persist(&path).map_err(|error| error.error)?;
        Ok(path)
    }

    async fn get(&self, url: Url, timeout: Duration) -> Result<Response, UpdateError> {
        let mut client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(self.silence)
            .user_agent(concat!("yanma/", env!("CARGO_PKG_VERSION")));
        client = if url.scheme() == "https" {
            client.https_only(true)
        } else {
            client.no_proxy().redirect(reqwest::redirect::Policy::none())
        };
        let client = client.build().map_err(|_| UpdateError::Client)?;
        let answer = client.get(url).timeout(timeout).send().await.map_err(at_first)?;
        if answer.status() == reqwest::StatusCode::OK {
            Ok(answer)
        } else {
            Err(UpdateError::Status(answer.status().as_u16()))
        }
    }
}

/// Takes away what was fetched before: whole and left for somebody with more rights, or in part
/// when this program was killed.
///
/// # Errors
/// When the folder cannot be read, or a file in it not be removed.
pub fn tidy(folder: &Path) -> io::Result<()> {
    let files = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        files => files?,
    };
    for file in files {
        let file = file?;
        let name = file.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(FETCHED) || name.starts_with(Bundle::FILE) {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

/// Nobody on the way reads or changes what comes from there: https, or this computer.
fn is_private(url: &Url) -> bool {
    let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

fn described(text: &[u8]) -> Result<Release, UpdateError> {
    let wrong = |what: &str| UpdateError::Description(what.to_owned());
    let said: Description =
        serde_json::from_slice(text).map_err(|error| wrong(&error.to_string()))?;
    let version = signed::parsed(&said.version).ok_or_else(|| wrong("version"))?;
    let date = said.pub_date.map(|date| date.parse()).transpose();
    let date = date.map_err(|_| wrong("pub_date"))?;
    let notes = said.notes.unwrap_or_default().chars().take(LONGEST_NOTES).collect();
    Ok(Release { version, date, notes, files: said.platforms })
}

fn refusal(error: minisign_verify::Error) -> SignatureError {
    match error {
        minisign_verify::Error::UnsupportedLegacyMode => SignatureError::Form,
        _ => SignatureError::Wrong,
    }
}

fn at_first(error: reqwest::Error) -> UpdateError {
    // Not reached in time is not reached; reached and silent is another matter for whoever helps.
    if error.is_timeout() && !error.is_connect() {
        UpdateError::Silent
    } else {
        UpdateError::Unreachable
    }
}

fn in_the_middle(error: reqwest::Error) -> UpdateError {
    if error.is_timeout() { UpdateError::Silent } else { UpdateError::CutShort }
}
