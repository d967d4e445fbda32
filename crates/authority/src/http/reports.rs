//! What departments report: JSON or CSV, by a token or signed.

use std::sync::Arc;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::HeaderMap;
use schemars::json_schema;
use std::convert::Infallible;
use yanma_protocol::batch::read_items;
use yanma_protocol::facts::{FACTS_PATH, FactReport, FactsResponse, SIGNATURE_HEADER};
use yanma_protocol::{ErrorCode, FieldError, FieldProblem};

use super::answers::Json;
use super::body::{bytes, content_type, describe, list, parse};
use super::callers::Official;
use super::describe::{Routes, SIGNATURE, Service, Tag, needs, refuses};
use super::error::Failure;
use crate::authority::Authority;
use crate::clerks::needed::ReportFacts;
use crate::database::Session;
use crate::error::{BodyProblem, Error};
use crate::facts::{self, Form, Sender};

/// What departments report.
pub(super) fn routes() -> Routes {
    Routes::new(Tag::Facts).post(FACTS_PATH, report, "Report facts about people", |it| {
        it.says(
            "JSON or CSV, with a token or signed. Idempotent by the facts' ids: each row is \
             accepted or refused by itself.",
        )
        .stands_for(Service::Health)
    })
}

/// A request that is read only when it is known who sent it, and how.
struct Report(Request);

impl<S: Send + Sync> FromRequest<S> for Report {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        Ok(Self(request))
    }
}

impl OperationInput for Report {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Official::<ReportFacts>::operation_input(ctx, operation);
        needs(operation, SIGNATURE);
        refuses(operation, &[ErrorCode::BadSignature]);
        let (json, csv) = (list::<FactReport>(ctx), json_schema!({"type": "string"}));
        describe(operation, [("application/json", json), ("text/csv", csv)]);
    }
}

async fn report(
    State(authority): State<Arc<Authority>>,
    Report(request): Report,
) -> Result<Json<FactsResponse>, Failure> {
    let now = authority.clock.now();
    let (mut parts, body) = request.into_parts();
    let signature = signature(&parts.headers)?;
    // Whoever has no token is turned away before the body is read.
    let official = match signature {
        None => {
            let official = Official::<ReportFacts>::from_request_parts(&mut parts, &authority);
            Some(official.await?.clerk)
        }
        Some(_) => None,
    };
    let is_csv = match content_type(&parts.headers).as_deref() {
        Some("application/json") => false,
        Some("text/csv") => true,
        _ => return Err(Error::Body(BodyProblem::ContentType).into()),
    };
    let body = bytes(Request::from_parts(parts, body), &authority).await?;
    let form = if is_csv { Form::Csv } else { Form::Json };
    let sender = match (official, signature) {
        (Some(reporter), _) => Sender { reporter, form, key: None },
        (None, signature) => {
            let (header, body) = (signature.unwrap_or_default(), body.clone());
            let signer = move |session: &Session<'_>| facts::signer(session, &header, &body);
            let (reporter, key) = authority.database.read(signer).await?;
            Sender { reporter, form, key: Some(key) }
        }
    };
    let (lines, reports): (Vec<Option<u64>>, Vec<_>) = if is_csv {
        let rows = facts::read_csv(&body)?;
        rows.into_iter().map(|row| (Some(row.line), row.report)).unzip()
    } else {
        let items = read_items::<FactReport>(parse(&body)?)?;
        items.into_iter().map(|report| (None, report)).unzip()
    };
    let (database, scheme) = (&authority.database, &authority.scheme());
    let (batch, mut results) = facts::report(database, scheme, sender, reports, now).await?;
    for (result, line) in results.iter_mut().zip(lines) {
        result.line = line;
    }
    Ok(Json(FactsResponse { batch: Some(batch), results }))
}

fn signature(headers: &HeaderMap) -> Result<Option<String>, FieldError> {
    let Some(header) = headers.get(SIGNATURE_HEADER) else {
        return Ok(None);
    };
    let text = header.to_str();
    Ok(Some(text.map_err(|_| FieldError::new(SIGNATURE_HEADER, FieldProblem::Form))?.to_owned()))
}
