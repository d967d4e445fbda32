//! What a desk may ask about codes and documents, and about its receipts.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use uuid::Uuid;
use yanma_protocol::verify::{
    DocumentRef, LegalBasis, ReceiptResponse, VerifyItem, VerifyRequest, VerifyResponse,
};
use yanma_protocol::{FieldError, FieldProblem, Secret};

use super::body::Body;
use super::callers::Desk;
use super::citizen::limited;
use super::error::Failure;
use crate::authority::Authority;
use crate::error::Error;
use crate::stations::Station;
use crate::verify;

type App = State<Arc<Authority>>;

pub(super) async fn many(
    State(authority): App,
    Desk(station): Desk,
    Body(request): Body<VerifyRequest>,
) -> Result<Json<VerifyResponse>, Failure> {
    request.check()?;
    Ok(Json(answer(&authority, &station, &request.items)?))
}

pub(super) async fn one(
    State(authority): App,
    Desk(station): Desk,
    query: Result<Query<HashMap<String, String>>, QueryRejection>,
) -> Result<Json<VerifyResponse>, Failure> {
    let Query(query) = query.map_err(|_| FieldError::new("query", FieldProblem::Form))?;
    Ok(Json(answer(&authority, &station, &[read_query(query)?])?))
}

pub(super) async fn receipt(
    State(authority): App,
    Desk(station): Desk,
    Path(receipt): Path<String>,
) -> Result<Json<ReceiptResponse>, Failure> {
    let receipt: Uuid =
        receipt.parse().map_err(|_| FieldError::new("receipt", FieldProblem::Form))?;
    let state = verify::receipt(&authority, &station, receipt).await?;
    Ok(Json(ReceiptResponse { receipt, state }))
}

fn answer(
    authority: &Authority,
    station: &Arc<Station>,
    items: &[VerifyItem],
) -> Result<VerifyResponse, Error> {
    let now = authority.clock.now();
    let is_document = |item: &&VerifyItem| matches!(item, VerifyItem::Document(_));
    let documents = items.iter().filter(is_document).count();
    if let (1.., Ok(tokens)) = (documents, u32::try_from(documents)) {
        let limit = &authority.limits.document_lookup;
        limited(limit.take(&station.id, tokens, now))?;
    }
    let (receipt, answers) = verify::verify(authority, station, items, now)?;
    let published = authority.published();
    Ok(VerifyResponse {
        answers,
        epoch: published.epoch,
        sequence: published.sequence,
        at: now,
        receipt: Some(receipt),
    })
}

/// Reads `?code=`, or `?document_type=&hash=&basis=`.
fn read_query(mut query: HashMap<String, String>) -> Result<VerifyItem, FieldError> {
    let item = if let Some(code) = query.remove("code") {
        VerifyItem::Code(Secret::from(code))
    } else {
        let mut take = |name: &'static str| {
            query.remove(name).ok_or_else(|| FieldError::new(name, FieldProblem::Shape))
        };
        let form = |name| FieldError::new(name, FieldProblem::Form);
        let (document_type, hash, basis) = (take("document_type")?, take("hash")?, take("basis")?);
        VerifyItem::Document(DocumentRef {
            document_type: document_type.parse().map_err(|_| form("document_type"))?,
            hash: hash.parse().map_err(|_| form("hash"))?,
            basis: LegalBasis::from_name(&basis).ok_or_else(|| form("basis"))?,
        })
    };
    if query.is_empty() { Ok(item) } else { Err(FieldError::new("query", FieldProblem::Shape)) }
}
