//! What departments report about people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::document::DocumentType;

use crate::batch::{self, Item, ItemOutcome};
use crate::field::{self, FieldError, FieldProblem};
use crate::secret::Secret;

/// `POST` [`FactsRequest`] → 200 [`FactsResponse`]; by a clerk or a department.
///
/// The body may also be `text/csv` in UTF-8 with a heading: `id`, `document_type`, `number`,
/// `kind`, `occurred_at` and, if wanted, `detail` and `retracts`; the answer is the same,
/// with the line of each row. Instead of a token, a department whose key is registered may
/// send [`SIGNATURE_HEADER`].
pub const FACTS_PATH: &str = "/v1/facts";

/// The header of a signed batch: the department's Ed25519 public key and the signature over
/// [`crate::namespace::FACTS`] and the bytes of the body, as 64 and 128 hexadecimal digits
/// with a colon between. To send a signed batch again does nothing: its facts have ids.
pub const SIGNATURE_HEADER: &str = "yanma-signature";

/// Characters of a note for clerks, most.
pub(crate) const DETAIL_MAX_CHARS: usize = 200;

/// Most facts in one request.
pub const MAX_FACTS: usize = 1_000;

/// Reports facts. To be read with [`crate::batch::read_items`], so that each fact gets an
/// answer of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FactsRequest {
    /// 1 to 1,000 facts.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_FACTS)))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FactReport {
    /// Made by the sender; sending the same id again does nothing.
    pub id: Uuid,
    /// The kind of document that `number` is of.
    pub document_type: DocumentType,
    /// The person's document number, 1 to 40 characters.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Number"))]
    pub number: Secret,
    /// What happened.
    pub kind: FactKind,
    /// When it happened, not when it was reported; for a test, when the sample was taken.
    pub occurred_at: Timestamp,
    /// A note for the clerks who decide appeals, 1 to 200 characters; the person does not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Detail>"))]
    pub detail: Option<String>,
    /// For a retraction, and only then: the id of the fact that is taken back. It must be of
    /// the same person and the same reporter. Both are kept; the fact counts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retracts: Option<Uuid>,
}

impl Item for FactReport {
    const LIST: &'static str = "facts";
    const MAX: usize = MAX_FACTS;

    fn check(&self) -> Result<(), FieldError> {
        field::length("number", self.number.reveal(), 1, field::NUMBER_MAX_CHARS)?;
        field::form("kind", !self.kind.is_from_home())?;
        if let Some(detail) = &self.detail {
            field::prose("detail", detail, 1, DETAIL_MAX_CHARS)?;
        }
        if (self.kind == FactKind::Retraction) != self.retracts.is_some() {
            return Err(FieldError::new("retracts", FieldProblem::Shape));
        }
        Ok(())
    }
}

macro_rules! fact_kinds {
    ($($(#[$doc:meta])* $variant:ident = $text:literal;)*) => {
        /// The kinds of facts. The first seven are the conditions published for Fujian's code
        /// in February 2020 (`domain.md` §2.1), of which confirmed and suspected are apart
        /// here; what each does to a colour is for the scheme in force to say.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum FactKind {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl FactKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire: `fever-clinic`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

fact_kinds! {
    /// Was seen at a fever clinic.
    FeverClinic = "fever-clinic";
    /// Came from an area of high incidence, or of high risk.
    HighIncidenceArea = "high-incidence-area";
    /// A confirmed case.
    Confirmed = "confirmed";
    /// A suspected case.
    Suspected = "suspected";
    /// Was close to a case.
    CloseContact = "close-contact";
    /// Lives in a sealed-off compound.
    SealedCompound = "sealed-compound";
    /// Bought fever medicine.
    Antipyretic = "antipyretic";
    /// Cleared: ends what was reported before it.
    Cleared = "cleared";
    /// A sample was taken and found negative.
    TestNegative = "test-negative";
    /// A sample of this person alone was taken and found positive.
    TestPositive = "test-positive";
    /// A sample pooled with those of others was taken and found positive.
    MixedTubePositive = "mixed-tube-positive";
    /// Was vaccinated.
    Vaccination = "vaccination";
    /// A case that left hospital.
    Discharged = "discharged";
    /// Was close to a close contact.
    SecondaryContact = "secondary-contact";
    /// Entered the country.
    Entrant = "entrant";
    /// Handles frozen goods from abroad.
    ColdChain = "cold-chain";
    /// Was in an area of medium risk.
    MidRiskArea = "mid-risk-area";
    /// Is sought for an investigation (协查).
    Investigation = "investigation";
    /// Was asked to be tested (弹窗).
    PopUp = "pop-up";
    /// The code at home is orange or yellow, as another region says.
    HomeAmber = "home-amber";
    /// The code at home is red, as another region says.
    HomeRed = "home-red";
    /// Takes back a fact that the same reporter reported before: see
    /// [`FactReport::retracts`].
    Retraction = "retraction";
}

impl FactKind {
    /// Whether only another region says it, and no department may report it.
    pub const fn is_from_home(self) -> bool {
        matches!(self, Self::HomeAmber | Self::HomeRed)
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// The answers, one for each fact in the same order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactsResponse {
    /// The batch's name in the audit. An authority of the first release gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Uuid>,
    /// What became of each.
    pub results: Vec<FactResult>,
}

/// What became of one fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// The line in a CSV file, from 1; the heading is line 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_alike_in_json_and_in_code() {
        for kind in FactKind::ALL.iter().copied() {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.as_str()));
            assert_eq!(FactKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(FactKind::from_name("rumour"), None);
    }
}
