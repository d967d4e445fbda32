//! Contesting a colour (纠错): the holder says what is wrong, a clerk decides, everything is
//! kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::{AmberName, Colour};

use crate::claims::{Because, MemberId};
use crate::facts::FactKind;
use crate::field::{self, FieldError};
use crate::secret::Secret;

/// `POST` [`AppealRequest`] → 201 [`Appeal`]; `GET` → 200 [`AppealsResponse`]; by a citizen.
pub const APPEALS_PATH: &str = "/v1/appeals";
/// `GET` [`OpenAppealsQuery`] → 200 [`OpenAppealsPage`]; by a clerk.
pub const OPEN_APPEALS_PATH: &str = "/v1/console/appeals";
/// `POST` [`DecisionRequest`] to this path and the appeal's id → 200 [`Appeal`]; by a clerk.
pub const DECISIONS_PATH: &str = "/v1/console/appeals/";

/// `GET` [`DecidedQuery`] → 200 [`DecidedAppealsPage`]; by a clerk.
pub const DECIDED_APPEALS_PATH: &str = "/v1/console/decided-appeals";
/// `POST` [`SetAsideRequest`] → 200 [`Appeal`], as it is decided now; by a clerk.
pub const SET_ASIDE_PATH: &str = "/v1/console/decided-appeals/{id}/set-aside";

/// Most appeals on one page.
pub const MAX_APPEALS: u32 = 200;
/// Most earlier appeals that are told beside one that waits.
pub const MAX_EARLIER: u32 = 5;

/// Characters of an appeal, fewest.
pub const WORDS_MIN_CHARS: usize = 10;
/// Characters of an appeal or of its answer, most.
pub const WORDS_MAX_CHARS: usize = 500;

/// Contests the colour of the account's own code, or of a family member's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AppealRequest {
    /// A family member's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// What is wrong, 10 to 500 characters.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Appeal"))]
    pub words: Secret,
}

impl AppealRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `words`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::prose("words", self.words.reveal().trim(), WORDS_MIN_CHARS, WORDS_MAX_CHARS)
    }
}

/// How far an appeal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AppealState {
    /// Nobody has decided yet.
    Open,
    /// The facts that the clerk was shown count no longer.
    Granted,
    /// The colour stays.
    Declined,
}

/// An appeal as the citizen sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Appeal {
    /// Its name.
    pub id: Uuid,
    /// The family member whose colour it is about; `null` for one's own.
    pub member: Option<MemberId>,
    /// How far it is.
    pub state: AppealState,
    /// What the citizen wrote.
    pub words: Secret,
    /// When.
    pub opened_at: Timestamp,
    /// When a clerk decided.
    pub decided_at: Option<Timestamp>,
    /// What the clerk wrote.
    pub answer: Option<Secret>,
    /// Whether it was granted and that was set aside: the facts count again, and the same appeal
    /// stands a second time, as declined with the reason.
    pub set_aside: bool,
}

/// Every appeal of an account, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealsResponse {
    /// The appeals.
    pub appeals: Vec<Appeal>,
}

/// Which appeals to list, the oldest first: `?limit=20`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenAppealsQuery {
    /// `next` of the page before; from the oldest when left out.
    #[serde(default)]
    pub after: Option<Uuid>,
    /// How many at most, 1 to 200; 50 when left out.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_APPEALS)))]
    pub limit: Option<u32>,
}

impl OpenAppealsQuery {
    /// The number of appeals asked for.
    ///
    /// # Errors
    /// `limit`, when it is 0 or above [`MAX_APPEALS`].
    pub fn limit(&self) -> Result<u32, FieldError> {
        let limit = self.limit.unwrap_or(50);
        field::form("limit", (1..=MAX_APPEALS).contains(&limit))?;
        Ok(limit)
    }
}

/// An appeal that waits, as the clerk sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenAppeal {
    /// Its name.
    pub id: Uuid,
    /// 张*明
    pub name_masked: String,
    /// First and last characters of the number, stars between.
    pub document_masked: String,
    /// The colour now.
    pub colour: Colour,
    /// What amber is called.
    pub amber_name: AmberName,
    /// The facts behind the colour.
    pub because: Vec<Because>,
    /// Facts in force beside them that call for a lesser colour.
    pub beside: Vec<Because>,
    /// The same facts as they were reported, in the order of happening. Of one kind and instant
    /// there may be several.
    pub facts: Vec<ContestedFact>,
    /// Stands for the colour and all these facts: a decision is about what was shown, so it
    /// sends this back.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::FactsTag"))]
    pub facts_tag: String,
    /// What the citizen wrote.
    pub words: Secret,
    /// When.
    pub opened_at: Timestamp,
    /// What was decided about the same person before, the newest first, five at most.
    pub earlier: Vec<EarlierAppeal>,
}

/// A fact that an appeal is about, as it was reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContestedFact {
    /// What happened.
    pub kind: FactKind,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// By whom: the name of the department or clerk.
    pub reporter: String,
    /// The reporter's note for clerks.
    pub detail: Option<Secret>,
}

/// An appeal about the same person that was decided before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EarlierAppeal {
    /// What the citizen wrote then.
    pub words: Secret,
    /// Which way it was decided.
    pub decision: Decision,
    /// When.
    pub decided_at: Timestamp,
    /// What the citizen was told.
    pub answer: Secret,
    /// Whether it was granted and that was set aside.
    pub set_aside: bool,
}

/// Appeals that wait, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenAppealsPage {
    /// The appeals.
    pub appeals: Vec<OpenAppeal>,
    /// To be sent as `after` for the next page; `null` at the end.
    pub next: Option<Uuid>,
}

/// Decides an appeal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// Which way.
    pub decision: Decision,
    /// `facts_tag` as it was shown with the appeal.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::FactsTag"))]
    pub facts_tag: String,
    /// What the citizen is told, 1 to 500 characters.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Answer"))]
    pub answer: Secret,
}

impl DecisionRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `facts_tag`, `answer`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::form("facts_tag", is_facts_tag(&self.facts_tag))?;
        field::prose("answer", self.answer.reveal().trim(), 1, WORDS_MAX_CHARS)
    }
}

/// Sets the decision aside by which an appeal was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetAsideRequest {
    /// Why, 4 to 200 characters; it is kept, and the citizen is told.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
}

impl SetAsideRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `reason`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::reason("reason", &self.reason)
    }
}

/// Whether a text has the form of a tag: 16 hexadecimal digits in lower case.
pub(crate) fn is_facts_tag(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Which way an appeal is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", schemars(rename = "AppealDecision"))]
pub enum Decision {
    /// The facts that were shown count no longer.
    Granted,
    /// The colour stays.
    Declined,
}

/// Which decided appeals are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DecidedQuery {
    /// `next` of the page before; the newest without it.
    pub before: Option<Uuid>,
    /// Appeals on the page, 1 to 200; 50 when left out.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_APPEALS)))]
    pub limit: Option<u32>,
}

impl DecidedQuery {
    /// Checks the limits; returns the size of the page.
    ///
    /// # Errors
    /// `limit`.
    pub fn check(&self) -> Result<u32, FieldError> {
        let limit = self.limit.unwrap_or(50);
        field::form("limit", (1..=MAX_APPEALS).contains(&limit))?;
        Ok(limit)
    }
}

/// Appeals that were decided, those first that were opened last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DecidedAppealsPage {
    /// The appeals.
    pub appeals: Vec<DecidedAppeal>,
    /// To be sent as `before` for the next page; `null` at the end.
    pub next: Option<Uuid>,
}

/// An appeal that was decided, as clerks see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DecidedAppeal {
    /// Its name.
    pub id: Uuid,
    /// 张*明
    pub name_masked: String,
    /// First and last characters of the number, stars between.
    pub document_masked: String,
    /// What the citizen wrote.
    pub words: Secret,
    /// When.
    pub opened_at: Timestamp,
    /// Which way it was decided.
    pub decision: Decision,
    /// What the citizen was told.
    pub answer: Secret,
    /// When.
    pub decided_at: Timestamp,
    /// By whom: the name of the clerk.
    pub decided_by: String,
    /// Whether it was granted and that was set aside.
    pub set_aside: bool,
}
