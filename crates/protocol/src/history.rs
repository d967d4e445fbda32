//! The colours that a code had: since when, until when, and why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::trust::Words;
use yanma_domain::{AmberName, Colour};

use crate::claims::{Because, MemberId};
use crate::entries::Subject;
use crate::facts::FactKind;
use crate::field::{self, FieldError};

/// `GET` [`HistoryQuery`] → 200 [`ColourHistory`]: of one's own code, or a family member's.
pub const HISTORY_PATH: &str = "/v1/holder/history";
/// `POST` [`HolderHistoryRequest`] → 200 [`HolderHistory`]; by whoever may find holders.
pub const HOLDER_HISTORY_PATH: &str = "/v1/holders/history";

/// Most colours in one answer.
pub const MAX_PERIODS: usize = 200;

/// Whose history: `?member=0000002a`; the account's own holder's when left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    /// A family member's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
}

/// Asks for the history of one code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HolderHistoryRequest {
    /// Whose.
    pub subject: Subject,
    /// Why, 4 to 200 characters; it is kept.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
}

impl HolderHistoryRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `reason`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::reason("reason", &self.reason)
    }
}

/// The history of one code, for the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HolderHistory {
    /// Whose.
    pub subject: Subject,
    /// The colours, with the ids of the facts behind them.
    pub history: ColourHistory,
}

/// The colours that a code had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColourHistory {
    /// The newest first, 200 at most: each begins where the one after it in the list ends.
    /// There is at least one.
    pub periods: Vec<ColourPeriod>,
    /// Whether the list goes back to the claim. Changes are kept for so many days, and were
    /// not kept by older programs.
    pub complete: bool,
}

/// A colour for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColourPeriod {
    /// The colour.
    pub colour: Colour,
    /// What amber was called then.
    pub amber_name: AmberName,
    /// From when.
    pub since: Timestamp,
    /// When another colour took its place; `null` when it has it still.
    pub until: Option<Timestamp>,
    /// When it would have ended by itself, as was known when it began; `null` when only
    /// another fact would end it, and for green.
    pub foreseen_until: Option<Timestamp>,
    /// The facts behind it as they were when it began; for the colour now, as they are.
    /// Empty for green, and where they are not kept.
    pub because: Vec<Because>,
    /// How it came about.
    pub began: Beginning,
    /// The rules that it was computed by; `null` where that is not kept.
    pub scheme: Option<SchemeThen>,
    /// The ids of the facts behind it when it began, for the console; left out for others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Uuid>,
}

/// How a colour came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Beginning {
    /// It is not kept, or no longer.
    Unknown {},
    /// The code was claimed.
    Claim {},
    /// Something was reported, or taken back.
    Report {
        /// What was reported about this person at once, in the order of reporting.
        reports: Vec<ReportThen>,
    },
    /// Time passed: what stood against a better colour ended by itself, or the next stage of
    /// a rule began.
    Time {},
    /// Other rules were put in force.
    Rules {},
    /// The code was given back, or another took its place.
    Withdrawal {},
}

/// What was reported when a colour changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportThen {
    /// What.
    pub fact: FactThen,
    /// For a retraction: what was taken back.
    pub takes_back: Option<FactThen>,
}

/// A fact as it stands in a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactThen {
    /// What happened.
    pub kind: FactKind,
    /// When.
    pub occurred_at: Timestamp,
    /// The condition in the words of the rules of that time; `null` when they have none for
    /// it, as for a clearance or a test.
    pub words: Option<Words>,
    /// For the console; left out for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
}

/// Rules that were in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SchemeThen {
    /// Their name for programs.
    pub id: String,
    /// How many rules have been in force with them.
    pub version: u32,
    /// Their name for people.
    pub name: Words,
    /// Since when they were in force.
    pub since: Timestamp,
    /// Until when; `null` when they still are.
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_beginning_says_by_what() {
        let by = |beginning: &Beginning| serde_json::to_value(beginning).unwrap();
        assert_eq!(by(&Beginning::Time {}), json!({"by": "time"}));
        let report = Beginning::Report { reports: Vec::new() };
        assert_eq!(by(&report), json!({"by": "report", "reports": []}));
    }

    #[test]
    fn a_history_is_asked_for_with_a_reason() {
        let asked = |reason: &str| -> Result<(), FieldError> {
            let subject = json!({"issuer": 35, "index": 7});
            let request: HolderHistoryRequest =
                serde_json::from_value(json!({"subject": subject, "reason": reason})).unwrap();
            request.check()
        };
        assert_eq!(asked("asked by telephone"), Ok(()));
        assert_eq!(asked(" ").unwrap_err().field, "reason");
    }
}
