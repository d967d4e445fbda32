//! The colour rules, for the console.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use yanma_protocol::FieldError;
use yanma_protocol::rules::{PutRulesRequest, RulesResponse};

use super::body::Body;
use super::callers::Official;
use super::error::Failure;
use crate::audit::{self, Deed, Note};
use crate::authority::Authority;
use crate::clerks::Right;
use crate::colour::{self, Scheme};
use crate::error::Error;

type App = State<Arc<Authority>>;

pub(super) async fn find(
    State(authority): App,
    official: Official,
) -> Result<Json<RulesResponse>, Failure> {
    official.with(Right::SeeRules)?;
    Ok(Json(authority.database.read(colour::response).await?))
}

pub(super) async fn put(
    State(authority): App,
    official: Official,
    Body(request): Body<PutRulesRequest>,
) -> Result<Json<RulesResponse>, Failure> {
    let clerk = official.with(Right::PutRules)?;
    request.check()?;
    let now = authority.clock.now();
    let scheme = Scheme::parse(&request.scheme.to_string()).map_err(|error| match error {
        Error::Scheme(FieldError { field, problem }) => {
            FieldError::new(format!("scheme.{field}"), problem).into()
        }
        other => other,
    })?;
    let response = authority
        .database
        .write(move |change| {
            let before = colour::generation(change)?;
            let in_force = colour::put_in_force(change, Some(&scheme), now)?;
            if in_force.generation != before {
                let note = Note::new(Deed::PutRules, &scheme.id).because(&request.reason);
                audit::note(change, &clerk, note, now)?;
            }
            colour::response(change)
        })
        .await?;
    authority.follow_rules().await?;
    Ok(Json(response))
}
