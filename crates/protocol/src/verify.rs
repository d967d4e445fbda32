//! The online answer: what the authority knows about codes and documents now.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::document::{DocumentHash, DocumentType};
use yanma_domain::{Colour, IssuerId, StatusIndex};

use crate::batch::{self, Item};
use crate::field::{self, FieldError};
use crate::secret::Secret;

/// `POST` [`VerifyRequest`] → 200 [`VerifyResponse`]; by a station.
pub const VERIFY_PATH: &str = "/v1/verify";

/// Most items in one request.
pub const MAX_ITEMS: usize = 1_000;
/// Most characters of a code's text. A code has about 280; what is longer is none.
pub const MAX_CODE_CHARS: usize = 1_024;

/// Asks about codes and documents, in one go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// 1 to 1,000 items; the answers come in the same order.
    pub items: Vec<VerifyItem>,
}

impl VerifyRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `items`, or the field of an item such as `items[3].code`.
    pub fn check(&self) -> Result<(), FieldError> {
        batch::check_all(&self.items)
    }
}

/// One thing to look up: `{"code": "HTTPS://…"}` or
/// `{"document": {"document_type": "resident-id", "hash": "0123456789abcdef"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerifyItem {
    /// The text of a health code, 1 to 1,024 characters.
    Code(Secret),
    /// A document, by its keyed hash. Numbers never travel this way.
    Document(DocumentRef),
}

impl Item for VerifyItem {
    const LIST: &'static str = "items";
    const MAX: usize = MAX_ITEMS;

    fn check(&self) -> Result<(), FieldError> {
        match self {
            Self::Code(text) => field::length("code", text.reveal(), 1, MAX_CODE_CHARS),
            Self::Document(_) => Ok(()),
        }
    }
}

/// A document under the directory key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRef {
    /// The kind of document; it is part of what was hashed.
    pub document_type: DocumentType,
    /// The keyed hash, 16 hexadecimal digits.
    pub hash: DocumentHash,
}

/// The answers, and what they were read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyResponse {
    /// One for each item, in the same order.
    pub answers: Vec<VerifyAnswer>,
    /// Epoch of the status list the answers were read from.
    pub epoch: u32,
    /// Its sequence.
    pub sequence: u32,
    /// The authority's time.
    pub at: Timestamp,
}

/// What the authority knows about one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum VerifyAnswer {
    /// There is such a holder.
    Known {
        /// Who issued the code.
        issuer: IssuerId,
        /// The holder's place in that issuer's status list.
        index: StatusIndex,
        /// The colour now.
        colour: Colour,
        /// 张*明, when the asker may see it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name_masked: Option<String>,
    },
    /// No code was issued for this, as far as this authority can tell.
    Unknown,
    /// The code does not hold; for a document, never.
    Refused {
        /// A reason code such as `S-SIG`. Text, because a newer authority may know more.
        code: String,
    },
}

impl VerifyAnswer {
    /// Checks the limits of an answer.
    ///
    /// # Errors
    /// `code`, when it has not the form of a reason code.
    pub fn check(&self) -> Result<(), FieldError> {
        match self {
            Self::Refused { code } => field::reason_code("code", code),
            Self::Known { .. } | Self::Unknown => Ok(()),
        }
    }
}
