//! Entries (通行记录): what happened at a desk, on its way to the authority.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::document::DocumentHash;
use yanma_domain::verdict::Decision;
use yanma_domain::{Colour, IssuerId, StatusIndex};

use crate::batch::{self, Item, ItemOutcome};
use crate::field::{self, FieldError};

/// `POST` [`EntriesRequest`] → 200 [`EntriesResponse`] by a station;
/// `GET` [`EntriesQuery`] → 200 [`EntriesPage`] by a clerk.
pub const ENTRIES_PATH: &str = "/v1/entries";

/// Most entries in one upload, and on one page.
pub const MAX_ENTRIES: usize = 500;

/// Uploads entries. Idempotent by the entries' ids: after a broken connection the desk
/// sends the same again. To be read with [`crate::batch::read_items`], so that each entry
/// gets an answer of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EntriesRequest {
    /// 1 to 500 entries.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_ENTRIES)))]
    pub entries: Vec<EntryUpload>,
}

impl EntriesRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `entries`, or the field of an entry such as `entries[3].reasons`.
    pub fn check(&self) -> Result<(), FieldError> {
        batch::check_all(&self.entries)
    }
}

/// One entry, without a name or a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EntryUpload {
    /// Made by the desk, UUID version 7.
    pub id: Uuid,
    /// The desk's name for programs, as it was enrolled.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Word"))]
    pub station: String,
    /// When the verdict was shown, by the desk's clock.
    pub at: Timestamp,
    /// The scene at that time.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Word"))]
    pub scene: String,
    /// The verdict.
    pub decision: Decision,
    /// Its reason codes, at most 40. Text, so that an authority one version behind does
    /// not lose the entries of a newer desk.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Vec<crate::schema::ReasonCode>", length(max = 40))
    )]
    pub reasons: Vec<String>,
    /// The colour that was judged, when there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// Whose code it was, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The document's keyed hash, when one was presented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_hash: Option<DocumentHash>,
    /// How the evidence came: `code`, `card`, `typed`, `scanned`; at most 8.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Word>", length(max = 8)))]
    pub method: Vec<String>,
    /// What the operator did, in kebab-case: `none` while only the verdict stands.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Word"))]
    pub action: String,
    /// The entry that this one puts right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<Uuid>,
    /// What the verdict was judged on.
    pub basis: BasisUpload,
}

impl Item for EntryUpload {
    const LIST: &'static str = "entries";
    const MAX: usize = MAX_ENTRIES;

    fn check(&self) -> Result<(), FieldError> {
        field::form("id", self.id.get_version_num() == 7)?;
        field::word("station", &self.station)?;
        field::word("scene", &self.scene)?;
        field::count("reasons", self.reasons.len(), 0, 40)?;
        self.reasons.iter().try_for_each(|code| field::reason_code("reasons", code))?;
        field::count("method", self.method.len(), 0, 8)?;
        self.method.iter().try_for_each(|method| field::word("method", method))?;
        field::word("action", &self.action)?;
        field::form("amends", self.amends != Some(self.id))?;
        field::form("age_seconds", self.basis.age_seconds.is_none_or(|age| age >= 0))?;
        field::length("policy", &self.basis.policy, 0, 80)
    }
}

/// A holder, as the status list knows one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Who issued the code.
    pub issuer: IssuerId,
    /// The holder's place in that issuer's status list.
    pub index: StatusIndex,
}

/// What a verdict was judged on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BasisUpload {
    /// Whether the authority was asked and answered.
    pub online: bool,
    /// Epoch of the status list; `null` when there was none.
    #[serde(default)]
    pub status_epoch: Option<u32>,
    /// Its sequence.
    #[serde(default)]
    pub status_sequence: Option<u32>,
    /// Its age in seconds at the verdict; never negative.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub age_seconds: Option<i64>,
    /// The policy's name and version, at most 80 characters.
    #[cfg_attr(feature = "schema", schemars(length(max = 80)))]
    pub policy: String,
}

/// The answers, one for each entry in the same order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EntriesResponse {
    /// What became of each.
    pub results: Vec<EntryResult>,
}

/// What became of one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EntryResult {
    /// The entry's id; `null` when it could not be read.
    pub id: Option<Uuid>,
    /// Whether it was taken in. A desk keeps rejected ones and shows them.
    pub outcome: ItemOutcome,
    /// What is wrong, as kebab-case words, for a rejected one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Which entries to list: `?after=120&limit=100`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EntriesQuery {
    /// Only entries received after this place; from the beginning when left out.
    #[serde(default)]
    pub after: Option<u64>,
    /// How many at most, 1 to 500; 100 when left out.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_ENTRIES)))]
    pub limit: Option<u32>,
}

impl EntriesQuery {
    /// The number of entries asked for.
    ///
    /// # Errors
    /// `limit`, when it is 0 or above [`MAX_ENTRIES`].
    pub fn limit(&self) -> Result<usize, FieldError> {
        let limit = self.limit.unwrap_or(100) as usize;
        field::form("limit", (1..=MAX_ENTRIES).contains(&limit))?;
        Ok(limit)
    }
}

/// A page of entries, in the order in which they were received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EntriesPage {
    /// The entries.
    pub entries: Vec<EntryRecord>,
    /// `after` of the next page; `null` at the end.
    pub next: Option<u64>,
}

/// An entry at the authority, without whose it was: `subject` and `document_hash` are left
/// out. Who was where is asked of a [trace](crate::traces).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EntryRecord {
    /// As the desk sent it, but for whose it was.
    #[serde(flatten)]
    pub entry: EntryUpload,
    /// When the authority took it in.
    pub received_at: Timestamp,
}

// By hand, because serde cannot flatten a type that denies unknown fields.
impl<'de> Deserialize<'de> for EntryRecord {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut object = serde_json::Map::deserialize(deserializer)?;
        let received_at =
            object.remove("received_at").ok_or_else(|| D::Error::missing_field("received_at"))?;
        let entry = serde_json::from_value(object.into()).map_err(D::Error::custom)?;
        let received_at = serde_json::from_value(received_at).map_err(D::Error::custom)?;
        Ok(Self { entry, received_at })
    }
}
