//! Events as they happen, to a program that stays connected (server-sent events).

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described, StatusCode};
use aide::{OperationInput, OperationOutput};
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use schemars::json_schema;
use tokio::sync::mpsc;
use yanma_station::DeskError;

use crate::answer::station_of;
use crate::describe::{about, header_parameter, ok};
use crate::door::Allowed;
use crate::event::Event;
use crate::problem::{Code, Problem};
use crate::{App, Local};

/// Programs that listen at once.
pub(crate) const MOST_LISTENERS: usize = 8;
/// Events that are read from the log at once.
const PAGE: u32 = 100;
/// Events that wait for a listener who is slow; the rest stays in the log meanwhile.
const AHEAD: usize = 16;

/// The routes.
pub(crate) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/v1/events",
        get_with(events, |operation| {
            let refuses = [Code::Unauthorised, Code::BadField];
            about(operation, "events.events", "Events as they happen", &refuses).description(
                "Server-sent events: `event` is `verdict`, `passage` or `override`, `data` an \
                 `Event`, `id` its place in the desk's log. Begins with what happens from now on, \
                 or after the header `last-event-id`, so that a listener who was cut off misses \
                 nothing that is still in the log.",
            )
        }),
    )
}

async fn events(
    State(app): State<App>,
    _allowed: Allowed,
    LastEvent(last): LastEvent,
) -> Result<Events, Problem> {
    let place = Arc::clone(&app.listeners).try_acquire_owned();
    let place = place.map_err(|_| Problem::after(Code::RateLimited, 5))?;
    let after = match last {
        Some(last) => last,
        None => app.desk.newest_number()?,
    };
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = follow(&app, after, sender).await {
            tracing::error!(%error, "events could not be told");
        }
    });
    Ok(Events(receiver))
}

/// Tells what is written after an entry, until nobody listens.
async fn follow(
    app: &App,
    mut after: u64,
    sender: mpsc::Sender<sse::Event>,
) -> Result<(), DeskError> {
    let mut written = app.desk.entries_written();
    loop {
        written.mark_unchanged();
        let local = Arc::clone(app);
        let page = tokio::task::spawn_blocking(move || local.desk.told_after(after, PAGE)).await;
        let page = page.map_err(|_| DeskError::Interrupted)??;
        let is_all = page.is_empty();
        for told in page {
            let number = told.number.unwrap_or(after);
            let event = Event::of(&told, station_of(&app.desk));
            let Ok(data) = serde_json::to_string(&event) else {
                return Err(DeskError::UnknownForm);
            };
            let event =
                sse::Event::default().id(number.to_string()).event(event.kind.as_str()).data(data);
            if sender.send(event).await.is_err() {
                return Ok(());
            }
            after = number;
        }
        if is_all {
            tokio::select! {
                changed = written.changed() => if changed.is_err() { return Ok(()) },
                () = sender.closed() => return Ok(()),
            }
        }
    }
}

/// The place after which to begin.
struct LastEvent(Option<u64>);

impl FromRequestParts<App> for LastEvent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let Some(given) = parts.headers.get("last-event-id") else { return Ok(Self(None)) };
        let place = given.to_str().ok().and_then(|text| text.parse().ok());
        place.map(|place| Self(Some(place))).ok_or_else(|| {
            Problem::field("last-event-id", "It is the id of an event of this desk, a number.")
        })
    }
}

impl OperationInput for LastEvent {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let about = "The `id` of the last event that was heard.";
        let schema = json_schema!({"type": "string", "pattern": "^[0-9]+$"});
        header_parameter(operation, "last-event-id", about, schema);
    }
}

/// Events one after another.
struct Events(mpsc::Receiver<sse::Event>);

impl Stream for Events {
    type Item = Result<sse::Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        Sse::new(self).keep_alive(KeepAlive::default()).into_response()
    }
}

impl OperationOutput for Events {
    type Inner = Self;

    fn inferred_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<StatusCode>, Described)> {
        // Named in the document, since the content is not JSON as a whole.
        drop(ctx.schema.subschema_for::<Event>());
        ok("Events.", "text/event-stream", json_schema!({"type": "string"}))
    }
}

impl Local {
    /// Places for those who listen.
    pub(crate) fn listeners() -> Arc<tokio::sync::Semaphore> {
        Arc::new(tokio::sync::Semaphore::new(MOST_LISTENERS))
    }
}
