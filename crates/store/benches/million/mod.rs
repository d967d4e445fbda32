//! A million entries, written past the store: as many durable ones would take an hour.

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;

/// How many.
pub(crate) const ENTRIES: i64 = 1_000_000;
/// Microseconds from one entry to the next, so that 2,500 fill a day.
const APART: i64 = 34_000_000;

/// The log of a place, over how many days it reaches and since when.
pub(crate) struct Log {
    pub(crate) begin: Date,
    pub(crate) a_day: i64,
}

impl Log {
    /// The day of the entry of this number.
    pub(crate) fn day(&self, number: i64) -> Date {
        self.begin + Span::new().days(number / self.a_day)
    }

    /// Writes it, with bodies and receipts as large as real ones; all of it was sent.
    pub(crate) fn fill(&self, mut db: Connection) -> rusqlite::Result<()> {
        db.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;")?;
        let begin =
            self.begin.to_zoned(TimeZone::UTC).map_or(0, |day| day.timestamp().as_microsecond());
        let apart = APART.min(86_000_000_000 / self.a_day);
        let all = db.transaction()?;
        {
            let mut entry = all.prepare(
                "INSERT INTO entries (number, id, at, day, decision, colour, reasons, methods,
                     operator, site, body, details_digest, previous, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, 'green', ?6, 'code card', 'op-1', 'hospital-1',
                     zeroblob(700), zeroblob(32), zeroblob(32), zeroblob(32))",
            )?;
            let mut details = all.prepare(
                "INSERT INTO details (number, salt, receipt, search)
                 VALUES (?1, zeroblob(16), zeroblob(900), ?2)",
            )?;
            let mut outbox =
                all.prepare("INSERT INTO outbox (number, state, attempts) VALUES (?1, 1, 1)")?;
            for n in 1..=ENTRIES {
                let mut id = [0; 16];
                id[8..].copy_from_slice(&n.to_be_bytes());
                let at = begin + n / self.a_day * 86_400_000_000 + n % self.a_day * apart;
                let (decision, reasons) =
                    if n % 50 == 0 { ("refuse", "C-ORA") } else { ("admit", "") };
                entry.execute((n, id, at, self.day(n).to_string(), decision, reasons))?;
                let search = format!("张*{}\n3501**********{:04}", n % 997, n % 10_000);
                details.execute((n, search))?;
                outbox.execute([n])?;
            }
            let mut segment = all.prepare(
                "INSERT INTO segments (first, last, day, previous, head)
                 VALUES (?1, ?2, ?3, zeroblob(32), zeroblob(32))",
            )?;
            for first in (0..=ENTRIES).step_by(usize::try_from(self.a_day).unwrap_or(1)) {
                let (from, to) = (first.max(1), (first + self.a_day - 1).min(ENTRIES));
                segment.execute((from, to, self.day(first).to_string()))?;
            }
        }
        all.commit()
    }
}
