//! Other regions (跨省互认) at the console: whose codes count beside our own.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::IssuerId;
use yanma_domain::trust::{PublicKey, Words};

use crate::field::{self, FieldError};

/// `GET` → 200 [`RegionsResponse`]; by whoever may see regions.
pub const REGIONS_PATH: &str = "/v1/regions";
/// `PUT` [`RegionRequest`] → 200 [`RegionRecord`]; by an administrator. The number is the
/// issuer's, 0 to 255.
pub const REGION_PATH: &str = "/v1/regions/{number}";
/// `POST` [`RevokeRequest`](crate::clerks::RevokeRequest) → 204: its codes count no longer; by
/// an administrator.
pub const REMOVE_REGION_PATH: &str = "/v1/regions/{number}/remove";

/// Characters of an address, most.
pub const URL_MAX_CHARS: usize = 200;

/// Other regions, by number, and what another region has to be told to recognise ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegionsResponse {
    /// This authority itself.
    pub own: OwnRegion,
    /// The others.
    pub regions: Vec<RegionRecord>,
    /// The authority's time.
    pub at: Timestamp,
    /// A list that is older than this is not answered from, in seconds.
    pub live_seconds: u32,
}

/// What another region's administrator enters to recognise this authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnRegion {
    /// Its number, as in its codes.
    pub issuer: IssuerId,
    /// Its name.
    pub name: Words,
    /// The key that signs its trust list. To be compared from person to person.
    pub root_key: PublicKey,
}

/// Another region and how it stands with it, as far as the process that answers knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegionRecord {
    /// Its number, as in its codes: 0 for the national platform, else as in GB/T 2260.
    pub issuer: IssuerId,
    /// Its name.
    pub name: Words,
    /// Where its feeds are.
    pub url: String,
    /// The key that signs its trust list.
    pub root_key: PublicKey,
    /// When it was added, changed, or last told of other keys.
    pub changed_at: Timestamp,
    /// Whether its codes are verified: its keys are known.
    pub trusted: bool,
    /// How many of its keys count for codes now.
    pub code_keys: u32,
    /// When it was last asked for what is new; `null` when it was not yet.
    pub asked_at: Option<Timestamp>,
    /// When it signed the list that is answered from; `null` without one.
    pub list_of: Option<Timestamp>,
    /// How many places that list has, given out or not.
    pub holders: Option<u32>,
    /// Why nothing new was taken when it was last asked; `null` when all went well.
    pub trouble: Option<RegionTrouble>,
}

/// Why nothing new was taken from another region. What was known before stays in force for
/// as long as it is live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegionTrouble {
    /// What a program branches on.
    pub kind: TroubleKind,
    /// The same in an English sentence, with what is known of the cause.
    pub detail: String,
}

/// The kinds of trouble with another region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TroubleKind {
    /// Nobody answers at its address, or too slowly.
    Unreachable,
    /// Something answers that is not an authority, or one that cannot serve now.
    WrongAnswer,
    /// What it publishes was refused: a key, a signature, a hash, an older state. Its address
    /// may be somebody else's, or its root key was replaced.
    Refused,
    /// Its head is dated more than a day ahead of our clock.
    FarFuture,
}

/// Adds another region, or changes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegionRequest {
    /// Its name, 1 to 60 characters in each language.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Labels"))]
    pub name: Words,
    /// Where its feeds are, such as `https://health.example`; plain `http` on this machine
    /// only. At most 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = URL_MAX_CHARS)))]
    pub url: String,
    /// The key that signs its trust list, 64 hexadecimal digits, agreed on from person to
    /// person. Another one than before begins with nothing known.
    #[cfg_attr(feature = "schema", schemars(with = "PublicKey"))]
    pub root_key: String,
    /// Why, 4 to 200 characters; kept in the audit.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
}

impl RegionRequest {
    /// Checks the limits and reads the key.
    ///
    /// # Errors
    /// `name.zh`, `name.en`, `url`, `root_key` or `reason`.
    pub fn check(&self) -> Result<PublicKey, FieldError> {
        field::label("name.zh", &self.name.zh)?;
        field::label("name.en", &self.name.en)?;
        field::length("url", &self.url, 1, URL_MAX_CHARS)?;
        let key = PublicKey::try_from(self.root_key.trim().to_ascii_lowercase());
        let key = key.map_err(|_| FieldError::new("root_key", field::FieldProblem::Form))?;
        field::reason("reason", &self.reason)?;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn good() -> Value {
        // The public key of RFC 8032 §7.1, test 1.
        json!({
            "name": {"zh": "浙江省", "en": "Zhejiang"},
            "url": "https://health.example",
            "root_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "reason": "agreed in writing",
        })
    }

    #[track_caller]
    fn check(pointer: &str, value: Value, field: Option<&str>) {
        let mut body = good();
        *body.pointer_mut(pointer).unwrap() = value.clone();
        let request: RegionRequest = serde_json::from_value(body).unwrap();
        let refused = request.check().err().map(|misfit| misfit.field);
        assert_eq!(refused.as_deref(), field, "{pointer} = {value}");
    }

    #[test]
    fn the_field_at_fault_is_named() {
        check("/reason", json!("agreed in writing"), None);
        let typed = good()["root_key"].as_str().unwrap().to_uppercase();
        check("/root_key", json!(format!(" {typed} ")), None);
        check("/name/zh", json!(""), Some("name.zh"));
        check("/name/en", json!("Z".repeat(61)), Some("name.en"));
        check("/url", json!(""), Some("url"));
        check("/url", json!("x".repeat(201)), Some("url"));
        check("/root_key", json!("d75a98"), Some("root_key"));
        check("/root_key", json!(format!("01{}", "0".repeat(62))), Some("root_key"));
        check("/reason", json!("why"), Some("reason"));
    }
}
