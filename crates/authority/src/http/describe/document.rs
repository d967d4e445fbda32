//! The document as a whole.

use std::sync::OnceLock;

use aide::OperationOutput;
use aide::generate::{self, GenContext};
use aide::openapi::{
    ApiKeyLocation, Components, Info, License, OpenApi, Operation, ReferenceOr, Response,
    SecurityScheme, StatusCode, Tag as TagText,
};
use axum::http::header;
use axum::response::IntoResponse;
use schemars::generate::Contract;
use schemars::json_schema;
use serde_json::json;
use yanma_protocol::accounts::SESSION_COOKIE;
use yanma_protocol::facts::SIGNATURE_HEADER;
use yanma_protocol::second_factor::CONSOLE_COOKIE;
use yanma_protocol::stations::LIST_HEADER;
use yanma_protocol::{ApiError, MAX_BODY_BYTES, VERSION, VERSION_HEADER};

use super::about::content;
use super::standard::{Service, Tag};
use super::{finish, schemas};

/// A citizen's session.
pub(in crate::http) const SESSION: &str = "session";
/// A desk's token.
pub(in crate::http) const STATION: &str = "station";
/// The token of somebody at the console, or of a department.
pub(in crate::http) const CLERK: &str = "clerk";
/// A session at the console, which a one-time password opened.
pub(in crate::http) const CONSOLE: &str = "console";
/// A department's signature over the body.
pub(in crate::http) const SIGNATURE: &str = "signature";
/// Another region's signature over the body.
pub(in crate::http) const REGION: &str = "region";

/// The description of the interface: OpenAPI 3.1 in JSON, always the same for one version of
/// the program.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(make)
}

/// Serves it.
pub(in crate::http) async fn served() -> Document {
    Document
}

/// The document as an answer.
pub(in crate::http) struct Document;

impl IntoResponse for Document {
    fn into_response(self) -> axum::response::Response {
        let kind =
            [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
        (kind, text()).into_response()
    }
}

impl OperationOutput for Document {
    type Inner = Self;

    fn inferred_responses(
        _: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<StatusCode>, Response)> {
        let mut response =
            Response { description: "This document.".to_owned(), ..Response::default() };
        content(&mut response, "application/json", json_schema!({"type": "object"}));
        vec![(Some(StatusCode::Code(200)), response)]
    }
}

fn make() -> String {
    // The routes leave what they say in this thread; whatever was left before goes first.
    generate::in_context(|ctx| ctx.schema = schemas::generator(Contract::Deserialize));
    drop(schemas::take_answers());
    let routes = crate::http::routes().router;
    drop(schemas::answer::<ApiError>());
    let mut document = about_the_whole();
    drop(routes.finish_api(&mut document));
    finish::finish(&document, schemas::take_answers())
}

fn about_the_whole() -> OpenApi {
    let info = Info {
        title: "Yanma 验码 authority".to_owned(),
        summary: Some("Issues health codes, colours them, publishes the colours.".to_owned()),
        description: Some(format!(
            "Every answer with a status of 400 and above has the body `ApiError`; programs \
             branch on `code`. A body is at most {MAX_BODY_BYTES} bytes (413 `too-large`). A \
             request that takes longer than {seconds} seconds is ended (503 `unavailable`). The \
             request header `{VERSION_HEADER}` may name the version of the protocol, which is \
             {VERSION}; another one is refused (400 `unsupported-version`). See `docs/http.md`.",
            seconds = crate::http::layers::TIME_LIMIT_SECONDS,
        )),
        license: Some(License {
            name: "MIT OR Apache-2.0".to_owned(),
            identifier: Some("MIT OR Apache-2.0".to_owned()),
            ..License::default()
        }),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Info::default()
    };
    let text = |tag: Tag| TagText {
        name: tag.name().to_owned(),
        description: Some(tag.about().to_owned()),
        ..TagText::default()
    };
    OpenApi {
        info,
        tags: Tag::ALL.iter().copied().map(text).collect(),
        components: Some(Components { security_schemes: who(), ..Components::default() }),
        extensions: [("x-gbt-38963".to_owned(), json!(Service::table()))].into_iter().collect(),
        ..OpenApi::default()
    }
}

fn who<Schemes: FromIterator<(String, ReferenceOr<SecurityScheme>)>>() -> Schemes {
    let bearer = |about: String| SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some(about),
        extensions: Default::default(),
    };
    let key = |location, name: &str, about: &str| SecurityScheme::ApiKey {
        location,
        name: name.to_owned(),
        description: Some(about.to_owned()),
        extensions: Default::default(),
    };
    let schemes = [
        (
            SESSION,
            key(
                ApiKeyLocation::Cookie,
                SESSION_COOKIE,
                "A citizen's session; registering and logging in set it. With `--secure-cookie` its \
                 name begins with `__Host-`.",
            ),
        ),
        (
            STATION,
            bearer(format!(
                "The token that a desk got when it was enrolled. A desk also tells which status \
                 list it has, in the header `{LIST_HEADER}`: `1.204;age=37`."
            )),
        ),
        (CLERK, bearer("The token of somebody at the console, or of a department.".to_owned())),
        (
            CONSOLE,
            key(
                ApiKeyLocation::Cookie,
                CONSOLE_COOKIE,
                "A session at the console, opened with a token and a one-time password. With \
                 `--secure-cookie` its name begins with `__Host-`.",
            ),
        ),
        (
            SIGNATURE,
            key(
                ApiKeyLocation::Header,
                SIGNATURE_HEADER,
                "A department's public key and its signature over the body, as hexadecimal \
                 digits with a colon between (docs/facts.md).",
            ),
        ),
        (
            REGION,
            key(
                ApiKeyLocation::Header,
                SIGNATURE_HEADER,
                "The slot of another region's feed key, a colon, and its signature over the body \
                 (docs/regions.md).",
            ),
        ),
    ];
    schemes.map(|(name, scheme)| (name.to_owned(), ReferenceOr::Item(scheme))).into_iter().collect()
}
