//! Is the authority alive, and how far is it.

use serde::{Deserialize, Serialize};

/// `GET` → 200 [`HealthResponse`]; without a token.
pub const HEALTH_PATH: &str = "/v1/health";
/// `GET` → 200, the description of the interface (OpenAPI 3.1); without a token.
pub const OPENAPI_PATH: &str = "/v1/openapi.json";

/// The state of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HealthResponse {
    /// Always `ok`: an authority that is not answers an error instead.
    pub status: String,
    /// Epoch of its status list.
    pub epoch: u32,
    /// Sequence of its status list.
    pub sequence: u32,
    /// How many holders it has.
    pub holders: u32,
    /// The program's version.
    pub version: String,
}
