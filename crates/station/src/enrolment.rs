//! Who this desk is, and whom it believes: from the day it was enrolled.

use serde::{Deserialize, Serialize};
use yanma_domain::IssuerId;
use yanma_domain::document::DirectoryKey;
use yanma_domain::trust::PublicKey;
use yanma_protocol::Secret;
use yanma_protocol::stations::{EnrolRequest, EnrolResponse, Site};

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
    /// The key that signs trust lists, pinned.
    pub root_key: PublicKey,
    /// The key under which documents are hashed: 64 hexadecimal digits.
    directory_key: Secret,
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
        response.directory_key_bytes().map_err(DeskError::Field)?;
        Ok(Self {
            authority_url: url.trim().to_owned(),
            station: response.station,
            station_name: request.station_name.clone(),
            token: response.token,
            site: response.site,
            scene: response.scene,
            issuer: response.issuer,
            root_key: response.root_key,
            directory_key: response.directory_key,
        })
    }

    /// The key under which documents are hashed.
    pub fn directory_key(&self) -> Option<DirectoryKey> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(self.directory_key.reveal(), &mut bytes).ok()?;
        Some(DirectoryKey::from_bytes(bytes))
    }

    /// The authority, to be asked in this station's name.
    ///
    /// # Errors
    /// When the address can no longer be used.
    pub fn authority(&self) -> Result<HttpAuthority, DeskError> {
        Ok(HttpAuthority::new(&self.authority_url, Some(self.token.clone()))?)
    }
}
