//! What a desk may ask about codes and documents, and about its receipts.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use uuid::Uuid;
use yanma_protocol::verify::{
    ReceiptResponse, VerifyItem, VerifyQuery, VerifyRequest, VerifyResponse,
};
use yanma_protocol::{FieldError, FieldProblem};

use super::body::Body;
use super::callers::Desk;
use super::citizen::limited;
use super::error::Failure;
use super::query::Asked;
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
    Asked(query): Asked<VerifyQuery>,
) -> Result<Json<VerifyResponse>, Failure> {
    Ok(Json(answer(&authority, &station, &[query.item()?])?))
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
