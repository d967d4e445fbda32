//! Who did what, when and why.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clerks::Role;
use crate::digest::Digest;
use crate::field::{self, FieldError};

/// `GET` [`AuditQuery`] → 200 [`AuditPage`], or CSV when the request accepts `text/csv`; by
/// an auditor.
pub const AUDIT_PATH: &str = "/v1/audit";

/// Most records on one page.
pub const MAX_RECORDS: usize = 1_000;

/// The header of a CSV answer that says where the next page begins; absent at the end.
pub const NEXT_HEADER: &str = "yanma-next";

/// Which records to list, the newest first: `?before=120&limit=100&deed=trace-site`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only records before this place; from the newest when left out.
    #[serde(default)]
    pub before: Option<u64>,
    /// How many at most, 1 to 1,000; 100 when left out.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_RECORDS)))]
    pub limit: Option<u32>,
    /// Only deeds of this name.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Word>"))]
    pub deed: Option<String>,
    /// Only deeds of this person.
    #[serde(default)]
    pub clerk: Option<i64>,
}

impl AuditQuery {
    /// Checks the limits; returns the number of records asked for.
    ///
    /// # Errors
    /// `limit` or `deed`.
    pub fn check(&self) -> Result<usize, FieldError> {
        if let Some(deed) = &self.deed {
            field::word("deed", deed)?;
        }
        let limit = self.limit.unwrap_or(100) as usize;
        field::form("limit", (1..=MAX_RECORDS).contains(&limit))?;
        Ok(limit)
    }
}

/// A page of records, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditPage {
    /// The records.
    pub records: Vec<AuditRecord>,
    /// `before` of the next page; `null` at the end.
    pub next: Option<u64>,
}

/// One deed. Nobody's name, number or telephone is in it: a document stands under its keyed
/// hash, a holder as a place in the status list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditRecord {
    /// Its place, from 1, without gaps.
    pub place: u64,
    /// When, by the authority's clock.
    pub at: Timestamp,
    /// Whose token or session it was.
    pub clerk: i64,
    /// Whom that token was made for.
    pub name: String,
    /// The role at that time.
    pub role: Role,
    /// What was done, in kebab-case: `reveal-holder`.
    pub deed: String,
    /// To what: `desk-0123456789`, `35/1204`, `document 0123456789abcdef`.
    pub subject: String,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// What else belongs to it, such as the span of time that was asked about.
    pub detail: BTreeMap<String, String>,
    /// SHA-256 over this record and the hash of the one before: a record that was changed or
    /// taken away breaks the chain.
    pub hash: Digest,
}
