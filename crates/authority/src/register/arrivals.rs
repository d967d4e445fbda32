//! The arrivals register (境外入闽人员健康信息登记平台): who entered from abroad, and when.

use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::Deserialize;
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::name::HolderName;

use super::import::{ImportOutcome, ImportedRow, parse_person, read_csv, rejected};
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
    document: DocumentNumber,
    name: HolderName,
    entered_on: Date,
}

/// The first day that can be one of an arrival.
const FIRST: Date = date(1900, 1, 1);

/// The days of arrival that a file has told so far, by person.
type Told = Arc<Mutex<HashMap<i64, Date>>>;

/// Imports `document_type,number,name,entered_on` rows, the last a day such as `2020-03-05`,
/// tomorrow at the latest: whoever lands after midnight is written down before.
///
/// A person who is not in the register yet is added to it. Of several rows about a person the
/// latest day counts, in whatever order they stand. A file is the register's newest word: its
/// day takes the place of the one before, be it earlier or later. Whoever is not in the file
/// stays as they were, and importing the same file again changes nothing. A bad row is left out
/// and reported.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`] when the database fails; rows that were
/// reported before are kept.
pub async fn import(
    database: &Database,
    file: impl Read,
    now: Timestamp,
    report: impl FnMut(ImportedRow),
) -> Result<(), Error> {
    let (told, last) = (Told::default(), claims::day(now).tomorrow().unwrap_or(Date::MAX));
    let parse = |record: &_, heading: &_| parse(record, heading, last);
    let store = move |change: &Change<'_>, arrival: &_| put(change, arrival, &told, now);
    read_csv(database, file, parse, store, report).await
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
    Ok(Arrival { document, name, entered_on })
}

fn put(
    change: &Change<'_>,
    arrival: &Arrival,
    told: &Told,
    now: Timestamp,
) -> Result<ImportOutcome, Error> {
    let Arrival { document, name, entered_on } = arrival;
    let known = find(change, document)?;
    if known.as_ref().is_some_and(|person| !same_name(&person.name, name)) {
        return Ok(rejected("name", "the register has another name under this number"));
    }
    if known.is_none() {
        add(change, document, name, Source::Arrivals, now)?;
    }
    let person = find(change, document)?.ok_or(Error::Damaged("person"))?;
    let latest = {
        let mut told = told.lock().map_err(|_| Error::Panicked)?;
        let latest = told.entry(person.id).or_insert(*entered_on);
        *latest = (*latest).max(*entered_on);
        *latest
    };
    let changed = change.execute(
        "INSERT INTO entrants (person, entered_on) VALUES ($1, $2)
         ON CONFLICT (person) DO UPDATE SET entered_on = excluded.entered_on
         WHERE entrants.entered_on <> excluded.entered_on",
        params![person.id, latest.to_string()],
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
