//! Reading the log: one entry, the last few, a search, an export.

use std::collections::VecDeque;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::chain::parts;
use super::texts::{Wanted, where_it_may_be};
use super::{Details, Entry, EntryNumber};
use crate::outbox::Upload;
use crate::values::{Day, Micros};
use crate::{Store, StoreError};

/// Which entries to read. The default takes the newest hundred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Part of a masked name or document, a reason code, an operator or a site. Case counts
    /// for nothing in ASCII letters. Details that are gone cannot be found.
    pub text: Option<String>,
    /// Only this decision.
    pub decision: Option<String>,
    /// The first day, inclusive.
    pub from: Option<Date>,
    /// The last day, inclusive.
    pub to: Option<Date>,
    /// Only what happened at this instant or later. With `from`, so that not the whole log is
    /// looked through.
    pub since: Option<Timestamp>,
    /// Only what happened before this instant. With `to`.
    pub until: Option<Timestamp>,
    /// Only numbers below this one: the next page begins below the last row of this one.
    pub before: Option<EntryNumber>,
    /// At most so many.
    pub limit: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            text: None,
            decision: None,
            from: None,
            to: None,
            since: None,
            until: None,
            before: None,
            limit: 100,
        }
    }
}

impl Filter {
    /// The text that is searched for, if any.
    pub(super) fn searched(&self) -> Option<&str> {
        self.text.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }
}

impl Store {
    /// The entries that match, newest first.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn search(&self, filter: &Filter) -> Result<Vec<Entry>, StoreError> {
        self.read(|db| newest(db, filter))
    }

    /// The entry with this id.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn entry(&self, id: Uuid) -> Result<Option<Entry>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!("{SELECT} WHERE e.id = ?1"))?;
            Ok(read.query_row([id.into_bytes()], from_row).optional()?)
        })
    }

    /// The entry that amends this one; the newest, where an older program wrote two.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn amendment(&self, id: Uuid) -> Result<Option<Uuid>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT id FROM entries WHERE amends = ?1 ORDER BY number DESC LIMIT 1",
            )?;
            let found = read.query_row([id.into_bytes()], |row| row.get(0)).optional()?;
            Ok(found.map(Uuid::from_bytes))
        })
    }

    /// The newest `count` entries, newest first.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn last(&self, count: u32) -> Result<Vec<Entry>, StoreError> {
        self.search(&Filter { limit: count, ..Filter::default() })
    }

    /// The entries after this number, oldest first, `limit` at most.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn after(&self, number: EntryNumber, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let filter = Filter { limit, ..Filter::default() };
        self.read(|db| oldest_after(db, &filter, number.column()))
    }

    /// All entries that match, oldest first, a few hundred in memory at a time. `before` and
    /// `limit` of the filter count for nothing here. Entries appended meanwhile may appear at
    /// the end.
    #[must_use]
    pub fn export(&self, filter: &Filter) -> Export<'_> {
        let filter = Filter { limit: EXPORT_PAGE, before: None, ..filter.clone() };
        Export { store: self, filter, read: VecDeque::new(), after: 0, ended: false }
    }
}

const EXPORT_PAGE: u32 = 256;

/// See [`Store::export`].
#[derive(Debug)]
pub struct Export<'a> {
    store: &'a Store,
    filter: Filter,
    read: VecDeque<Entry>,
    after: i64,
    ended: bool,
}

impl Iterator for Export<'_> {
    type Item = Result<Entry, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.read.is_empty() && !self.ended {
            match self.store.read(|db| oldest_after(db, &self.filter, self.after)) {
                Ok(page) => {
                    self.ended = page.is_empty();
                    self.read = page.into();
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        let entry = self.read.pop_front()?;
        self.after = entry.number.column();
        Some(Ok(entry))
    }
}

const SELECT: &str = "
SELECT e.number, e.id, e.at, e.day, e.decision, e.colour, e.reasons, e.methods, e.operator,
       e.site, e.amends, e.body, e.hash, d.receipt, d.search,
       o.state, o.attempts, o.next_attempt_at, o.reason
FROM entries e
LEFT JOIN details d ON d.number = e.number
LEFT JOIN outbox o ON o.number = e.number";

/// The newest that match, the newest first.
fn newest(db: &Connection, filter: &Filter) -> Result<Vec<Entry>, StoreError> {
    let Some((first, last)) = numbers_of(db, filter)? else { return Ok(Vec::new()) };
    let before = filter.before.map_or(i64::MAX, EntryNumber::column);
    let last = last.min(before.saturating_sub(1));
    let Some(wanted) = Wanted::of(filter) else {
        return page(db, filter, (first, last), filter.limit, "DESC");
    };
    let mut found = Vec::new();
    where_it_may_be(db, (first, last), &wanted, |from, to| {
        let left = filter.limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        found.extend(page(db, filter, (from, to), left, "DESC")?);
        Ok(found.len() < filter.limit as usize)
    })?;
    Ok(found)
}

/// The oldest after this number that match, the oldest first.
fn oldest_after(db: &Connection, filter: &Filter, after: i64) -> Result<Vec<Entry>, StoreError> {
    let Some((first, last)) = numbers_of(db, filter)? else { return Ok(Vec::new()) };
    let before = filter.before.map_or(i64::MAX, EntryNumber::column);
    let range = (first.max(after.saturating_add(1)), last.min(before.saturating_sub(1)));
    page(db, filter, range, filter.limit, "ASC")
}

/// Those that match of the numbers from `first` to `last`, at most so many.
fn page(
    db: &Connection,
    filter: &Filter,
    (first, last): (i64, i64),
    limit: u32,
    direction: &str,
) -> Result<Vec<Entry>, StoreError> {
    let mut read = db.prepare_cached(&format!(
        "{SELECT}
         WHERE e.number BETWEEN ?1 AND ?2
           AND (?3 IS NULL OR e.decision = ?3)
           AND (?4 IS NULL OR e.day >= ?4)
           AND (?5 IS NULL OR e.day <= ?5)
           AND (?8 IS NULL OR e.at >= ?8)
           AND (?9 IS NULL OR e.at < ?9)
           AND (?6 IS NULL OR d.search LIKE ?6 ESCAPE '\\' OR e.reasons LIKE ?6 ESCAPE '\\'
                OR e.operator LIKE ?6 ESCAPE '\\' OR e.site LIKE ?6 ESCAPE '\\')
         ORDER BY e.number {direction} LIMIT ?7"
    ))?;
    let found = read.query_map(
        (
            first,
            last,
            filter.decision.as_deref(),
            filter.from.map(Day),
            filter.to.map(Day),
            filter.searched().map(containing),
            limit,
            filter.since.map(Micros),
            filter.until.map(Micros),
        ),
        from_row,
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The first and the last number that days of the filter may have; `None` when no entry is of
/// such a day. The days of a log of years are a few hundred segments, and what lies outside of
/// them is not looked at.
fn numbers_of(db: &Connection, filter: &Filter) -> Result<Option<(i64, i64)>, StoreError> {
    let mut read = db.prepare_cached(
        "SELECT min(first), max(last) FROM segments
         WHERE (?1 IS NULL OR day >= ?1) AND (?2 IS NULL OR day <= ?2)",
    )?;
    let found: (Option<i64>, Option<i64>) = read
        .query_row((filter.from.map(Day), filter.to.map(Day)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(found.0.zip(found.1))
}

/// A LIKE pattern for texts that contain `text` as it is.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let details = match row.get::<_, Option<Vec<u8>>>(13)? {
        Some(receipt) => Some(Details { receipt, search: parts(&row.get::<_, String>(14)?, '\n') }),
        None => None,
    };
    Ok(Entry {
        number: EntryNumber::from_column(row.get(0)?),
        id: Uuid::from_bytes(row.get(1)?),
        at: row.get(2).map(|Micros(at)| at)?,
        day: row.get(3).map(|Day(day)| day)?,
        decision: row.get(4)?,
        colour: row.get(5)?,
        reasons: parts(&row.get::<_, String>(6)?, ' '),
        methods: parts(&row.get::<_, String>(7)?, ' '),
        operator: row.get(8)?,
        site: row.get(9)?,
        amends: row.get::<_, Option<[u8; 16]>>(10)?.map(Uuid::from_bytes),
        body: row.get(11)?,
        hash: row.get(12)?,
        details,
        upload: Upload::from_row(row, 15)?,
    })
}
