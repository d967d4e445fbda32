//! How values of the house lie in columns.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;
use yanma_domain::Colour;
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::name::HolderName;

/// An instant as whole milliseconds since 1970-01-01T00:00:00Z.
pub(crate) fn ms(instant: Timestamp) -> i64 {
    instant.as_millisecond()
}

/// Reads what [`ms`] wrote.
pub(crate) fn instant(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_| damaged(Type::Integer))
}

/// Reads what [`ms`] wrote, or `NULL`.
pub(crate) fn instant_or_none(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    let ms: Option<i64> = row.get(column)?;
    ms.map(|ms| Timestamp::from_millisecond(ms).map_err(|_| damaged(Type::Integer))).transpose()
}

/// Reads a colour's two bits.
pub(crate) fn colour(row: &Row<'_>, column: &str) -> rusqlite::Result<Colour> {
    match row.get(column)? {
        bits @ 0..=3u8 => Ok(Colour::from_bits(bits)),
        _ => Err(damaged(Type::Integer)),
    }
}

/// Reads the columns `document_type` (its code) and `number`.
pub(crate) fn document(row: &Row<'_>) -> rusqlite::Result<DocumentNumber> {
    let document_type = DocumentType::from_code(row.get("document_type")?);
    let document_type = document_type.ok_or_else(|| damaged(Type::Integer))?;
    let number: String = row.get("number")?;
    DocumentNumber::parse(document_type, &number).map_err(|_| damaged(Type::Text))
}

/// Reads the column `name`.
pub(crate) fn name(row: &Row<'_>) -> rusqlite::Result<HolderName> {
    let name: String = row.get("name")?;
    HolderName::parse(&name).map_err(|_| damaged(Type::Text))
}

/// A value that this program would not have written. It is not repeated in the error.
pub(crate) fn damaged(column: Type) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, column, "the value does not fit its type".into())
}
