//! The interface describes itself (OpenAPI 3.1), from what its handlers take and give.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aide::OperationOutput;
use aide::axum::ApiRouter;
use aide::generate::{self, GenContext};
use aide::openapi::{
    Components, HeaderStyle, Info, License, MediaType, OpenApi, Operation, Parameter,
    ParameterData, ParameterSchemaOrContent, PathStyle, ReferenceOr, Response, Responses,
    SchemaObject, SecurityScheme, StatusCode,
};
use aide::transform::TransformOperation;
use axum::http::header;
use axum::response::IntoResponse;
use schemars::generate::{Contract, SchemaSettings};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::problem::{Code, Problem};
use crate::serve::MAX_BODY_BYTES;
use crate::{App, checks, events, health};

/// The name of the token among the ways to be let in.
const TOKEN: &str = "token";
/// What every operation may refuse with.
const ALWAYS: [Code; 4] = [Code::NotFromHere, Code::RateLimited, Code::Internal, Code::Unavailable];

/// Every path of the interface, described.
pub(crate) fn routes() -> ApiRouter<App> {
    checks::routes().merge(events::routes()).merge(health::routes())
}

/// The description of the interface: OpenAPI 3.1 in JSON, always the same for one version of
/// the program.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(make)
}

fn make() -> String {
    generate::in_context(|ctx| ctx.schema = generator());
    let routes = routes();
    generate::in_context(|ctx| drop(ctx.schema.subschema_for::<Problem>()));
    let mut document = about_the_whole();
    drop(routes.finish_api(&mut document));
    let document = serde_json::to_value(&document).unwrap_or_default();
    let mut text = serde_json::to_string_pretty(&sorted(document)).unwrap_or_default();
    text.push('\n');
    text
}

/// A generator that keeps named types where OpenAPI has them. What is answered has all its
/// fields; what is asked marks those that may be left out.
fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        settings.contract = Contract::Serialize;
    });
    SchemaGenerator::new(settings)
}

fn about_the_whole() -> OpenApi {
    let token = SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some("The token that was made in the desk's settings.".to_owned()),
        extensions: Default::default(),
    };
    OpenApi {
        info: Info {
            title: "Yanma 验码 desk".to_owned(),
            summary: Some("OK, NOK or CHECK for programs on the same computer.".to_owned()),
            description: Some(format!(
                "Answers on the loopback address only, and no web page: another `host`, or any \
                 `origin`, is refused (403 `not-from-here`). Every answer with a status of 400 and \
                 above is a `Problem` (RFC 9457); programs branch on `code`. A body is at most \
                 {MAX_BODY_BYTES} bytes. Whatever is not 200 with a `result` is to be taken as \
                 `CHECK`. See `docs/desk-api.md`."
            )),
            license: Some(License {
                name: "MIT OR Apache-2.0".to_owned(),
                identifier: Some("MIT OR Apache-2.0".to_owned()),
                ..License::default()
            }),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Info::default()
        },
        components: Some(Components {
            security_schemes: [(TOKEN.to_owned(), ReferenceOr::Item(token))].into_iter().collect(),
            ..Components::default()
        }),
        ..OpenApi::default()
    }
}

/// Names an operation, and says what it refuses beside what all do.
pub(crate) fn about<'a>(
    mut operation: TransformOperation<'a>,
    id: &str,
    summary: &str,
    refuses: &[Code],
) -> TransformOperation<'a> {
    let inner = operation.inner_mut();
    inner.operation_id = Some(id.to_owned());
    inner.summary = Some(summary.to_owned());
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in ALWAYS.iter().chain(refuses) {
        by_status.entry(code.status()).or_default().push(code.as_str());
    }
    let responses = inner.responses.get_or_insert_with(Responses::default);
    for (status, codes) in by_status {
        let mut response =
            Response { description: format!("`{}`", codes.join("`, `")), ..Response::default() };
        let schema = json_schema!({
            "allOf": [
                {"$ref": "#/components/schemas/Problem"},
                {"properties": {"code": {"enum": codes}}},
            ],
        });
        response.content.insert("application/problem+json".to_owned(), media(schema));
        let response = ReferenceOr::Item(response);
        responses.responses.insert(StatusCode::Code(status), response);
    }
    operation
}

/// Says that an operation wants the token.
pub(crate) fn needs_token(operation: &mut Operation) {
    operation.security.push([(TOKEN.to_owned(), Vec::new())].into_iter().collect());
}

/// What one content type carries.
pub(crate) fn media(schema: Schema) -> MediaType {
    MediaType { schema: Some(of(schema)), ..MediaType::default() }
}

fn of(json_schema: Schema) -> SchemaObject {
    SchemaObject { json_schema, external_docs: None, example: None }
}

fn data(name: &str, about: &str, required: bool, schema: Schema) -> ParameterData {
    ParameterData {
        name: name.to_owned(),
        description: Some(about.to_owned()),
        required,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(of(schema)),
        example: None,
        examples: Default::default(),
        explode: None,
        extensions: Default::default(),
    }
}

/// Adds a header that may be sent.
pub(crate) fn header_parameter(operation: &mut Operation, name: &str, about: &str, schema: Schema) {
    let parameter_data = data(name, about, false, schema);
    let parameter = Parameter::Header { parameter_data, style: HeaderStyle::Simple };
    operation.parameters.push(ReferenceOr::Item(parameter));
}

/// Adds a part of the path.
pub(crate) fn path_parameter(operation: &mut Operation, name: &str, about: &str, schema: Schema) {
    let parameter_data = data(name, about, true, schema);
    let parameter = Parameter::Path { parameter_data, style: PathStyle::Simple };
    operation.parameters.push(ReferenceOr::Item(parameter));
}

/// The answer that is 200, of a kind of content.
pub(crate) fn ok(
    description: &str,
    kind: &str,
    schema: Schema,
) -> Vec<(Option<StatusCode>, Response)> {
    let mut response = Response { description: description.to_owned(), ..Response::default() };
    response.content.insert(kind.to_owned(), media(schema));
    vec![(Some(StatusCode::Code(200)), response)]
}

/// A value with its keys in one order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let ordered: BTreeMap<_, _> = object.into_iter().collect();
            let sorted = ordered.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(sorted.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// Serves it.
pub(crate) async fn served() -> Document {
    Document
}

/// The document as an answer.
pub(crate) struct Document;

impl IntoResponse for Document {
    fn into_response(self) -> axum::response::Response {
        ([(header::CONTENT_TYPE, "application/json")], text()).into_response()
    }
}

impl OperationOutput for Document {
    type Inner = Self;

    fn inferred_responses(
        _: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<StatusCode>, Response)> {
        ok("This document.", "application/json", json_schema!({"type": "object"}))
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_committed_document_is_what_the_handlers_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/desk-openapi.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == text(),
            "docs/desk-openapi.json is stale: cargo run -p yanma-cli -- api describe > docs/desk-openapi.json"
        );
    }
}
