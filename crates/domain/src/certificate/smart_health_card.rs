//! The SMART Health Card.
//!
//! `shc:/`, then two digits for each character of a JSON Web Signature (RFC 7515) with ES256,
//! whose payload is DEFLATE of a Verifiable Credential around a FHIR bundle (SMART Health
//! Cards Framework 1.4). Long cards come in parts, `shc:/2/3/…`: see [`super::CardParts`].

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use super::statement::snomed_result;
use super::{
    Algorithm, Certificate, CertificateError, Format, PartialDate, Seal, SealedBy, Statement,
    Subject, unpack,
};

pub(super) const MARK: &str = "shc:/";

/// What is added to each pair of digits: `00` is the first character of base64url, `-`.
const FIRST: u8 = 45;

pub(super) fn looks_like_one(text: &str) -> bool {
    text.get(..MARK.len()).is_some_and(|mark| mark.eq_ignore_ascii_case(MARK))
}

pub(super) fn read(text: &str) -> Result<Certificate, CertificateError> {
    let digits = looks_like_one(text).then(|| text.trim_end().get(MARK.len()..)).flatten();
    let signature = characters(digits.unwrap_or_default())?;
    from_signature(&signature)
}

/// Pairs of digits as characters.
fn characters(digits: &str) -> Result<String, CertificateError> {
    let digits = digits.as_bytes();
    if digits.is_empty()
        || !digits.len().is_multiple_of(2)
        || !digits.iter().all(u8::is_ascii_digit)
    {
        return Err(CertificateError::Text);
    }
    let character = |pair: &[u8]| match pair {
        [ten, one] => Some((ten - b'0') * 10 + (one - b'0') + FIRST),
        _ => None,
    };
    let characters = digits.chunks(2).map(character).collect::<Option<Vec<_>>>();
    let characters = characters.filter(|all| all.is_ascii());
    characters.and_then(|all| String::from_utf8(all).ok()).ok_or(CertificateError::Text)
}

/// Takes a JSON Web Signature apart.
fn from_signature(text: &str) -> Result<Certificate, CertificateError> {
    let mut parts = text.split('.');
    let mut part = || parts.next().ok_or(CertificateError::Envelope);
    let (header, payload, signature) = (part()?, part()?, part()?);
    if parts.next().is_some() {
        return Err(CertificateError::Envelope);
    }
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| CertificateError::Text);
    let json = |bytes: &[u8]| {
        serde_json::from_slice::<Value>(bytes).map_err(|_| CertificateError::Envelope)
    };
    let message = [header, ".", payload].concat().into_bytes();
    let header = json(&bytes(header)?)?;
    let field = |name: &str| header.get(name).and_then(Value::as_str);
    let packed = bytes(payload)?;
    let payload = match field("zip") {
        Some("DEF") => json(&unpack::deflate(&packed)?)?,
        None => json(&packed)?,
        Some(_) => return Err(CertificateError::Field("zip")),
    };
    let seal = Seal {
        algorithm: (field("alg") == Some("ES256")).then_some(Algorithm::Es256),
        by: SealedBy::Key(field("kid").unwrap_or_default().to_owned()),
        message,
        signature: bytes(signature)?,
    };
    let issuer = payload.get("iss").and_then(Value::as_str);
    let bundle = payload.pointer("/vc/credentialSubject/fhirBundle");
    let bundle = bundle.ok_or(CertificateError::Field("fhirBundle"))?;
    Ok(Certificate {
        format: Format::SmartHealthCard,
        issuer: issuer.ok_or(CertificateError::Field("iss"))?.to_owned(),
        subject: subject(bundle)?,
        statements: resources(bundle).filter_map(statement).collect(),
        valid_from: Some(instant(&payload, "nbf")?.ok_or(CertificateError::Field("nbf"))?),
        valid_until: instant(&payload, "exp")?,
        content: payload,
        seal,
    })
}

/// Seconds since 1970, which some write with a fraction.
fn instant(payload: &Value, claim: &'static str) -> Result<Option<Timestamp>, CertificateError> {
    let Some(value) = payload.get(claim).filter(|value| !value.is_null()) else { return Ok(None) };
    let seconds = value.as_i64().or_else(|| value.as_f64().map(|number| number.floor() as i64));
    let instant = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    instant.map(Some).ok_or(CertificateError::Field(claim))
}

fn resources(bundle: &Value) -> impl Iterator<Item = &Value> {
    let entries = bundle.get("entry").and_then(Value::as_array).map(Vec::as_slice);
    entries.unwrap_or_default().iter().filter_map(|entry| entry.get("resource"))
}

fn is(resource: &Value, kind: &str) -> bool {
    resource.get("resourceType").and_then(Value::as_str) == Some(kind)
}

fn subject(bundle: &Value) -> Result<Subject, CertificateError> {
    let patient = resources(bundle).find(|resource| is(resource, "Patient"));
    let patient = patient.ok_or(CertificateError::Field("Patient"))?;
    let name = patient.pointer("/name/0");
    let family = name.and_then(|name| name.get("family")?.as_str());
    let given = name.and_then(|name| name.get("given")?.as_array()).map(Vec::as_slice);
    let given: Vec<_> = given.unwrap_or_default().iter().filter_map(Value::as_str).collect();
    let given = given.join(" ");
    let birth = patient.get("birthDate").and_then(Value::as_str);
    let birth = match birth {
        None => None,
        Some(date) => Some(PartialDate::parse(date).ok_or(CertificateError::Field("birthDate"))?),
    };
    Ok(Subject::new([family, Some(&given)], None, birth))
}

fn statement(resource: &Value) -> Option<Statement> {
    let text = |field: &str| resource.get(field).and_then(Value::as_str);
    if is(resource, "Immunization") {
        let given = text("status").is_none_or(|status| status == "completed");
        let on = text("occurrenceDateTime").and_then(PartialDate::parse);
        return given.then_some(Statement::Vaccination { dose: None, of: None, on });
    }
    let code = || resource.pointer("/valueCodeableConcept/coding/0/code").and_then(Value::as_str);
    is(resource, "Observation").then(|| Statement::Test {
        result: snomed_result(code()),
        at: text("effectiveDateTime").and_then(|at| at.parse().ok()),
    })
}

/// The identifier by which single cards are revoked.
pub(super) fn identifier(content: &Value) -> Option<&str> {
    content.pointer("/vc/rid").and_then(Value::as_str)
}
