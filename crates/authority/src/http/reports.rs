//! What departments report: JSON or CSV, by a token or signed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use yanma_protocol::facts::{FactReport, FactsResponse, SIGNATURE_HEADER};
use yanma_protocol::{FieldError, FieldProblem};

use super::body::{bytes, content_type, items, parse};
use super::callers::Official;
use super::error::Failure;
use crate::authority::Authority;
use crate::clerks::Right;
use crate::error::{BodyProblem, Error};
use crate::facts;

pub(super) async fn report(
    State(authority): State<Arc<Authority>>,
    request: Request,
) -> Result<Json<FactsResponse>, Failure> {
    let now = authority.clock.now();
    let (mut parts, body) = request.into_parts();
    let signature = signature(&parts.headers)?;
    // Whoever has no token is turned away before the body is read.
    let official = match signature {
        None => {
            let official = Official::from_request_parts(&mut parts, &authority).await?;
            Some(official.with(Right::ReportFacts)?)
        }
        Some(_) => None,
    };
    let is_csv = match content_type(&parts.headers).as_deref() {
        Some("application/json") => false,
        Some("text/csv") => true,
        _ => return Err(Error::Body(BodyProblem::ContentType).into()),
    };
    let body = bytes(Request::from_parts(parts, body), &authority).await?;
    let reporter = match (official, signature) {
        (Some(clerk), _) => clerk.id,
        (None, signature) => {
            let (header, body) = (signature.unwrap_or_default(), body.clone());
            authority.database.read(move |session| facts::signer(session, &header, &body)).await?
        }
    };
    let (lines, reports): (Vec<Option<u64>>, Vec<_>) = if is_csv {
        let rows = facts::read_csv(&body)?;
        rows.into_iter().map(|row| (Some(row.line), row.report)).unzip()
    } else {
        let items = items::<FactReport>(parse(&body)?)?;
        items.into_iter().map(|report| (None, report)).unzip()
    };
    let (database, scheme) = (&authority.database, &authority.scheme());
    let mut results = facts::report(database, scheme, reporter, reports, now).await?;
    for (result, line) in results.iter_mut().zip(lines) {
        result.line = line;
    }
    Ok(Json(FactsResponse { results }))
}

fn signature(headers: &HeaderMap) -> Result<Option<String>, FieldError> {
    let Some(header) = headers.get(SIGNATURE_HEADER) else {
        return Ok(None);
    };
    let text = header.to_str();
    Ok(Some(text.map_err(|_| FieldError::new(SIGNATURE_HEADER, FieldProblem::Form))?.to_owned()))
}
