//! Whose certificates may be believed: data that a feed delivers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Format, SignerKey, StatementKind};

/// What certificates are checked against. Empty by default, and then none can be checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateTrust {
    /// Those who sign certificates.
    #[serde(default)]
    pub signers: Vec<Signer>,
}

/// One key of one signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// Which certificates it signs.
    pub format: Format,
    /// Who it is: the country (`AT`) of a European signer, which is shown only.
    pub issuer: String,
    /// The key's name: for a European signer the base64 of its eight bytes.
    pub key_id: String,
    /// The key.
    pub key: SignerKey,
    /// First instant at which its signatures count; `None` where there is no beginning.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// First instant at which they no longer count; `None` while there is no end.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// What it may sign; everything when empty.
    #[serde(default)]
    pub signs: Vec<StatementKind>,
}

impl Signer {
    /// Whether it was in force at `instant`.
    pub(super) fn in_force(&self, instant: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= instant)
            && self.until.is_none_or(|until| instant < until)
    }

    /// Whether it may sign all of this.
    pub(super) fn may_sign(&self, kinds: impl IntoIterator<Item = StatementKind>) -> bool {
        self.signs.is_empty() || kinds.into_iter().all(|kind| self.signs.contains(&kind))
    }
}

impl CertificateTrust {
    /// Whether there is anything to check certificates of this kind against.
    pub fn covers(&self, format: Format) -> bool {
        self.signers.iter().any(|signer| signer.format == format)
    }

    /// The keys of this name. Names are short, so two keys may have one.
    pub(super) fn signers_of<'a, 'k>(
        &'a self,
        format: Format,
        key: &'k str,
    ) -> impl Iterator<Item = &'a Signer> + use<'a, 'k> {
        self.signers.iter().filter(move |signer| signer.format == format && signer.key_id == key)
    }
}
