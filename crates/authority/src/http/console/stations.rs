//! Stations, sites and policies.

use axum::extract::State;
use yanma_domain::policy::Policy;
use yanma_protocol::clerks::RevokeRequest;
use yanma_protocol::stations::{
    EnrolmentRequest, POLICIES_PATH, POLICY_PATH, PoliciesResponse, PolicyRequest,
    REVOKE_STATION_PATH, SITE_PATH, SITES_PATH, STATIONS_PATH, SiteRecord, SiteRequest,
    SitesResponse, StationRecord, StationsResponse,
};
use yanma_protocol::{ErrorCode, FieldError, FieldProblem};

use super::App;
use crate::audit::{self, Deed, Note};
use crate::clerks::needed::{
    PutPolicies, PutSites, RevokeStations, SeePolicies, SeeSites, SeeStations,
};
use crate::error::Error;
use crate::http::answers::Json;
use crate::http::body::Body;
use crate::http::callers::Official;
use crate::http::describe::{Routes, Tag};
use crate::http::error::Failure;
use crate::http::path::{Named, PolicyId, SiteId, StationId};
use crate::policies;
use crate::stations::{self, SiteRow};

pub(super) fn routes() -> Routes {
    Routes::new(Tag::Stations)
        .get(STATIONS_PATH, list, "The stations, and how they are", |it| {
            it.says("A site manager gets those of their own sites.")
        })
        .post(REVOKE_STATION_PATH, revoke, "End a station", |it| it)
        .get(SITES_PATH, sites, "The sites", |it| it.says("A site manager gets their own."))
        .put(SITE_PATH, put_site, "Add a site, or change one", |it| it)
        .get(POLICIES_PATH, policies, "The policies in force", |it| it)
        .put(POLICY_PATH, put_policy, "Put a policy in force", |it| {
            it.says("Its version is one above the one that is in force.")
                .refuses(&[ErrorCode::NotFound])
        })
}

async fn list(
    State(authority): App,
    Official { clerk, .. }: Official<SeeStations>,
) -> Result<Json<StationsResponse>, Failure> {
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

async fn revoke(
    State(authority): App,
    Official { clerk, .. }: Official<RevokeStations>,
    Named(StationId(id)): Named<StationId>,
    Body(request): Body<RevokeRequest>,
) -> Result<Json<StationRecord>, Failure> {
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

async fn sites(
    State(authority): App,
    Official { clerk, .. }: Official<SeeSites>,
) -> Result<Json<SitesResponse>, Failure> {
    let mut sites = authority.database.read(stations::all_sites).await?;
    sites.retain(|site| clerk.may_at(&site.id).is_ok());
    Ok(Json(SitesResponse { sites }))
}

async fn put_site(
    State(authority): App,
    Official { clerk, .. }: Official<PutSites>,
    Named(SiteId(id)): Named<SiteId>,
    Body(request): Body<SiteRequest>,
) -> Result<Json<SiteRecord>, Failure> {
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

async fn policies(
    State(authority): App,
    _: Official<SeePolicies>,
) -> Result<Json<PoliciesResponse>, Failure> {
    let policies = authority.database.read(policies::in_force).await?;
    Ok(Json(PoliciesResponse { policies }))
}

async fn put_policy(
    State(authority): App,
    Official { clerk, .. }: Official<PutPolicies>,
    Named(PolicyId(id)): Named<PolicyId>,
    Body(request): Body<PolicyRequest>,
) -> Result<Json<Policy>, Failure> {
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
