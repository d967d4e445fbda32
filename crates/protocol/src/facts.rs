//! What departments report about people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::document::DocumentType;

use crate::batch::{self, Item, ItemOutcome};
use crate::field::{self, FieldError};
use crate::secret::Secret;

/// `POST` [`FactsRequest`] → 200 [`FactsResponse`]; by a clerk or a department.
pub const FACTS_PATH: &str = "/v1/facts";

/// Most facts in one request.
pub const MAX_FACTS: usize = 1_000;

/// Reports facts. To be read with [`crate::batch::read_items`], so that each fact gets an
/// answer of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsRequest {
    /// 1 to 1,000 facts.
    pub facts: Vec<FactReport>,
}

impl FactsRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `facts`, or the field of a fact such as `facts[3].number`.
    pub fn check(&self) -> Result<(), FieldError> {
        batch::check_all(&self.facts)
    }
}

/// One thing that happened to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactReport {
    /// Made by the sender; sending the same id again does nothing.
    pub id: Uuid,
    /// The kind of document that `number` is of.
    pub document_type: DocumentType,
    /// The person's document number, 1 to 40 characters.
    pub number: Secret,
    /// What happened.
    pub kind: FactKind,
    /// When it happened, not when it was reported.
    pub occurred_at: Timestamp,
}

impl Item for FactReport {
    const LIST: &'static str = "facts";
    const MAX: usize = MAX_FACTS;

    fn check(&self) -> Result<(), FieldError> {
        field::length("number", self.number.reveal(), 1, 40)
    }
}

/// The kinds of facts. The first six are the conditions published for Fujian's code in
/// February 2020 (`domain.md` §2.1), of which confirmed and suspected are apart here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactKind {
    /// Was seen at a fever clinic.
    FeverClinic,
    /// Came from an area of high incidence.
    HighIncidenceArea,
    /// A confirmed case.
    Confirmed,
    /// A suspected case.
    Suspected,
    /// Was close to a case.
    CloseContact,
    /// Lives in a sealed-off compound.
    SealedCompound,
    /// Bought fever medicine.
    Antipyretic,
    /// Cleared: ends what was reported before it.
    Cleared,
}

impl FactKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::FeverClinic,
        Self::HighIncidenceArea,
        Self::Confirmed,
        Self::Suspected,
        Self::CloseContact,
        Self::SealedCompound,
        Self::Antipyretic,
        Self::Cleared,
    ];

    /// The name on the wire: `fever-clinic`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FeverClinic => "fever-clinic",
            Self::HighIncidenceArea => "high-incidence-area",
            Self::Confirmed => "confirmed",
            Self::Suspected => "suspected",
            Self::CloseContact => "close-contact",
            Self::SealedCompound => "sealed-compound",
            Self::Antipyretic => "antipyretic",
            Self::Cleared => "cleared",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The answers, one for each fact in the same order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsResponse {
    /// What became of each.
    pub results: Vec<FactResult>,
}

/// What became of one fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactResult {
    /// The fact's id; `null` when it could not be read.
    pub id: Option<Uuid>,
    /// Whether it was taken in.
    pub outcome: ItemOutcome,
    /// The field at fault, for a rejected one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong, as kebab-case words without personal values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_alike_in_json_and_in_code() {
        for kind in FactKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.as_str()));
            assert_eq!(FactKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(FactKind::from_name("rumour"), None);
    }
}
