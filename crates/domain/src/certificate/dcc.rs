//! The Digital COVID Certificate of the European Union.
//!
//! `HC1:`, then base45 (RFC 9285) of zlib of a signed CBOR Web Token, whose claim −260 holds
//! the certificate under 1 (Health Certificate Container and Data Structures, eHealth
//! Network, 1.3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::cose::{self, to_json};
use super::statement::snomed_result;
use super::{
    Certificate, CertificateError, Format, PartialDate, SealedBy, Statement, Subject, unpack,
};

const MARK: &str = "HC1:";
const HEALTH_CERTIFICATE: i64 = -260;

pub(super) fn looks_like_one(text: &str) -> bool {
    text.get(..MARK.len()).is_some_and(|mark| mark.eq_ignore_ascii_case(MARK))
}

pub(super) fn read(text: &str) -> Result<Certificate, CertificateError> {
    // base45 has no small letters, so what Caps Lock did can be undone.
    let text = text.to_ascii_uppercase();
    let packed = text.strip_prefix(MARK).ok_or(CertificateError::Text)?;
    let packed = base45::decode(packed).map_err(|_| CertificateError::Text)?;
    let token = cose::read(&unpack::zlib(&packed)?)?;
    let container = token.claims.get(HEALTH_CERTIFICATE).map(to_json);
    let content = container
        .and_then(|mut container| Some(container.get_mut("1")?.take()))
        .filter(Value::is_object)
        .ok_or(CertificateError::Field("hcert"))?;
    let mut seal = token.seal;
    seal.by = SealedBy::Key(STANDARD.encode(token.key));
    Ok(Certificate {
        format: Format::EuDcc,
        issuer: token.claims.issuer()?.ok_or(CertificateError::Field("iss"))?,
        subject: subject(&content)?,
        statements: statements(&content)?,
        valid_from: token.claims.issued()?.max(token.claims.not_before()?),
        valid_until: token.claims.expires()?,
        content,
        seal,
    })
}

fn subject(content: &Value) -> Result<Subject, CertificateError> {
    let names = content.get("nam").filter(|names| names.is_object());
    let names = names.ok_or(CertificateError::Field("nam"))?;
    let name = |field: &str| names.get(field).and_then(Value::as_str);
    // Some states leave it empty, or out, for those who do not know theirs.
    let birth = match content.get("dob").and_then(Value::as_str) {
        None | Some("") => None,
        Some(date) => Some(PartialDate::parse(date).ok_or(CertificateError::Field("dob"))?),
    };
    let zone = Some([name("fnt"), name("gnt")]);
    Ok(Subject::new([name("fn"), name("gn")], zone, birth))
}

fn statements(content: &Value) -> Result<Vec<Statement>, CertificateError> {
    let of = |field: &str| {
        content.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    };
    let text = |entry: &'_ Value, field: &str| -> Option<String> {
        entry.get(field).and_then(Value::as_str).map(str::to_owned)
    };
    let date = |entry: &Value, field: &str| PartialDate::parse(&text(entry, field)?);
    let count = |entry: &Value, field: &str| {
        let value = entry.get(field)?;
        let whole = value.as_u64().or_else(|| value.as_f64().map(|number| number as u64));
        whole.and_then(|number| u32::try_from(number).ok())
    };
    let vaccinations = of("v").iter().map(|entry| Statement::Vaccination {
        dose: count(entry, "dn"),
        of: count(entry, "sd"),
        on: date(entry, "dt"),
    });
    let tests = of("t").iter().map(|entry| Statement::Test {
        result: snomed_result(text(entry, "tr").as_deref()),
        at: text(entry, "sc").and_then(|at| at.parse().ok()),
    });
    let recoveries = of("r").iter().map(|entry| Statement::Recovery {
        first_positive: date(entry, "fr"),
        until: date(entry, "du"),
    });
    let statements: Vec<_> = vaccinations.chain(tests).chain(recoveries).collect();
    if statements.is_empty() { Err(CertificateError::Field("v, t or r")) } else { Ok(statements) }
}

/// The identifiers by which single certificates are revoked.
pub(super) fn identifiers(content: &Value) -> impl Iterator<Item = &str> {
    ["v", "t", "r"]
        .into_iter()
        .filter_map(|field| content.get(field)?.as_array())
        .flatten()
        .filter_map(|entry| entry.get("ci")?.as_str())
}
