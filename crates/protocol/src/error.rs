//! How the authority says no.

use serde::{Deserialize, Serialize};

use crate::field::FieldError;

/// The body of every answer with a status of 400 and above.
///
/// All four fields are always there; `field` and `retry_after_seconds` may be `null`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("{code}: {message}")]
pub struct ApiError {
    /// What a program branches on.
    pub code: ErrorCode,
    /// One English sentence for whoever reads a log. Never a personal value.
    pub message: String,
    /// The field at fault, as in the JSON of the request; `items[3].code` inside a list.
    pub field: Option<String>,
    /// When to try again, in seconds. Also sent as the header `retry-after`.
    pub retry_after_seconds: Option<u32>,
}

impl ApiError {
    /// An error without a field or a time.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after_seconds: None }
    }

    /// The same error, at a field.
    #[must_use]
    pub fn at_field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// The same error, with the time to wait in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        let message = format!("The field is not acceptable: {}.", error.problem);
        Self::new(ErrorCode::BadField, message).at_field(error.field)
    }
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal;)*) => {
        /// Why a request was not served. Each has one HTTP status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as on the wire: `bad-field`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The HTTP status that goes with it (RFC 9110 §15, RFC 6585 §4).
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }
        }
    };
}

error_codes! {
    /// The body is no JSON, or not of this request's shape. Sending it again is useless.
    BadRequest = "bad-request", 400;
    /// One field misses its limits; `field` names it.
    BadField = "bad-field", 400;
    /// No session, no token, or one that has ended: log in or enrol again.
    Unauthorised = "unauthorised", 401;
    /// The token is that of a station which was ended: the desk wipes what it was given.
    StationRevoked = "station-revoked", 401;
    /// A signature that does not fit the body, or of a key that is not registered or was
    /// revoked: check the key, and that the body was not changed after it was signed.
    BadSignature = "bad-signature", 401;
    /// A known caller that may not do this.
    Forbidden = "forbidden", 403;
    /// No such thing.
    NotFound = "not-found", 404;
    /// What was asked contradicts what is there, such as a phone number already in use.
    Conflict = "conflict", 409;
    /// Name and number are not together in the population register.
    NotRegistered = "not-registered", 422;
    /// A code was already claimed for this document by somebody else's account.
    AlreadyClaimed = "already-claimed", 409;
    /// There are four parents already; withdraw one's code first.
    ParentsFull = "parents-full", 409;
    /// There are three children already; withdraw one's code first.
    ChildrenFull = "children-full", 409;
    /// There is a spouse already; withdraw the code first.
    SpouseFull = "spouse-full", 409;
    /// There are five relatives already; withdraw one's code first.
    RelativesFull = "relatives-full", 409;
    /// A parent must be 55 or older today. Claim as a relative instead.
    ParentTooYoung = "parent-too-young", 422;
    /// A child must be younger than 18 today. Claim as a relative instead.
    ChildTooOld = "child-too-old", 422;
    /// The number has no date of birth and none was declared; give one in `born`.
    AgeUnknown = "age-unknown", 422;
    /// One's own code is not claimed as a family member's.
    OwnPerson = "own-person", 409;
    /// Came from abroad and stands in no arrivals register: use the national entry code.
    NoArrival = "no-arrival", 422;
    /// Entered before the first day of this code: use the national entry code.
    ArrivedTooEarly = "arrived-too-early", 422;
    /// Known from the arrivals register only: claim in the group from abroad.
    ClaimFromAbroad = "claim-from-abroad", 422;
    /// Not in this province's register of residents, and with a number from elsewhere: claim in
    /// the group of other provinces.
    ClaimFromElsewhere = "claim-from-elsewhere", 422;
    /// The household is of this province: claim as a resident.
    HouseholdHere = "household-here", 422;
    /// The code from home cannot be verified here: not a code, of a region that is not
    /// recognised, or of this one.
    HomeCodeUnknown = "home-code-unknown", 422;
    /// The code from home is too old: it is to be shown anew.
    HomeCodeOld = "home-code-old", 422;
    /// The code from home is somebody else's.
    HomeCodeOther = "home-code-other", 422;
    /// The code is green.
    NothingToContest = "nothing-to-contest", 409;
    /// An appeal about this person waits already.
    AppealOpen = "appeal-open", 409;
    /// The appeal was decided before.
    AppealDecided = "appeal-decided", 409;
    /// Other facts are in force than those that were shown with the appeal: read it again.
    AppealChanged = "appeal-changed", 409;
    /// The claim needs a better proof of who one is: a code by SMS, or a live face.
    IdentityLevel = "identity-level", 403;
    /// This authority has no service for it.
    IdentityNotOffered = "identity-not-offered", 409;
    /// The code or the face is another one.
    IdentityDiffers = "identity-differs", 422;
    /// The identity service does not answer: neither yes nor no. Try again later.
    IdentityUnavailable = "identity-unavailable", 503;
    /// The role wants one-time passwords: set up an app with the token first.
    SecondFactorToSetUp = "second-factor-to-set-up", 403;
    /// The token alone opens nothing: open a session with a one-time password.
    SecondFactorToShow = "second-factor-to-show", 403;
    /// The one-time password or recovery code is another one, has ended, or was used.
    SecondFactorWrong = "second-factor-wrong", 422;
    /// A body over [`crate::MAX_BODY_BYTES`].
    TooLarge = "too-large", 413;
    /// Too many requests; wait `retry_after_seconds`.
    RateLimited = "rate-limited", 429;
    /// The header [`crate::VERSION_HEADER`] names a version this authority does not speak.
    UnsupportedVersion = "unsupported-version", 400;
    /// The authority failed; its log says how. Try again with growing pauses.
    Internal = "internal", 500;
    /// The authority cannot serve now. Try again after `retry_after_seconds`.
    Unavailable = "unavailable", 503;
}

impl ErrorCode {
    /// Whether the same request may succeed later without a change.
    pub const fn may_retry(self) -> bool {
        matches!(
            self,
            Self::RateLimited | Self::Internal | Self::Unavailable | Self::IdentityUnavailable
        )
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_all_four_fields() {
        let error = ApiError::new(ErrorCode::RateLimited, "Too many attempts.").retry_after(30);
        assert_eq!(
            serde_json::to_string(&error).unwrap(),
            r#"{"code":"rate-limited","message":"Too many attempts.","field":null,"retry_after_seconds":30}"#
        );
    }

    #[test]
    fn every_code_has_one_text_and_an_error_status() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{code}\""));
            assert!((400..600).contains(&code.http_status()), "{code}");
            assert_eq!(
                code.may_retry(),
                code.http_status() >= 500 || code.http_status() == 429,
                "{code}: only the authority's own trouble passes by waiting"
            );
        }
        let mut texts: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), ErrorCode::ALL.len());
    }
}
