//! Stations, sites and policies.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use yanma_domain::policy::Policy;
use yanma_protocol::clerks::RevokeRequest;
use yanma_protocol::stations::{
    EnrolmentRequest, PoliciesResponse, PolicyRequest, SiteRecord, SiteRequest, SitesResponse,
    StationRecord, StationsResponse,
};
use yanma_protocol::{FieldError, FieldProblem};

use super::App;
use crate::audit::{self, Deed, Note};
use crate::clerks::Right;
use crate::error::Error;
use crate::http::body::Body;
use crate::http::callers::Official;
use crate::http::error::Failure;
use crate::policies;
use crate::stations::{self, SiteRow};

type Named = Result<Path<String>, PathRejection>;

pub(super) async fn list(
    State(authority): App,
    official: Official,
) -> Result<Json<StationsResponse>, Failure> {
    let clerk = official.with(Right::SeeStations)?;
    // What is not written yet belongs to the answer too.
    authority.seen.write(&authority.database).await?;
    let mut stations = authority.database.read(stations::all).await?;
    stations.retain(|station| clerk.may_at(&station.site).is_ok());
    let published = authority.published();
    Ok(Json(StationsResponse {
        stations,
        epoch: published.epoch,
        sequence: published.sequence,
        at: authority.clock.now(),
    }))
}

pub(super) async fn revoke(
    State(authority): App,
    official: Official,
    id: Named,
    Body(request): Body<RevokeRequest>,
) -> Result<Json<StationRecord>, Failure> {
    let clerk = official.with(Right::RevokeStations)?;
    let Path(id) = id.map_err(|_| Error::NotFound("station"))?;
    request.check()?;
    let now = authority.clock.now();
    let revoked = authority
        .database
        .write(move |change| {
            clerk.may_at(&stations::one(change, &id)?.site)?;
            stations::revoke(change, &id, now)?;
            let note = Note::new(Deed::RevokeStation, &id).because(&request.reason);
            audit::note(change, &clerk, note, now)?;
            stations::one(change, &id)
        })
        .await?;
    authority.callers.forget_station(&revoked.station);
    Ok(Json(revoked))
}

pub(super) async fn sites(
    State(authority): App,
    official: Official,
) -> Result<Json<SitesResponse>, Failure> {
    let clerk = official.with(Right::SeeSites)?;
    let mut sites = authority.database.read(stations::all_sites).await?;
    sites.retain(|site| clerk.may_at(&site.id).is_ok());
    Ok(Json(SitesResponse { sites }))
}

pub(super) async fn put_site(
    State(authority): App,
    official: Official,
    id: Named,
    Body(request): Body<SiteRequest>,
) -> Result<Json<SiteRecord>, Failure> {
    let clerk = official.with(Right::PutSites)?;
    let Path(id) = id.map_err(|_| FieldError::new("id", FieldProblem::Form))?;
    request.check()?;
    stations::check_scene(&request.scene)?;
    // The same limits as when a desk is enrolled there.
    EnrolmentRequest { site: id.clone(), station_name: None, scene: None }.check()?;
    let row = SiteRow::new(&id, &request.name.zh, &request.name.en, &request.scene);
    let now = authority.clock.now();
    let site = authority
        .database
        .write(move |change| {
            stations::put_site(change, &row)?;
            let note = Note::new(Deed::PutSite, &id)
                .with("zh", &row.site.name.zh)
                .with("en", &row.site.name.en)
                .with("scene", &row.scene);
            audit::note(change, &clerk, note, now)?;
            let site = stations::all_sites(change)?.into_iter().find(|site| site.id == id);
            site.ok_or(Error::Damaged("site"))
        })
        .await?;
    Ok(Json(site))
}

pub(super) async fn policies(
    State(authority): App,
    official: Official,
) -> Result<Json<PoliciesResponse>, Failure> {
    official.with(Right::SeePolicies)?;
    let policies = authority.database.read(policies::in_force).await?;
    Ok(Json(PoliciesResponse { policies }))
}

pub(super) async fn put_policy(
    State(authority): App,
    official: Official,
    id: Named,
    Body(request): Body<PolicyRequest>,
) -> Result<Json<Policy>, Failure> {
    let clerk = official.with(Right::PutPolicies)?;
    let Path(id) = id.map_err(|_| Error::NotFound("policy"))?;
    request.check()?;
    if request.policy.id != id {
        return Err(FieldError::new("policy.id", FieldProblem::Form).into());
    }
    let now = authority.clock.now();
    let policy = authority
        .database
        .write(move |change| {
            let PolicyRequest { policy, reason } = request;
            policies::put(change, &policy, &clerk, now)?;
            let note = Note::new(Deed::PutPolicy, &policy.id).because(&reason);
            audit::note(change, &clerk, note.with("version", policy.version), now)?;
            Ok(policy)
        })
        .await?;
    Ok(Json(policy))
}
