//! Another region asks about somebody of ours.

use std::convert::Infallible;
use std::sync::Arc;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue};
use yanma_protocol::home::{HOME_COLOUR_PATH, HomeAnswer, HomeQuestion, SIGNATURE_HEADER};
use yanma_protocol::json::read;
use yanma_protocol::{ErrorCode, FieldError, FieldProblem};

use super::answers::Signed;
use super::body::{bytes, content_type, describe, parse};
use super::describe::{REGION, Routes, Tag, needs, question, refuses};
use super::error::Failure;
use crate::authority::Authority;
use crate::error::{BodyProblem, Error};
use crate::homes;
use crate::limits::Rates;

/// What another region asks.
pub(super) fn routes() -> Routes {
    Routes::new(Tag::Regions).post(
        HOME_COLOUR_PATH,
        answer,
        "The colour of somebody who has gone to another region",
        |it| {
            it.says("Sealed, signed, and answered once: docs/regions.md is the contract.")
                .limited(Rates::default().home_question, "region")
        },
    )
}

/// A signed question: the signature is over the bytes as they came.
struct Question(Request);

impl<S: Send + Sync> FromRequest<S> for Question {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        Ok(Self(request))
    }
}

impl OperationInput for Question {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        needs(operation, REGION);
        refuses(operation, &[ErrorCode::BadSignature, ErrorCode::Conflict]);
        describe(operation, [("application/json", question::<HomeQuestion>(ctx))]);
    }
}

async fn answer(
    State(authority): State<Arc<Authority>>,
    Question(request): Question,
) -> Result<Signed<HomeAnswer>, Failure> {
    let signature = signature(request.headers())?;
    if content_type(request.headers()).as_deref() != Some("application/json") {
        return Err(Error::Body(BodyProblem::ContentType).into());
    }
    let body = bytes(request, &authority).await?;
    let question: HomeQuestion = read(parse(&body)?)?;
    let (signature, answer) = homes::answer(&authority, &signature, &body, question).await?;
    let signature = HeaderValue::try_from(signature).map_err(|_| Error::Panicked)?;
    Ok(Signed::new(signature, answer))
}

fn signature(headers: &HeaderMap) -> Result<String, FieldError> {
    let form = || FieldError::new(SIGNATURE_HEADER, FieldProblem::Form);
    let header = headers.get(SIGNATURE_HEADER).ok_or_else(form)?;
    Ok(header.to_str().map_err(|_| form())?.to_owned())
}
