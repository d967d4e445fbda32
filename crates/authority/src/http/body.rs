//! JSON bodies: read whole, parsed, and turned into request types with the field named.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, ReferenceOr, RequestBody};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use schemars::{JsonSchema, Schema, json_schema};
use serde::de::DeserializeOwned;
use serde_json::Value;
use yanma_protocol::ErrorCode;
use yanma_protocol::batch::{Item, RefusedItem, read_items};
use yanma_protocol::json::read;

use super::describe::{media, question, refuses, refuses_with};
use super::error::Failure;
use crate::error::{BodyProblem, Error};

/// A request body of one shape.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let bytes = json(request, state).await?;
        Ok(Self(read(parse(&bytes)?)?))
    }
}

impl<T: JsonSchema> OperationInput for Body<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = question::<T>(ctx);
        describe(operation, [("application/json", schema)]);
    }
}

/// A request body `{"<list>": [item, …]}` whose items succeed or fail one by one; a failed
/// one keeps its id, when that much could be read.
pub(crate) struct Items<T>(pub(crate) Vec<Result<T, RefusedItem>>);

impl<S: Send + Sync, T: Item> FromRequest<S> for Items<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        Ok(Self(read_items(parse(&json(request, state).await?)?)?))
    }
}

impl<T: Item + JsonSchema> OperationInput for Items<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = list::<T>(ctx);
        describe(operation, [("application/json", schema)]);
    }
}

/// `{"<list>": [item, …]}`
pub(super) fn list<T: Item + JsonSchema>(ctx: &mut GenContext) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            T::LIST: {
                "type": "array",
                "items": question::<T>(ctx),
                "minItems": 1,
                "maxItems": T::MAX,
                "description": "Each succeeds or fails by itself, and is answered in its place.",
            },
        },
        "required": [T::LIST],
        "additionalProperties": false,
    })
}

/// Says which bodies an operation takes, and what becomes of others.
pub(super) fn describe<const N: usize>(operation: &mut Operation, bodies: [(&str, Schema); N]) {
    let content = bodies.map(|(kind, schema)| (kind.to_owned(), media(schema)));
    let body = RequestBody {
        content: content.into_iter().collect(),
        required: true,
        ..RequestBody::default()
    };
    operation.request_body = Some(ReferenceOr::Item(body));
    refuses(operation, &[ErrorCode::BadRequest, ErrorCode::BadField, ErrorCode::TooLarge]);
    refuses_with(operation, 415, ErrorCode::BadRequest);
}

/// A body that is declared to be JSON.
async fn json<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    if content_type(request.headers()).as_deref() != Some("application/json") {
        return Err(Error::Body(BodyProblem::ContentType));
    }
    bytes(request, state).await
}

/// The content type in lower case, without its parameters.
pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    let declared = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(declared.split(';').next()?.trim().to_ascii_lowercase())
}

/// The body, whole.
pub(super) async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        Error::Body(match rejection {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                BodyProblem::TooLarge
            }
            _ => BodyProblem::Broken,
        })
    })
}

/// Parses JSON.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Error> {
    yanma_protocol::json::parse(bytes).map_err(|misfit| {
        Error::Body(BodyProblem::NotJson { line: misfit.line(), column: misfit.column() })
    })
}
