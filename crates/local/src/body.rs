//! What comes with a request, and what goes out as JSON.

use aide::generate::GenContext;
use aide::openapi::{Operation, ReferenceOr, RequestBody, Response as Described, StatusCode};
use aide::{OperationInput, OperationOutput};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, json_schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use yanma_station::protocol::json;

use crate::App;
use crate::describe::{header_parameter, media, ok, path_parameter};
use crate::problem::{Code, Problem};
use crate::words::Language;

/// The longest name of a question, in characters.
const LONGEST_NAME: usize = 128;

/// A request body of one shape.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(Code::ContentType));
        }
        let bytes =
            Bytes::from_request(request, app).await.map_err(|rejection| {
                match rejection.into_response().status().as_u16() {
                    413 => Problem::new(Code::TooLarge),
                    _ => Problem::new(Code::BadRequest),
                }
            })?;
        let value = json::parse(&bytes).map_err(|_| Problem::new(Code::BadRequest))?;
        Ok(Self(json::read(value)?))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let kind = declared.and_then(|it| it.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

impl<T: JsonSchema> OperationInput for Body<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = ctx.schema.subschema_for::<T>();
        let content = [("application/json".to_owned(), media(schema))].into_iter().collect();
        let body = RequestBody { content, required: true, ..RequestBody::default() };
        operation.request_body = Some(ReferenceOr::Item(body));
    }
}

/// 200, with JSON.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Json<T> {
    type Inner = T;

    fn inferred_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<StatusCode>, Described)> {
        ok("Answered.", "application/json", ctx.schema.subschema_for::<T>())
    }
}

/// The entry that the path names.
pub(crate) struct EntryName(pub(crate) Uuid);

impl FromRequestParts<App> for EntryName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Path(name) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::new(Code::NotFound))?;
        name.parse().map(Self).map_err(|_| Problem::field("entry", "The entry is no UUID."))
    }
}

impl OperationInput for EntryName {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let schema = json_schema!({"type": "string", "format": "uuid"});
        path_parameter(operation, "entry", "An entry that a check gave.", schema);
    }
}

/// The language of words.
pub(crate) struct Speaks(pub(crate) Language);

impl FromRequestParts<App> for Speaks {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(Self(Language::of(&parts.headers)))
    }
}

impl OperationInput for Speaks {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let about =
            "Whether `reason` and `next` are Chinese (`zh`, as without it) or English (`en`).";
        header_parameter(operation, "accept-language", about, json_schema!({"type": "string"}));
    }
}

/// The name of a question, by which it is answered once.
pub(crate) struct QuestionName(pub(crate) Option<String>);

impl FromRequestParts<App> for QuestionName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let mut given = parts.headers.get_all("idempotency-key").iter();
        let Some(name) = given.next() else { return Ok(Self(None)) };
        let name = name.to_str().unwrap_or_default();
        let fits = (1..=LONGEST_NAME).contains(&name.len()) && given.next().is_none();
        if fits {
            Ok(Self(Some(name.to_owned())))
        } else {
            Err(Problem::field("idempotency-key", "It is 1 to 128 printable ASCII characters."))
        }
    }
}

impl OperationInput for QuestionName {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let about = "A name of the caller's for this question, new for each. The same question \
            under the same name within 24 hours gets the first one's answer and makes no entry.";
        let schema = json_schema!({"type": "string", "minLength": 1, "maxLength": LONGEST_NAME});
        header_parameter(operation, "idempotency-key", about, schema);
    }
}
