//! Who is calling, and who else works here.

use axum::extract::State;
use yanma_protocol::clerks::{
    CLERKS_PATH, ClerkCreated, ClerkRecord, ClerkRequest, ClerksResponse, ME_PATH, MeResponse,
    REVOKE_CLERK_PATH, RevokeRequest,
};
use yanma_protocol::{ErrorCode, Secret};

use super::App;
use crate::audit::{self, Deed, Note};
use crate::clerks;
use crate::clerks::needed::ManageClerks;
use crate::error::Error;
use crate::http::answers::{Created, Json};
use crate::http::body::Body;
use crate::http::callers::Official;
use crate::http::describe::{Routes, Tag};
use crate::http::error::Failure;
use crate::http::path::{ClerkNumber, Named};

pub(super) fn routes() -> Routes {
    Routes::new(Tag::Clerks)
        .get(ME_PATH, me, "Who am I, and what may I do", |it| it)
        .get(CLERKS_PATH, list, "Who works here", |it| it)
        .post(CLERKS_PATH, create, "Make somebody, with a token", |it| {
            it.says("The token is told this once.")
        })
        .post(REVOKE_CLERK_PATH, revoke, "End somebody's token", |it| {
            it.refuses(&[ErrorCode::Conflict])
        })
}

async fn me(Official { clerk, .. }: Official) -> Json<MeResponse> {
    Json(MeResponse {
        id: clerk.id,
        rights: clerk.rights(),
        name: clerk.name,
        role: clerk.role,
        sites: clerk.sites,
        second_factor: clerk.second_factor,
    })
}

async fn list(
    State(authority): App,
    _: Official<ManageClerks>,
) -> Result<Json<ClerksResponse>, Failure> {
    let clerks = authority.database.read(clerks::all).await?;
    Ok(Json(ClerksResponse { clerks }))
}

async fn create(
    State(authority): App,
    Official { clerk: by, .. }: Official<ManageClerks>,
    Body(request): Body<ClerkRequest>,
) -> Result<Created<ClerkCreated>, Failure> {
    request.check()?;
    let now = authority.clock.now();
    let (clerk, token) = authority
        .database
        .write(move |change| {
            let made = clerks::create(change, &request, now)?;
            audit::note(change, &by, clerks::noted(&made.0), now)?;
            Ok(made)
        })
        .await?;
    Ok(Created(ClerkCreated { clerk, token: Secret::new(token) }))
}

async fn revoke(
    State(authority): App,
    Official { clerk: by, .. }: Official<ManageClerks>,
    Named(ClerkNumber(id)): Named<ClerkNumber>,
    Body(request): Body<RevokeRequest>,
) -> Result<Json<ClerkRecord>, Failure> {
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
