//! Whose certificates may be believed, and which no longer: data that a feed delivers.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Format, Rule, SignerKey, StatementKind, x509};

/// What certificates are checked against. Empty by default, and then none can be checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateTrust {
    /// Those who sign certificates.
    #[serde(default)]
    pub signers: Vec<Signer>,
    /// Those who vouch for signers whose certificates travel with what they sign.
    #[serde(default)]
    pub anchors: Vec<Anchor>,
    /// Those who vouch for the chips of passports and cards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<Country>,
    /// What no longer counts.
    #[serde(default)]
    pub revoked: Vec<RevocationList>,
    /// The rules that European certificates must satisfy, in the form in which the
    /// European gateway hands them out.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// The country whose rules of acceptance apply, in two letters; no rules apply without.
    #[serde(default)]
    pub rules_of: Option<String>,
    /// The sets of values that rules refer to, by their names.
    #[serde(default)]
    pub value_sets: BTreeMap<String, Vec<String>>,
}

/// One key of one signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// Which certificates it signs.
    pub format: Format,
    /// Who it is: what the certificate says of its issuer, such as
    /// `did:web:nzcp.identity.health.nz`. For a European signer the country (`AT`), which is
    /// shown only.
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

/// A certification authority that vouches for signers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// For signers of which certificates.
    pub format: Format,
    /// Its own certificate (X.509, DER, base64).
    pub certificate: AnchorCertificate,
}

/// The certification authority of a state (CSCA), which vouches for the chips of its documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// The state as zones name it: ISO 3166-1, three letters, or a code of Doc 9303, part 3,
    /// section 5, such as `D` or `UNO`.
    pub state: String,
    /// Its own certificate (X.509, DER, base64).
    pub certificate: AnchorCertificate,
}

/// The certificate of an [`Anchor`] or a [`Country`]: X.509 that can be read. Written as base64 of
/// its DER.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AnchorCertificate(Vec<u8>);

/// Why a text is no certificate of an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an X.509 certificate in base64")]
pub struct AnchorError;

/// Certificates that no longer count, by one signer or of one format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevocationList {
    /// Of which certificates.
    pub format: Format,
    /// Of which issuer's; of all when left out.
    #[serde(default)]
    pub issuer: Option<String>,
    /// Of which key's; of all when left out.
    #[serde(default)]
    pub key_id: Option<String>,
    /// What the entries are.
    pub by: RevokedBy,
    /// The entries.
    pub entries: BTreeSet<String>,
    /// First instant at which the list is too old to say that something is *not* revoked;
    /// what is in it stays revoked.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

/// How a list names what is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevokedBy {
    /// Base64 of the first 16 bytes of the SHA-256 of the signature; of its first half for
    /// ES256.
    Signature,
    /// The same of the certificate's identifier (UCI).
    Identifier,
    /// The same of the issuer's country and the identifier.
    CountryIdentifier,
    /// The identifier of a health card (`rid`), perhaps with `.` and the seconds before
    /// which it must have been issued.
    CardIdentifier,
    /// Base64 of the first 16 bytes of the SHA-256 of the signer's certificate.
    SignerCertificate,
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
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether there is anything to check certificates of this kind against.
    pub fn covers(&self, format: Format) -> bool {
        self.signers.iter().any(|signer| signer.format == format)
            || self.anchors.iter().any(|anchor| anchor.format == format)
    }

    /// The keys of this name. Names are short, so two keys may have one. Beyond Europe a
    /// name is an issuer's own.
    pub(super) fn signers_of<'a, 'k>(
        &'a self,
        format: Format,
        issuer: &'k str,
        key: &'k str,
    ) -> impl Iterator<Item = &'a Signer> + use<'a, 'k> {
        self.signers.iter().filter(move |signer| {
            signer.format == format
                && signer.key_id == key
                && (format == Format::EuDcc || signer.issuer == issuer)
        })
    }
}

impl RevocationList {
    /// Whether it speaks of certificates of this issuer and key.
    pub(super) fn covers(&self, format: Format, issuer: &str, key: Option<&str>) -> bool {
        self.format == format
            && self.issuer.as_deref().is_none_or(|of| of == issuer)
            && self.key_id.as_deref().is_none_or(|of| Some(of) == key)
    }
}

impl AnchorCertificate {
    /// Its DER.
    pub(super) fn der(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<String> for AnchorCertificate {
    type Error = AnchorError;

    fn try_from(text: String) -> Result<Self, AnchorError> {
        let der = STANDARD.decode(text).map_err(|_| AnchorError)?;
        x509::read(&der).map_err(|_| AnchorError)?;
        Ok(Self(der))
    }
}

impl From<AnchorCertificate> for String {
    fn from(certificate: AnchorCertificate) -> Self {
        STANDARD.encode(certificate.0)
    }
}

impl std::fmt::Debug for AnchorCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AnchorCertificate({} bytes)", self.0.len())
    }
}
