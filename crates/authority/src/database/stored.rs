//! How values of the house lie in columns.

use jiff::Timestamp;
use yanma_domain::Colour;
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::name::HolderName;

use super::Row;
use crate::error::Error;

/// An instant as whole milliseconds since 1970-01-01T00:00:00Z.
pub(crate) fn ms(instant: Timestamp) -> i64 {
    instant.as_millisecond()
}

/// Reads what [`ms`] wrote.
pub(crate) fn instant(row: &Row<'_>, column: &'static str) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_| Error::Damaged(column))
}

/// Reads what [`ms`] wrote, or `NULL`.
pub(crate) fn instant_or_none(
    row: &Row<'_>,
    column: &'static str,
) -> Result<Option<Timestamp>, Error> {
    let ms: Option<i64> = row.get(column)?;
    ms.map(|ms| Timestamp::from_millisecond(ms).map_err(|_| Error::Damaged(column))).transpose()
}

/// Reads a colour's two bits.
pub(crate) fn colour(row: &Row<'_>, column: &'static str) -> Result<Colour, Error> {
    match row.get(column)? {
        bits @ 0..=3u8 => Ok(Colour::from_bits(bits)),
        _ => Err(Error::Damaged(column)),
    }
}

/// Reads the columns `document_type` (its code) and `number`.
pub(crate) fn document(row: &Row<'_>) -> Result<DocumentNumber, Error> {
    let document_type = DocumentType::from_code(row.get("document_type")?);
    let document_type = document_type.ok_or(Error::Damaged("document_type"))?;
    let number: String = row.get("number")?;
    DocumentNumber::parse(document_type, &number).map_err(|_| Error::Damaged("number"))
}

/// Reads the column `name`.
pub(crate) fn name(row: &Row<'_>) -> Result<HolderName, Error> {
    let name: String = row.get("name")?;
    HolderName::parse(&name).map_err(|_| Error::Damaged("name"))
}
