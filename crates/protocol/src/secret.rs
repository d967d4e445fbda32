//! Text that must not reach a log.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A password, number, name, token or code on its way through the wire.
///
/// On the wire it is plain JSON text; in `Debug` it is only a length, so that a request
/// or an answer can be logged as a whole without giving anything away. It has no
/// `Display`. The text itself is read with [`Self::reveal`], which is easy to search for.
///
/// ```
/// use yanma_protocol::Secret;
/// let password = Secret::new("correct horse");
/// assert_eq!(format!("{password:?}"), "Secret(13 characters)");
/// assert_eq!(password.reveal(), "correct horse");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Do not log it, and do not put it into an error.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The number of Unicode characters, for limits.
    pub fn chars(&self) -> usize {
        self.0.chars().count()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} characters)", self.chars())
    }
}
