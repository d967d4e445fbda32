//! Whether a certificate was revoked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    Algorithm, Certificate, CertificateTrust, Format, RevocationList, RevokedBy, SealedBy, dcc,
    smart_health_card,
};
use crate::reason::Reason;
use crate::verdict::Outcome;

/// How many bytes of a hash a list keeps.
const HASH_BYTES: usize = 16;

/// Looks into every list that speaks of certificates like this one.
pub(super) fn check(
    certificate: &Certificate,
    trust: &CertificateTrust,
    now: Timestamp,
) -> Result<(), Outcome> {
    let lists = || {
        let (format, issuer) = (certificate.format, &certificate.issuer);
        trust.revoked.iter().filter(move |list| list.covers(format, issuer, certificate.key()))
    };
    if lists().any(|list| is_in(certificate, list)) {
        return Err(Outcome::Failed(Reason::CertificateRevoked));
    }
    if lists().any(|list| list.until.is_some_and(|until| until <= now)) {
        return Err(Outcome::NotChecked(Some(Reason::RevocationListOld)));
    }
    Ok(())
}

fn is_in(certificate: &Certificate, list: &RevocationList) -> bool {
    let has = |bytes: &[u8]| {
        let digest = Sha256::digest(bytes);
        list.entries.contains(&STANDARD.encode(digest.get(..HASH_BYTES).unwrap_or_default()))
    };
    let seal = &certificate.seal;
    match list.by {
        RevokedBy::Signature => {
            // The second half of an ECDSA signature can be changed so that it still holds.
            let length = match seal.algorithm {
                Some(Algorithm::Es256) => seal.signature.len() / 2,
                _ => seal.signature.len(),
            };
            has(seal.signature.get(..length).unwrap_or_default())
        }
        RevokedBy::Identifier => identifiers(certificate).any(|id| has(id.as_bytes())),
        RevokedBy::CountryIdentifier => {
            identifiers(certificate).any(|id| has([&certificate.issuer, id].concat().as_bytes()))
        }
        RevokedBy::CardIdentifier => card_is_in(certificate, list),
        RevokedBy::SignerCertificate => match &seal.by {
            SealedBy::Certificate(der) => has(der),
            SealedBy::Key(_) => false,
        },
    }
}

fn identifiers(certificate: &Certificate) -> impl Iterator<Item = &str> {
    let european = certificate.format == Format::EuDcc;
    european.then(|| dcc::identifiers(&certificate.content)).into_iter().flatten()
}

/// By itself, or with the seconds before which it must have been issued.
fn card_is_in(certificate: &Certificate, list: &RevocationList) -> bool {
    let Some(id) = smart_health_card::identifier(&certificate.content) else { return false };
    let issued = certificate.valid_from.map_or(i64::MIN, |from| from.as_second());
    list.entries.iter().any(|entry| match entry.split_once('.') {
        None => entry == id,
        Some((revoked, before)) => {
            revoked == id && before.parse::<i64>().is_ok_and(|before| issued < before)
        }
    })
}
