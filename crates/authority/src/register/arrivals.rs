//! The arrivals register (境外入闽人员健康信息登记平台): who entered from abroad, and when.

use std::io::Read;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::name::HolderName;

use super::import::{ImportOutcome, ImportedRow, parse_person, read_csv, rejected};
use super::{Source, add, find, same_name};
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

/// Imports `document_type,number,name,entered_on` rows, the last a day such as `2020-03-05`.
///
/// A person who is not in the register yet is added to it. A later entry replaces an earlier
/// one; importing the same file again changes nothing. A bad row is left out and reported.
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
    read_csv(database, file, parse, move |change, arrival| put(change, arrival, now), report).await
}

fn parse(
    record: &csv::StringRecord,
    heading: &csv::StringRecord,
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
    Ok(Arrival { document, name, entered_on })
}

fn put(change: &Change<'_>, arrival: &Arrival, now: Timestamp) -> Result<ImportOutcome, Error> {
    let Arrival { document, name, entered_on } = arrival;
    let known = find(change, document)?;
    if known.as_ref().is_some_and(|person| !same_name(&person.name, name)) {
        return Ok(rejected("name", "the register has another name under this number"));
    }
    if known.is_none() {
        add(change, document, name, Source::Arrivals, now)?;
    }
    let person = find(change, document)?.ok_or(Error::Damaged("person"))?;
    let changed = change.execute(
        "INSERT INTO entrants (person, entered_on) VALUES ($1, $2)
         ON CONFLICT (person) DO UPDATE SET entered_on = excluded.entered_on
         WHERE entrants.entered_on < excluded.entered_on",
        params![person.id, entered_on.to_string()],
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

    #[tokio::test]
    async fn the_last_entry_counts_and_bad_rows_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&DatabaseUrl::sqlite(folder.path().join("a.db"))).unwrap();
        let row = |name: &str, day: &str| format!("passport-foreign,L898902C3,{name},{day}\n");
        let first = run(&database, &row("ANNA SAMPLE", "2020-03-20")).await;
        assert_eq!(first, [ImportOutcome::Added]);
        let more = [
            row("Anna Sample", "2020-03-05"),
            row("OTHER", "2020-04-01"),
            row("ANNA SAMPLE", "1 April"),
            row("ANNA SAMPLE", "2020-04-01"),
            "resident-id,350100190001010004,样本明,2020-04-01\n".to_owned(),
        ];
        let field = |outcome: &ImportOutcome| match outcome {
            ImportOutcome::Rejected { field, .. } => *field,
            ImportOutcome::Unchanged => "unchanged",
            _ => "added",
        };
        let found = run(&database, &more.concat()).await;
        let found: Vec<_> = found.iter().map(field).collect();
        assert_eq!(found, ["unchanged", "name", "entered_on", "added", "document_type"]);
        assert_eq!(day(&database).await.as_deref(), Some("2020-04-01"));
    }
}
