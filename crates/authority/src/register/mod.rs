//! The population register (`persons`): which name belongs to which document.
//!
//! It is imported from outside and only answers one question: do these two stand together?

mod import;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use yanma_domain::document::DocumentNumber;
use yanma_domain::name::HolderName;

use crate::database::stored::{document, ms, name};
use crate::error::Error;

pub use import::{ImportOutcome, ImportedRow, import};

pub(crate) const TABLE_1: &str = "
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
";

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
    connection: &Connection,
    number: &DocumentNumber,
) -> Result<Option<Person>, Error> {
    let mut question = connection.prepare_cached(
        "SELECT id, document_type, number, name FROM persons
         WHERE document_type = ?1 AND number = ?2",
    )?;
    let key = params![number.document_type().code(), number.reveal()];
    let person = question.query_row(key, |row| {
        Ok(Person { id: row.get("id")?, document: document(row)?, name: name(row)? })
    });
    Ok(person.optional()?)
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
    connection: &Connection,
    number: &DocumentNumber,
    name: &HolderName,
    now: Timestamp,
) -> Result<Put, Error> {
    match find(connection, number)? {
        None => {
            connection
                .prepare_cached(
                    "INSERT INTO persons (document_type, number, name, imported_at)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    number.document_type().code(),
                    number.reveal(),
                    name.reveal(),
                    ms(now)
                ])?;
            Ok(Put::Added)
        }
        Some(person) if person.name == *name => Ok(Put::Unchanged),
        Some(person) => {
            connection
                .prepare_cached("UPDATE persons SET name = ?2, imported_at = ?3 WHERE id = ?1")?
                .execute(params![person.id, name.reveal(), ms(now)])?;
            Ok(Put::Renamed)
        }
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
        let mut connection = Connection::open_in_memory().unwrap();
        crate::database::migrate(&mut connection).unwrap();
        let number = DocumentNumber::parse(DocumentType::ResidentId, "350100190001010004").unwrap();
        let parse = |text| HolderName::parse(text).unwrap();
        let now = "2020-07-01T00:00:00Z".parse().unwrap();
        assert!(find(&connection, &number).unwrap().is_none());
        for (name, outcome) in
            [("样本甲", Put::Added), ("样本甲", Put::Unchanged), ("样本乙", Put::Renamed)]
        {
            assert_eq!(put(&connection, &number, &parse(name), now).unwrap(), outcome);
        }
        let person = find(&connection, &number).unwrap().unwrap();
        assert_eq!(person.name, parse("样本乙"));
        assert_eq!(person.document, number);
    }
}
