//! The one place where an inside error becomes an outside answer.

use aide::OperationOutput;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use yanma_protocol::claims::Relation;
use yanma_protocol::{ApiError, ErrorCode};

use crate::claims::FamilyRule;
use crate::database::DatabaseError;
use crate::error::{BodyProblem, Error};

/// An error on its way to the caller.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Error);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let answer = outside(&self.0);
        if matches!(answer.code, ErrorCode::Internal | ErrorCode::Unavailable) {
            let cause = std::error::Error::source(&self.0).map(ToString::to_string);
            tracing::error!(error = %self.0, cause, "a request failed inside");
        }
        let status = StatusCode::from_u16(status(&self.0, answer.code))
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = answer.retry_after_seconds;
        let mut response = (status, Json(answer)).into_response();
        if let Some(seconds) = retry_after {
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

// What an operation refuses is said by its extractors and by its route.
impl OperationOutput for Failure {
    type Inner = ApiError;
}

/// The status that goes with the code, except where HTTP has a more telling one.
fn status(error: &Error, code: ErrorCode) -> u16 {
    match error {
        Error::Method => 405,
        Error::Body(BodyProblem::ContentType) => 415,
        _ => code.http_status(),
    }
}

fn outside(error: &Error) -> ApiError {
    let (code, message) = match error {
        Error::Field(field) => return field.clone().into(),
        Error::RateLimited { retry_after_seconds } => {
            return ApiError::new(ErrorCode::RateLimited, "Too many attempts; wait and try again.")
                .retry_after(*retry_after_seconds);
        }
        Error::IdentityUnavailable { retry_after_seconds } => {
            return ApiError::new(
                ErrorCode::IdentityUnavailable,
                "The identity service does not answer: neither yes nor no.",
            )
            .retry_after(*retry_after_seconds);
        }
        Error::HomeCodeUnknown | Error::HomeCodeOld | Error::HomeCodeOther => {
            let (code, message) = home_code(error);
            return ApiError::new(code, message).at_field("from.home_code");
        }
        Error::Replayed => {
            return ApiError::new(
                ErrorCode::Conflict,
                "A question counts once; ask again with a nonce of its own.",
            )
            .at_field("nonce");
        }
        Error::SpanHoldsTooMuch => {
            return ApiError::new(
                ErrorCode::BadField,
                "The span of time holds too much; ask about a shorter one.",
            )
            .at_field("span.until");
        }
        Error::EnrolmentCode => {
            return ApiError::new(
                ErrorCode::Forbidden,
                "The enrolment code is unknown, used or expired; ask for a new one.",
            )
            .at_field("enrolment_code");
        }
        Error::Body(BodyProblem::TooLarge) => {
            (ErrorCode::TooLarge, "The body is larger than 1 MiB.".to_owned())
        }
        Error::Body(BodyProblem::NotJson { line, column }) => (
            ErrorCode::BadRequest,
            format!(
                "At line {line}, column {column} the body is not JSON, or has a field a second time."
            ),
        ),
        Error::NotStored(_) | Error::Database(DatabaseError::Full) => {
            return ApiError::new(
                ErrorCode::Unavailable,
                "The change could not be stored; nothing was changed.",
            )
            .retry_after(5);
        }
        Error::Unsure => {
            return ApiError::new(
                ErrorCode::Unavailable,
                "It is not known whether the change was stored; ask, or send the same again.",
            )
            .retry_after(5);
        }
        Error::Database(DatabaseError::Busy | DatabaseError::Lost(_)) => {
            return ApiError::new(
                ErrorCode::Unavailable,
                "The database cannot be reached; nothing was changed.",
            )
            .retry_after(5);
        }
        Error::JournalFull => {
            return ApiError::new(
                ErrorCode::Unavailable,
                "It cannot be recorded now, because the database is away; nothing was answered.",
            )
            .retry_after(5);
        }
        Error::TooSlow => {
            return ApiError::new(ErrorCode::Unavailable, "The request took too long.")
                .retry_after(5);
        }
        other => {
            let (code, message) = plain(other);
            (code, message.to_owned())
        }
    };
    ApiError::new(code, message)
}

fn plain(error: &Error) -> (ErrorCode, &'static str) {
    match error {
        Error::NotRegistered => (
            ErrorCode::NotRegistered,
            "Name and number are not together in the population register.",
        ),
        Error::AccountExists => (
            ErrorCode::Conflict,
            "An account with this phone number or document exists; log in instead.",
        ),
        Error::AlreadyClaimed => {
            (ErrorCode::AlreadyClaimed, "Another account holds the code of this document.")
        }
        Error::Family(rule) => family(*rule),
        Error::NoArrival => {
            (ErrorCode::NoArrival, "Not in the arrivals register; use the national entry code.")
        }
        Error::ArrivedTooEarly => (
            ErrorCode::ArrivedTooEarly,
            "Entered before the first day of this code; use the national entry code.",
        ),
        Error::ClaimFromAbroad => (
            ErrorCode::ClaimFromAbroad,
            "Known from the arrivals register only; claim in the group abroad.",
        ),
        Error::ClaimFromElsewhere => (
            ErrorCode::ClaimFromElsewhere,
            "Not in this province's register of residents; claim in the group of other provinces.",
        ),
        Error::HouseholdHere => {
            (ErrorCode::HouseholdHere, "The household is of this province; claim as a resident.")
        }
        Error::WrongPassword => {
            (ErrorCode::Unauthorised, "The phone number or the password is wrong.")
        }
        Error::Unauthorised => {
            (ErrorCode::Unauthorised, "No valid session or token; log in or enrol again.")
        }
        Error::StationRevoked => {
            (ErrorCode::StationRevoked, "This station was ended; wipe it, or enrol it anew.")
        }
        Error::Signature => (
            ErrorCode::BadSignature,
            "The signature does not fit the body, or its key is not registered.",
        ),
        Error::Forbidden => (ErrorCode::Forbidden, "The caller's role does not include this."),
        Error::SecondFactorToSetUp => (
            ErrorCode::SecondFactorToSetUp,
            "The role wants one-time passwords; set up an app with the token first.",
        ),
        Error::SecondFactorToShow => (
            ErrorCode::SecondFactorToShow,
            "The token alone opens nothing; open a session with a one-time password.",
        ),
        Error::SecondFactorWrong => (
            ErrorCode::SecondFactorWrong,
            "The code is another one, has ended or was used; wait for the next one.",
        ),
        Error::SecondFactorNotNeeded => {
            (ErrorCode::Conflict, "The caller's role wants no one-time passwords.")
        }
        Error::NoSetUp => {
            (ErrorCode::Conflict, "No app waits to be confirmed; ask for a secret first.")
        }
        Error::OwnToken => (
            ErrorCode::Conflict,
            "Nobody ends their own token; ask another administrator or use the command line.",
        ),
        Error::NoCode => (ErrorCode::NotFound, "No code was claimed."),
        Error::NothingToContest => (ErrorCode::NothingToContest, "The code is green."),
        Error::AppealOpen => (ErrorCode::AppealOpen, "An appeal about this person waits already."),
        Error::AppealDecided => (ErrorCode::AppealDecided, "The appeal was decided before."),
        Error::NotGranted => {
            (ErrorCode::Conflict, "The appeal was not granted, or the grant was set aside before.")
        }
        Error::AppealChanged => (
            ErrorCode::AppealChanged,
            "Other facts are in force than those that were shown; read the appeal again.",
        ),
        Error::IdentityLevel => (
            ErrorCode::IdentityLevel,
            "The claim needs a better proof of identity: a code by SMS, or a live face.",
        ),
        Error::LevelReached => {
            (ErrorCode::Conflict, "The account has this proof of identity, or a better one.")
        }
        Error::IdentityNotOffered => {
            (ErrorCode::IdentityNotOffered, "This authority has no service for it.")
        }
        Error::IdentityDiffers => {
            (ErrorCode::IdentityDiffers, "The code or the face is another one.")
        }
        Error::NoPaper => (ErrorCode::NotFound, "No paper was made, or it has ended; make one."),
        Error::NoFont => (
            ErrorCode::Unavailable,
            "The authority has no font for paper codes; its operator installs one.",
        ),
        Error::NotFound("site") => (ErrorCode::NotFound, "There is no such site."),
        Error::NotFound(_) => (ErrorCode::NotFound, "There is nothing here."),
        Error::Method => (ErrorCode::BadRequest, "The path does not take this method."),
        Error::UnsupportedVersion => {
            (ErrorCode::UnsupportedVersion, "This authority speaks version 1 of the protocol.")
        }
        Error::Body(BodyProblem::ContentType) => {
            (ErrorCode::BadRequest, "The content-type must be application/json.")
        }
        Error::Body(_) => (ErrorCode::BadRequest, "The body ended early."),
        _ => (ErrorCode::Internal, "The authority failed; its log says how."),
    }
}

fn home_code(error: &Error) -> (ErrorCode, &'static str) {
    match error {
        Error::HomeCodeOld => {
            (ErrorCode::HomeCodeOld, "The code from home has ended; show it anew.")
        }
        Error::HomeCodeOther => {
            (ErrorCode::HomeCodeOther, "The code from home is somebody else's.")
        }
        _ => (
            ErrorCode::HomeCodeUnknown,
            "The code from home cannot be verified here, or is one of this region.",
        ),
    }
}

fn family(rule: FamilyRule) -> (ErrorCode, &'static str) {
    match rule {
        FamilyRule::Full(Relation::Parent) => {
            (ErrorCode::ParentsFull, "There are four parents already; withdraw one's code first.")
        }
        FamilyRule::Full(Relation::Child) => (
            ErrorCode::ChildrenFull,
            "There are three children already; withdraw one's code first.",
        ),
        FamilyRule::Full(Relation::Spouse) => {
            (ErrorCode::SpouseFull, "There is a spouse already; withdraw the code first.")
        }
        FamilyRule::Full(Relation::Relative) => (
            ErrorCode::RelativesFull,
            "There are five relatives already; withdraw one's code first.",
        ),
        FamilyRule::ParentTooYoung => {
            (ErrorCode::ParentTooYoung, "A parent is 55 or older; claim as a relative.")
        }
        FamilyRule::ChildTooOld => {
            (ErrorCode::ChildTooOld, "A child is younger than 18; claim as a relative.")
        }
        FamilyRule::AgeUnknown => {
            (ErrorCode::AgeUnknown, "The number has no date of birth; give it in born.")
        }
        FamilyRule::OwnPerson => {
            (ErrorCode::OwnPerson, "One's own code is claimed without a relation.")
        }
    }
}
