//! How often what happened, by hour, and how long it took: what a supervisor asks of a day.
//!
//! What was done with a person is the `action` of an entry's body, and `none` while only the
//! verdict stands.

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::entries::parts;
use crate::values::Day;
use crate::{Store, StoreError};

/// How often one thing happened in one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourCount {
    /// Whole hours since 1970, UTC.
    pub hour: i64,
    /// `admit`, `refuse` or `refer`.
    pub decision: String,
    /// The reason codes of the verdict.
    pub reasons: Vec<String>,
    /// Who was at the desk.
    pub operator: Option<String>,
    /// Whether something was done with the person.
    pub done: bool,
    /// Encounters: of entries that amend one another only the last counts.
    pub count: u64,
}

/// An encounter in which something was done with the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Whole hours since 1970, UTC, as [`HourCount::hour`] has them.
    pub hour: i64,
    /// Who was at the desk.
    pub operator: Option<String>,
    /// From the first reading to the word on what was done. Below nought where the clock was set
    /// back in between.
    pub took: SignedDuration,
}

/// The last word of every encounter of some days.
const LAST_WORDS: &str = "
    e.number >= (SELECT min(first) FROM segments WHERE day >= ?1)
    AND e.day BETWEEN ?1 AND ?2
    AND NOT EXISTS (SELECT 1 FROM entries later WHERE later.amends = e.id)
    AND NOT EXISTS (SELECT 1 FROM entries other
                    WHERE other.amends = e.amends AND other.number > e.number)";

/// Whether an entry says that something was done; only what amends another does.
const IS_DONE: &str = "(e.amends IS NOT NULL
    AND coalesce(json_extract(CAST(e.body AS TEXT), '$.action') <> 'none', 0))";

impl Store {
    /// The encounters of the days from `from` to `to`, both included, by hour, decision, reasons,
    /// operator and whether something was done.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn hours(&self, from: Date, to: Date) -> Result<Vec<HourCount>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!(
                "SELECT e.at / 3600000000, e.decision, e.reasons, e.operator, {IS_DONE}, count(*)
                 FROM entries e WHERE {LAST_WORDS}
                 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
            ))?;
            let found = read.query_map((Day(from), Day(to)), |row| {
                Ok(HourCount {
                    hour: row.get(0)?,
                    decision: row.get(1)?,
                    reasons: parts(&row.get::<_, String>(2)?, ' '),
                    operator: row.get(3)?,
                    done: row.get(4)?,
                    count: row.get::<_, i64>(5)?.cast_unsigned(),
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// How long each encounter of the days from `from` to `to` took, both included, in no order.
    /// One whose beginning is kept no longer is not among them.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn answered(&self, from: Date, to: Date) -> Result<Vec<Answered>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(&format!(
                "WITH RECURSIVE chain (hour, operator, answered, began, amends) AS (
                     SELECT e.at / 3600000000, e.operator, e.at, e.at, e.amends
                     FROM entries e WHERE {LAST_WORDS} AND {IS_DONE}
                     UNION ALL
                     SELECT chain.hour, chain.operator, iif({IS_DONE}, e.at, chain.answered),
                            e.at, e.amends
                     FROM chain JOIN entries e ON e.id = chain.amends
                 )
                 SELECT hour, operator, answered - began FROM chain WHERE amends IS NULL"
            ))?;
            let found = read.query_map((Day(from), Day(to)), |row| {
                Ok(Answered {
                    hour: row.get(0)?,
                    operator: row.get(1)?,
                    took: SignedDuration::from_micros(row.get(2)?),
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, day, entry, fresh};

    const DONE: &[u8] = br#"{"action":"admitted"}"#;

    #[test]
    fn an_encounter_counts_once_as_it_ended() {
        let (_folder, store) = fresh();
        for n in 1..=3 {
            store.append(&entry(n, day(0))).unwrap();
        }
        let mut later = entry(4, day(0));
        later.amends = Some(entry(3, day(0)).id);
        later.decision = "refuse";
        later.at = at(3601);
        store.append(&later).unwrap();
        let mut unread = entry(5, day(0));
        (unread.decision, unread.reasons, unread.at) = ("refer", &["F-UNK"], at(3602));
        store.append(&unread).unwrap();
        store.append(&entry(6, day(1))).unwrap();
        // An older program could write two words on one entry; the later one counts.
        let mut twice = entry(7, day(0));
        (twice.amends, twice.decision, twice.at) = (later.amends, "refuse", at(3603));
        store.append(&twice).unwrap();

        let first = at(0).as_second() / 3600;
        let row = |hour, decision: &str, reason: &str, count| HourCount {
            hour,
            decision: decision.to_owned(),
            reasons: parts(reason, ' '),
            operator: Some("op-1".to_owned()),
            done: false,
            count,
        };
        assert_eq!(
            store.hours(day(0), day(0)).unwrap(),
            [
                row(first, "admit", "", 2),
                row(first + 1, "refer", "F-UNK", 1),
                row(first + 1, "refuse", "", 1)
            ]
        );
        assert_eq!(store.hours(day(0), day(1)).unwrap()[0].count, 3);
        assert_eq!(store.hours(day(2), day(9)).unwrap(), []);
    }

    #[test]
    fn what_was_done_counts_apart_and_says_how_long_it_took() {
        let (_folder, store) = fresh();
        let word = |n, amends: Option<u64>, seconds, body: &[u8]| {
            let mut word = entry(n, day(0));
            word.amends = amends.map(|amends| entry(amends, day(0)).id);
            (word.at, word.body) = (at(seconds), body.to_vec());
            store.append(&word).unwrap();
        };
        word(1, None, 10, br#"{"action":"none"}"#);
        word(2, Some(1), 14, br#"{"action":"none"}"#);
        word(3, Some(2), 22, DONE);
        word(4, None, 30, br#"{"action":"none"}"#);
        word(5, Some(4), 33, DONE);
        // The authority's word came when somebody was inside already.
        word(6, Some(5), 50, DONE);
        word(7, None, 60, br#"{"action":"none"}"#);
        word(8, Some(7), 61, br#"{"action":"none"}"#);
        word(9, None, 70, br#"{"action":"none"}"#);
        word(10, Some(9), 65, DONE);
        word(11, Some(77), 80, DONE);
        let hours = store.hours(day(0), day(0)).unwrap();
        let counts: Vec<_> = hours.iter().map(|hour| (hour.done, hour.count)).collect();
        assert_eq!(counts, [(false, 1), (true, 4)]);
        let mut took: Vec<_> =
            store.answered(day(0), day(0)).unwrap().iter().map(|one| one.took.as_secs()).collect();
        took.sort_unstable();
        assert_eq!(took, [-5, 3, 12], "from the first reading to the first word on what was done");
        assert_eq!(store.answered(day(1), day(9)).unwrap(), []);
    }
}
