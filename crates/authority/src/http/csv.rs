//! Answers as CSV, for whoever asks for `text/csv`.

use std::convert::Infallible;
use std::sync::Arc;

use aide::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use yanma_protocol::spreadsheet::harmless;

use super::answers::Csv;
use crate::authority::Authority;
use crate::error::Error;

/// Whether the request wants CSV.
pub(super) struct WantsCsv(pub(super) bool);

impl FromRequestParts<Arc<Authority>> for WantsCsv {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Authority>) -> Result<Self, Infallible> {
        let wanted = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let essence = |part: &str| part.split(';').next().unwrap_or_default().trim().to_owned();
        Ok(Self(wanted.is_some_and(|wanted| {
            wanted.split(',').any(|part| essence(part).eq_ignore_ascii_case("text/csv"))
        })))
    }
}

// The answer's content types say it.
impl OperationInput for WantsCsv {}

/// A page of rows as CSV (RFC 4180) in UTF-8 with a mark, so that spreadsheets open it as
/// Chinese; `next` is where the next page begins.
pub(super) fn csv<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    next: Option<String>,
) -> Result<Csv, Error> {
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let broken = |_| Error::Damaged("csv");
    out.write_record(head).map_err(broken)?;
    for row in rows {
        out.write_record(row.map(harmless)).map_err(broken)?;
    }
    let text = out.into_inner().map_err(|_| Error::Damaged("csv"))?;
    let next = next.and_then(|next| HeaderValue::try_from(next).ok());
    Ok(Csv { text, next })
}
