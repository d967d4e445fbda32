//! What a desk may ask.

use std::sync::Arc;

use axum::extract::State;
use yanma_protocol::entries::{ENTRIES_PATH, EntriesResponse, EntryUpload};
use yanma_protocol::stations::{
    DIRECTORY_KEYS_PATH, DirectoryKeys, ENROL_PATH, EnrolRequest, EnrolResponse,
};
use yanma_protocol::{ErrorCode, Secret};

use super::answers::Json;
use super::body::{Body, Items};
use super::callers::{Address, Desk};
use super::citizen::limited;
use super::describe::{Routes, Service, Tag};
use super::error::Failure;
use crate::authority::Authority;
use crate::entries;
use crate::limits::Rates;
use crate::stations;

type App = State<Arc<Authority>>;

/// What a desk may ask, except about codes.
pub(super) fn routes() -> Routes {
    let enrolling = Routes::new(Tag::Stations).post(ENROL_PATH, enrol, "Enrol a desk", |it| {
        it.says("With a one-time code that a clerk handed out.")
            .refuses(&[ErrorCode::Forbidden])
            .limited(Rates::default().enrol_address, "network address")
            .stands_for(Service::Access)
    });
    let keys = Routes::new(Tag::Stations).get(
        DIRECTORY_KEYS_PATH,
        directory_keys,
        "The keys under which documents are hashed",
        |it| {
            it.says(
                "For a desk that has fetched a directory under another key than it has. Whoever \
                 has a key can try numbers against the directory under it.",
            )
        },
    );
    let entries = Routes::new(Tag::Entries).post(ENTRIES_PATH, take_in, "Upload entries", |it| {
        it.says("Idempotent by the entries' ids: after a broken connection send the same again.")
    });
    enrolling.merge(keys).merge(entries)
}

async fn enrol(
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
        directory_keys: authority.keys.directory_keys(now),
    }))
}

async fn directory_keys(State(authority): App, Desk(station): Desk) -> Json<DirectoryKeys> {
    let keys = authority.keys.directory_keys(authority.clock.now());
    let generation = keys.directory_key_generation;
    tracing::info!(station = %station.id, generation, "a desk was given the directory keys");
    Json(keys)
}

async fn take_in(
    State(authority): App,
    Desk(station): Desk,
    Items(entries): Items<EntryUpload>,
) -> Result<Json<EntriesResponse>, Failure> {
    let now = authority.clock.now();
    let results = entries::take_in(&authority.database, &station, entries, now).await?;
    Ok(Json(EntriesResponse { results }))
}
