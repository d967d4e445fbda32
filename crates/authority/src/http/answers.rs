//! What handlers answer with. Each answer says its status and its content type in its type,
//! so that the description of the interface is read from the handler's signature.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::marker::PhantomData;
use std::path::Path;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described, StatusCode as Status};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, json_schema};
use serde::Serialize;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;
use yanma_protocol::home::SIGNATURE_HEADER;

use super::describe::{answer, content, header as described_header};

type Answers = Vec<(Option<Status>, Described)>;

/// 200, with JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Json<T> {
    type Inner = T;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Answers {
        vec![json::<T>(200, "It was done.")]
    }
}

/// 201, with JSON.
pub(super) struct Created<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, axum::Json(self.0)).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Created<T> {
    type Inner = T;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Answers {
        vec![json::<T>(201, "It was made.")]
    }
}

/// 201 for what is new, 200 for what was there before; with JSON.
pub(super) struct CreatedOrFound<T> {
    pub(super) new: bool,
    pub(super) body: T,
}

impl<T: Serialize> IntoResponse for CreatedOrFound<T> {
    fn into_response(self) -> Response {
        if self.new { Created(self.body).into_response() } else { Json(self.body).into_response() }
    }
}

impl<T: JsonSchema> OperationOutput for CreatedOrFound<T> {
    type Inner = T;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Answers {
        vec![json::<T>(201, "It is new."), json::<T>(200, "It was there before.")]
    }
}

/// 200, with JSON whose very bytes are signed in a header.
pub(super) struct Signed<T> {
    signature: HeaderValue,
    body: Vec<u8>,
    of: PhantomData<T>,
}

impl<T> Signed<T> {
    /// `body` is the JSON of a `T`.
    pub(super) fn new(signature: HeaderValue, body: Vec<u8>) -> Self {
        Self { signature, body, of: PhantomData }
    }
}

impl<T> IntoResponse for Signed<T> {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (kind, self.body).into_response();
        response.headers_mut().insert(SIGNATURE_HEADER, self.signature);
        response
    }
}

impl<T: JsonSchema> OperationOutput for Signed<T> {
    type Inner = T;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Answers {
        let (status, mut response) = json::<T>(200, "It was answered.");
        let about = "The slot of the key, a colon, and its signature over the body.";
        let text = json_schema!({"type": "string"});
        response.headers.insert(SIGNATURE_HEADER.to_owned(), described_header(about, text));
        vec![(status, response)]
    }
}

/// 204.
pub(super) struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl OperationOutput for Done {
    type Inner = ();

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Answers {
        vec![(Some(Status::Code(204)), says("It was done."))]
    }
}

/// An answer that sets a cookie, or takes one away. To whoever sent none it says nothing about
/// cookies: a page of another site may have sent the request, without them.
pub(super) struct WithCookie<R> {
    pub(super) cookie: Option<HeaderValue>,
    pub(super) answer: R,
}

impl<R: IntoResponse> IntoResponse for WithCookie<R> {
    fn into_response(self) -> Response {
        let cookie = self.cookie.map(|cookie| [(header::SET_COOKIE, cookie)]);
        (cookie, self.answer).into_response()
    }
}

impl<R: OperationOutput> OperationOutput for WithCookie<R> {
    type Inner = R::Inner;

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Answers {
        let mut answers = R::inferred_responses(ctx, operation);
        for (_, answer) in &mut answers {
            let about = "The session: `HttpOnly`, `SameSite=Strict`.";
            let text = json_schema!({"type": "string"});
            answer.headers.insert("set-cookie".to_owned(), described_header(about, text));
        }
        answers
    }
}

/// 200, with JSON, or with CSV for whoever asks for it.
pub(super) enum JsonOrCsv<T> {
    Json(T),
    Csv(Csv),
}

impl<T: Serialize> IntoResponse for JsonOrCsv<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Json(body) => Json(body).into_response(),
            Self::Csv(csv) => csv.into_response(),
        }
    }
}

impl<T: JsonSchema> OperationOutput for JsonOrCsv<T> {
    type Inner = T;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Answers {
        let (status, mut response) = json::<T>(200, "As JSON, or as CSV for `accept: text/csv`.");
        describe_csv(&mut response);
        vec![(status, response)]
    }
}

/// 200, with CSV.
pub(super) struct Csv {
    pub(super) text: Vec<u8>,
    /// Where the next page begins.
    pub(super) next: Option<HeaderValue>,
}

impl IntoResponse for Csv {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
        let mut response = (kind, self.text).into_response();
        if let Some(next) = self.next {
            response.headers_mut().insert(NEXT_HEADER, next);
        }
        response
    }
}

impl OperationOutput for Csv {
    type Inner = String;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Answers {
        let mut response = says("As CSV.");
        describe_csv(&mut response);
        vec![(Some(Status::Code(200)), response)]
    }
}

fn describe_csv(response: &mut Described) {
    content(response, "text/csv", json_schema!({"type": "string"}));
    let about = "For CSV: where the next page begins; absent at the end.";
    let text = json_schema!({"type": "string"});
    response.headers.insert(NEXT_HEADER.to_owned(), described_header(about, text));
}

/// 200, with a PDF that is shown and not saved.
pub(super) struct Pdf {
    pub(super) bytes: Vec<u8>,
    pub(super) disposition: &'static str,
}

impl IntoResponse for Pdf {
    fn into_response(self) -> Response {
        let kind = [
            (header::CONTENT_TYPE, "application/pdf"),
            (header::CONTENT_DISPOSITION, self.disposition),
        ];
        (kind, self.bytes).into_response()
    }
}

impl OperationOutput for Pdf {
    type Inner = ();

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Answers {
        let mut response = says("The sheet.");
        content(&mut response, "application/pdf", json_schema!({}));
        vec![(Some(Status::Code(200)), response)]
    }
}

/// A file of a feed, as far as whoever asks does not have it: 200 with all of it, 206 with its
/// end, or 304.
pub(super) struct FeedFile {
    /// `None`: it is as it was.
    pub(super) part: Option<FilePart>,
    /// Names these bytes and no others, in quotes (RFC 9110 §8.8.3).
    pub(super) tag: HeaderValue,
}

impl IntoResponse for FeedFile {
    fn into_response(self) -> Response {
        let cache = HeaderValue::from_static("public, max-age=31536000, immutable");
        let kept = [(header::ETAG, self.tag), (header::CACHE_CONTROL, cache)];
        match self.part {
            Some(part) => (kept, part).into_response(),
            None => (StatusCode::NOT_MODIFIED, kept).into_response(),
        }
    }
}

/// A file from a byte on. Beyond its first piece it is read while it is sent, so that somebody who
/// takes long to receive a province's directory costs a piece of it and not all of it; on Unix, and
/// for as long as it is open, it is there also when its name was removed.
pub(super) struct FilePart {
    /// What is sent first: nearly always all of it.
    first: Vec<u8>,
    /// Stands behind it.
    rest: std::fs::File,
    from: u64,
    all: u64,
}

/// How much of a file is read at once, and held for each who receives it.
const PIECE_BYTES: usize = 64 * 1024;

impl FilePart {
    /// `from` is 0 for all of it. A beginning behind the end is passed over, as a range that has
    /// nothing in it may be (RFC 9110 §14.2). Waits for the disk.
    ///
    /// # Errors
    ///
    /// When the file is not there or cannot be read.
    pub(super) fn open(path: &Path, from: u64) -> io::Result<Self> {
        let mut rest = std::fs::File::open(path)?;
        let all = rest.metadata()?.len();
        let from = if from < all { from } else { 0 };
        rest.seek(SeekFrom::Start(from))?;
        let mut first = Vec::with_capacity(PIECE_BYTES.min((all - from) as usize));
        (&rest).take(PIECE_BYTES as u64).read_to_end(&mut first)?;
        Ok(Self { first, rest, from, all })
    }

    fn into_body(self) -> Body {
        let left = self.all - self.from;
        if self.first.len() as u64 == left {
            return Body::from(self.first);
        }
        // Not a byte more than was said, whatever becomes of the file.
        let rest = tokio::fs::File::from_std(self.rest);
        let whole = AsyncReadExt::chain(Cursor::new(self.first), rest);
        let pieces = ReaderStream::with_capacity(AsyncReadExt::take(whole, left), PIECE_BYTES);
        Body::from_stream(pieces)
    }
}

impl IntoResponse for FilePart {
    fn into_response(self) -> Response {
        let (from, all) = (self.from, self.all);
        let range = (from > 0).then(|| format!("bytes {from}-{}/{all}", all - 1));
        let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
        let range = range.map(|range| [(header::CONTENT_RANGE, range)]);
        let about = [
            (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
            (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
            (header::CONTENT_LENGTH, HeaderValue::from(all - from)),
        ];
        (status, about, range, self.into_body()).into_response()
    }
}

impl OperationOutput for FeedFile {
    type Inner = ();

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Answers {
        vec![
            bytes(200, "The signed file."),
            bytes(206, "Its end, from the byte on that `range` names."),
            (Some(Status::Code(304)), says("It is as `if-none-match` has it.")),
        ]
    }
}

/// The head, which is only given whole: 200, or 304.
pub(super) struct FeedHead {
    /// `None`: it is as it was.
    pub(super) bytes: Option<Vec<u8>>,
    /// Names these bytes and no others, in quotes.
    pub(super) tag: HeaderValue,
}

impl IntoResponse for FeedHead {
    fn into_response(self) -> Response {
        let cache = HeaderValue::from_static("no-cache");
        let kept = [(header::ETAG, self.tag), (header::CACHE_CONTROL, cache)];
        let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
        match self.bytes {
            Some(bytes) => (kept, kind, bytes).into_response(),
            None => (StatusCode::NOT_MODIFIED, kept).into_response(),
        }
    }
}

impl OperationOutput for FeedHead {
    type Inner = ();

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Answers {
        vec![
            bytes(200, "The signed head."),
            (Some(Status::Code(304)), says("It is as `if-none-match` has it.")),
        ]
    }
}

fn bytes(status: u16, about: &str) -> (Option<Status>, Described) {
    let mut response = says(about);
    content(&mut response, "application/octet-stream", json_schema!({}));
    (Some(Status::Code(status)), response)
}

fn says(text: &str) -> Described {
    Described { description: text.to_owned(), ..Described::default() }
}

fn json<T: JsonSchema>(status: u16, about: &str) -> (Option<Status>, Described) {
    let mut response = says(about);
    content(&mut response, "application/json", answer::<T>());
    (Some(Status::Code(status)), response)
}

const NEXT_HEADER: &str = yanma_protocol::audit::NEXT_HEADER;
