//! JSON bodies: read whole, parsed, and turned into request types with the field named.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, ReferenceOr, RequestBody};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use schemars::{JsonSchema, Schema, json_schema};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;
use yanma_protocol::batch::Item;
use yanma_protocol::{ErrorCode, FieldError, FieldProblem};

use super::describe::{media, question, refuses, refuses_with};
use super::error::Failure;
use super::read::read;
use crate::error::{BodyProblem, Error};

/// A request body of one shape.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let bytes = json(request, state).await?;
        // Most bodies are as they should be; only the others are looked at field by field.
        if let Ok(body) = serde_json::from_slice(&bytes) {
            return Ok(Self(body));
        }
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
pub(crate) struct Items<T>(pub(crate) Vec<ReadItem<T>>);

/// An item, or its id and what is wrong with it.
type ReadItem<T> = Result<T, (Option<Uuid>, FieldError)>;

impl<S: Send + Sync, T: Item> FromRequest<S> for Items<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        Ok(Self(items(parse(&json(request, state).await?)?)?))
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

/// The items of a body `{"<list>": [item, …]}`.
pub(super) fn items<T: Item>(body: Value) -> Result<Vec<ReadItem<T>>, Error> {
    let misfit = |field, problem| Error::from(FieldError::new(field, problem));
    let Value::Object(mut body) = body else {
        return Err(misfit("body", FieldProblem::Shape));
    };
    let Some(Value::Array(items)) = body.remove(T::LIST) else {
        return Err(misfit(T::LIST, FieldProblem::Shape));
    };
    if !Map::is_empty(&body) {
        return Err(misfit("body", FieldProblem::Shape));
    }
    if !(1..=T::MAX).contains(&items.len()) {
        let problem = FieldProblem::Count { min: 1, max: T::MAX };
        return Err(misfit(T::LIST, problem));
    }
    Ok(items.into_iter().map(item).collect())
}

fn item<T: Item>(value: Value) -> ReadItem<T> {
    let id = value.get("id").and_then(|id| Uuid::deserialize(id).ok());
    let item: T = read(value).map_err(|misfit| (id, misfit))?;
    item.check().map_err(|misfit| (id, misfit))?;
    Ok(item)
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

/// Reads JSON.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(bytes).map_err(|misfit| {
        Error::Body(BodyProblem::NotJson { line: misfit.line(), column: misfit.column() })
    })
}
