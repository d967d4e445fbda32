//! One-time passwords at the console: setting up an app, and sessions that are opened with it.
//!
//! Whoever needs a second factor may do nothing with their token but what is in this file and
//! ask who they are; everything else is answered with `second-factor-to-set-up` or
//! `second-factor-to-show` until they call with the cookie of a session.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::field::{self, FieldError};
use crate::secret::Secret;

/// `POST` [`SetUpRequest`] → 200 [`SetUpResponse`]; with a token before an app is set up, with
/// a session to set up another one.
pub const SET_UP_PATH: &str = "/v1/clerks/me/second-factor";
/// `POST` [`ConfirmRequest`] → 200 [`ConfirmResponse`] and a session; by whoever has just set
/// up an app.
pub const CONFIRM_PATH: &str = "/v1/clerks/me/second-factor/confirm";
/// `POST` [`Proof`] → 201 [`SessionResponse`] and a session; with a token.
pub const SESSION_PATH: &str = "/v1/clerks/me/session";
/// `POST` → 204; ends the session of the cookie, if there is one.
pub const SIGN_OUT_PATH: &str = "/v1/clerks/me/sign-out";
/// The cookie of a session at the console: `HttpOnly`, `SameSite=Strict`.
pub const CONSOLE_COOKIE: &str = "yanma_console";

/// How long a session lasts, in minutes; it is not drawn out by being used.
pub const SESSION_MINUTES: i64 = 120;
/// How many recovery codes there are after an app was set up.
pub const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code as it is typed, fewest and most.
pub const RECOVERY_MIN_CHARS: usize = 12;
/// See [`RECOVERY_MIN_CHARS`].
pub const RECOVERY_MAX_CHARS: usize = 24;
/// Digits of a one-time password.
pub const CODE_DIGITS: u32 = 6;
/// How long a one-time password is shown by an app, in seconds (RFC 6238 §5.2).
pub const STEP_SECONDS: i64 = 30;

/// Asks for a secret: `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetUpRequest {}

/// The secret for an app. It is told this once and counts when it was confirmed; until then
/// asking again makes another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetUpResponse {
    /// 32 letters and digits of base 32 (RFC 4648 §6), to be typed into an app.
    pub secret: Secret,
    /// `otpauth://totp/…`, to be shown to an app as a QR code.
    pub uri: Secret,
}

/// Shows that the app works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmRequest {
    /// The one-time password that the app shows, 6 digits.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneTimeCode"))]
    pub code: Secret,
}

impl ConfirmRequest {
    /// Checks the form.
    ///
    /// # Errors
    /// `code`.
    pub fn check(&self) -> Result<(), FieldError> {
        check_code(&self.code)
    }
}

/// The app counts from now on, and so do the recovery codes; those from before do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfirmResponse {
    /// Ten codes, each good for one session when the app is not at hand. They are told this
    /// once.
    pub recovery_codes: Vec<Secret>,
    /// The session that was opened.
    pub session: SessionResponse,
}

/// What opens a session beside a token: `{"code": "123456"}` or
/// `{"recovery_code": "ABCD-EFGH-JKMN"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The one-time password that the app shows, 6 digits. Each counts once.
    Code(#[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneTimeCode"))] Secret),
    /// One of the recovery codes, 12 letters and digits; hyphens, spaces and case do not
    /// matter. Each counts once.
    RecoveryCode(
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::RecoveryCode"))] Secret,
    ),
}

impl Proof {
    /// Checks the form.
    ///
    /// # Errors
    /// `code` or `recovery_code`.
    pub fn check(&self) -> Result<(), FieldError> {
        match self {
            Self::Code(code) => check_code(code),
            Self::RecoveryCode(code) => {
                let (min, max) = (RECOVERY_MIN_CHARS, RECOVERY_MAX_CHARS);
                field::length("recovery_code", code.reveal(), min, max)
            }
        }
    }
}

/// A session, in the cookie `yanma_console`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionResponse {
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Recovery codes that are left. With few left, set the app up anew.
    pub recovery_codes_left: u32,
}

fn check_code(code: &Secret) -> Result<(), FieldError> {
    let digits = code.reveal().as_bytes();
    let good = digits.len() == CODE_DIGITS as usize && digits.iter().all(u8::is_ascii_digit);
    field::form("code", good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_a_password_or_a_recovery_code() {
        for (json, field) in [
            (r#"{"code": "012345"}"#, None),
            (r#"{"code": "12345"}"#, Some("code")),
            (r#"{"code": "1234567"}"#, Some("code")),
            (r#"{"code": "１２３４５６"}"#, Some("code")),
            (r#"{"recovery_code": "abcd-efgh-jkmn"}"#, None),
            (r#"{"recovery_code": "ABCD EFGH"}"#, Some("recovery_code")),
        ] {
            let proof: Proof = serde_json::from_str(json).unwrap();
            let misfit = proof.check().err().map(|misfit| misfit.field);
            assert_eq!(misfit.as_deref(), field, "{json}");
        }
    }
}
