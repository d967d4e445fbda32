//! Other regions: whose codes count beside our own.

use axum::extract::State;
use yanma_domain::IssuerId;
use yanma_protocol::clerks::RevokeRequest;
use yanma_protocol::regions::{
    OwnRegion, REGION_PATH, REGIONS_PATH, REMOVE_REGION_PATH, RegionRecord, RegionRequest,
    RegionsResponse,
};
use yanma_protocol::{ErrorCode, FieldError, FieldProblem};

use super::App;
use crate::audit::{self, Deed, Note};
use crate::clerks::needed::{PutRegions, SeeRegions};
use crate::error::Error;
use crate::http::answers::{Done, Json};
use crate::http::body::Body;
use crate::http::callers::Official;
use crate::http::describe::{Routes, Tag};
use crate::http::error::Failure;
use crate::http::path::{Named, RegionNumber};
use crate::regions::{self, LIVE, NewRegion};

pub(super) fn routes() -> Routes {
    Routes::new(Tag::Regions)
        .get(REGIONS_PATH, list, "Other regions, and how it stands with them", |it| {
            it.says("As far as the process that answers knows.")
        })
        .put(REGION_PATH, put, "Recognise a region, or change one", |it| {
            it.says("It is asked at once. Another root key begins with nothing known.")
                .refuses(&[ErrorCode::NotFound])
        })
        .post(REMOVE_REGION_PATH, remove, "Trust a region no longer", |it| {
            it.refuses(&[ErrorCode::NotFound])
        })
}

/// The issuer of this number.
fn issuer(number: &str) -> Option<IssuerId> {
    number.parse().ok().map(IssuerId)
}

async fn list(
    State(authority): App,
    _: Official<SeeRegions>,
) -> Result<Json<RegionsResponse>, Failure> {
    Ok(Json(RegionsResponse {
        own: OwnRegion {
            issuer: authority.issuer(),
            name: authority.settings.issuer_name.clone(),
            root_key: authority.root_key()?,
        },
        regions: authority.regions().await?,
        at: authority.clock.now(),
        live_seconds: u32::try_from(LIVE.as_secs()).unwrap_or(u32::MAX),
    }))
}

async fn put(
    State(authority): App,
    Official { clerk, .. }: Official<PutRegions>,
    Named(RegionNumber(number)): Named<RegionNumber>,
    Body(request): Body<RegionRequest>,
) -> Result<Json<RegionRecord>, Failure> {
    let issuer = issuer(&number).ok_or(FieldError::new("issuer", FieldProblem::Form))?;
    let root_key = request.check()?;
    let (own, now) = (authority.issuer(), authority.clock.now());
    let RegionRequest { name, url, reason, .. } = request;
    let region = NewRegion { issuer, name, url: url.trim().to_owned(), root_key };
    authority
        .database
        .write(move |change| {
            let note = regions::noted(&region).because(&reason);
            regions::put(change, own, region, now)?;
            audit::note(change, &clerk, note, now)
        })
        .await?;
    authority.regions_changed().await?;
    let record = authority.regions().await?.into_iter().find(|record| record.issuer == issuer);
    Ok(Json(record.ok_or(Error::NotFound("region"))?))
}

async fn remove(
    State(authority): App,
    Official { clerk, .. }: Official<PutRegions>,
    Named(RegionNumber(number)): Named<RegionNumber>,
    Body(request): Body<RevokeRequest>,
) -> Result<Done, Failure> {
    let issuer = issuer(&number).ok_or(Error::NotFound("region"))?;
    request.check()?;
    let now = authority.clock.now();
    authority
        .database
        .write(move |change| {
            regions::remove(change, issuer, now)?;
            let note = Note::new(Deed::RemoveRegion, issuer.to_string());
            audit::note(change, &clerk, note.because(&request.reason), now)
        })
        .await?;
    authority.regions_changed().await?;
    Ok(Done)
}
