//! A register that is imported by hand: what became of the file is in the audit.

use std::io::Read;

use jiff::Timestamp;

use super::{ImportOutcome, ImportedRow, import, import_arrivals};
use crate::audit::{self, Deed, Note};
use crate::clerks;
use crate::database::{Change, Database};
use crate::error::Error;

/// Which register a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Register {
    /// Who lives in the country.
    Population,
    /// Who entered from abroad.
    Arrivals,
}

impl Register {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Population => "population",
            Self::Arrivals => "arrivals",
        }
    }
}

/// What became of the rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct ImportCounts {
    /// New people, or other days of arrival.
    pub added: u64,
    /// Known people with another name.
    pub renamed: u64,
    /// Nothing new.
    pub unchanged: u64,
    /// Left out.
    pub rejected: u64,
}

/// Imports a file as [`import()`] or [`import_arrivals`] does, and notes it before the first row
/// and with the counts after the last, also when the file or the database broke off there.
///
/// # Errors
///
/// As these.
pub async fn import_by_hand(
    database: &Database,
    register: Register,
    file: impl Read,
    now: Timestamp,
    mut report: impl FnMut(ImportedRow),
) -> Result<ImportCounts, Error> {
    let noted = Note::new(Deed::ImportRegister, register.as_str());
    note(database, noted.with("state", "begun"), now).await?;
    let mut counts = ImportCounts::default();
    let count = |row: ImportedRow| {
        *match row.outcome {
            ImportOutcome::Added => &mut counts.added,
            ImportOutcome::Renamed => &mut counts.renamed,
            ImportOutcome::Unchanged => &mut counts.unchanged,
            ImportOutcome::Rejected { .. } => &mut counts.rejected,
        } += 1;
        report(row);
    };
    let read = match register {
        Register::Population => import(database, file, now, count).await,
        Register::Arrivals => import_arrivals(database, file, now, count).await,
    };
    let noted = Note::new(Deed::ImportRegister, register.as_str())
        .with("state", if read.is_ok() { "ended" } else { "broken off" })
        .with("added", counts.added)
        .with("renamed", counts.renamed)
        .with("unchanged", counts.unchanged)
        .with("rejected", counts.rejected);
    let noted = note(database, noted, now).await;
    read.and(noted)?;
    Ok(counts)
}

async fn note(database: &Database, note: Note, now: Timestamp) -> Result<(), Error> {
    let write = move |change: &Change<'_>| {
        let by = clerks::command_line(change, now)?;
        audit::note(change, &by, note, now)
    };
    database.write(write).await
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::database::DatabaseUrl;
    use crate::register::find;
    use yanma_domain::document::{DocumentNumber, DocumentType};
    use yanma_protocol::audit::AuditQuery;

    /// A connection that is reset.
    struct Reset;

    impl Read for Reset {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }

    #[tokio::test]
    async fn a_file_that_breaks_off_is_noted_as_such_with_what_was_taken() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&DatabaseUrl::sqlite(folder.path().join("a.db"))).unwrap();
        let now = "2020-07-01T00:00:00Z".parse().unwrap();
        let number = |number| DocumentNumber::parse(DocumentType::ResidentId, number).unwrap();
        let (whole, cut) = (number("350100190001010004"), number("350100190001010012"));
        for (text, added) in [
            ("document_ty", "0"),
            (
                "document_type,number,name\nresident-id,350100190001010004,样本明\n\
                 resident-id,1,样本明\nresident-id,350100190001010012,欧",
                "1",
            ),
        ] {
            let file = text.as_bytes().chain(Reset);
            let ended = import_by_hand(&database, Register::Population, file, now, |_| {}).await;
            assert!(matches!(ended, Err(Error::BrokenOff(_))), "{ended:?}");
            let query = AuditQuery::default();
            let page = database.read(move |session| audit::page(session, &query, 1)).await.unwrap();
            let noted = &page.records[0].detail;
            assert_eq!((&*noted["state"], &*noted["added"]), ("broken off", added), "{text}");
        }
        let found = database
            .read(move |session| Ok([&whole, &cut].map(|it| find(session, it).unwrap().is_some())))
            .await;
        assert_eq!(found.unwrap(), [true, false], "what was read whole is taken");
    }
}
