//! How many came, by hour: what a supervisor asks of a day.

use jiff::civil::Date;

use crate::values::Day;
use crate::{Store, StoreError};

/// How often one thing happened in one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourCount {
    /// Whole hours since 1970, UTC.
    pub hour: i64,
    /// `admit`, `refuse` or `refer`.
    pub decision: String,
    /// Who was at the desk.
    pub operator: Option<String>,
    /// Encounters: of entries that amend one another only the last counts.
    pub count: u64,
    /// How many of them were of something that nobody could read.
    pub unread: u64,
}

impl Store {
    /// The encounters of the days from `from` to `to`, both included, by hour, decision and
    /// operator.
    ///
    /// # Errors
    ///
    /// As any read.
    pub fn hours(&self, from: Date, to: Date) -> Result<Vec<HourCount>, StoreError> {
        self.read(|db| {
            let mut read = db.prepare_cached(
                "SELECT e.at / 3600000000, e.decision, e.operator, count(*),
                        sum(e.reasons IN ('F-UNK', 'F-PART', 'F-FORM'))
                 FROM entries e
                 WHERE e.number >= (SELECT min(first) FROM segments WHERE day >= ?1)
                   AND e.day BETWEEN ?1 AND ?2
                   AND NOT EXISTS (SELECT 1 FROM entries later WHERE later.amends = e.id)
                   AND NOT EXISTS (SELECT 1 FROM entries other
                                   WHERE other.amends = e.amends AND other.number > e.number)
                 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            )?;
            let found = read.query_map((Day(from), Day(to)), |row| {
                Ok(HourCount {
                    hour: row.get(0)?,
                    decision: row.get(1)?,
                    operator: row.get(2)?,
                    count: row.get::<_, i64>(3)?.cast_unsigned(),
                    unread: row.get::<_, i64>(4)?.cast_unsigned(),
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
        let row = |hour, decision: &str, count, unread| HourCount {
            hour,
            decision: decision.to_owned(),
            operator: Some("op-1".to_owned()),
            count,
            unread,
        };
        assert_eq!(
            store.hours(day(0), day(0)).unwrap(),
            [
                row(first, "admit", 2, 0),
                row(first + 1, "refer", 1, 1),
                row(first + 1, "refuse", 1, 0)
            ]
        );
        assert_eq!(store.hours(day(0), day(1)).unwrap()[0].count, 3);
        assert_eq!(store.hours(day(2), day(9)).unwrap(), []);
    }
}
