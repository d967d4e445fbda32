//! Accounts of citizens: register, log in, log out, who am I.

use serde::{Deserialize, Serialize};
use yanma_domain::document::{DocumentNumber, DocumentType};
use yanma_domain::name::HolderName;

use crate::claims::HolderResponse;
use crate::field::{self, FieldError, FieldProblem};
use crate::secret::Secret;

/// `POST` [`RegisterRequest`] → 201 [`AccountResponse`] and a session cookie.
pub const REGISTER_PATH: &str = "/v1/accounts/register";
/// `POST` [`LoginRequest`] → 200 [`AccountResponse`] and a session cookie.
pub const LOGIN_PATH: &str = "/v1/accounts/login";
/// `POST` without a body → 204; the session ends.
pub const LOGOUT_PATH: &str = "/v1/accounts/logout";
/// `GET` → 200 [`MeResponse`].
pub const ME_PATH: &str = "/v1/me";
/// The session cookie: `HttpOnly`, `SameSite=Strict`.
pub const SESSION_COOKIE: &str = "yanma_session";

/// Characters of a password, fewest.
pub const PASSWORD_MIN_CHARS: usize = 8;
/// Characters of a password, most: a longer one only costs hashing time.
pub const PASSWORD_MAX_CHARS: usize = 128;

/// Opens an account for the person whose name and number stand together in the
/// population register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    /// The kind of document that `number` is of.
    pub document_type: DocumentType,
    /// The document's number, as typed.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Number"))]
    pub number: Secret,
    /// The holder's name, 1 to 60 characters.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Name"))]
    pub name: Secret,
    /// A mainland mobile number (`1` and ten digits) or `+` and 6 to 15 digits. With `+86` before
    /// it a mainland number is the same one.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Phone"))]
    pub phone: Secret,
    /// 8 to 128 characters.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Password"))]
    pub password: Secret,
}

/// A register request whose fields all hold.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The document, normalised.
    pub document: DocumentNumber,
    /// The name, trimmed.
    pub name: HolderName,
    /// The telephone number, in the form of [`plain_phone`].
    pub phone: Secret,
    /// The password, to be hashed at once.
    pub password: Secret,
}

impl RegisterRequest {
    /// Turns the request into values.
    ///
    /// # Errors
    /// The first field that misses its limits: `number`, `name`, `phone`, `password`.
    pub fn parse(self) -> Result<Registration, FieldError> {
        let document = DocumentNumber::parse(self.document_type, self.number.reveal())
            .map_err(|_| FieldError::new("number", FieldProblem::Form))?;
        let name = HolderName::parse(self.name.reveal())
            .map_err(|_| FieldError::new("name", FieldProblem::Form))?;
        check_phone(&self.phone)?;
        check_password(&self.password)?;
        let phone = plain_phone(self.phone.reveal()).into();
        Ok(Registration { document, name, phone, password: self.password })
    }
}

/// Opens a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// As at registration.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Phone"))]
    pub phone: Secret,
    /// As at registration.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TriedPassword"))]
    pub password: Secret,
}

impl LoginRequest {
    /// Checks the form of both fields, so that nothing absurd is hashed.
    ///
    /// # Errors
    /// `phone` or `password`.
    pub fn check(&self) -> Result<(), FieldError> {
        check_phone(&self.phone)?;
        // A wrong password that is also too short is a wrong password, not a form error.
        field::length("password", self.password.reveal(), 1, PASSWORD_MAX_CHARS)
    }
}

/// Checks a telephone number: `1` and ten digits, or `+` and 6 to 15 digits (ITU-T E.164
/// allows 15 at most).
///
/// # Errors
/// `phone`.
pub fn check_phone(phone: &Secret) -> Result<(), FieldError> {
    let text = phone.reveal();
    let good = match text.strip_prefix('+') {
        Some(rest) => (6..=15).contains(&rest.len()) && is_digits(rest),
        None => is_mainland(text),
    };
    field::form("phone", good)
}

/// The one form of a telephone number that can be written in two: a mainland mobile number
/// stands without its country code, so that `+8613800000000` is `13800000000`.
pub fn plain_phone(phone: &str) -> &str {
    phone.strip_prefix("+86").filter(|rest| is_mainland(rest)).unwrap_or(phone)
}

fn is_mainland(text: &str) -> bool {
    text.len() == 11 && text.starts_with('1') && is_digits(text)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn check_password(password: &Secret) -> Result<(), FieldError> {
    field::length("password", password.reveal(), PASSWORD_MIN_CHARS, PASSWORD_MAX_CHARS)
}

/// An account, masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Account {
    /// 张*明
    pub name_masked: String,
    /// First and last characters of the number, stars between.
    pub document_masked: String,
    /// The kind of document the account stands on.
    pub document_type: DocumentType,
    /// How well the person was identified.
    pub level: AccountLevel,
}

/// How well the person behind an account was identified.
///
/// The better one is the greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AccountLevel {
    /// Name and number stand together in the population register.
    RegisterMatch,
    /// And a code by SMS came back from the account's telephone.
    Sms,
    /// And a live face is that of the document.
    Face,
}

impl AccountLevel {
    /// The level of this name: `register-match`, `sms` or `face`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "register-match" => Some(Self::RegisterMatch),
            "sms" => Some(Self::Sms),
            "face" => Some(Self::Face),
            _ => None,
        }
    }
}

/// The answer to register and log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountResponse {
    /// Whose session it is.
    pub account: Account,
}

/// Who is logged in, and the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeResponse {
    /// Whose session it is.
    pub account: Account,
    /// The holder's code; `null` before it is claimed.
    pub holder: Option<HolderResponse>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_mainland_or_international() {
        for good in ["13800000000", "+123456", "+123456789012345"] {
            assert_eq!(check_phone(&good.into()), Ok(()), "{good}");
        }
        for bad in [
            "",
            "1380000000",
            "138000000000",
            "23800000000",
            "+12345",
            "+1234567890123456",
            "1380000000x",
            "+",
            "１３８００００００００",
        ] {
            assert_eq!(check_phone(&bad.into()).unwrap_err().field, "phone", "{bad} was taken");
        }
    }

    #[test]
    fn a_mainland_number_is_the_same_with_its_country_code() {
        for (typed, plain) in [
            ("13800000000", "13800000000"),
            ("+8613800000000", "13800000000"),
            ("+865910000000", "+865910000000"),
            ("+8623800000000", "+8623800000000"),
            ("+85213800000", "+85213800000"),
        ] {
            assert_eq!(plain_phone(typed), plain, "{typed}");
        }
    }
}
