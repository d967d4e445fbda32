//! The colour rules, for the console.

use std::sync::Arc;

use axum::extract::State;
use yanma_protocol::FieldError;
use yanma_protocol::rules::{PutRulesRequest, RULES_PATH, RulesResponse};

use super::answers::Json;
use super::body::Body;
use super::callers::Official;
use super::describe::{Routes, Tag};
use super::error::Failure;
use crate::audit::{self, Deed, Note};
use crate::authority::Authority;
use crate::clerks::needed::{PutRules, SeeRules};
use crate::colour::{self, Scheme};
use crate::error::Error;

type App = State<Arc<Authority>>;

/// The colour rules.
pub(super) fn routes() -> Routes {
    Routes::new(Tag::Rules).get(RULES_PATH, find, "The rules in force", |it| it).post(
        RULES_PATH,
        put,
        "Put other rules in force",
        |it| it.says("Everybody is coloured anew in the background."),
    )
}

async fn find(
    State(authority): App,
    _: Official<SeeRules>,
) -> Result<Json<RulesResponse>, Failure> {
    Ok(Json(authority.database.read(colour::response).await?))
}

async fn put(
    State(authority): App,
    Official { clerk, .. }: Official<PutRules>,
    Body(request): Body<PutRulesRequest>,
) -> Result<Json<RulesResponse>, Failure> {
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
