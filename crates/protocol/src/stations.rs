//! Enrolling a desk.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::IssuerId;
use yanma_domain::trust::{PublicKey, Words};

use crate::field::{self, FieldError};
use crate::secret::Secret;

/// `POST` [`EnrolRequest`] → 200 [`EnrolResponse`]; without a token.
pub const ENROL_PATH: &str = "/v1/stations/enrol";
/// `POST` [`EnrolmentRequest`] → 201 [`EnrolmentResponse`]; by a clerk.
pub const ENROLMENTS_PATH: &str = "/v1/enrolments";

/// Turns a one-time enrolment code into a station with a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// The code a clerk handed out, 8 to 64 characters; it works once.
    pub enrolment_code: Secret,
    /// What the people at the site call this desk, 1 to 60 characters.
    pub station_name: String,
}

impl EnrolRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `enrolment_code` or `station_name`.
    pub fn check(&self) -> Result<(), FieldError> {
        let code = self.enrolment_code.reveal();
        field::length("enrolment_code", code, 8, 64)?;
        field::form(
            "enrolment_code",
            code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
        )?;
        field::label("station_name", &self.station_name)
    }
}

/// All a new desk needs to begin: who it is and whom it may believe. The trust list is
/// not in it; it comes with the feeds and is verified with `root_key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// The station's name for programs, as in its entries.
    pub station: String,
    /// The bearer token of every later request. Kept in the keystore.
    pub token: Secret,
    /// Where the desk stands.
    pub site: Site,
    /// `general`, `hospital`, `hotel` or `airport`.
    pub scene: String,
    /// Whose feeds the desk follows.
    pub issuer: IssuerId,
    /// The host in the text of codes, such as `JKM.FUJIAN.GOV.CN`.
    pub code_host: String,
    /// The key that signs trust lists; pinned from now on.
    pub root_key: PublicKey,
    /// The key under which documents are hashed, 64 hexadecimal digits. Kept in the
    /// keystore; whoever has it can try numbers against the directory.
    pub directory_key: Secret,
}

impl EnrolResponse {
    /// The 32 bytes of the directory key.
    ///
    /// # Errors
    /// `directory_key`, when it is not 64 hexadecimal digits: do not enrol with this
    /// authority.
    pub fn directory_key_bytes(&self) -> Result<[u8; 32], FieldError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(self.directory_key.reveal(), &mut bytes)
            .map_err(|_| FieldError::new("directory_key", field::FieldProblem::Form))?;
        Ok(bytes)
    }
}

/// A site (场所).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its name for programs.
    pub id: String,
    /// Its name for people.
    pub name: Words,
}

/// Asks for an enrolment code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    /// The site's name for programs.
    pub site: String,
    /// A name for the desk, when it is known already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub station_name: Option<String>,
    /// The desk's scene; the site's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<String>,
}

impl EnrolmentRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `site`, `station_name` or `scene`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::word("site", &self.site)?;
        if let Some(name) = &self.station_name {
            field::label("station_name", name)?;
        }
        if let Some(scene) = &self.scene {
            field::word("scene", scene)?;
        }
        Ok(())
    }
}

/// A fresh enrolment code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentResponse {
    /// To be typed at the desk, once.
    pub enrolment_code: Secret,
    /// When it stops to work.
    pub expires_at: Timestamp,
}
