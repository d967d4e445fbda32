//! Enrolling a desk.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::IssuerId;
use yanma_domain::document::DirectoryKey;
use yanma_domain::policy::Policy;
use yanma_domain::trust::{PublicKey, Words};

use crate::field::{self, FieldError, FieldProblem};
use crate::secret::Secret;

/// `POST` [`EnrolRequest`] → 200 [`EnrolResponse`]; without a token.
pub const ENROL_PATH: &str = "/v1/stations/enrol";
/// `POST` [`EnrolmentRequest`] → 201 [`EnrolmentResponse`]; by a clerk.
pub const ENROLMENTS_PATH: &str = "/v1/enrolments";

/// `GET` → 200 [`DirectoryKeys`]; by a station.
pub const DIRECTORY_KEYS_PATH: &str = "/v1/stations/directory-keys";

/// `GET` → 200 [`StationsResponse`]; by whoever may see stations.
pub const STATIONS_PATH: &str = "/v1/stations";
/// `POST` [`RevokeRequest`](crate::clerks::RevokeRequest) → 200 [`StationRecord`]; by whoever
/// may end stations.
pub const REVOKE_STATION_PATH: &str = "/v1/stations/{id}/revoke";
/// `GET` → 200 [`SitesResponse`]; by whoever may see sites.
pub const SITES_PATH: &str = "/v1/sites";
/// `PUT` [`SiteRequest`] → 200 [`SiteRecord`]; by an administrator.
pub const SITE_PATH: &str = "/v1/sites/{id}";
/// `GET` → 200 [`PoliciesResponse`]; by whoever may see policies.
pub const POLICIES_PATH: &str = "/v1/policies";
/// `PUT` [`PolicyRequest`] → 200 [`Policy`]; by an administrator.
pub const POLICY_PATH: &str = "/v1/policies/{id}";

/// The request header in which a station tells which status list it has: [`ListState`].
pub const LIST_HEADER: &str = "yanma-list";

/// Turns a one-time enrolment code into a station with a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// The code a clerk handed out, 8 to 64 characters; it works once.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::EnrolmentCode"))]
    pub enrolment_code: Secret,
    /// What the people at the site call this desk, 1 to 60 characters.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Label"))]
    pub station_name: String,
}

impl EnrolRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `enrolment_code` or `station_name`.
    pub fn check(&self) -> Result<(), FieldError> {
        let code = self.enrolment_code.reveal();
        field::length("enrolment_code", code, 8, 64)?;
        field::form(
            "enrolment_code",
            code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
        )?;
        field::label("station_name", &self.station_name)
    }
}

/// All a new desk needs to begin: who it is and whom it may believe. The trust list is
/// not in it; it comes with the feeds and is verified with `root_key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnrolResponse {
    /// The station's name for programs, as in its entries.
    pub station: String,
    /// The bearer token of every later request. Kept in the keystore.
    pub token: Secret,
    /// Where the desk stands.
    pub site: Site,
    /// `general`, `hospital`, `hotel` or `airport`.
    pub scene: String,
    /// Whose feeds the desk follows.
    pub issuer: IssuerId,
    /// The host in the text of codes, such as `JKM.FUJIAN.GOV.CN`.
    pub code_host: String,
    /// The key that signs trust lists; pinned from now on.
    pub root_key: PublicKey,
    /// The keys under which documents are hashed.
    #[serde(flatten)]
    pub directory_keys: DirectoryKeys,
}

/// The directory key in force, and those before it that a desk may still meet. Kept in the
/// keystore; whoever has one can try numbers against the directory under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DirectoryKeys {
    /// The key under which documents are hashed, 64 hexadecimal digits.
    pub directory_key: Secret,
    /// Which key it is: the first is 1, and each rotation makes the next. A directory
    /// snapshot names the one that it is under.
    #[serde(default = "first_generation")]
    pub directory_key_generation: u32,
    /// The keys before it under which codes that are still alive were made, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_directory_keys: Vec<EarlierDirectoryKey>,
}

/// A directory key of before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EarlierDirectoryKey {
    /// Which key it is.
    pub generation: u32,
    /// The key, 64 hexadecimal digits.
    pub key: Secret,
    /// From when on no code carries a hash under it; nobody needs the key any longer then.
    pub until: Timestamp,
}

fn first_generation() -> u32 {
    1
}

impl DirectoryKeys {
    /// Checks the form of every key.
    ///
    /// # Errors
    /// `directory_key` or `earlier_directory_keys`, when one is not 64 hexadecimal digits: do
    /// not take any of them.
    pub fn check(&self) -> Result<(), FieldError> {
        let form = |field, key: &Secret| {
            let read = DirectoryKey::from_hex(key.reveal()).map(|_| ());
            read.map_err(|_| FieldError::new(field, FieldProblem::Form))
        };
        form("directory_key", &self.directory_key)?;
        let mut earlier = self.earlier_directory_keys.iter();
        earlier.try_for_each(|earlier| form("earlier_directory_keys", &earlier.key))
    }

    /// The key in force. `None` for one that [`Self::check`] refuses.
    pub fn in_force(&self) -> Option<DirectoryKey> {
        DirectoryKey::from_hex(self.directory_key.reveal()).ok()
    }

    /// The keys of before that are still needed at an instant.
    pub fn earlier(&self, now: Timestamp) -> Vec<DirectoryKey> {
        let needed = self.earlier_directory_keys.iter().filter(|earlier| now < earlier.until);
        needed.filter_map(|earlier| DirectoryKey::from_hex(earlier.key.reveal()).ok()).collect()
    }
}

/// A site (场所).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Site {
    /// Its name for programs.
    pub id: String,
    /// Its name for people.
    pub name: Words,
}

/// Asks for an enrolment code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    /// The site's name for programs.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Word"))]
    pub site: String,
    /// A name for the desk, when it is known already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Label>"))]
    pub station_name: Option<String>,
    /// The desk's scene; the site's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Word>"))]
    pub scene: Option<String>,
}

impl EnrolmentRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `site`, `station_name` or `scene`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::word("site", &self.site)?;
        if let Some(name) = &self.station_name {
            field::label("station_name", name)?;
        }
        if let Some(scene) = &self.scene {
            field::word("scene", scene)?;
        }
        Ok(())
    }
}

/// A fresh enrolment code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnrolmentResponse {
    /// To be typed at the desk, once.
    pub enrolment_code: Secret,
    /// When it stops to work.
    pub expires_at: Timestamp,
}

/// The status list of a station, as it tells it: `1.204;age=37`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListState {
    /// Epoch of the list.
    pub epoch: u32,
    /// Its sequence.
    pub sequence: u32,
    /// Its age in seconds by the station's clock.
    pub age_seconds: u32,
}

impl std::fmt::Display for ListState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{};age={}", self.epoch, self.sequence, self.age_seconds)
    }
}

impl std::str::FromStr for ListState {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        let read = || {
            let (position, age) = text.split_once(";age=")?;
            let (epoch, sequence) = position.split_once('.')?;
            Some(Self {
                epoch: epoch.parse().ok()?,
                sequence: sequence.parse().ok()?,
                age_seconds: age.parse().ok()?,
            })
        };
        read().ok_or_else(|| FieldError::new(LIST_HEADER, FieldProblem::Form))
    }
}

/// The stations, one site after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StationsResponse {
    /// The stations, revoked ones included.
    pub stations: Vec<StationRecord>,
    /// Epoch of the list that is published now.
    pub epoch: u32,
    /// Its sequence.
    pub sequence: u32,
    /// The authority's time.
    pub at: Timestamp,
}

/// A station and how it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StationRecord {
    /// Its name for programs, as in its entries.
    pub station: String,
    /// Where it stands.
    pub site: String,
    /// Its name for people.
    pub name: String,
    /// What it was enrolled for.
    pub scene: String,
    /// Since when it belongs to the authority.
    pub enrolled_at: Timestamp,
    /// Since when its token counts no longer.
    pub revoked_at: Option<Timestamp>,
    /// When it last called, to within half a minute; `null` when it never did.
    pub seen_at: Option<Timestamp>,
    /// The program it ran then, such as `yanma/0.1.0`.
    pub version: Option<String>,
    /// The status list it had then.
    pub list: Option<ListState>,
}

/// The sites, in the order of their names for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SitesResponse {
    /// The sites.
    pub sites: Vec<SiteRecord>,
}

/// A site and what its desks do unless told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SiteRecord {
    /// Its name for programs.
    pub id: String,
    /// Its name for people.
    pub name: Words,
    /// `general`, `hospital`, `hotel` or `airport`.
    pub scene: String,
    /// Stations there that were not revoked.
    pub stations: u32,
}

/// Adds a site, or changes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteRequest {
    /// Its name for people, 1 to 60 characters in each language.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Labels"))]
    pub name: Words,
    /// `general`, `hospital`, `hotel` or `airport`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Word"))]
    pub scene: String,
}

impl SiteRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `name.zh`, `name.en` or `scene`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::label("name.zh", &self.name.zh)?;
        field::label("name.en", &self.name.en)?;
        field::word("scene", &self.scene)
    }
}

/// The policies in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PoliciesResponse {
    /// One for each scene.
    pub policies: Vec<Policy>,
}

/// Puts a policy in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyRequest {
    /// The policy; its version is one above the one that is in force.
    pub policy: Policy,
    /// Why, 4 to 200 characters; it is kept.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
}

impl PolicyRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `reason`, or the field of `policy` that must not be as it is.
    pub fn check(&self) -> Result<(), FieldError> {
        field::reason("reason", &self.reason)?;
        field::label("policy.name.zh", &self.policy.name.zh)?;
        field::label("policy.name.en", &self.policy.name.en)?;
        self.policy.check().map_err(|misfit| {
            FieldError::new(format!("policy.{}", misfit.field()), FieldProblem::Form)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_told_in_one_line() {
        let state = ListState { epoch: 1, sequence: 204, age_seconds: 37 };
        assert_eq!(state.to_string(), "1.204;age=37");
        assert_eq!("1.204;age=37".parse(), Ok(state));
        for bad in ["", "1.204", "1;age=3", "1.x;age=3", "1.2;age=-3", "1.2;age=3;x"] {
            assert!(bad.parse::<ListState>().is_err(), "{bad}");
        }
    }
}
