//! The interface describes itself (OpenAPI 3.1): a route can only be added together with what
//! its handler takes and gives. Extractors say what they want of a request, answers what they
//! are, and a route adds what its handler's types do not tell: a summary, what it refuses, how
//! often it may be asked.
//!
//! Nothing of this is touched while requests are served: the routes are those of axum, and the
//! document is made once.

mod about;
mod document;
mod finish;
mod schemas;
mod standard;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::axum::routing::{ApiMethodRouter, get_with, post_with, put_with};
use aide::operation::OperationHandler;
use aide::{OperationInput, OperationOutput};
use axum::Router;
use axum::handler::Handler;

use crate::authority::Authority;

pub(super) use about::{
    About, add_paragraph, content, header, media, named_by, needs, refuses, refuses_with,
};
pub use document::text;
pub(super) use document::{CLERK, CONSOLE, REGION, SESSION, SIGNATURE, STATION, served};
pub(super) use schemas::{answer, question};
pub(super) use standard::{Service, Tag};

type App = Arc<Authority>;

/// Routes of one subject, each with its description.
pub(super) struct Routes {
    tag: Tag,
    router: ApiRouter<App>,
}

macro_rules! method {
    ($name:ident, $with:ident, $doc:literal) => {
        #[doc = $doc]
        pub(super) fn $name<H, I, O, T>(
            self,
            path: &str,
            handler: H,
            summary: &'static str,
            say: impl FnOnce(About<'_>) -> About<'_>,
        ) -> Self
        where
            H: Handler<T, App> + OperationHandler<I, O>,
            I: OperationInput,
            O: OperationOutput,
            T: 'static,
        {
            let id = std::any::type_name::<H>();
            let tag = self.tag;
            let method = $with(handler, |mut operation| {
                say(About::new(operation.inner_mut(), id, summary, tag)).finish();
                operation
            });
            self.add(path, method)
        }
    };
}

impl Routes {
    /// No routes yet of a subject.
    pub(super) fn new(tag: Tag) -> Self {
        Self { tag, router: ApiRouter::new() }
    }

    method!(get, get_with, "Answers `GET`.");
    method!(post, post_with, "Answers `POST`.");
    method!(put, put_with, "Answers `PUT`.");

    fn add(mut self, path: &str, method: ApiMethodRouter<App>) -> Self {
        self.router = self.router.api_route(path, method);
        self
    }

    /// These routes and others.
    pub(super) fn merge(mut self, others: Self) -> Self {
        self.router = self.router.merge(others.router);
        self
    }

    /// The routes alone, to serve.
    pub(super) fn into_router(self) -> Router<App> {
        self.router.into()
    }
}
