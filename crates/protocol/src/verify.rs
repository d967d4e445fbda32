//! The online answer: what the authority knows about codes and documents now, and the record
//! that it keeps of having said so.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::document::{DocumentHash, DocumentType};
use yanma_domain::{Colour, IssuerId, StatusIndex};

use crate::batch::{self, Item};
use crate::field::{self, FieldError, FieldProblem};
use crate::secret::Secret;

/// `POST` [`VerifyRequest`] → 200 [`VerifyResponse`]; by a station.
///
/// `GET` [`VerifyQuery`] asks about one item. An address is written into more logs than a body, so a code belongs into a `POST` where there
/// is a choice.
pub const VERIFY_PATH: &str = "/v1/verify";

/// `GET` followed by a [receipt](VerifyResponse::receipt) → 200 [`ReceiptResponse`]; by the
/// station that got it.
pub const RECEIPTS_PATH: &str = "/v1/verify/receipts/";

/// Most items in one request.
pub const MAX_ITEMS: usize = 1_000;
/// Most characters of a code's text. A code has about 280; what is longer is none, and is
/// refused with `F-FORM` in its own place.
pub const MAX_CODE_CHARS: usize = 1_024;

/// Asks about codes and documents, in one go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// 1 to 1,000 items; the answers come in the same order.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_ITEMS)))]
    pub items: Vec<VerifyItem>,
}

impl VerifyRequest {
    /// Checks the limits. A code that is none is no error of the request: it is refused in
    /// its own place.
    ///
    /// # Errors
    /// `items`.
    pub fn check(&self) -> Result<(), FieldError> {
        batch::check_all(&self.items)
    }
}

/// One thing to look up: `{"code": "HTTPS://…"}` or
/// `{"document": {"document_type": "resident-id", "hash": "0123456789abcdef", "basis": "consent"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum VerifyItem {
    /// The text of a health code. One of more than 1,024 bytes is answered as refused.
    Code(#[cfg_attr(feature = "schema", schemars(with = "crate::schema::CodeText"))] Secret),
    /// A document, by its keyed hash. Numbers never travel this way.
    Document(DocumentRef),
}

impl Item for VerifyItem {
    const LIST: &'static str = "items";
    const MAX: usize = MAX_ITEMS;

    fn check(&self) -> Result<(), FieldError> {
        Ok(())
    }
}

/// A document under the directory key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DocumentRef {
    /// The kind of document; it is part of what was hashed.
    pub document_type: DocumentType,
    /// The keyed hash, 16 hexadecimal digits.
    pub hash: DocumentHash,
    /// What allows the look-up. Somebody who shows a code has asked to be looked up; a
    /// document is carried for other reasons.
    pub basis: LegalBasis,
    /// Which directory key the hash was made under; 1 when left out. A document under another
    /// key than the authority's is answered as unchecked.
    #[serde(default = "first_key", skip_serializing_if = "is_first_key")]
    pub key: u32,
}

fn first_key() -> u32 {
    1
}

fn is_first_key(key: &u32) -> bool {
    *key == first_key()
}

/// One thing to look up, in an address: `?code=…`, or `?document_type=…&hash=…&basis=…&key=…`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyQuery {
    /// The text of a health code; nothing else goes with it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::CodeText>"))]
    pub code: Option<Secret>,
    /// The kind of a document.
    #[serde(default)]
    pub document_type: Option<DocumentType>,
    /// Its keyed hash.
    #[serde(default)]
    pub hash: Option<DocumentHash>,
    /// What allows the look-up of a document.
    #[serde(default)]
    pub basis: Option<LegalBasis>,
    /// Which directory key the hash was made under; 1 when left out.
    #[serde(default)]
    pub key: Option<u32>,
}

impl VerifyQuery {
    /// The item that is asked about.
    ///
    /// # Errors
    /// The first field of a document that is missing; `query` for a code and a document in
    /// one.
    pub fn item(self) -> Result<VerifyItem, FieldError> {
        let missing = |field| move || FieldError::new(field, FieldProblem::Shape);
        match self {
            Self { code: Some(code), document_type: None, hash: None, basis: None, key: None } => {
                Ok(VerifyItem::Code(code))
            }
            Self { code: Some(_), .. } => Err(FieldError::new("query", FieldProblem::Shape)),
            Self { code: None, document_type, hash, basis, key } => {
                Ok(VerifyItem::Document(DocumentRef {
                    document_type: document_type.ok_or_else(missing("document_type"))?,
                    hash: hash.ok_or_else(missing("hash"))?,
                    basis: basis.ok_or_else(missing("basis"))?,
                    key: key.unwrap_or(first_key()),
                }))
            }
        }
    }
}

/// What allows a station to look somebody up by document. It is kept with the record of the
/// look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LegalBasis {
    /// The person handed over the document to be looked up.
    Consent,
    /// A duty under the Law on the Prevention and Treatment of Infectious Diseases
    /// (传染病防治法), such as a hospital's.
    EpidemicControl,
    /// An order of the authorities in a public health emergency (突发公共卫生事件应急条例).
    PublicHealthEmergency,
    /// Another duty by law, such as a hotel's or an airline's.
    LegalDuty,
}

impl LegalBasis {
    /// Every basis.
    pub const ALL: [Self; 4] =
        [Self::Consent, Self::EpidemicControl, Self::PublicHealthEmergency, Self::LegalDuty];

    /// As on the wire: `epidemic-control`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::EpidemicControl => "epidemic-control",
            Self::PublicHealthEmergency => "public-health-emergency",
            Self::LegalDuty => "legal-duty",
        }
    }
}

/// The answers, and what they were read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerifyResponse {
    /// One for each item, in the same order.
    pub answers: Vec<VerifyAnswer>,
    /// Epoch of the status list the answers were read from.
    pub epoch: u32,
    /// Its sequence.
    pub sequence: u32,
    /// The authority's time.
    pub at: Timestamp,
    /// Under what the authority records this answer. The answer comes first, the record is
    /// on the disk a moment later: the receipt counts once `/v1/verify/receipts/` says
    /// `durable`. None when every item was rejected, since nothing was looked up then; an
    /// authority of the first release gives none either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Uuid>,
}

/// What became of the record behind a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReceiptResponse {
    /// The receipt that was asked about.
    pub receipt: Uuid,
    /// Whether it counts.
    pub state: ReceiptState,
}

/// Whether a receipt counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ReceiptState {
    /// The record is on the disk: it counts.
    Durable,
    /// The record waits to be written. Ask again in a second.
    Pending,
    /// This authority has no such record for this station. Another process may be about to
    /// write it; when it is still unknown after some seconds, the record was lost with the
    /// process that gave the receipt, and the look-up did not count. The record of a day whose
    /// retention has ended is unknown as well.
    Unknown,
}

/// What the authority knows about one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// The code is another issuer's, and its list is not here or is too old to say; or the
    /// document was hashed under another directory key than the authority's, which goes away
    /// once the desk has followed a rotation. Neither yes nor no.
    Unchecked,
    /// The code does not hold; for a document, never.
    Refused {
        /// A reason code such as `S-SIG`. Text, because a newer authority may know more.
        code: String,
    },
    /// The item is none: a field of it is missing or wrong. Nothing was looked up and nothing
    /// recorded for it; the others were answered.
    Rejected {
        /// The field at fault, inside of the item, such as `document.hash`; `body` when the item
        /// as a whole has not its shape.
        field: String,
        /// What is wrong, as kebab-case words without personal values.
        reason: String,
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
            Self::Known { .. } | Self::Unknown | Self::Unchecked | Self::Rejected { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_has_one_name() {
        for basis in LegalBasis::ALL {
            assert_eq!(serde_json::to_string(&basis).unwrap(), format!("\"{}\"", basis.as_str()));
        }
        assert!(serde_json::from_str::<LegalBasis>("\"because\"").is_err());
    }
}
