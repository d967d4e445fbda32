//! The COVID Pass of New Zealand.
//!
//! `NZCP:/1/`, then base32 (RFC 4648, without padding) of a signed CBOR Web Token with the
//! claim `vc` (New Zealand COVID Pass, Technical Specification 1.1). The issuer is a
//! `did:web`; its keys are in the trust data under the names of its DID document.

use data_encoding::BASE32_NOPAD;
use serde_json::Value;

use super::cose::{self, to_json};
use super::{Certificate, CertificateError, Format, PartialDate, SealedBy, Statement, Subject};

const MARK: &str = "NZCP:/";

/// The only type of pass that there is.
const PASS: &str = "PublicCovidPass";

pub(super) fn looks_like_one(text: &str) -> bool {
    text.get(..MARK.len()).is_some_and(|mark| mark.eq_ignore_ascii_case(MARK))
}

pub(super) fn read(text: &str) -> Result<Certificate, CertificateError> {
    // Neither base32 nor the mark has small letters, so what Caps Lock did can be undone.
    let text = text.trim_end().to_ascii_uppercase();
    let rest = text.strip_prefix(MARK).ok_or(CertificateError::Text)?;
    let (version, packed) = rest.split_once('/').ok_or(CertificateError::Text)?;
    if version != "1" {
        return Err(CertificateError::Version);
    }
    let token = BASE32_NOPAD.decode(packed.as_bytes()).map_err(|_| CertificateError::Text)?;
    let token = cose::read(&token)?;
    let issuer = token.claims.issuer()?.filter(|issuer| issuer.starts_with("did:web:"));
    let content = token.claims.named("vc").map(to_json).ok_or(CertificateError::Field("vc"))?;
    let types = content.get("type").and_then(Value::as_array).map(Vec::as_slice);
    if !types.unwrap_or_default().iter().any(|kind| kind.as_str() == Some(PASS)) {
        return Err(CertificateError::Field("vc.type"));
    }
    let valid_from = token.claims.not_before()?.ok_or(CertificateError::Field("nbf"))?;
    let valid_until = token.claims.expires()?.ok_or(CertificateError::Field("exp"))?;
    let mut seal = token.seal;
    let key = String::from_utf8(token.key).map_err(|_| CertificateError::Field("kid"))?;
    seal.by = SealedBy::Key(key);
    Ok(Certificate {
        format: Format::NzPass,
        issuer: issuer.ok_or(CertificateError::Field("iss"))?,
        subject: subject(&content)?,
        statements: vec![Statement::Pass],
        valid_from: Some(valid_from),
        valid_until: Some(valid_until),
        content,
        seal,
    })
}

fn subject(content: &Value) -> Result<Subject, CertificateError> {
    let who = content.get("credentialSubject");
    let field = |name: &str| who?.get(name)?.as_str();
    let given = field("givenName").ok_or(CertificateError::Field("givenName"))?;
    let birth = field("dob").and_then(PartialDate::parse).ok_or(CertificateError::Field("dob"))?;
    Ok(Subject::new([field("familyName"), Some(given)], None, Some(birth)))
}
