//! Checks: somebody before the desk, for another program.

use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_station::domain::document::{DocumentNumber, DocumentType};
use yanma_station::{Asked, DeskError, Input, Reading, Via};

use crate::answer::CheckAnswer;
use crate::body::{Body, EntryName, Json, QuestionName, Speaks};
use crate::describe::about;
use crate::door::Allowed;
use crate::once::Before;
use crate::problem::{Code, Problem};
use crate::{App, Local};

/// The longest text, in bytes: foreign certificates are the longest that a desk reads.
const LONGEST_TEXT: usize = 8192;
/// The longest number, in bytes.
const LONGEST_NUMBER: usize = 64;
/// The longest reference, in characters.
const LONGEST_REFERENCE: usize = 64;

/// Somebody to be checked: by what a scanner read, by a document, or by both of one person.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CheckRequest {
    /// What a scanner read: a health code, a card's zone, a boarding pass, a certificate, a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LONGEST_TEXT))]
    text: Option<String>,
    /// A document of which it is known what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<Document>,
    /// What the caller calls this check, such as the number of a booking. It is said again in the
    /// answer, the receipt and events, so no name and no number of a person belongs here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Za-z0-9._:/#-]{1,64}$"))]
    reference: Option<String>,
}

/// A document.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Document {
    /// Its kind.
    #[serde(rename = "type")]
    #[schemars(schema_with = "document_types")]
    kind: String,
    /// Its number, as printed.
    #[schemars(length(min = 1, max = LONGEST_NUMBER))]
    number: String,
}

fn document_types(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "string", "enum": DocumentType::ALL.map(DocumentType::as_str)})
}

impl CheckRequest {
    /// What it pours into the desk.
    fn readings(&self) -> Result<Vec<Reading>, Problem> {
        let mut readings = Vec::new();
        if let Some(text) = &self.text {
            if text.trim().is_empty() || text.len() > LONGEST_TEXT {
                return Err(Problem::field("text", "The text is empty or longer than 8192 bytes."));
            }
            readings.push(Reading { input: Input::Text(text.clone()), via: Via::Scanner });
        }
        if let Some(document) = &self.document {
            let kind = document.kind.parse::<DocumentType>().map_err(|_| {
                Problem::field("document.type", "There is no such type of document.")
            })?;
            if document.number.trim().is_empty() || document.number.len() > LONGEST_NUMBER {
                let detail = "The number is empty or longer than 64 bytes.";
                return Err(Problem::field("document.number", detail));
            }
            let input = Input::Number(kind, document.number.clone());
            readings.push(Reading { input, via: Via::Keyboard });
        }
        if readings.is_empty() {
            return Err(Problem::field("text", "Give a text, a document, or both."));
        }
        Ok(readings)
    }

    fn checked_reference(&self) -> Result<Option<String>, Problem> {
        let Some(reference) = &self.reference else { return Ok(None) };
        let fits = (1..=LONGEST_REFERENCE).contains(&reference.len())
            && reference.chars().all(|c| c.is_ascii_alphanumeric() || "._:/#-".contains(c));
        if !fits {
            let detail = "It is 1 to 64 letters, digits and . _ : / # -, without spaces.";
            return Err(Problem::field("reference", detail));
        }
        // It goes out again in receipts and events, where nobody's number may be.
        if DocumentNumber::parse(DocumentType::ResidentId, reference).is_ok() {
            return Err(Problem::field("reference", "It must not be the number of a document."));
        }
        Ok(Some(reference.clone()))
    }
}

/// The routes.
pub(crate) fn routes() -> ApiRouter<App> {
    let asks = [
        Code::BadRequest,
        Code::BadField,
        Code::Unauthorised,
        Code::SignInNeeded,
        Code::DeskLocked,
        Code::TooLarge,
        Code::ContentType,
        Code::KeyReused,
    ];
    ApiRouter::new()
        .api_route(
            "/v1/checks",
            post_with(check, move |operation| {
                about(operation, "checks.check", "Checks somebody", &asks).description(
                    "As if they stood before the desk: the verdict is on its screen as well, an \
                     entry is written, and what is shown there within eight seconds may belong to \
                     the same person. The answer is the desk's own, at once; where the authority \
                     says otherwise afterwards, another entry amends it (`/v1/events`, \
                     `amended_by`).",
                )
            }),
        )
        .api_route(
            "/v1/checks/latest",
            get_with(latest, |operation| {
                let refuses = [Code::Unauthorised, Code::NotFound];
                about(operation, "checks.latest", "What the desk said last", &refuses).description(
                    "Whoever asked, at the screen or here: for systems that only listen. 404 \
                     before the first entry.",
                )
            }),
        )
        .api_route(
            "/v1/checks/{entry}",
            get_with(one, |operation| {
                let refuses = [Code::Unauthorised, Code::BadField, Code::NotFound];
                about(operation, "checks.one", "An entry as it stands", &refuses)
            }),
        )
}

async fn check(
    State(app): State<App>,
    _allowed: Allowed,
    Speaks(language): Speaks,
    QuestionName(name): QuestionName,
    Body(request): Body<CheckRequest>,
) -> Result<Json<CheckAnswer>, Problem> {
    let readings = request.readings()?;
    let reference = request.checked_reference()?;
    let asked = Asked { reference: reference.clone(), once: None };
    let local = Arc::clone(&app);
    let question = name.map(|name| (name, serde_json::to_vec(&request).unwrap_or_default()));
    // By itself, so that a caller who goes away does not keep it from being noted.
    let checked = tokio::spawn(async move { local.check(readings, asked, question).await });
    let entry = checked.await.map_err(|_| DeskError::Interrupted)??;
    let answer = app.read(move |local| {
        let told = local.desk.told(entry)?;
        CheckAnswer::of(&local.desk, &local.key, told, reference, language)
    });
    Ok(Json(answer.await?))
}

async fn one(
    State(app): State<App>,
    _allowed: Allowed,
    EntryName(entry): EntryName,
    Speaks(language): Speaks,
) -> Result<Json<CheckAnswer>, Problem> {
    let answer = app.read(move |local| {
        let told = local.desk.told(entry)?;
        CheckAnswer::of(&local.desk, &local.key, told, None, language)
    });
    Ok(Json(answer.await?))
}

async fn latest(
    State(app): State<App>,
    _allowed: Allowed,
    Speaks(language): Speaks,
) -> Result<Json<CheckAnswer>, Problem> {
    let answer = app.read(move |local| {
        let told = local.desk.told_last()?.ok_or(DeskError::NoSuchEntry)?;
        CheckAnswer::of(&local.desk, &local.key, told, None, language)
    });
    Ok(Json(answer.await?))
}

impl Local {
    /// Has somebody checked, once for each name of a question; answers the entry.
    async fn check(
        &self,
        readings: Vec<Reading>,
        mut asked: Asked,
        question: Option<(String, Vec<u8>)>,
    ) -> Result<Uuid, Problem> {
        let Some((name, question)) = question else {
            return Ok((self.take)(readings, asked).await?.entry);
        };
        // Held until the entry is written: the same question twice at once is asked once.
        let mut once = self.once.lock().await;
        let named = once.named(&name, &question);
        match once.before(&named, self.desk.now()) {
            Before::Same(entry) => Ok(entry),
            Before::Other => Err(Problem::new(Code::KeyReused)),
            Before::New => {
                asked.once = Some((named.name.clone(), named.question.clone()));
                let entry = (self.take)(readings, asked).await?.entry;
                once.note(named, entry, self.desk.now());
                Ok(entry)
            }
        }
    }

    /// Reads the desk's file away from the threads that answer.
    async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Self) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<T, DeskError> {
        let local = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || read(&local)).await;
        done.map_err(|_| DeskError::Interrupted)?
    }
}
