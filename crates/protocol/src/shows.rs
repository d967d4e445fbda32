//! Showing a code (亮码): a fresh signed text with a short life.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::{AmberName, Colour};

use crate::claims::MemberId;
use crate::secret::Secret;

/// `POST` [`ShowRequest`] → 200 [`ShowResponse`].
pub const SHOWS_PATH: &str = "/v1/shows";

/// Asks for a fresh code: `{}` for the account's own holder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShowRequest {
    /// A family member's id, to show the code in the member's stead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
}

/// A fresh code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShowResponse {
    /// The text of the QR code: an alphanumeric segment up to and with the last `/`, a
    /// numeric segment after it. Whoever has it can pass for the holder for a while, so
    /// it is kept out of logs.
    pub text: Secret,
    /// The colour in the code.
    pub colour: Colour,
    /// What the issuer calls amber.
    pub amber_name: AmberName,
    /// 张*明
    pub name_masked: String,
    /// First and last characters of the number, stars between.
    pub document_masked: String,
    /// The instant in the code.
    pub issued_at: Timestamp,
    /// When a desk stops to take it.
    pub expires_at: Timestamp,
    /// From the first to the second, for a countdown that trusts no clock of the browser.
    pub lifetime_seconds: u32,
    /// How many times the code was shown, this one included.
    pub shown_count: u32,
}
