//! The colour rules in force, and putting others in force.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{self, FieldError};

/// `GET` → 200 [`RulesResponse`]; `POST` [`PutRulesRequest`] → 200 [`RulesResponse`].
pub const RULES_PATH: &str = "/v1/rules";

/// The rules in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RulesResponse {
    /// How many schemes have been in force; rises with each.
    pub generation: u32,
    /// Since when this one is.
    pub since: Timestamp,
    /// Whether everybody has the colour of this scheme by now.
    pub complete: bool,
    /// The scheme file, as it was given (`docs/decisions/0005-colour-rules.md`).
    pub scheme: Value,
}

/// Puts a scheme in force. Everybody is coloured anew in the background. The scheme that is
/// in force already stays, and nothing happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PutRulesRequest {
    /// The scheme file. What does not read is named: `scheme.rules[3].days`.
    pub scheme: Value,
    /// Why, 4 to 200 characters; kept in the audit.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
}

impl PutRulesRequest {
    /// Checks the limits that the scheme itself does not.
    ///
    /// # Errors
    /// `reason`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::reason("reason", &self.reason)
    }
}
