//! Who is calling, and who else works here.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use yanma_protocol::Secret;
use yanma_protocol::clerks::{
    ClerkCreated, ClerkRecord, ClerkRequest, ClerksResponse, MeResponse, RevokeRequest,
    SecondFactor,
};

use super::App;
use crate::audit::{self, Deed, Note};
use crate::clerks::{self, Right};
use crate::error::Error;
use crate::http::body::Body;
use crate::http::callers::Official;
use crate::http::error::Failure;

pub(super) async fn me(Official(clerk): Official) -> Json<MeResponse> {
    Json(MeResponse {
        id: clerk.id,
        rights: clerk.rights(),
        name: clerk.name,
        role: clerk.role,
        sites: clerk.sites,
        second_factor: SecondFactor::NotNeeded,
    })
}

pub(super) async fn list(
    State(authority): App,
    official: Official,
) -> Result<Json<ClerksResponse>, Failure> {
    official.with(Right::ManageClerks)?;
    let clerks = authority.database.read(clerks::all).await?;
    Ok(Json(ClerksResponse { clerks }))
}

pub(super) async fn create(
    State(authority): App,
    official: Official,
    Body(request): Body<ClerkRequest>,
) -> Result<(StatusCode, Json<ClerkCreated>), Failure> {
    let by = official.with(Right::ManageClerks)?;
    request.check()?;
    let now = authority.clock.now();
    let (clerk, token) = authority
        .database
        .write(move |change| {
            let made = clerks::create(change, &request, now)?;
            audit::note(change, &by, created(&made.0), now)?;
            Ok(made)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(ClerkCreated { clerk, token: Secret::new(token) })))
}

/// How the making of somebody is noted.
fn created(clerk: &ClerkRecord) -> Note {
    Note::new(Deed::CreateClerk, format!("clerk {}", clerk.id))
        .with("role", clerk.role.as_str())
        .with("sites", clerk.sites.join(" "))
}

pub(super) async fn revoke(
    State(authority): App,
    official: Official,
    id: Result<Path<i64>, axum::extract::rejection::PathRejection>,
    Body(request): Body<RevokeRequest>,
) -> Result<Json<ClerkRecord>, Failure> {
    let by = official.with(Right::ManageClerks)?;
    let Path(id) = id.map_err(|_| Error::NotFound("clerk"))?;
    request.check()?;
    if by.id == id {
        // Whoever ends their own token may be the last who could make another.
        return Err(Error::OwnToken.into());
    }
    let now = authority.clock.now();
    let revoked = authority
        .database
        .write(move |change| {
            let revoked = clerks::revoke(change, id, now)?;
            let note = Note::new(Deed::RevokeClerk, format!("clerk {id}"));
            audit::note(change, &by, note.because(&request.reason), now)?;
            Ok(revoked)
        })
        .await?;
    Ok(Json(revoked))
}
