//! The population register (`persons`): which name belongs to which document.
//!
//! It is imported from outside and only answers one question: do these two stand together?

mod arrivals;
mod by_hand;
mod import;

use jiff::Timestamp;
use yanma_domain::document::DocumentNumber;
use yanma_domain::name::HolderName;

use crate::database::stored::{document, ms, name};
use crate::database::{Change, Ddl, Session, params};
use crate::error::Error;

pub use arrivals::import as import_arrivals;
pub(crate) use arrivals::{TABLE_2 as ARRIVALS_2, entered_on};
pub use by_hand::{ImportCounts, Register, import_by_hand};
pub use import::{ImportOutcome, ImportedRow, import};

pub(crate) const TABLE_1: Ddl = Ddl {
    sqlite: "
CREATE TABLE persons (
    id            INTEGER PRIMARY KEY,
    -- The code of the document type, as in a health code.
    document_type INTEGER NOT NULL CHECK (document_type BETWEEN 1 AND 15),
    -- Normalised: 18 characters where the number has 18, upper case, no spaces.
    number        TEXT NOT NULL,
    name          TEXT NOT NULL,
    imported_at   INTEGER NOT NULL,
    UNIQUE (document_type, number)
) STRICT;
",
    postgres: "
CREATE TABLE persons (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_type BIGINT NOT NULL CHECK (document_type BETWEEN 1 AND 15),
    number        TEXT NOT NULL,
    name          TEXT NOT NULL,
    imported_at   BIGINT NOT NULL,
    UNIQUE (document_type, number)
);
",
};

/// Where the register has a person from.
pub(crate) const TABLE_2: Ddl = Ddl {
    sqlite: "
-- 1 population register, 2 arrivals register, 3 an identity service.
ALTER TABLE persons ADD COLUMN source INTEGER NOT NULL DEFAULT 1 CHECK (source BETWEEN 1 AND 3);
",
    postgres: "
ALTER TABLE persons
    ADD COLUMN source BIGINT NOT NULL DEFAULT 1 CHECK (source BETWEEN 1 AND 3);
",
};

/// Where the register has a person from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The population register.
    Population,
    /// The register of arrivals from abroad.
    Arrivals,
    /// An identity service confirmed name and number.
    Service,
}

impl Source {
    const fn code(self) -> u8 {
        match self {
            Self::Population => 1,
            Self::Arrivals => 2,
            Self::Service => 3,
        }
    }
}

/// A person of the register.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) document: DocumentNumber,
    pub(crate) name: HolderName,
}

/// What putting a row into the register did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    Added,
    Renamed,
    Unchanged,
}

/// The person who has this document.
pub(crate) fn find(
    session: &Session<'_>,
    number: &DocumentNumber,
) -> Result<Option<Person>, Error> {
    session.row(
        "SELECT id, document_type, number, name FROM persons
         WHERE document_type = $1 AND number = $2",
        params![number.document_type().code(), number.reveal()],
        |row| Ok(Person { id: row.get("id")?, document: document(row)?, name: name(row)? }),
    )
}

/// A person by id.
pub(crate) fn get(session: &Session<'_>, id: i64) -> Result<Option<Person>, Error> {
    session.row(
        "SELECT id, document_type, number, name FROM persons WHERE id = $1",
        params![id],
        |row| Ok(Person { id: row.get("id")?, document: document(row)?, name: name(row)? }),
    )
}

/// Whether two ways of writing a name mean the same: letters of Latin names may differ in
/// case, and the middle dot of names of minorities is typed in several ways.
pub(crate) fn same_name(one: &HolderName, other: &HolderName) -> bool {
    let plain = |name: &HolderName| -> String {
        name.reveal()
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| match c {
                '•' | '・' | '‧' | '∙' | '．' | '.' => '·',
                other => other,
            })
            .flat_map(char::to_uppercase)
            .collect()
    };
    plain(one) == plain(other)
}

/// Adds a person, or gives one the name that is in force now.
pub(crate) fn put(
    change: &Change<'_>,
    number: &DocumentNumber,
    name: &HolderName,
    now: Timestamp,
) -> Result<Put, Error> {
    let population = Source::Population.code();
    match find(change, number)? {
        None => {
            add(change, number, name, Source::Population, now)?;
            Ok(Put::Added)
        }
        Some(person) if person.name == *name => {
            change.execute(
                "UPDATE persons SET source = $2 WHERE id = $1 AND source <> $2",
                params![person.id, population],
            )?;
            Ok(Put::Unchanged)
        }
        Some(person) => {
            change.execute(
                "UPDATE persons SET name = $2, imported_at = $3, source = $4 WHERE id = $1",
                params![person.id, name.reveal(), ms(now), population],
            )?;
            Ok(Put::Renamed)
        }
    }
}

/// Adds a person who is not there yet.
pub(crate) fn add(
    change: &Change<'_>,
    number: &DocumentNumber,
    name: &HolderName,
    source: Source,
    now: Timestamp,
) -> Result<(), Error> {
    change.execute(
        "INSERT INTO persons (document_type, number, name, imported_at, source)
         VALUES ($1, $2, $3, $4, $5)",
        params![
            number.document_type().code(),
            number.reveal(),
            name.reveal(),
            ms(now),
            source.code()
        ],
    )?;
    Ok(())
}

/// Where the register has a person from.
pub(crate) fn source(session: &Session<'_>, person: i64) -> Result<Source, Error> {
    let sql = "SELECT source FROM persons WHERE id = $1";
    match session.row(sql, params![person], |row| row.get::<u8>("source"))? {
        Some(1) => Ok(Source::Population),
        Some(2) => Ok(Source::Arrivals),
        Some(3) => Ok(Source::Service),
        _ => Err(Error::Damaged("source")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yanma_domain::document::DocumentType;

    fn check(one: &str, other: &str, same: bool) {
        let parse = |text| HolderName::parse(text).unwrap();
        assert_eq!(same_name(&parse(one), &parse(other)), same, "{one} / {other}");
    }

    #[test]
    fn names_are_compared_as_people_write_them() {
        check("张三", "张三", true);
        check("张三", "张四", false);
        check("阿卜杜·样本", "阿卜杜•样本", true);
        check("MARIA SAMPLE", "Maria Sample", true);
        check("MARIA SAMPLE", "MARIA SIMPLE", false);
        check("欧 阳", "欧阳", true);
    }

    #[test]
    fn a_row_is_added_once_and_renamed_when_the_name_changed() {
        let number = DocumentNumber::parse(DocumentType::ResidentId, "350100190001010004").unwrap();
        let parse = |text| HolderName::parse(text).unwrap();
        let now = "2020-07-01T00:00:00Z".parse().unwrap();
        crate::database::testing::with_change(|change| {
            assert!(find(change, &number).unwrap().is_none());
            for (name, outcome) in
                [("样本甲", Put::Added), ("样本甲", Put::Unchanged), ("样本乙", Put::Renamed)]
            {
                assert_eq!(put(change, &number, &parse(name), now).unwrap(), outcome);
            }
            let person = find(change, &number).unwrap().unwrap();
            assert_eq!(person.name, parse("样本乙"));
            assert_eq!(person.document, number);
        });
    }
}
