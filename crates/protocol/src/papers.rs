//! A code on paper, for people without a phone: long-lived, and withdrawn when replaced.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::Colour;

use crate::claims::MemberId;

/// `POST` [`PaperRequest`] → 201 [`PaperResponse`]; the paper before it is withdrawn.
/// `GET` [`PaperQuery`] → 200 [`PaperResponse`].
pub const PAPERS_PATH: &str = "/v1/papers";
/// `POST` [`PaperRequest`] → 204: a lost paper counts no longer, and there is no new one.
pub const WITHDRAW_PAPER_PATH: &str = "/v1/papers/withdraw";
/// `GET` [`SheetQuery`] → 200, `application/pdf`.
pub const SHEET_PATH: &str = "/v1/papers/sheet.pdf";

/// Asks for a code on paper, or withdraws it: `{}` for the account's own holder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PaperRequest {
    /// A family member's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
}

/// Whose paper: `?member=0000002a`; the account's own holder's when left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PaperQuery {
    /// A family member's id.
    #[serde(default)]
    pub member: Option<MemberId>,
}

/// Whose paper, and on what: `?member=0000002a&size=card`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SheetQuery {
    /// A family member's id; the account's own holder when left out.
    #[serde(default)]
    pub member: Option<MemberId>,
    /// `a6` or `card`; A6 when left out.
    #[serde(default)]
    pub size: SheetSize,
}

/// The paper that is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaperResponse {
    /// 张*明
    pub name_masked: String,
    /// First and last characters of the number, stars between.
    pub document_masked: String,
    /// The colour now. The paper does not say it: a desk does.
    pub colour: Colour,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When a desk stops to take it.
    pub expires_at: Timestamp,
}

/// The size of a sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SheetSize {
    /// A6, 105 × 148 mm (ISO 216).
    #[default]
    A6,
    /// A card, 85.6 × 54 mm (ISO/IEC 7810 ID-1).
    Card,
}
