//! What a desk may ask.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use yanma_protocol::Secret;
use yanma_protocol::entries::{EntriesResponse, EntryUpload};
use yanma_protocol::stations::{EnrolRequest, EnrolResponse};
use yanma_protocol::verify::{VerifyItem, VerifyRequest, VerifyResponse};

use super::body::{Body, Items};
use super::callers::{Address, Desk};
use super::citizen::limited;
use super::error::Failure;
use crate::authority::Authority;
use crate::entries;
use crate::stations;
use crate::verify::answer;

type App = State<Arc<Authority>>;

pub(super) async fn enrol(
    State(authority): App,
    Address(address): Address,
    Body(request): Body<EnrolRequest>,
) -> Result<Json<EnrolResponse>, Failure> {
    let now = authority.clock.now();
    limited(authority.limits.enrol_address.take(&address, 1, now))?;
    request.check()?;
    let enrolled =
        authority.database.write(move |change| stations::enrol(change, &request, now)).await?;
    tracing::info!(station = %enrolled.station, site = %enrolled.site.id, "a desk was enrolled");
    Ok(Json(EnrolResponse {
        station: enrolled.station,
        token: Secret::new(enrolled.token),
        site: enrolled.site,
        scene: enrolled.scene,
        issuer: Authority::ISSUER,
        code_host: authority.settings.code_host.as_str().to_owned(),
        root_key: authority.keys.root_public()?,
        directory_key: Secret::new(authority.keys.directory().to_hex()),
    }))
}

pub(super) async fn verify(
    State(authority): App,
    Desk(station): Desk,
    Body(request): Body<VerifyRequest>,
) -> Result<Json<VerifyResponse>, Failure> {
    let now = authority.clock.now();
    request.check()?;
    let is_document = |item: &&VerifyItem| matches!(item, VerifyItem::Document(_));
    let documents = request.items.iter().filter(is_document).count();
    if let (1.., Ok(tokens)) = (documents, u32::try_from(documents)) {
        let limit = &authority.limits.document_lookup;
        limited(limit.take(&station.id, tokens, now))?;
    }
    let trust = authority.trust();
    let answers = request
        .items
        .iter()
        .map(|item| answer(item, Authority::ISSUER, &trust, &authority.lists))
        .collect::<Result<_, _>>()?;
    let published = authority.published();
    Ok(Json(VerifyResponse {
        answers,
        epoch: published.epoch,
        sequence: published.sequence,
        at: now,
    }))
}

pub(super) async fn take_in(
    State(authority): App,
    Desk(station): Desk,
    Items(entries): Items<EntryUpload>,
) -> Result<Json<EntriesResponse>, Failure> {
    let now = authority.clock.now();
    let results = entries::take_in(&authority.database, &station, entries, now).await?;
    Ok(Json(EntriesResponse { results }))
}
