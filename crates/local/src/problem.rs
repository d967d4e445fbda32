//! How the desk says no to another program: `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use yanma_station::DeskError;
use yanma_station::protocol::FieldError;
use yanma_station::store::StoreError;

/// The body of every answer with a status of 400 and above. All fields are always there.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: `code` says what it is.
    #[serde(rename = "type")]
    #[schemars(extend("const" = "about:blank"))]
    kind: &'static str,
    /// The words of the status.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What a program branches on.
    code: Code,
    /// One English sentence for whoever reads a log. Never a personal value.
    detail: String,
    /// The field at fault, as in the JSON of the request.
    field: Option<String>,
    /// When to try again, in seconds. Also sent as the header `retry-after`.
    retry_after_seconds: Option<u32>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $detail:literal;)*) => {
        /// Why a request was not served. Each has one HTTP status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
        pub(crate) enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl Code {
            /// As on the wire.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The HTTP status that goes with it.
            pub(crate) const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            const fn detail(self) -> &'static str {
                match self { $(Self::$variant => $detail,)* }
            }
        }
    };
}

codes! {
    /// The body is no JSON. Sending it again is useless.
    BadRequest = "bad-request", 400, "The body is not JSON, or has a field twice.";
    /// One field is missing, unknown or out of its limits; `field` names it.
    BadField = "bad-field", 400, "The field is not acceptable.";
    /// No token, or not the one that this desk gave out last.
    Unauthorised = "unauthorised", 401, "The header `authorization` needs the token of this desk.";
    /// The request came from a web page, or by another name than this computer's own.
    NotFromHere = "not-from-here", 403, "Only programs on this computer are answered, by its loopback address.";
    /// No such entry or path.
    NotFound = "not-found", 404, "There is nothing here.";
    /// The path does not take this method.
    Method = "method", 405, "The path does not take this method.";
    /// Nobody has signed in at this desk, so it checks nobody.
    SignInNeeded = "sign-in-needed", 409, "Nobody has signed in at this desk.";
    /// The desk has not heard of its authority for so long that it checks nobody.
    DeskLocked = "desk-locked", 409, "The desk has not heard of its authority for too long and checks nobody.";
    /// The body is longer than [`crate::serve::MAX_BODY_BYTES`].
    TooLarge = "too-large", 413, "The body is larger than 16 KiB.";
    /// The body is not declared to be JSON.
    ContentType = "content-type", 415, "The content-type must be application/json.";
    /// This idempotency key came with another question before.
    KeyReused = "key-reused", 422, "The idempotency key came with another question before.";
    /// Too many requests, or too many wrong tokens; wait `retry_after_seconds`.
    RateLimited = "rate-limited", 429, "Too many requests; wait and try again.";
    /// The desk failed; its log says how.
    Internal = "internal", 500, "The desk failed; its log says how.";
    /// The desk cannot serve now. Try again after `retry_after_seconds`.
    Unavailable = "unavailable", 503, "The desk cannot answer now.";
}

impl Problem {
    /// What the code says by itself.
    pub(crate) fn new(code: Code) -> Self {
        let title = StatusCode::from_u16(code.status()).ok().and_then(|it| it.canonical_reason());
        Self {
            kind: "about:blank",
            title: title.unwrap_or_default().to_owned(),
            status: code.status(),
            code,
            detail: code.detail().to_owned(),
            field: None,
            retry_after_seconds: None,
        }
    }

    /// The same, with when to try again.
    pub(crate) fn after(code: Code, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..Self::new(code) }
    }

    /// A field, and what is wrong with it.
    pub(crate) fn field(field: &str, detail: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            detail: detail.to_owned(),
            ..Self::new(Code::BadField)
        }
    }
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        Self::field(&error.field, &format!("The field is not acceptable: {}.", error.problem))
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NoSuchEntry => Self::new(Code::NotFound),
            DeskError::NotAllowed(_) => Self::new(Code::SignInNeeded),
            DeskError::Locked { .. } => Self::new(Code::DeskLocked),
            DeskError::Field(field) => field.into(),
            DeskError::Store(StoreError::Busy | StoreError::DiskFull) => {
                Self::after(Code::Unavailable, 5)
            }
            error => {
                tracing::error!(%error, "a request of another program failed inside");
                Self::new(Code::Internal)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, kind, body).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == Code::Unauthorised {
            let bearer = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}

// What an operation refuses is said where it is described.
impl aide::OperationOutput for Problem {
    type Inner = Self;
}
