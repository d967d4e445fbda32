//! The arrivals register (境外入闽人员健康信息登记平台): who entered from abroad, and when.

use std::collections::HashMap;
use std::io::Read;
use std::mem;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::Deserialize;
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::name::HolderName;

use super::import::{BATCH, ImportOutcome, ImportedRow, parse_person, read_csv, rejected};
use super::{Source, add, find, same_name};
use crate::claims;
use crate::database::{Change, Database, Ddl, Session, params};
use crate::error::Error;

pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
CREATE TABLE entrants (
    person     INTEGER PRIMARY KEY REFERENCES persons (id),
    -- The day of the last entry, such as 2020-03-05.
    entered_on TEXT NOT NULL
) STRICT;
",
    postgres: "
CREATE TABLE entrants (
    person     BIGINT PRIMARY KEY REFERENCES persons (id),
    entered_on TEXT NOT NULL
);
",
};

/// The day on which a person last entered from abroad; `None` when no arrival is known.
pub(crate) fn entered_on(session: &Session<'_>, person: i64) -> Result<Option<Date>, Error> {
    let sql = "SELECT entered_on FROM entrants WHERE person = $1";
    let day = session.row(sql, params![person], |row| row.get::<String>("entered_on"))?;
    day.map(|day| day.parse().map_err(|_| Error::Damaged("entered_on"))).transpose()
}

#[derive(Deserialize)]
struct CsvRow {
    document_type: String,
    number: String,
    name: String,
    entered_on: String,
}

/// One arrival.
struct Arrival {
    /// The line in the file.
    line: u64,
    document: DocumentNumber,
    name: HolderName,
    entered_on: Date,
}

/// The first day that can be one of an arrival.
const FIRST: Date = date(1900, 1, 1);

/// What a file has told so far.
#[derive(Default)]
struct Told {
    /// The latest day of each person.
    days: HashMap<i64, Date>,
    /// Rows with an earlier day than the register has.
    earlier: Vec<Earlier>,
}

/// A row that may take the place of a later day; whether it does, only the end of the file says.
#[derive(Clone, Copy)]
struct Earlier {
    line: u64,
    person: i64,
    entered_on: Date,
}

/// Imports `document_type,number,name,entered_on` rows, the last a day such as `2020-03-05`,
/// tomorrow at the latest: whoever lands after midnight is written down before.
///
/// A person who is not in the register yet is added to it. Of several rows about a person the
/// latest day counts, in whatever order they stand. A file is the register's newest word: its
/// day takes the place of the one before, be it earlier or later. Whoever is not in the file
/// stays as they were, and importing the same file again changes nothing. A bad row is left out
/// and reported.
///
/// While the file is read a day only becomes later. Where the file's day is an earlier one it
/// is put in at the end, when no later row can follow.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`] when the database fails, [`Error::BrokenOff`]
/// when the file does; rows that were reported before are kept.
pub async fn import(
    database: &Database,
    file: impl Read,
    now: Timestamp,
    mut report: impl FnMut(ImportedRow),
) -> Result<(), Error> {
    let last = claims::day(now).tomorrow().unwrap_or(Date::MAX);
    let told = Arc::new(Mutex::new(Told::default()));
    let parse = |record: &_, heading: &_| parse(record, heading, last);
    let telling = Arc::clone(&told);
    let store = move |change: &Change<'_>, arrival: &_| {
        put(change, arrival, &mut *telling.lock().map_err(|_| Error::Panicked)?, now)
    };
    let read = read_csv(database, file, parse, store, &mut report).await;
    let Told { days, earlier } = mem::take(&mut *told.lock().map_err(|_| Error::Panicked)?);
    let said = |row: &Earlier, outcome| ImportedRow { line: row.line, outcome };
    if read.is_err() {
        let unsure = rejected("entered_on", "an earlier day, and the file was not read to its end");
        earlier.iter().for_each(|row| report(said(row, unsure)));
        return read;
    }
    let (newest, superseded): (Vec<_>, Vec<_>) =
        earlier.into_iter().partition(|row| days.get(&row.person) == Some(&row.entered_on));
    superseded.iter().for_each(|row| report(said(row, ImportOutcome::Unchanged)));
    for rows in newest.chunks(BATCH).map(<[Earlier]>::to_vec) {
        let put_in = move |change: &Change<'_>| {
            let rows = rows.iter().map(|row| Ok(said(row, lower(change, row)?)));
            rows.collect::<Result<Vec<_>, Error>>()
        };
        database.write(put_in).await?.into_iter().for_each(&mut report);
    }
    Ok(())
}

fn parse(
    record: &csv::StringRecord,
    heading: &csv::StringRecord,
    last: Date,
) -> Result<Arrival, ImportOutcome> {
    let row: CsvRow = record.deserialize(Some(heading)).map_err(|_| {
        rejected("row", "the columns are document_type, number, name and entered_on")
    })?;
    let (document, name) = parse_person(&row.document_type, &row.number, &row.name)?;
    if document.document_type() == DocumentType::ResidentId {
        return Err(rejected("document_type", "a resident identity card crosses no border"));
    }
    let entered_on = row
        .entered_on
        .parse()
        .map_err(|_| rejected("entered_on", "not a day such as 2020-03-05"))?;
    if entered_on > last {
        return Err(rejected("entered_on", "later than tomorrow"));
    }
    if entered_on < FIRST {
        return Err(rejected("entered_on", "before 1900"));
    }
    let line = record.position().map_or(0, csv::Position::line);
    Ok(Arrival { line, document, name, entered_on })
}

fn put(
    change: &Change<'_>,
    arrival: &Arrival,
    told: &mut Told,
    now: Timestamp,
) -> Result<Option<ImportOutcome>, Error> {
    let Arrival { line, document, name, entered_on: day } = arrival;
    let known = find(change, document)?;
    if known.as_ref().is_some_and(|person| !same_name(&person.name, name)) {
        return Ok(Some(rejected("name", "the register has another name under this number")));
    }
    if known.is_none() {
        add(change, document, name, Source::Arrivals, now)?;
    }
    let person = find(change, document)?.ok_or(Error::Damaged("person"))?.id;
    let latest = told.days.entry(person).or_insert(*day);
    *latest = (*latest).max(*day);
    let registered = entered_on(change, person)?;
    if *day < *latest || registered == Some(*day) {
        return Ok(Some(ImportOutcome::Unchanged));
    }
    if registered.is_some_and(|registered| *day < registered) {
        told.earlier.push(Earlier { line: *line, person, entered_on: *day });
        return Ok(None);
    }
    change.execute(
        "INSERT INTO entrants (person, entered_on) VALUES ($1, $2)
         ON CONFLICT (person) DO UPDATE SET entered_on = excluded.entered_on",
        params![person, day.to_string()],
    )?;
    Ok(Some(ImportOutcome::Added))
}

/// Puts the file's day in the place of a later one.
fn lower(change: &Change<'_>, row: &Earlier) -> Result<ImportOutcome, Error> {
    let changed = change.execute(
        "UPDATE entrants SET entered_on = $2 WHERE person = $1 AND entered_on <> $2",
        params![row.person, row.entered_on.to_string()],
    )?;
    Ok(if changed == 1 { ImportOutcome::Added } else { ImportOutcome::Unchanged })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::DatabaseUrl;

    const HEADING: &str = "document_type,number,name,entered_on";

    async fn run(database: &Database, rows: &str) -> Vec<ImportOutcome> {
        let mut outcomes = Vec::new();
        let now = "2020-07-01T00:00:00Z".parse().unwrap();
        let file = format!("{HEADING}\n{rows}");
        import(database, file.as_bytes(), now, |row| outcomes.push((row.line, row.outcome)))
            .await
            .unwrap();
        outcomes.sort_by_key(|(line, _)| *line);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn day(database: &Database) -> Option<String> {
        let number = DocumentNumber::parse(DocumentType::ForeignPassport, "L898902C3").unwrap();
        database
            .read(move |session| {
                let person = find(session, &number)?.unwrap();
                Ok(entered_on(session, person.id)?.map(|day| day.to_string()))
            })
            .await
            .unwrap()
    }

    fn row(name: &str, day: &str) -> String {
        format!("passport-foreign,L898902C3,{name},{day}\n")
    }

    /// The field of a row that was refused, or what was done with it.
    fn said(outcomes: &[ImportOutcome]) -> Vec<&'static str> {
        let said = |outcome: &ImportOutcome| match outcome {
            ImportOutcome::Rejected { field, .. } => *field,
            ImportOutcome::Unchanged => "unchanged",
            _ => "added",
        };
        outcomes.iter().map(said).collect()
    }

    #[tokio::test]
    async fn of_several_rows_the_latest_counts_and_bad_ones_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&DatabaseUrl::sqlite(folder.path().join("a.db"))).unwrap();
        let rows = [
            row("ANNA SAMPLE", "2020-03-20"),
            row("Anna Sample", "2020-03-05"),
            row("OTHER", "2020-05-01"),
            row("ANNA SAMPLE", "1 April"),
            row("ANNA SAMPLE", "2020-04-01"),
            row("ANNA SAMPLE", "2020-03-31"),
            "resident-id,350100190001010004,样本明,2020-04-01\n".to_owned(),
        ];
        let found = run(&database, &rows.concat()).await;
        let expect =
            ["added", "unchanged", "name", "entered_on", "added", "unchanged", "document_type"];
        assert_eq!(said(&found), expect);
        assert_eq!(day(&database).await.as_deref(), Some("2020-04-01"));
        let again = said(&run(&database, &rows[0]).await);
        assert_eq!(again, ["added"], "a later file has the later word");
        assert_eq!(day(&database).await.as_deref(), Some("2020-03-20"));
        assert_eq!(said(&run(&database, &rows[0]).await), ["unchanged"]);
        assert_eq!(said(&run(&database, &row("ANNA SAMPLE", "2020-06-30")).await), ["added"]);
        assert_eq!(day(&database).await.as_deref(), Some("2020-06-30"));
    }

    /// A file that cannot be read on.
    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    }

    #[tokio::test]
    async fn a_day_becomes_earlier_only_when_the_whole_file_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&DatabaseUrl::sqlite(folder.path().join("a.db"))).unwrap();
        assert_eq!(said(&run(&database, &row("ANNA SAMPLE", "2020-03-20")).await), ["added"]);
        // More than is written at a time, and the row with the day that she has comes last.
        let earlier = row("ANNA SAMPLE", "2020-03-05").repeat(BATCH + 1);
        let file = format!("{HEADING}\n{earlier}");
        let mut outcomes = Vec::new();
        let now = "2020-07-01T00:00:00Z".parse().unwrap();
        let report = |row: ImportedRow| outcomes.push(row.outcome);
        let ended = import(&database, file.as_bytes().chain(Broken), now, report).await;
        assert!(matches!(ended, Err(Error::BrokenOff(_))), "{ended:?}");
        assert_eq!(day(&database).await.as_deref(), Some("2020-03-20"));
        assert_eq!(said(&outcomes), vec!["entered_on"; BATCH + 1], "each is said not to be taken");

        let whole = earlier + &row("ANNA SAMPLE", "2020-03-20");
        assert_eq!(said(&run(&database, &whole).await), vec!["unchanged"; BATCH + 2]);
        assert_eq!(day(&database).await.as_deref(), Some("2020-03-20"));
        let rows = row("ANNA SAMPLE", "2020-03-05") + &row("ANNA SAMPLE", "2020-03-06");
        assert_eq!(said(&run(&database, &rows).await), ["unchanged", "added"]);
        assert_eq!(day(&database).await.as_deref(), Some("2020-03-06"));
    }

    #[tokio::test]
    async fn nobody_has_arrived_after_tomorrow_or_before_anybody_was_born() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&DatabaseUrl::sqlite(folder.path().join("a.db"))).unwrap();
        // It is 1 July, eight in the morning in the province.
        for (day, expect) in [
            ("9999-12-31", "entered_on"),
            ("2020-07-03", "entered_on"),
            ("-009999-01-01", "entered_on"),
            ("1899-12-31", "entered_on"),
            ("1900-01-01", "added"),
            ("2020-07-02", "added"),
        ] {
            assert_eq!(said(&run(&database, &row("ANNA SAMPLE", day)).await), [expect], "{day}");
        }
    }
}
