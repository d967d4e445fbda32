//! Finding a holder at the console, masked; and seeing who it is, with a reason.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::Colour;
use yanma_domain::document::{DocumentNumber, DocumentType};

use crate::accounts::check_phone;
use crate::claims::{ClaimGroup, Origin};
use crate::entries::Subject;
use crate::field::{self, FieldError, FieldProblem};
use crate::secret::Secret;

/// `POST` [`SearchRequest`] → 200 [`SearchResponse`]; by whoever may find holders.
pub const SEARCH_PATH: &str = "/v1/holders/search";
/// `POST` [`RevealRequest`] → 200 [`Revealed`]; by whoever may find holders.
pub const REVEAL_PATH: &str = "/v1/holders/reveal";
/// `POST` [`WithdrawCodeRequest`] → 200 [`HolderRecord`]; by whoever may withdraw codes.
pub const WITHDRAW_CODE_PATH: &str = "/v1/holders/withdraw";

/// `POST` [`EndAccountRequest`] → 200 [`EndedAccount`]; by whoever may end accounts.
pub const END_ACCOUNT_PATH: &str = "/v1/holders/end-account";

/// A document as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TypedDocument {
    /// The kind of document that `number` is of.
    pub document_type: DocumentType,
    /// Its number, 1 to 40 characters.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Number"))]
    pub number: Secret,
}

impl TypedDocument {
    /// The document, normalised.
    ///
    /// # Errors
    /// `number`.
    pub fn parse(&self) -> Result<DocumentNumber, FieldError> {
        field::length("number", self.number.reveal(), 1, field::NUMBER_MAX_CHARS)?;
        DocumentNumber::parse(self.document_type, self.number.reveal())
            .map_err(|_| FieldError::new("number", FieldProblem::Form))
    }
}

/// What a holder is looked for by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SearchBy {
    /// Their document.
    Document(TypedDocument),
    /// The telephone number of the account that claimed the code.
    Phone(#[cfg_attr(feature = "schema", schemars(with = "crate::schema::Phone"))] Secret),
    /// Their place in the status list.
    Index(Subject),
}

/// Looks for holders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// What by.
    pub by: SearchBy,
    /// Why, 4 to 200 characters; it is kept.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
}

impl SearchRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `number`, `phone` or `reason`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::reason("reason", &self.reason)?;
        match &self.by {
            SearchBy::Document(document) => document.parse().map(drop),
            SearchBy::Phone(phone) => check_phone(phone),
            SearchBy::Index(_) => Ok(()),
        }
    }
}

/// The codes that were found, the newest first; none when nobody was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchResponse {
    /// At most 50.
    pub holders: Vec<HolderRecord>,
}

/// A code and its holder, masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HolderRecord {
    /// The place in the status list.
    pub subject: Subject,
    /// 张*明
    pub name_masked: String,
    /// The kind of document.
    pub document_type: DocumentType,
    /// `3501**********0004`
    pub document_masked: String,
    /// The colour now.
    pub colour: Colour,
    /// Since when it has this colour.
    pub colour_since: Timestamp,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// Which group it was claimed in.
    pub group: ClaimGroup,
    /// Whether somebody claimed it for a member of the family.
    pub family: bool,
    /// The city it counts in: the first four digits of GB/T 2260.
    pub city: Option<u16>,
}

/// Asks who a holder is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    /// Whom.
    pub subject: Subject,
    /// Why, 4 to 200 characters; it is kept.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
}

impl RevealRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `reason`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::reason("reason", &self.reason)
    }
}

/// Who a holder is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revealed {
    /// Whom it is about.
    pub subject: Subject,
    /// The whole name.
    pub name: Secret,
    /// The kind of document.
    pub document_type: DocumentType,
    /// Its whole number.
    pub number: Secret,
    /// The telephone number of the account that claimed the code; empty when that was ended.
    pub phone: Secret,
    /// Whether that account is a family member's, and not the holder's own.
    pub family: bool,
    /// What was declared with the claim: where somebody from another province came from, and the
    /// telephone number of somebody from abroad, if it is not the account's own. `None` when
    /// nothing is on file.
    pub declared: Option<Origin>,
}

/// Withdraws a holder's code at the counter, whoever claimed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WithdrawCodeRequest {
    /// Which: a code and the paper of its person go together, whichever is named.
    pub subject: Subject,
    /// Why, 4 to 200 characters; it is kept.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
}

impl WithdrawCodeRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `reason`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::reason("reason", &self.reason)
    }
}

/// Ends the account of somebody at the counter, whoever opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EndAccountRequest {
    /// Whose: of the person with this document.
    pub document: TypedDocument,
    /// Why, 4 to 200 characters; it is kept.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
}

impl EndAccountRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `number` or `reason`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::reason("reason", &self.reason)?;
        self.document.parse().map(drop)
    }
}

/// What ended with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndedAccount {
    /// How many codes it had claimed, for its person and for the family. They are withdrawn.
    pub codes_withdrawn: u32,
}
