//! Fills the register from a CSV file.

use std::io::Read;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::name::HolderName;

use super::{Put, put};
use crate::database::{Change, Database};
use crate::error::Error;

/// Rows that share a commit.
pub(super) const BATCH: usize = 2_000;

/// What became of one row of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportedRow {
    /// The line in the file, from 1; the heading is line 1.
    pub line: u64,
    /// What happened.
    #[serde(flatten)]
    pub outcome: ImportOutcome,
}

/// What an import did with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum ImportOutcome {
    /// A new person, or another day of arrival.
    Added,
    /// A known person with another name, which is now in force.
    Renamed,
    /// Nothing new.
    Unchanged,
    /// The row was left out; the others were not.
    Rejected {
        /// The column at fault.
        field: &'static str,
        /// What is wrong with it, without its value.
        reason: &'static str,
    },
}

#[derive(Deserialize)]
struct CsvRow {
    document_type: String,
    number: String,
    name: String,
}

/// Imports `document_type,number,name` rows in UTF-8, with or without a byte order mark.
///
/// Importing the same file again changes nothing. A bad row is left out and reported; the
/// others are taken.
///
/// # Errors
///
/// [`Error::Database`] or [`Error::NotStored`] when the database fails, [`Error::BrokenOff`]
/// when the file does; rows that were reported before are kept.
pub async fn import(
    database: &Database,
    file: impl Read,
    now: Timestamp,
    report: impl FnMut(ImportedRow),
) -> Result<(), Error> {
    let store = move |change: &Change<'_>, (number, name): &Person| {
        Ok(Some(match put(change, number, name, now)? {
            Put::Added => ImportOutcome::Added,
            Put::Renamed => ImportOutcome::Renamed,
            Put::Unchanged => ImportOutcome::Unchanged,
        }))
    };
    read_csv(database, file, parse, store, report).await
}

/// Reads a file row by row and stores what `parse` makes of the good ones, many rows to a
/// commit; every row is reported, but for those that `store` keeps for the end of the file
/// (`None`). Where the file breaks off, the rows before it are stored.
///
/// # Errors
///
/// As [`import`].
pub(super) async fn read_csv<T: Send + 'static>(
    database: &Database,
    file: impl Read,
    parse: impl Fn(&csv::StringRecord, &csv::StringRecord) -> Result<T, ImportOutcome>,
    store: impl Fn(&Change<'_>, &T) -> Result<Option<ImportOutcome>, Error> + Send + Clone + 'static,
    mut report: impl FnMut(ImportedRow),
) -> Result<(), Error> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let mut batch = Vec::with_capacity(BATCH);
    let mut record = csv::StringRecord::new();
    let heading = match reader.headers() {
        Err(problem) if problem.is_io_error() => return Err(Error::BrokenOff(problem.into())),
        heading => heading.cloned().unwrap_or_default(),
    };
    let mut ended = Ok(());
    loop {
        let more = match reader.read_record(&mut record) {
            Ok(more) => more,
            Err(problem) if problem.is_io_error() => {
                ended = Err(Error::BrokenOff(problem.into()));
                false
            }
            Err(problem) => {
                let line = problem.position().map_or(0, csv::Position::line);
                report(ImportedRow { line, outcome: rejected("row", row_problem(&problem)) });
                continue;
            }
        };
        if more {
            let line = record.position().map_or(0, csv::Position::line);
            match parse(&record, &heading) {
                Ok(row) => batch.push((line, row)),
                Err(outcome) => report(ImportedRow { line, outcome }),
            }
        }
        if !more || batch.len() >= BATCH {
            let (rows, store) = (std::mem::take(&mut batch), store.clone());
            let stored = database.write(move |change| {
                let rows = rows.into_iter().filter_map(|(line, row)| {
                    let outcome = store(change, &row).transpose()?;
                    Some(outcome.map(|outcome| ImportedRow { line, outcome }))
                });
                rows.collect::<Result<Vec<_>, Error>>()
            });
            stored.await?.into_iter().for_each(&mut report);
        }
        if !more {
            return ended;
        }
    }
}

type Person = (DocumentNumber, HolderName);

fn parse(record: &csv::StringRecord, heading: &csv::StringRecord) -> Result<Person, ImportOutcome> {
    let row: CsvRow = record
        .deserialize(Some(heading))
        .map_err(|_| rejected("row", "the columns are document_type, number and name"))?;
    parse_person(&row.document_type, &row.number, &row.name)
}

/// The columns that say who it is.
pub(super) fn parse_person(
    document_type: &str,
    number: &str,
    name: &str,
) -> Result<Person, ImportOutcome> {
    let document_type: DocumentType = document_type
        .parse()
        .map_err(|_| rejected("document_type", "not a known document type"))?;
    let number = DocumentNumber::parse(document_type, number)
        .map_err(|_| rejected("number", "not a possible number of this document"))?;
    let name = HolderName::parse(name)
        .map_err(|_| rejected("name", "empty, over 60 characters, or with control characters"))?;
    Ok((number, name))
}

pub(super) fn rejected(field: &'static str, reason: &'static str) -> ImportOutcome {
    ImportOutcome::Rejected { field, reason }
}

fn row_problem(problem: &csv::Error) -> &'static str {
    match problem.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8",
        csv::ErrorKind::UnequalLengths { .. } => "another number of columns than the heading",
        _ => "not CSV",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::DatabaseUrl;

    async fn run(database: &Database, file: &[u8]) -> Vec<(u64, ImportOutcome)> {
        let mut rows = Vec::new();
        let now = "2020-07-01T00:00:00Z".parse().unwrap();
        import(database, file, now, |row| rows.push((row.line, row.outcome))).await.unwrap();
        rows.sort_by_key(|(line, _)| *line);
        rows
    }

    #[tokio::test]
    async fn good_rows_are_taken_and_bad_ones_named() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&DatabaseUrl::sqlite(folder.path().join("a.db"))).unwrap();
        let mut file = b"\xef\xbb\xbfdocument_type,number,name\n".to_vec();
        for line in [
            &b"resident-id,350100190001010004,\xe6\xa0\xb7\xe6\x9c\xac\n"[..],
            b"resident-id,350100190001010005,A\n",
            b"library-card,1,A\n",
            b"resident-id,350100190001010012,\n",
            b"resident-id,350100190001010012\n",
            b"resident-id,350100190001010012,\xd5\xc5\n",
            b"resident-id, 350100190001010012 ,B\n",
        ] {
            file.extend(line);
        }
        let field = |outcome| match outcome {
            ImportOutcome::Rejected { field, .. } => field,
            ImportOutcome::Added => "added",
            ImportOutcome::Renamed => "renamed",
            ImportOutcome::Unchanged => "unchanged",
        };
        let fields = |rows: Vec<(u64, ImportOutcome)>| -> Vec<&'static str> {
            rows.into_iter().map(|(_, outcome)| field(outcome)).collect()
        };
        let first = run(&database, &file).await;
        assert_eq!(first.first().unwrap().0, 2, "the heading is line 1");
        assert_eq!(
            fields(first),
            ["added", "number", "document_type", "name", "row", "row", "added"]
        );
        let second = fields(run(&database, &file).await);
        assert_eq!((second[0], second[6]), ("unchanged", "unchanged"));
    }

    #[tokio::test]
    async fn a_file_with_other_columns_is_refused_row_by_row() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&DatabaseUrl::sqlite(folder.path().join("a.db"))).unwrap();
        let rows = run(&database, b"a,b\n1,2\n").await;
        assert!(matches!(rows[0].1, ImportOutcome::Rejected { field: "row", .. }));
    }
}
