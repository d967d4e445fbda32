//! What is said about one operation.

use aide::openapi::{
    HeaderStyle, MediaType, Operation, Parameter, ParameterData, ParameterSchemaOrContent,
    PathStyle, ReferenceOr, Response, Responses, SchemaObject, StatusCode,
};
use schemars::{Schema, json_schema};
use serde_json::{Value, json};
use yanma_protocol::ErrorCode;

use super::standard::{Service, Tag};
use crate::limits::Rate;

/// Where what an operation refuses is collected until its answers are written.
const REFUSALS: &str = "x-refusals";

/// An operation that is being described.
pub(in crate::http) struct About<'a>(&'a mut Operation);

impl<'a> About<'a> {
    /// `handler` is the handler's path: `…::citizen::register` is called `citizen.register`.
    pub(super) fn new(
        operation: &'a mut Operation,
        handler: &str,
        summary: &'static str,
        tag: Tag,
    ) -> Self {
        let mut parts = handler.rsplit("::");
        let (name, room) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        operation.operation_id = Some(format!("{room}.{name}"));
        operation.summary = Some(summary.to_owned());
        operation.tags = vec![tag.name().to_owned()];
        refuses(
            operation,
            &[ErrorCode::UnsupportedVersion, ErrorCode::Internal, ErrorCode::Unavailable],
        );
        Self(operation)
    }

    /// What a caller should know beside the types.
    pub(in crate::http) fn says(self, text: &str) -> Self {
        let rest = self.0.description.take();
        let paragraphs = [Some(text.to_owned()), rest].into_iter().flatten();
        self.0.description = Some(paragraphs.collect::<Vec<_>>().join("\n\n"));
        self
    }

    /// What else the handler answers with.
    pub(in crate::http) fn refuses(self, codes: &[ErrorCode]) -> Self {
        refuses(self.0, codes);
        self
    }

    /// How often one of `whom` may ask, unless the operator set it otherwise.
    pub(in crate::http) fn limited(self, rate: Rate, whom: &str) -> Self {
        refuses(self.0, &[ErrorCode::RateLimited]);
        let seconds = 1.0 / rate.per_second;
        add_paragraph(
            self.0,
            &format!("At most {} at once for one {whom}, then one every {seconds} s.", rate.burst),
        );
        self
    }

    /// Which service of GB/T 38963 this is, or is nearest to.
    pub(in crate::http) fn stands_for(self, service: Service) -> Self {
        let named = json!({"clause": service.clause(), "name": service.name()});
        self.0.extensions.insert("x-gbt-38963".to_owned(), named);
        self
    }

    /// Whoever has no token, or a wrong one, gets the same answer.
    pub(in crate::http) fn token_or_none(self) -> Self {
        self.0.security.push(Default::default());
        if let Some(Value::Object(by_status)) = self.0.extensions.get_mut(REFUSALS) {
            by_status.remove("401");
        }
        self
    }

    /// Writes the answers for everything that is refused.
    pub(super) fn finish(self) {
        let refusals = self.0.extensions.shift_remove(REFUSALS);
        let Some(Value::Object(by_status)) = refusals else {
            return;
        };
        let responses = self.0.responses.get_or_insert_with(Responses::default);
        for (status, codes) in by_status {
            let Ok(number) = status.parse() else { continue };
            let response = ReferenceOr::Item(refusal(&status, codes));
            responses.responses.insert(StatusCode::Code(number), response);
        }
    }
}

/// Notes that an operation may answer with these codes.
pub(in crate::http) fn refuses(operation: &mut Operation, codes: &[ErrorCode]) {
    for code in codes {
        refuses_with(operation, code.http_status(), *code);
    }
}

/// The same, under a status that is not the code's own.
pub(in crate::http) fn refuses_with(operation: &mut Operation, status: u16, code: ErrorCode) {
    let refusals = operation.extensions.entry(REFUSALS.to_owned()).or_insert_with(|| json!({}));
    let codes = &mut refusals[status.to_string()];
    if codes.is_null() {
        *codes = json!([]);
    }
    if let Value::Array(codes) = codes {
        let code = Value::from(code.as_str());
        if !codes.contains(&code) {
            codes.push(code);
            codes.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
        }
    }
}

/// Says which security scheme an operation asks for.
pub(in crate::http) fn needs(operation: &mut Operation, scheme: &str) {
    operation.security.push([(scheme.to_owned(), Vec::new())].into_iter().collect());
    refuses(operation, &[ErrorCode::Unauthorised]);
}

/// Adds to what is said of an operation.
pub(in crate::http) fn add_paragraph(operation: &mut Operation, text: &str) {
    let description = operation.description.get_or_insert_default();
    if !description.is_empty() {
        description.push_str("\n\n");
    }
    description.push_str(text);
}

/// Adds a parameter in the path.
pub(in crate::http) fn named_by(
    operation: &mut Operation,
    name: &str,
    about: &str,
    schema: Schema,
) {
    let parameter = Parameter::Path {
        parameter_data: ParameterData {
            name: name.to_owned(),
            description: Some(about.to_owned()),
            required: true,
            deprecated: None,
            format: ParameterSchemaOrContent::Schema(of(schema)),
            example: None,
            examples: Default::default(),
            explode: None,
            extensions: Default::default(),
        },
        style: PathStyle::Simple,
    };
    operation.parameters.push(ReferenceOr::Item(parameter));
}

/// A header of an answer.
pub(in crate::http) fn header(about: &str, schema: Schema) -> ReferenceOr<aide::openapi::Header> {
    ReferenceOr::Item(aide::openapi::Header {
        description: Some(about.to_owned()),
        style: HeaderStyle::Simple,
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(of(schema)),
        example: None,
        examples: Default::default(),
        extensions: Default::default(),
    })
}

/// A schema where aide wants one.
pub(in crate::http) fn of(json_schema: Schema) -> SchemaObject {
    SchemaObject { json_schema, external_docs: None, example: None }
}

/// A body of one content type.
pub(in crate::http) fn content(response: &mut Response, content_type: &str, schema: Schema) {
    response.content.insert(content_type.to_owned(), media(schema));
}

/// What one content type carries.
pub(in crate::http) fn media(schema: Schema) -> MediaType {
    MediaType { schema: Some(of(schema)), ..MediaType::default() }
}

/// The answer with this status, whose code is one of `codes`.
fn refusal(status: &str, codes: Value) -> Response {
    let listed: Vec<_> = codes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut response =
        Response { description: format!("`{}`", listed.join("`, `")), ..Response::default() };
    if matches!(status, "429" | "503") {
        let seconds = json_schema!({"type": "integer", "minimum": 1});
        let about = "When to try again, in seconds; as in the body.";
        response.headers.insert("retry-after".to_owned(), header(about, seconds));
    }
    let schema = json_schema!({
        "allOf": [
            {"$ref": "#/components/schemas/ApiError"},
            {"properties": {"code": {"enum": codes}}},
        ],
    });
    content(&mut response, "application/json", schema);
    response
}
