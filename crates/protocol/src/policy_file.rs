//! The policies as a file, and what foreign certificates are checked against.

use serde::{Deserialize, Serialize};
use yanma_domain::KeyId;
use yanma_domain::certificate::CertificateTrust;
use yanma_domain::policy::Policy;

use crate::envelope::{FileKind, Unsigned, VerifiedFile};
use crate::feed_error::FeedError;
use crate::json;

/// All policies in force; payload: this as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFile {
    /// Rises by one with every change.
    pub sequence: u32,
    /// The policies, each scene once.
    pub policies: Vec<Policy>,
    /// What foreign certificates are checked against; left out while there is nothing.
    #[serde(default, skip_serializing_if = "CertificateTrust::is_empty")]
    pub certificates: CertificateTrust,
}

impl PolicyFile {
    /// The policy of a scene.
    pub fn policy(&self, scene: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id == scene)
    }

    /// The file, ready to be signed.
    ///
    /// # Errors
    /// [`FeedError::Policy`] and [`FeedError::NotCanonical`], as for [`Self::decode`].
    pub fn encode(&self, key: KeyId) -> Result<Unsigned, FeedError> {
        self.check()?;
        let payload = serde_json::to_vec(self).map_err(|_| FeedError::Json)?;
        Unsigned::new(FileKind::Policy, key, &payload)
    }

    /// Reads a verified file.
    ///
    /// # Errors
    /// [`FeedError::Kind`], [`FeedError::Json`]; [`FeedError::Policy`] for a policy that
    /// must not be used; [`FeedError::NotCanonical`] for two of one scene.
    pub fn decode(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        let payload = file.payload(FileKind::Policy)?;
        let policies: Self = json::read_answer(payload).ok_or(FeedError::Json)?;
        policies.check()?;
        Ok(policies)
    }

    fn check(&self) -> Result<(), FeedError> {
        self.policies.iter().try_for_each(|policy| policy.check().map_err(FeedError::Policy))?;
        let mut ids: Vec<_> = self.policies.iter().map(|policy| &policy.id).collect();
        ids.sort_unstable();
        let once = ids.is_sorted_by(|one, next| one < next);
        if once { Ok(()) } else { Err(FeedError::NotCanonical) }
    }
}
