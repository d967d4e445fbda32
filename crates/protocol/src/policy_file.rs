//! The policies as a file, and what foreign certificates are checked against.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use yanma_domain::KeyId;
use yanma_domain::certificate::{CertificateTrust, Format};
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
    /// [`FeedError::Kind`], and as for [`Self::read`].
    pub fn decode(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        Self::read(file.payload(FileKind::Policy)?)
    }

    /// Reads the payload of a file that was verified once. Whoever keeps that, and not what was
    /// read of it, has what a newer program understands besides.
    ///
    /// # Errors
    /// [`FeedError::Json`]; [`FeedError::Policy`] for a policy that must not be used;
    /// [`FeedError::NotCanonical`] for two of one scene.
    pub fn read(payload: &[u8]) -> Result<Self, FeedError> {
        let mut value = json::parse(payload).map_err(|_| FeedError::Json)?;
        if let Some(certificates) = value.get_mut("certificates") {
            pass_over_unknown_formats(certificates);
        }
        let policies: Self = json::answer(value).ok_or(FeedError::Json)?;
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

/// Leaves out who signs, and what was revoked, of certificates of a kind that this program does not
/// know: it can check none of them anyway. Nothing else that is unknown is left out: without a rule,
/// or a list of what was revoked, a verdict could be milder than it should be.
fn pass_over_unknown_formats(certificates: &mut Value) {
    let is_known = |item: &Value| match item.get("format") {
        Some(format @ Value::String(_)) => Format::deserialize(format).is_ok(),
        _ => true,
    };
    for list in ["signers", "anchors", "revoked"] {
        if let Some(Value::Array(items)) = certificates.get_mut(list) {
            items.retain(is_known);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn revoked(format: &str, by: &str) -> Value {
        json!({"format": format, "by": by, "entries": ["e"]})
    }

    #[track_caller]
    fn check(certificates: Value, expect: Option<usize>) {
        let file = json!({"sequence": 3, "policies": [], "certificates": certificates});
        let read = PolicyFile::read(file.to_string().as_bytes());
        match expect {
            Some(lists) => assert_eq!(read.unwrap().certificates.revoked.len(), lists),
            None => assert_eq!(read, Err(FeedError::Json)),
        }
    }

    #[test]
    fn kinds_of_certificates_that_are_not_known_are_passed_over_and_nothing_else_is() {
        let tomorrow = json!({"format": "of-tomorrow", "by": "whatever", "more": [1]});
        let known = revoked("eu-dcc", "signature");
        for list in ["signers", "anchors"] {
            check(json!({list: [tomorrow], "revoked": [known]}), Some(1));
            check(json!({list: [{"format": "eu-dcc"}]}), None);
            check(json!({list: [{"format": 7}]}), None);
            check(json!({list: [{}]}), None);
        }
        check(json!({"revoked": [tomorrow, known, revoked("of-tomorrow", "signature")]}), Some(1));
        check(json!({"revoked": [known, revoked("eu-dcc", "of-tomorrow")]}), None);
        check(json!({"rules": [tomorrow]}), None);
        check(json!({"countries": [tomorrow]}), None);
    }
}
