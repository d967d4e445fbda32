//! What a desk may ask about codes and documents, and about its receipts.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use yanma_protocol::batch::RefusedItem;
use yanma_protocol::verify::{
    RECEIPTS_PATH, ReceiptResponse, VERIFY_PATH, VerifyItem, VerifyQuery, VerifyResponse,
};

use super::answers::Json;
use super::body::Items;
use super::callers::{Address, Desk};
use super::citizen::limited;
use super::describe::{Routes, Service, Tag};
use super::error::Failure;
use super::path::{Named, Receipt};
use super::query::Asked;
use crate::authority::Authority;
use crate::error::Error;
use crate::limits::Rates;
use crate::stations::Station;
use crate::verify;

type App = State<Arc<Authority>>;

/// What a desk may ask about codes and documents.
pub(super) fn routes() -> Routes {
    let rates = Rates::default();
    let (rate, whom) = (rates.document_lookup, "desk and document");
    let (of_address, there) = (rates.lookup_address, "network address and document");
    let receipts = format!("{RECEIPTS_PATH}{{receipt}}");
    Routes::new(Tag::Verify)
        .post(VERIFY_PATH, many, "Ask about codes and documents", |it| {
            it.says(
                "An item that cannot be read is rejected in its own place, and a code that is none \
                 is refused there; the others are answered. The answer is recorded: it counts once \
                 its receipt is durable.",
            )
            .limited(rate, whom)
            .limited(of_address, there)
            .stands_for(Service::Verify)
        })
        .get(VERIFY_PATH, one, "Ask about one code or document", |it| {
            it.says(
                "`?code=`, or `?document_type=&hash=&basis=&key=`. An address is written into more \
                 logs than a body: prefer `POST` for a code.",
            )
            .limited(rate, whom)
            .limited(of_address, there)
            .stands_for(Service::Verify)
        })
        .get(&receipts, receipt, "Whether a receipt counts", |it| it.stands_for(Service::Verify))
}

async fn many(
    State(authority): App,
    Desk(station): Desk,
    Address(address): Address,
    Items(items): Items<VerifyItem>,
) -> Result<Json<VerifyResponse>, Failure> {
    Ok(Json(answer(&authority, &station, address, &items)?))
}

async fn one(
    State(authority): App,
    Desk(station): Desk,
    Address(address): Address,
    Asked(query): Asked<VerifyQuery>,
) -> Result<Json<VerifyResponse>, Failure> {
    Ok(Json(answer(&authority, &station, address, &[Ok(query.item()?)])?))
}

async fn receipt(
    State(authority): App,
    Desk(station): Desk,
    Named(Receipt(receipt)): Named<Receipt>,
) -> Result<Json<ReceiptResponse>, Failure> {
    let state = verify::receipt(&authority, &station, receipt).await?;
    Ok(Json(ReceiptResponse { receipt, state }))
}

fn answer(
    authority: &Authority,
    station: &Arc<Station>,
    address: IpAddr,
    items: &[Result<VerifyItem, RefusedItem>],
) -> Result<VerifyResponse, Error> {
    let now = authority.clock.now();
    let is_document =
        |item: &&Result<VerifyItem, RefusedItem>| matches!(item, Ok(VerifyItem::Document(_)));
    let documents = items.iter().filter(is_document).count();
    if let (1.., Ok(tokens)) = (documents, u32::try_from(documents)) {
        let limits = &authority.limits;
        let there = (&limits.lookup_address, &address);
        limited(limits.document_lookup.take_both(&station.id, there, tokens, now))?;
    }
    let (receipt, answers) = verify::verify(authority, station, items, now)?;
    let published = authority.published();
    Ok(VerifyResponse {
        answers,
        epoch: published.epoch,
        sequence: published.sequence,
        at: now,
        receipt,
    })
}
