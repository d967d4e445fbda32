//! The Visible Digital Seal for Non-Constrained environments of ICAO.
//!
//! JSON with `data` and `sig` (ICAO Technical Report "VDS-NC", 1.3). The signature is over
//! `data` in its canonical form (RFC 8785); the signer's certificate travels in `sig`, and a
//! country's certification authority has signed that.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::{
    Algorithm, Certificate, CertificateError, Format, PartialDate, Seal, SealedBy, Statement,
    Subject, TestResult,
};

/// Seals are seen with padding and without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn looks_like_one(text: &str) -> bool {
    text.starts_with('{') && text.contains("\"icao.") && text.contains("\"sig")
}

pub(super) fn read(text: &str) -> Result<Certificate, CertificateError> {
    let seal: Value = serde_json::from_str(text).map_err(|_| CertificateError::Text)?;
    let data = seal.get("data").ok_or(CertificateError::Field("data"))?;
    let text_of = |pointer: &'static str, name: &'static str| {
        seal.pointer(pointer).and_then(Value::as_str).ok_or(CertificateError::Field(name))
    };
    let bytes_of = |pointer, name| {
        BASE64.decode(text_of(pointer, name)?).map_err(|_| CertificateError::Field(name))
    };
    if data.pointer("/hdr/v").and_then(Value::as_i64) != Some(1) {
        return Err(CertificateError::Version);
    }
    let message = data.get("msg").ok_or(CertificateError::Field("msg"))?;
    let statements = match text_of("/data/hdr/t", "hdr.t")? {
        "icao.vacc" => vaccinations(message),
        "icao.test" => vec![test(message)],
        _ => return Err(CertificateError::Version),
    };
    let mut canonical_data = String::new();
    canonical(data, &mut canonical_data)?;
    Ok(Certificate {
        format: Format::VdsNc,
        issuer: text_of("/data/hdr/is", "hdr.is")?.to_owned(),
        subject: subject(message)?,
        statements,
        valid_from: None,
        valid_until: None,
        content: data.clone(),
        seal: Seal {
            algorithm: (text_of("/sig/alg", "sig.alg")? == "ES256").then_some(Algorithm::Es256),
            by: SealedBy::Certificate(bytes_of("/sig/cer", "sig.cer")?),
            message: canonical_data.into_bytes(),
            signature: bytes_of("/sig/sigvl", "sig.sigvl")?,
        },
    })
}

fn subject(message: &Value) -> Result<Subject, CertificateError> {
    let field = |name: &str| message.get("pid")?.get(name)?.as_str();
    let name = field("n").ok_or(CertificateError::Field("pid.n"))?;
    let birth = match field("dob") {
        None => None,
        Some(date) => Some(PartialDate::parse(date).ok_or(CertificateError::Field("pid.dob"))?),
    };
    Ok(Subject::new([Some(name), None], None, birth))
}

fn vaccinations(message: &Value) -> Vec<Statement> {
    let list = |value: &Value, field: &str| -> Vec<Value> {
        value.get(field).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let doses = list(message, "ve").into_iter().flat_map(|event| list(&event, "vd"));
    doses
        .map(|dose| Statement::Vaccination {
            dose: dose.get("seq").and_then(Value::as_u64).and_then(|dose| u32::try_from(dose).ok()),
            of: None,
            on: dose.get("dvc").and_then(Value::as_str).and_then(PartialDate::parse),
        })
        .collect()
}

fn test(message: &Value) -> Statement {
    let result = message.pointer("/tr/r").and_then(Value::as_str).unwrap_or_default();
    let result = match result.to_ascii_lowercase().as_str() {
        "negative" | "normal" => TestResult::Negative,
        "positive" | "abnormal" => TestResult::Positive,
        _ => TestResult::Unknown,
    };
    let at = message.pointer("/dat/sc").and_then(Value::as_str);
    Statement::Test { result, at: at.and_then(|at| at.parse().ok()) }
}

/// JSON in the one form that is signed (RFC 8785): no spaces, keys sorted by their UTF-16
/// units, the shortest escapes. Numbers with fractions have a form of their own there; no
/// seal has any, so one that does is refused.
fn canonical(value: &Value, to: &mut String) -> Result<(), CertificateError> {
    match value {
        Value::Null => to.push_str("null"),
        Value::Bool(truth) => to.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => {
            let whole = number.as_i64().filter(|number| number.unsigned_abs() < 1 << 53);
            to.push_str(&whole.ok_or(CertificateError::Field("number"))?.to_string());
        }
        Value::String(text) => push_text(text, to)?,
        Value::Array(items) => {
            to.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    to.push(',');
                }
                canonical(item, to)?;
            }
            to.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            to.push('{');
            for (at, (key, value)) in fields.into_iter().enumerate() {
                if at > 0 {
                    to.push(',');
                }
                push_text(key, to)?;
                to.push(':');
                canonical(value, to)?;
            }
            to.push('}');
        }
    }
    Ok(())
}

/// serde_json escapes what RFC 8785 escapes, in the same way.
fn push_text(text: &str, to: &mut String) -> Result<(), CertificateError> {
    to.push_str(&serde_json::to_string(text).map_err(|_| CertificateError::Envelope)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_is_that_of_rfc_8785() {
        for (text, expect) in [
            (
                r#"{ "b": [1, -2, true, null], "a": "x" }"#,
                Some(r#"{"a":"x","b":[1,-2,true,null]}"#),
            ),
            // Section 3.2.3: sorted by UTF-16 units, in which U+1F600 comes before U+FB33.
            (
                "{\"\u{fb33}\":1,\"\u{1f600}\":2,\"\u{20ac}\":3,\"\\r\":4}",
                Some("{\"\\r\":4,\"\u{20ac}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}"),
            ),
            (r#""\u20ac$\u000f\nA'B\"\\\"/\u0008""#, Some("\"€$\\u000f\\nA'B\\\"\\\\\\\"/\\b\"")),
            ("1.5", None),
            ("9007199254740992", None),
        ] {
            let mut out = String::new();
            let value = serde_json::from_str(text).unwrap();
            let found = canonical(&value, &mut out).ok().map(|()| out);
            assert_eq!(found.as_deref(), expect, "{text}");
        }
    }
}
