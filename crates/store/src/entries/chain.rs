//! What an entry's hash covers, byte for byte.
//!
//! ```text
//! hash = SHA-256( "yanma-entry-v1" ‖ previous hash (32) ‖ number (u64)
//!                 ‖ id (16) ‖ at (i64 microseconds since 1970) ‖ day ‖ decision ‖ colour?
//!                 ‖ reasons ‖ methods ‖ operator? ‖ site? ‖ amends? ‖ body
//!                 ‖ details digest (32) )
//! details digest = SHA-256( "yanma-details-v1" ‖ salt (16) ‖ receipt ‖ search )
//! ```
//!
//! Numbers are big-endian. Texts and byte strings have their length before them as a u64; an
//! optional one has the byte 0 when it is absent and 1 before it when it is there. Reasons and
//! methods are joined by a space, search texts by a line feed. The hash before the first
//! entry is 32 zero bytes.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Row, Transaction};
use sha2::{Digest, Sha256};

use super::NewEntry;
use crate::StoreError;
use crate::values::{Day, Micros};

/// What the first entry is chained to.
pub(crate) const START: [u8; 32] = [0; 32];

/// An entry in the form its columns have, which is also the form that is hashed.
pub(crate) struct Columns {
    id: [u8; 16],
    at: Timestamp,
    day: Date,
    decision: String,
    colour: Option<String>,
    reasons: String,
    methods: String,
    operator: Option<String>,
    site: Option<String>,
    amends: Option<[u8; 16]>,
    body: Vec<u8>,
    details_digest: [u8; 32],
    pub(crate) search: String,
}

impl Columns {
    pub(crate) fn of(entry: &NewEntry<'_>) -> Result<Self, StoreError> {
        let search = joined("search", entry.search.iter().map(String::as_str), '\n')?;
        Ok(Self {
            id: entry.id.into_bytes(),
            at: entry.at,
            day: entry.day,
            decision: entry.decision.to_owned(),
            colour: entry.colour.map(str::to_owned),
            reasons: joined("reasons", entry.reasons.iter().copied(), ' ')?,
            methods: joined("methods", entry.methods.iter().copied(), ' ')?,
            operator: entry.operator.map(str::to_owned),
            site: entry.site.map(str::to_owned),
            amends: entry.amends.map(uuid::Uuid::into_bytes),
            body: entry.body.clone(),
            details_digest: digest(&entry.receipt_salt, &entry.receipt, &search),
            search,
        })
    }

    /// The columns from `id` to `details_digest`, in the table's order.
    pub(crate) const NAMES: &str = "id, at, day, decision, colour, reasons, methods, operator, \
                                    site, amends, body, details_digest";

    /// Reads [`Columns::NAMES`] from column `first` on; the search texts stay empty.
    pub(crate) fn from_row(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(first)?,
            at: row.get(first + 1).map(|Micros(at)| at)?,
            day: row.get(first + 2).map(|Day(day)| day)?,
            decision: row.get(first + 3)?,
            colour: row.get(first + 4)?,
            reasons: row.get(first + 5)?,
            methods: row.get(first + 6)?,
            operator: row.get(first + 7)?,
            site: row.get(first + 8)?,
            amends: row.get(first + 9)?,
            body: row.get(first + 10)?,
            details_digest: row.get(first + 11)?,
            search: String::new(),
        })
    }

    pub(crate) fn day(&self) -> Date {
        self.day
    }

    pub(crate) fn details_digest(&self) -> &[u8; 32] {
        &self.details_digest
    }

    pub(crate) fn hash(&self, previous: &[u8; 32], number: i64) -> [u8; 32] {
        let mut hasher = Framed::new(b"yanma-entry-v1");
        hasher.raw(previous);
        hasher.raw(&number.to_be_bytes());
        hasher.raw(&self.id);
        hasher.raw(&self.at.as_microsecond().to_be_bytes());
        hasher.framed(self.day.to_string().as_bytes());
        hasher.framed(self.decision.as_bytes());
        hasher.optional(self.colour.as_deref().map(str::as_bytes));
        hasher.framed(self.reasons.as_bytes());
        hasher.framed(self.methods.as_bytes());
        hasher.optional(self.operator.as_deref().map(str::as_bytes));
        hasher.optional(self.site.as_deref().map(str::as_bytes));
        hasher.optional(self.amends.as_ref().map(<[u8; 16]>::as_slice));
        hasher.framed(&self.body);
        hasher.raw(&self.details_digest);
        hasher.finish()
    }

    pub(crate) fn insert(
        &self,
        db: &Transaction<'_>,
        number: i64,
        previous: &[u8; 32],
        hash: &[u8; 32],
    ) -> rusqlite::Result<()> {
        db.prepare_cached(
            "INSERT INTO entries (number, id, at, day, decision, colour, reasons, methods,
                 operator, site, amends, body, details_digest, previous, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(rusqlite::params![
            number,
            self.id,
            Micros(self.at),
            Day(self.day),
            self.decision,
            self.colour,
            self.reasons,
            self.methods,
            self.operator,
            self.site,
            self.amends,
            self.body,
            self.details_digest,
            previous,
            hash,
        ])?;
        Ok(())
    }
}

/// The digest of the personal part. The salt keeps it from confirming a guess: names and
/// numbers are few enough to try them all.
pub(crate) fn digest(salt: &[u8; 16], receipt: &[u8], search: &str) -> [u8; 32] {
    let mut hasher = Framed::new(b"yanma-details-v1");
    hasher.raw(salt);
    hasher.framed(receipt);
    hasher.framed(search.as_bytes());
    hasher.finish()
}

/// Parts in one text, only if they can be told apart again.
fn joined<'a>(
    field: &'static str,
    parts: impl Iterator<Item = &'a str>,
    separator: char,
) -> Result<String, StoreError> {
    let mut text = String::new();
    for (i, part) in parts.enumerate() {
        if part.is_empty() {
            return Err(StoreError::BadEntry { field, problem: "an empty text" });
        }
        if part.contains(separator) {
            return Err(StoreError::BadEntry { field, problem: "a separator within a text" });
        }
        if i > 0 {
            text.push(separator);
        }
        text.push_str(part);
    }
    Ok(text)
}

/// The parts that [`joined`] put together.
pub(crate) fn parts(text: &str, separator: char) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { text.split(separator).map(str::to_owned).collect() }
}

/// SHA-256 over parts that cannot run into each other.
pub(crate) struct Framed(Sha256);

impl Framed {
    pub(crate) fn new(namespace: &[u8]) -> Self {
        Self(Sha256::new().chain_update(namespace))
    }

    /// A part of fixed length.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn framed(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn optional(&mut self, bytes: Option<&[u8]>) {
        self.0.update([u8::from(bytes.is_some())]);
        if let Some(bytes) = bytes {
            self.framed(bytes);
        }
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{day, entry};

    /// The bytes covered are a format: files in the field carry these hashes. The value was
    /// computed a second time from the description above, with another program.
    #[test]
    fn the_hash_is_pinned() {
        let columns = Columns::of(&entry(1, day(0))).unwrap();
        assert_eq!(
            hex::encode(columns.hash(&START, 1)),
            "5000f1467b0d95d44e210b492730c26fd404b521b1f531df1f409facff5d2896"
        );
    }

    #[test]
    fn texts_that_could_not_be_told_apart_are_refused() {
        let check = |field: &str, change: fn(&mut NewEntry<'static>)| {
            let mut new = entry(1, day(0));
            change(&mut new);
            let got = Columns::of(&new).map(|_| ());
            assert!(
                matches!(got, Err(StoreError::BadEntry { field: f, .. }) if f == field),
                "{field}: {got:?}"
            );
        };
        check("reasons", |e| e.reasons = &["S-EXP C-ORA"]);
        check("reasons", |e| e.reasons = &[""]);
        check("methods", |e| e.methods = &["code", ""]);
        check("search", |e| e.search = vec!["a\nb".to_owned()]);
        check("search", |e| e.search = vec![String::new()]);
    }

    #[test]
    fn parts_come_back() {
        for case in [&[][..], &["a"], &["a", "b", "c"]] {
            let text = joined("reasons", case.iter().copied(), ' ').unwrap();
            assert_eq!(parts(&text, ' '), case);
        }
    }
}
