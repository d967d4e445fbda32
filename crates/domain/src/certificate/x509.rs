//! Certificates of signers (X.509, RFC 5280): where a signer's key comes from.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use sha2::{Digest, Sha256};
use x509_cert::der::{Decode, Encode, Reader, SliceReader};
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_cert::spki::ObjectIdentifier;

use super::{Format, Signer, SignerKey, StatementKind};

/// The longest certificate of a signer, in bytes.
const LONGEST_BYTES: usize = 16 * 1024;

/// countryName (X.520).
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");

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

/// A signer's certificate that came along with what it signed.
pub(super) struct Carried<'a> {
    der: &'a [u8],
    certificate: x509_cert::Certificate,
}

/// Whether an anchor vouches for a signer.
pub(super) enum Vouching {
    /// It does, and both are in force.
    Holds,
    /// No anchor has the name of its issuer.
    NoAnchor,
    /// Signed in a way that is not known here.
    Algorithm,
    /// The anchor of that name did not sign it.
    Signature,
    /// It did, and one of them is not in force.
    Dates,
}

impl<'a> Carried<'a> {
    /// Takes it apart.
    pub(super) fn read(der: &'a [u8]) -> Result<Self, SignerCertificateError> {
        Ok(Self { der, certificate: read(der)? })
    }

    /// The key that it certifies, where that is of a kind that seals certificates.
    pub(super) fn key(&self) -> Result<SignerKey, SignerCertificateError> {
        let spki = self.certificate.tbs_certificate().subject_public_key_info().to_der();
        SignerKey::from_spki(&spki.map_err(|_| SignerCertificateError::Form)?)
            .map_err(|_| SignerCertificateError::Key)
    }

    /// The countries of whom it is and of whoever issued it, as their names have them.
    pub(super) fn countries(&self) -> [Option<&str>; 2] {
        let tbs = self.certificate.tbs_certificate();
        [tbs.subject(), tbs.issuer()].map(|name| {
            let country = name.iter().find(|part| part.oid == COUNTRY)?;
            std::str::from_utf8(country.value.value()).ok()
        })
    }

    /// Whether its key signed a message in this way; `None` where that cannot be checked here.
    pub(super) fn signed(
        &self,
        oid: ObjectIdentifier,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        signed_with(&self.certificate, oid, message, signature)
    }

    /// Looks for the anchor that signed it. Several may have one name.
    pub(super) fn vouched_for_by<'b>(
        &self,
        anchors: impl Iterator<Item = &'b [u8]>,
        now: Timestamp,
    ) -> Vouching {
        let mut found = Vouching::NoAnchor;
        for anchor in anchors.filter_map(|der| read(der).ok()) {
            let issuer = self.certificate.tbs_certificate().issuer();
            if anchor.tbs_certificate().subject() != issuer {
                continue;
            }
            match self.signed_by(&anchor) {
                None => found = Vouching::Algorithm,
                Some(false) if matches!(found, Vouching::NoAnchor) => found = Vouching::Signature,
                Some(false) => {}
                Some(true) => {
                    let in_force = [&anchor, &self.certificate]
                        .into_iter()
                        .all(|certificate| validity(certificate).contains(&now));
                    return if in_force { Vouching::Holds } else { Vouching::Dates };
                }
            }
        }
        found
    }

    /// Whether this anchor signed it; `None` where that cannot be checked here.
    fn signed_by(&self, anchor: &x509_cert::Certificate) -> Option<bool> {
        let signature = self.certificate.signature().as_bytes()?;
        let oid = self.certificate.signature_algorithm().oid;
        signed_with(anchor, oid, signed_part(self.der)?, signature)
    }
}

/// Whether the key of a certificate signed a message in this way; `None` where that cannot be
/// checked here.
fn signed_with(
    signer: &x509_cert::Certificate,
    oid: ObjectIdentifier,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let info = signer.tbs_certificate().subject_public_key_info();
    let curve = info.algorithm.parameters.as_ref().and_then(|any| any.decode_as().ok());
    let with = algorithm(oid, curve)?;
    let key = info.subject_public_key.as_bytes()?;
    Some(UnparsedPublicKey::new(with, key).verify(message, signature).is_ok())
}

/// How something was signed, by its algorithm and the curve of its signer's key.
fn algorithm(
    oid: ObjectIdentifier,
    curve: Option<ObjectIdentifier>,
) -> Option<&'static dyn VerificationAlgorithm> {
    const P256: &str = "1.2.840.10045.3.1.7";
    const P384: &str = "1.3.132.0.34";
    let curve = curve.map(|curve| curve.to_string());
    Some(match (oid.to_string().as_str(), curve.as_deref()) {
        ("1.2.840.10045.4.3.2", Some(P256)) => &signature::ECDSA_P256_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", Some(P256)) => &signature::ECDSA_P256_SHA384_ASN1,
        ("1.2.840.10045.4.3.2", Some(P384)) => &signature::ECDSA_P384_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", Some(P384)) => &signature::ECDSA_P384_SHA384_ASN1,
        ("1.2.840.113549.1.1.11", _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        ("1.2.840.113549.1.1.12", _) => &signature::RSA_PKCS1_2048_8192_SHA384,
        ("1.2.840.113549.1.1.13", _) => &signature::RSA_PKCS1_2048_8192_SHA512,
        _ => return None,
    })
}

/// The bytes that a certificate's signature is over, exactly as they stand in it.
pub(super) fn signed_part(der: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(der).ok()?;
    reader
        .sequence(|inner| {
            let signed = inner.tlv_bytes()?;
            inner.drain(inner.remaining_len())?;
            Ok::<_, x509_cert::der::Error>(signed)
        })
        .ok()
}
