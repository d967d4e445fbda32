//! Certificates of signers (X.509, RFC 5280): where a signer's key comes from.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_cert::spki::ObjectIdentifier;

use super::{Format, Signer, SignerKey, StatementKind};

/// The longest certificate of a signer, in bytes.
const LONGEST_BYTES: usize = 16 * 1024;

/// What a European signer may sign, as purposes of its certificate (eHealth Network,
/// Technical Specifications for EU Digital COVID Certificates, volume 1, annex 1). The
/// second of each was written by mistake and is in use.
const PURPOSES: [(ObjectIdentifier, StatementKind); 6] = [
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.1"), StatementKind::Test),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.1"), StatementKind::Test),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.2"), StatementKind::Vaccination),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.2"), StatementKind::Vaccination),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.3"), StatementKind::Recovery),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.3"), StatementKind::Recovery),
];

/// Why bytes are no certificate of a signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerCertificateError {
    /// They are no X.509 certificate in DER.
    #[error("this is no X.509 certificate in DER")]
    Form,
    /// Its key is of a kind that signs nothing here.
    #[error("the certificate's key is neither P-256 nor RSA")]
    Key,
}

impl Signer {
    /// A European signer from its certificate, as national backends publish it: the key's
    /// name is the first eight bytes of its SHA-256, its dates and purposes are its own.
    /// Whose it is is not checked: whoever puts it into a feed vouches for it.
    ///
    /// # Errors
    /// [`SignerCertificateError`].
    pub fn european(issuer: &str, der: &[u8]) -> Result<Self, SignerCertificateError> {
        let certificate = read(der)?;
        let tbs = certificate.tbs_certificate();
        let spki = tbs.subject_public_key_info().to_der();
        let key = SignerKey::from_spki(&spki.map_err(|_| SignerCertificateError::Form)?)
            .map_err(|_| SignerCertificateError::Key)?;
        let (from, last) = validity(&certificate).into_inner();
        let usage = tbs.get_extension::<ExtendedKeyUsage>();
        let usage = usage.map_err(|_| SignerCertificateError::Form)?;
        let usage = usage.map(|(_, usage)| usage.0).unwrap_or_default();
        let signs = PURPOSES.iter().filter(|(oid, _)| usage.contains(oid)).map(|(_, kind)| *kind);
        Ok(Self {
            format: Format::EuDcc,
            issuer: issuer.to_owned(),
            key_id: STANDARD.encode(Sha256::digest(der).get(..8).unwrap_or_default()),
            key,
            from: Some(from),
            until: last.checked_add(jiff::SignedDuration::from_secs(1)).ok(),
            signs: signs.collect(),
        })
    }
}

/// Takes a certificate apart.
pub(super) fn read(der: &[u8]) -> Result<x509_cert::Certificate, SignerCertificateError> {
    if der.len() > LONGEST_BYTES {
        return Err(SignerCertificateError::Form);
    }
    x509_cert::Certificate::from_der(der).map_err(|_| SignerCertificateError::Form)
}

/// The first and the last instant at which it counts.
pub(super) fn validity(certificate: &x509_cert::Certificate) -> RangeInclusive<Timestamp> {
    let validity = certificate.tbs_certificate().validity();
    let instant = |time: x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
    };
    instant(validity.not_before)..=instant(validity.not_after)
}
