//! Keys and signatures of minisign, as `minisign` writes them and as Tauri does: the same text, once
//! more in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign_verify::{PublicKey, Signature};
use semver::Version;

/// Under which the trusted comment names the version that was signed; the fields of the comment
/// are parted by tabs. `tauri build` and `tauri signer sign --app-version` write it.
const VERSION_FIELD: &str = "version:";

/// Why a file is not what it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It was not signed with the key of the settings, or was changed since.
    #[error("the file is not signed with this desk's key for updates, or was changed since")]
    Wrong,
    /// What is given for a signature is none that is taken.
    #[error("the description has no signature of minisign (prehashed) for the file")]
    Form,
    /// It is signed, but does not say as which version.
    #[error("the signature does not say of which version the file is")]
    NoVersion,
    /// It is signed as another version than it was announced as.
    #[error("the file was announced as {announced} and is signed as {signed}")]
    OtherVersion {
        /// What the server says.
        announced: Version,
        /// What the publisher signed.
        signed: String,
    },
}

/// A public key: the line of 56 characters, the file of two lines, or that file in base64.
pub(crate) fn public_key(text: &str) -> Option<PublicKey> {
    let text = text.trim();
    let unpacked = unpacked(text);
    PublicKey::from_base64(text)
        .or_else(|_| PublicKey::decode(unpacked.as_deref().unwrap_or(text)))
        .ok()
}

/// A signature file, or that file in base64.
pub(crate) fn signature(text: &str) -> Result<Signature, SignatureError> {
    let text = text.trim();
    let unpacked = unpacked(text);
    Signature::decode(unpacked.as_deref().unwrap_or(text)).map_err(|_| SignatureError::Form)
}

fn unpacked(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

/// Whether a signature that holds is one for this version.
pub(crate) fn is_of(signature: &Signature, announced: &Version) -> Result<(), SignatureError> {
    let comment = signature.trusted_comment();
    let signed = comment.split('\t').find_map(|field| field.strip_prefix(VERSION_FIELD));
    let signed = signed.ok_or(SignatureError::NoVersion)?;
    if parsed(signed).as_ref() == Some(announced) {
        return Ok(());
    }
    let signed = signed.chars().take(40).collect();
    Err(SignatureError::OtherVersion { announced: announced.clone(), signed })
}

/// A version with or without a `v` before it.
pub(crate) fn parsed(version: &str) -> Option<Version> {
    let version = version.trim();
    Version::parse(version.strip_prefix('v').unwrap_or(version)).ok()
}
