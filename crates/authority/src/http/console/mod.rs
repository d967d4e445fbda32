//! What the console asks.

mod appeals;
mod audit;
mod clerks;
mod holders;
mod regions;
mod second_factor;
mod stations;
mod traces;

use std::sync::Arc;

use axum::extract::State;

use super::describe::Routes;
use crate::authority::Authority;

type App = State<Arc<Authority>>;

/// The paths of the console.
pub(super) fn routes() -> Routes {
    clerks::routes()
        .merge(second_factor::routes())
        .merge(stations::routes())
        .merge(regions::routes())
        .merge(appeals::routes())
        .merge(audit::routes())
        .merge(holders::routes())
        .merge(traces::routes())
}
