//! Proving better who one is, and what the authority asks an identity service.
//!
//! The second half is the contract of `docs/identity-service.md`.

use serde::{Deserialize, Serialize};
use yanma_domain::document::DocumentType;

use crate::field::{self, FieldError};
use crate::secret::Secret;

/// `POST` `{}` → 204: a code is on its way to the account's telephone.
pub const SMS_PATH: &str = "/v1/identity/sms";
/// `POST` [`SmsCheckRequest`] → 200 [`crate::accounts::AccountResponse`].
pub const SMS_CHECK_PATH: &str = "/v1/identity/sms/check";
/// `POST` [`FaceRequest`] → 200 [`crate::accounts::AccountResponse`].
pub const FACE_PATH: &str = "/v1/identity/face";

/// Asks for a code by SMS: `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SmsRequest {}

/// Returns the code that came by SMS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SmsCheckRequest {
    /// 4 to 8 digits.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::SmsCode"))]
    pub code: Secret,
}

impl SmsCheckRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `code`.
    pub fn check(&self) -> Result<(), FieldError> {
        let code = self.code.reveal();
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        field::form("code", digits && (4..=8).contains(&code.len()))
    }
}

/// Characters of a picture in base64, fewest.
pub const FACE_MIN_CHARS: usize = 100;
/// Characters of a picture in base64, most: 600 kB of JPEG.
pub const FACE_MAX_CHARS: usize = 800_000;

/// Shows one's face.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaceRequest {
    /// A JPEG in base64 (RFC 4648 §4), as the service wants it.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Picture"))]
    pub image: Secret,
}

impl FaceRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `image`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::length("image", self.image.reveal(), FACE_MIN_CHARS, FACE_MAX_CHARS)?;
        let of_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        field::form("image", self.image.reveal().bytes().all(of_base64))
    }
}

/// What the service is asked about a name: `POST BASE/match`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchQuestion {
    /// The kind of document.
    pub document_type: DocumentType,
    /// Its number, normalised.
    pub number: Secret,
    /// The name.
    pub name: Secret,
}

/// What the service is asked to send: `POST BASE/sms`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsOrder {
    /// A mainland mobile number, or `+` and digits.
    pub phone: Secret,
}

/// What the service is asked about a code: `POST BASE/sms/check`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsQuestion {
    /// As in [`SmsOrder`].
    pub phone: Secret,
    /// The digits that the citizen typed.
    pub code: Secret,
}

/// What the service is asked about a face: `POST BASE/face`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaceQuestion {
    /// The kind of document.
    pub document_type: DocumentType,
    /// Its number, normalised.
    pub number: Secret,
    /// The name.
    pub name: Secret,
    /// A JPEG in base64.
    pub image: Secret,
}

/// The service's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAnswer {
    /// What the service found.
    pub result: ServiceResult,
}

/// What the service found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceResult {
    /// They belong together; or: it was sent.
    Match,
    /// They do not.
    Differs,
    /// The service has no record; or: it does not offer this.
    Unknown,
}

/// Names the key that signed a question.
pub const KEY_HEADER: &str = "yanma-key";
/// When it was signed: milliseconds since 1970-01-01T00:00:00Z.
pub const TIME_HEADER: &str = "yanma-time";
/// 32 hexadecimal digits that the service sees once; a retry of a question repeats them.
pub const NONCE_HEADER: &str = "yanma-nonce";
/// HMAC-SHA-256 in hexadecimal over [`signing_input`].
pub const SIGNATURE_HEADER: &str = "yanma-signature";

/// What is signed: method, path, time, nonce and the SHA-256 of the body, a line each.
pub fn signing_input(path: &str, time: &str, nonce: &str, body_sha256: &str) -> String {
    format!("POST\n{path}\n{time}\n{nonce}\n{body_sha256}")
}
