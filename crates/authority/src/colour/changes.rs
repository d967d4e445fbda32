//! The table `colour_changes`: a row for each change of a code's colour, written in the change
//! that changes it.
//!
//! A row has what the engine gave: the rules by their number, the facts in force with their
//! ids and ends, and what was reported when it happened. The words are not in it; they are
//! those of the rules of that number, which are kept (`colour_schemes`).
//!
//! What is no row: a code that is green when it is claimed, whose first colour follows from
//! the row after it, which says since when that one was; and other facts behind the same
//! colour. So a province of 20.71 million holders begins with a row for each that is not
//! green, and a change of the rules writes one for each whose colour it changes: everybody
//! about whom something was reported is looked at, a thousand documents in a commit, and at
//! one in a hundred who turn from amber to red, say, that is 207,100 rows of some 200 bytes.
//! Those who keep their colour under the new rules are written nothing, except for the instant
//! at which it may change next.
//!
//! The key is the shard and the revision that the change gave the code: unique by itself, so
//! nothing is counted up for it, and in the order of the changes within the shard, so that
//! what is too old is at the front (`crate::retention`). It is not in days, as entries are:
//! what is asked for is all days of one holder at once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_domain::{Colour, StatusIndex};
use yanma_protocol::facts::FactKind;

use super::{Evaluation, Fact};
use crate::database::stored::{colour, instant, instant_or_none, ms};
use crate::database::{Change, Ddl, Row, Rows, Session, ToValue, Value, params};
use crate::error::Error;
use crate::lists::Shard;

/// The table.
pub(crate) const CHANGES: &str = "colour_changes";

pub(crate) const CHANGES_8: Ddl = Ddl {
    sqlite: "
CREATE TABLE colour_changes (
    shard         INTEGER NOT NULL CHECK (shard = (holder & 63)),
    -- That the code got with this change.
    revision      INTEGER NOT NULL,
    -- The status index of the code.
    holder        INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    -- NULL: the code was claimed.
    colour_before INTEGER CHECK (colour_before BETWEEN 0 AND 3),
    -- Since when that was its colour.
    before_since  INTEGER,
    colour        INTEGER NOT NULL CHECK (colour BETWEEN 0 AND 3),
    -- The generation of the rules.
    scheme        INTEGER NOT NULL,
    -- 1 claim, 2 report, 3 time, 4 other rules, 5 withdrawal.
    cause         INTEGER NOT NULL CHECK (cause BETWEEN 1 AND 5),
    -- When it ends by itself, as far as was known.
    ends_at       INTEGER,
    -- JSON: the facts behind the colour, and what was reported.
    reasons       TEXT NOT NULL,
    PRIMARY KEY (shard, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX colour_changes_of_holder ON colour_changes (holder);
",
    postgres: "
CREATE TABLE colour_changes (
    shard         BIGINT NOT NULL CHECK (shard = (holder & 63)),
    revision      BIGINT NOT NULL,
    holder        BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    colour_before BIGINT CHECK (colour_before BETWEEN 0 AND 3),
    before_since  BIGINT,
    colour        BIGINT NOT NULL CHECK (colour BETWEEN 0 AND 3),
    scheme        BIGINT NOT NULL,
    cause         BIGINT NOT NULL CHECK (cause BETWEEN 1 AND 5),
    ends_at       BIGINT,
    reasons       TEXT NOT NULL,
    PRIMARY KEY (shard, revision)
);
CREATE INDEX colour_changes_of_holder ON colour_changes (holder);
",
};

/// The columns, in the order of [`ColourChange::values`].
pub(crate) const COLUMNS: [&str; 11] = [
    "shard",
    "revision",
    "holder",
    "changed_at",
    "colour_before",
    "before_since",
    "colour",
    "scheme",
    "cause",
    "ends_at",
    "reasons",
];

/// A fact on file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownFact {
    pub(crate) id: Uuid,
    pub(crate) fact: Fact,
}

/// A change of a code's colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColourChange {
    pub(crate) index: StatusIndex,
    /// That the code got with it.
    pub(crate) revision: i64,
    pub(crate) at: Timestamp,
    /// What it was before, and since when; `None` for a claim.
    pub(crate) before: Option<(Colour, Timestamp)>,
    pub(crate) colour: Colour,
    /// The generation of the rules.
    pub(crate) scheme: u32,
    pub(crate) cause: Cause,
    pub(crate) reasons: Reasons,
}

/// Why a colour changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Claim,
    /// Something was reported, or taken back.
    Report,
    Time,
    /// Other rules.
    Rules,
    Withdrawal,
}

impl Cause {
    const ALL: [(Self, u8); 5] = [
        (Self::Claim, 1),
        (Self::Report, 2),
        (Self::Time, 3),
        (Self::Rules, 4),
        (Self::Withdrawal, 5),
    ];

    fn code(self) -> u8 {
        Self::ALL.iter().find(|(cause, _)| *cause == self).map_or(0, |(_, code)| *code)
    }

    fn from_code(code: u8) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|(_, of)| *of == code);
        found.map(|(cause, _)| *cause).ok_or(Error::Damaged("cause"))
    }
}

/// What a colour was computed from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reasons {
    /// The facts in force; none for green.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) because: Vec<Reason>,
    /// What was reported about the person in the batch that changed the colour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reports: Vec<Report>,
}

/// A reason as the engine gives it, without its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reason {
    pub(crate) kind: FactKind,
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub(crate) since: Timestamp,
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub(crate) until: Option<Timestamp>,
    /// The facts of this kind and instant: two departments may report the same.
    pub(crate) facts: Vec<Uuid>,
}

/// A fact that was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) id: Uuid,
    pub(crate) kind: FactKind,
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub(crate) at: Timestamp,
    /// For a retraction: the fact that was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) takes_back: Option<TakenBack>,
}

/// A fact that counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TakenBack {
    pub(crate) id: Uuid,
    pub(crate) kind: FactKind,
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub(crate) at: Timestamp,
}

impl Reasons {
    /// What the engine gives, with the facts that it was given.
    pub(crate) fn of(evaluation: &Evaluation, facts: &[KnownFact], reports: &[Report]) -> Self {
        let because = evaluation.because.iter().map(|because| {
            let (kind, since, until) = (because.kind, because.since, because.until);
            let of =
                |known: &&KnownFact| (known.fact.kind, known.fact.occurred_at) == (kind, since);
            let facts = facts.iter().filter(of).map(|known| known.id).collect();
            Reason { kind, since, until, facts }
        });
        Self { because: because.collect(), reports: reports.to_vec() }
    }

    /// When the colour ends by itself; `None` when a reason for it has no end, or there is
    /// none.
    pub(crate) fn ends_at(&self) -> Option<Timestamp> {
        let ends: Option<Vec<_>> = self.because.iter().map(|reason| reason.until).collect();
        ends?.into_iter().max()
    }
}

impl ColourChange {
    /// The row, in the order of [`COLUMNS`].
    ///
    /// # Errors
    ///
    /// None that can happen: the reasons are plain.
    pub(crate) fn values(&self) -> Result<[Value; COLUMNS.len()], Error> {
        let reasons =
            serde_json::to_string(&self.reasons).map_err(|_| Error::Damaged("reasons"))?;
        Ok([
            Shard::of(self.index).to_value(),
            self.revision.to_value(),
            self.index.0.to_value(),
            ms(self.at).to_value(),
            self.before.map(|(colour, _)| colour.bits()).to_value(),
            self.before.map(|(_, since)| ms(since)).to_value(),
            self.colour.bits().to_value(),
            self.scheme.to_value(),
            self.cause.code().to_value(),
            self.reasons.ends_at().map(ms).to_value(),
            Value::Text(reasons),
        ])
    }
}

/// Up to so many rows go with statements that are kept prepared; `COPY` is prepared anew.
const FEW: usize = 16;

/// Keeps changes, in the change that makes them.
pub(crate) fn insert(change: &Change<'_>, changes: &[ColourChange]) -> Result<(), Error> {
    let mut rows = Rows::new(CHANGES, &COLUMNS);
    for of_code in changes {
        rows.push(of_code.values()?)?;
    }
    if rows.len() > FEW {
        return change.append(&rows);
    }
    let rows: Vec<_> = rows.iter().map(<[Value]>::to_vec).collect();
    change.insert_all(CHANGES, &COLUMNS, &rows, "RETURNING 1 AS one", |_| Ok(())).map(drop)
}

/// The changes of a code's colour, the newest first, `limit` at most.
pub(crate) fn of_code(
    session: &Session<'_>,
    index: StatusIndex,
    limit: usize,
) -> Result<Vec<ColourChange>, Error> {
    let sql = format!(
        "SELECT {} FROM colour_changes WHERE holder = $1 AND shard = $2
         ORDER BY revision DESC LIMIT $3",
        COLUMNS.join(", ")
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    session.rows(&sql, params![index.0, Shard::of(index), limit], read)
}

fn read(row: &Row<'_>) -> Result<ColourChange, Error> {
    let reasons: String = row.get("reasons")?;
    let before = match instant_or_none(row, "before_since")? {
        Some(since) => Some((colour(row, "colour_before")?, since)),
        None => None,
    };
    Ok(ColourChange {
        index: StatusIndex(row.get("holder")?),
        revision: row.get("revision")?,
        at: instant(row, "changed_at")?,
        before,
        colour: colour(row, "colour")?,
        scheme: row.get("scheme")?,
        cause: Cause::from_code(row.get("cause")?)?,
        reasons: serde_json::from_str(&reasons).map_err(|_| Error::Damaged("reasons"))?,
    })
}

/// When the oldest change of a shard that is kept was.
pub(crate) fn oldest(session: &Session<'_>, shard: Shard) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT changed_at FROM colour_changes WHERE shard = $1
         ORDER BY revision LIMIT 1";
    session.row(sql, params![shard], |row| instant(row, "changed_at"))
}

/// Removes the oldest changes of a shard: those of before `before`, up to the first that is
/// not, `limit` at most. Returns how many there were.
pub(crate) fn remove_before(
    change: &Change<'_>,
    shard: Shard,
    before: Timestamp,
    limit: u32,
) -> Result<u64, Error> {
    let sql = "SELECT revision, changed_at FROM colour_changes WHERE shard = $1
         ORDER BY revision LIMIT $2";
    let first = change.rows(sql, params![shard, limit], |row| {
        Ok((row.get::<i64>("revision")?, row.get::<i64>("changed_at")?))
    })?;
    let old = first.into_iter().take_while(|(_, at)| *at < ms(before));
    let Some((last, _)) = old.last() else {
        return Ok(0);
    };
    change.execute(
        "DELETE FROM colour_changes WHERE shard = $1 AND revision <= $2",
        params![shard, last],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::Scheme;
    use crate::database::testing::with_change;

    const NOW: &str = "2020-07-01T00:00:00Z";

    fn hours(after: i64) -> Timestamp {
        NOW.parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(after)
    }

    fn change_of(index: u32, revision: i64, at: Timestamp) -> ColourChange {
        ColourChange {
            index: StatusIndex(index),
            revision,
            at,
            before: Some((Colour::Green, hours(-9))),
            colour: Colour::Amber,
            scheme: 1,
            cause: Cause::Report,
            reasons: Reasons::default(),
        }
    }

    fn known(tail: u128, kind: FactKind, occurred_at: Timestamp) -> KnownFact {
        KnownFact { id: Uuid::from_u128(tail), fact: Fact { kind, occurred_at, ends_at: None } }
    }

    #[test]
    fn what_the_engine_gave_is_read_again_as_it_was() {
        let facts = [
            known(1, FactKind::CloseContact, hours(-3)),
            known(2, FactKind::CloseContact, hours(-3)),
            known(3, FactKind::Suspected, hours(-2)),
            known(4, FactKind::TestNegative, hours(-1)),
        ];
        let plain: Vec<_> = facts.iter().map(|known| known.fact).collect();
        let evaluation = Scheme::fujian_2020().unwrap().evaluate(&plain, hours(0));
        let report = Report {
            id: Uuid::from_u128(5),
            kind: FactKind::Retraction,
            at: hours(0),
            takes_back: Some(TakenBack {
                id: Uuid::from_u128(6),
                kind: FactKind::Antipyretic,
                at: hours(-4),
            }),
        };
        let reasons = Reasons::of(&evaluation, &facts, &[report]);
        let ids: Vec<Vec<u128>> = reasons
            .because
            .iter()
            .map(|reason| reason.facts.iter().map(Uuid::as_u128).collect())
            .collect();
        assert_eq!(ids, [vec![1, 2], vec![3]], "a test that colours nothing is no reason");
        let all = Cause::ALL.map(|(cause, _)| cause);
        with_change(|change| {
            let rows: Vec<_> = all
                .iter()
                .zip(1..)
                .map(|(cause, revision)| ColourChange {
                    before: (*cause != Cause::Claim).then_some((Colour::Red, hours(-8))),
                    cause: *cause,
                    reasons: reasons.clone(),
                    ..change_of(70, revision, hours(revision))
                })
                .collect();
            insert(change, &rows).unwrap();
            let read = of_code(change, StatusIndex(70), 200).unwrap();
            assert_eq!(read, rows.into_iter().rev().collect::<Vec<_>>(), "the newest first");
            assert_eq!(of_code(change, StatusIndex(70), 2).unwrap().len(), 2);
            assert!(of_code(change, StatusIndex(6), 200).unwrap().is_empty());
            let ends = change
                .row("SELECT max(ends_at) AS at FROM colour_changes", params![], |row| {
                    instant_or_none(row, "at")
                })
                .unwrap();
            assert_eq!(ends, Some(reasons.ends_at()));
        });
    }

    #[test]
    fn a_colour_ends_with_its_last_reason_if_each_has_an_end() {
        let check = |untils: &[Option<i64>], expect: Option<i64>| {
            let because = untils.iter().map(|until| Reason {
                kind: FactKind::Suspected,
                since: hours(0),
                until: until.map(hours),
                facts: Vec::new(),
            });
            let reasons = Reasons { because: because.collect(), reports: Vec::new() };
            assert_eq!(reasons.ends_at(), expect.map(hours));
        };
        check(&[], None);
        check(&[Some(3), Some(5), Some(4)], Some(5));
        check(&[Some(3), None], None);
    }

    #[test]
    fn the_oldest_of_a_shard_go_first_and_no_other_shard_is_touched() {
        with_change(|change| {
            // Shards 1 and 2; two changes of one code at the same instant.
            let rows = [
                change_of(1, 1, hours(0)),
                change_of(65, 2, hours(0)),
                change_of(1, 3, hours(0)),
                change_of(1, 4, hours(1)),
                change_of(2, 1, hours(0)),
            ];
            insert(change, &rows).unwrap();
            let shard = Shard::of(StatusIndex(1));
            assert_eq!(oldest(change, shard).unwrap(), Some(hours(0)));
            assert_eq!(remove_before(change, shard, hours(0), 10).unwrap(), 0, "not yet");
            assert_eq!(remove_before(change, shard, hours(1), 2).unwrap(), 2, "two at a time");
            assert_eq!(remove_before(change, shard, hours(1), 2).unwrap(), 1, "not the fourth");
            assert_eq!(oldest(change, shard).unwrap(), Some(hours(1)));
            assert_eq!(of_code(change, StatusIndex(2), 9).unwrap().len(), 1);
            assert_eq!(oldest(change, Shard::of(StatusIndex(3))).unwrap(), None);
        });
    }

    #[test]
    fn few_rows_and_many_are_written_alike() {
        for count in [1, 16, 17, 100] {
            with_change(|change| {
                let rows: Vec<_> = (1..=count).map(|n| change_of(70, n, hours(n))).collect();
                insert(change, &rows).unwrap();
                let mut read = of_code(change, StatusIndex(70), 200).unwrap();
                read.reverse();
                assert_eq!(read, rows, "{count}");
            });
        }
    }

    #[test]
    fn a_row_lies_in_the_shard_of_its_code() {
        with_change(|change| {
            insert(change, &[change_of(7, 1, hours(0))]).unwrap();
            let moved = change.execute("UPDATE colour_changes SET shard = 8", params![]);
            assert!(moved.is_err());
        });
    }
}
