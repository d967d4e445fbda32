//! What a desk may ask.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use yanma_protocol::Secret;
use yanma_protocol::entries::{EntriesResponse, EntryUpload};
use yanma_protocol::stations::{EnrolRequest, EnrolResponse};

use super::body::{Body, Items};
use super::callers::{Address, Desk};
use super::citizen::limited;
use super::error::Failure;
use crate::authority::Authority;
use crate::entries;
use crate::stations;

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
        issuer: authority.issuer(),
        code_host: authority.settings.code_host.as_str().to_owned(),
        root_key: authority.keys.root_public()?,
        directory_key: Secret::new(authority.keys.directory().to_hex()),
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
