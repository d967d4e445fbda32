//! Who was where: the questions of an epidemiologist. Each has a reason, and each is noted
//! before it is answered.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::Colour;
use yanma_domain::verdict::Decision;

use crate::entries::Subject;
use crate::field::{self, FieldError, FieldProblem};
use crate::holders::TypedDocument;

/// `POST` [`SiteTraceRequest`] → 200 [`TracePage`], or CSV: who was at this site.
pub const SITE_TRACE_PATH: &str = "/v1/traces/site";
/// `POST` [`HolderTraceRequest`] → 200 [`TracePage`], or CSV: where this holder was.
pub const HOLDER_TRACE_PATH: &str = "/v1/traces/holder";
/// `POST` [`ContactTraceRequest`] → 200 [`TracePage`], or CSV: who else was where this holder
/// was, at about the same time.
pub const CONTACT_TRACE_PATH: &str = "/v1/traces/contacts";

/// The longest span of time in one question, in days.
pub const MAX_DAYS: i64 = 62;
/// Most visits on one page.
pub const MAX_VISITS: usize = 1_000;
/// "About the same time", in minutes, unless another number is given.
pub const USUAL_MINUTES: u32 = 60;

/// Whom a question is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// Whoever has this document.
    Document(TypedDocument),
    /// Whoever has this place in the status list.
    Index(Subject),
}

impl Who {
    fn check(&self) -> Result<(), FieldError> {
        match self {
            Self::Document(document) => document.parse().map(drop),
            Self::Index(_) => Ok(()),
        }
    }
}

/// A span of time, why it is asked about, and which page of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// From this instant on.
    pub from: Timestamp,
    /// Up to this instant, which is no longer part of it; at most 62 days later.
    pub until: Timestamp,
    /// Why, 4 to 200 characters; it is kept.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
    /// `next` of the page before; the first page when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many visits at most, 1 to 1,000; 100 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_VISITS)))]
    pub limit: Option<u32>,
}

impl Span {
    /// The number of visits asked for.
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(100) as usize
    }

    fn check(&self) -> Result<(), FieldError> {
        field::reason("span.reason", &self.reason)?;
        let days = SignedDuration::from_hours(24 * MAX_DAYS);
        field::form("span.until", self.from < self.until)?;
        field::form("span.until", self.until.duration_since(self.from) <= days)?;
        field::form("span.limit", (1..=MAX_VISITS).contains(&self.limit()))
    }
}

/// Who was at a site?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteTraceRequest {
    /// The site's name for programs.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Word"))]
    pub site: String,
    /// When, why and which page.
    pub span: Span,
}

/// Where was a holder?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HolderTraceRequest {
    /// Whom.
    pub who: Who,
    /// When, why and which page.
    pub span: Span,
}

/// Who was where a holder was, at about the same time?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContactTraceRequest {
    /// Whom the others may have met.
    pub who: Who,
    /// How many minutes before and after count, 1 to 1,440.
    #[serde(default = "usual_minutes")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1440)))]
    pub within_minutes: u32,
    /// When, why and which page.
    pub span: Span,
}

const fn usual_minutes() -> u32 {
    USUAL_MINUTES
}

impl SiteTraceRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `site`, `span.until`, `span.reason` or `span.limit`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::word("site", &self.site)?;
        self.span.check()
    }
}

impl HolderTraceRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `number`, `span.until`, `span.reason` or `span.limit`.
    pub fn check(&self) -> Result<(), FieldError> {
        self.who.check()?;
        self.span.check()
    }
}

impl ContactTraceRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// As for [`HolderTraceRequest`], and `within_minutes`.
    pub fn check(&self) -> Result<(), FieldError> {
        self.who.check()?;
        field::form("within_minutes", (1..=1_440).contains(&self.within_minutes))?;
        self.span.check()
    }
}

/// A place in the answer: the site, the instant and the id of a visit, as `gate-1~…~…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(inline, extend("pattern" = "^[a-z0-9-]{1,40}~-?[0-9]+~[0-9a-fA-F-]{32,36}$"))
)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// Where.
    pub site: String,
    /// When, in whole milliseconds.
    pub at: Timestamp,
    /// Which.
    pub id: Uuid,
}

impl TryFrom<String> for Cursor {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        let misfit = || FieldError::new("span.after", FieldProblem::Form);
        let mut parts = text.splitn(3, '~');
        let mut next = || parts.next().ok_or_else(misfit);
        let (site, ms, id) = (next()?, next()?, next()?);
        field::word("span.after", site)?;
        let ms = ms.parse().map_err(|_| misfit())?;
        Ok(Self {
            site: site.to_owned(),
            at: Timestamp::from_millisecond(ms).map_err(|_| misfit())?,
            id: Uuid::try_parse(id).map_err(|_| misfit())?,
        })
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        format!("{}~{}~{}", cursor.site, cursor.at.as_millisecond(), cursor.id.as_simple())
    }
}

/// A page of visits: of one site or one holder in the order of time, of several sites one
/// site after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TracePage {
    /// The visits.
    pub visits: Vec<Visit>,
    /// `after` of the next page; `null` at the end.
    pub next: Option<Cursor>,
}

/// Somebody at a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Visit {
    /// The entry that says so.
    pub id: Uuid,
    /// When, by the desk's clock.
    pub at: Timestamp,
    /// When the authority heard of it, by its own clock: a desk's may be wrong.
    pub received_at: Timestamp,
    /// The visit that this one puts right: the same person, once.
    pub amends: Option<Uuid>,
    /// The site's name for programs.
    pub site: String,
    /// The desk's name for programs.
    pub station: String,
    /// The desk's name for people.
    pub station_name: String,
    /// Who; `null` for somebody without a code.
    pub subject: Option<Subject>,
    /// 张*明; `null` for other regions' holders.
    pub name_masked: Option<String>,
    /// The colour that was judged there.
    pub colour_then: Option<Colour>,
    /// The colour now; `null` for other regions' holders.
    pub colour_now: Option<Colour>,
    /// What the desk said.
    pub decision: Decision,
    /// What the operator did.
    pub action: String,
    /// For contacts: minutes to the nearest visit of the holder that the question is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_apart: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(from: &str, until: &str, reason: &str) -> SiteTraceRequest {
        SiteTraceRequest {
            site: "gate-1".to_owned(),
            span: Span {
                from: from.parse().unwrap(),
                until: until.parse().unwrap(),
                reason: reason.to_owned(),
                after: None,
                limit: None,
            },
        }
    }

    #[test]
    fn a_question_has_a_reason_and_an_end() {
        let good = request("2020-07-01T00:00:00Z", "2020-09-01T00:00:00Z", "case 7");
        assert_eq!(good.check(), Ok(()));
        for (from, until, reason, field) in [
            ("2020-07-01T00:00:00Z", "2020-07-01T00:00:00Z", "case 7", "span.until"),
            ("2020-07-02T00:00:00Z", "2020-07-01T00:00:00Z", "case 7", "span.until"),
            ("2020-07-01T00:00:00Z", "2020-09-01T00:00:00.001Z", "case 7", "span.until"),
            ("2020-07-01T00:00:00Z", "2020-07-02T00:00:00Z", "", "span.reason"),
        ] {
            assert_eq!(request(from, until, reason).check().unwrap_err().field, field);
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let cursor = Cursor {
            site: "gate-1".to_owned(),
            at: "2020-07-01T08:00:00.123Z".parse().unwrap(),
            id: Uuid::from_u128(7),
        };
        let text = String::from(cursor.clone());
        assert_eq!(Cursor::try_from(text), Ok(cursor));
        for bad in ["", "~~", "gate-1", "gate-1~x~7", "A~1~7", "gate-1~1~'; DROP TABLE entries"] {
            assert!(Cursor::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
