//! Who this desk is, and whom it believes: from the day it was enrolled.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::IssuerId;
use yanma_domain::document::DirectoryKey;
use yanma_domain::trust::PublicKey;
use yanma_protocol::Secret;
use yanma_protocol::stations::{DirectoryKeys, EnrolRequest, EnrolResponse, Site};

use crate::authority::{Authority, HttpAuthority};
use crate::error::DeskError;

/// What enrolling gave the desk. Kept in the encrypted store, token and key included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Where the authority is.
    pub authority_url: String,
    /// The station's name for programs.
    pub station: String,
    /// What the people at the site call this desk.
    pub station_name: String,
    /// The token of every request.
    pub token: Secret,
    /// Where the desk stands.
    pub site: Site,
    /// The scene the authority gave it.
    pub scene: String,
    /// Whose feeds it follows.
    pub issuer: IssuerId,
    /// The key that signs trust lists, pinned: the one of enrolment, or one that it introduced.
    pub root_key: PublicKey,
    /// The keys under which documents are hashed. The one in force is that of the directory in
    /// the store: both are replaced in one transaction.
    #[serde(flatten)]
    directory_keys: DirectoryKeys,
}

impl Enrolment {
    /// Enrols with the authority at `url`, with a one-time code.
    ///
    /// # Errors
    /// When the address or the code is not accepted, or the authority cannot be reached;
    /// the desk is then as it was.
    pub async fn request(url: &str, code: &str, name: &str) -> Result<Self, DeskError> {
        let request = EnrolRequest {
            enrolment_code: Secret::new(code.trim()),
            station_name: name.trim().to_owned(),
        };
        request.check().map_err(DeskError::Field)?;
        let authority = HttpAuthority::new(url, None)?;
        let response = authority.enrol(&request).await?;
        Self::from_response(url, &request, response)
    }

    /// The enrolment that an authority's answer makes.
    ///
    /// # Errors
    /// When the answer's directory key is none.
    pub fn from_response(
        url: &str,
        request: &EnrolRequest,
        response: EnrolResponse,
    ) -> Result<Self, DeskError> {
        response.directory_keys.check().map_err(DeskError::Field)?;
        Ok(Self {
            authority_url: url.trim().to_owned(),
            station: response.station,
            station_name: request.station_name.clone(),
            token: response.token,
            site: response.site,
            scene: response.scene,
            issuer: response.issuer,
            root_key: response.root_key,
            directory_keys: response.directory_keys,
        })
    }

    /// The key under which documents are hashed, which is the one of the directory at hand.
    pub fn directory_key(&self) -> Option<DirectoryKey> {
        self.directory_keys.in_force()
    }

    /// Which of the issuer's keys that is.
    pub fn directory_key_generation(&self) -> u32 {
        self.directory_keys.directory_key_generation
    }

    /// The keys before it that codes may still have been made under.
    pub(crate) fn earlier_keys(&self, now: Timestamp) -> Vec<DirectoryKey> {
        self.directory_keys.earlier(now)
    }

    /// Whether documents have the same hashes under both.
    pub(crate) fn hashes_as(&self, other: &Self) -> bool {
        let (one, other) = (&self.directory_keys, &other.directory_keys);
        one.directory_key_generation == other.directory_key_generation
            && one.directory_key.reveal().eq_ignore_ascii_case(other.directory_key.reveal())
    }

    /// The same station after a rotation.
    pub(crate) fn with_keys(&self, root_key: PublicKey, directory: Option<DirectoryKeys>) -> Self {
        let directory_keys = directory.unwrap_or_else(|| self.directory_keys.clone());
        Self { root_key, directory_keys, ..self.clone() }
    }

    /// The authority, to be asked in this station's name.
    ///
    /// # Errors
    /// When the address can no longer be used.
    pub fn authority(&self) -> Result<HttpAuthority, DeskError> {
        Ok(HttpAuthority::new(&self.authority_url, Some(self.token.clone()))?)
    }
}
