//! COSE_Sign1 (RFC 9052) around a CBOR Web Token (RFC 8392).

use ciborium::Value;
use jiff::Timestamp;

use super::{Algorithm, CertificateError, Seal, SealedBy};

/// How deep a certificate's CBOR may be nested; real ones take eight levels.
const DEPTH: usize = 24;

/// The tags that may stand before the envelope: COSE_Sign1, and CWT around it.
const COSE_SIGN1: u64 = 18;
const CWT: u64 = 61;

/// Labels of a COSE header.
const ALGORITHM: i64 = 1;
const KEY: i64 = 4;

/// Claims of a CBOR Web Token.
const ISSUER: i64 = 1;
const EXPIRES: i64 = 4;
const NOT_BEFORE: i64 = 5;
const ISSUED: i64 = 6;

/// A token taken apart.
pub(super) struct Token {
    /// What it claims.
    pub(super) claims: Claims,
    /// The name of its key: of the protected header, else of the other.
    pub(super) key: Vec<u8>,
    /// The signature; its key's name is left to the format.
    pub(super) seal: Seal,
}

/// The claims of a token.
pub(super) struct Claims(Vec<(Value, Value)>);

/// Takes a signed token apart.
pub(super) fn read(bytes: &[u8]) -> Result<Token, CertificateError> {
    let mut envelope = decode(bytes)?;
    while let Value::Tag(COSE_SIGN1 | CWT, inner) = envelope {
        envelope = *inner;
    }
    let parts = envelope.into_array().map_err(|_| CertificateError::Envelope)?;
    let [protected, unprotected, payload, signature] =
        <[Value; 4]>::try_from(parts).map_err(|_| CertificateError::Envelope)?;
    let bytes = |value: Value| value.into_bytes().map_err(|_| CertificateError::Envelope);
    let (protected, payload, signature) = (bytes(protected)?, bytes(payload)?, bytes(signature)?);
    let signed_header = match protected.as_slice() {
        [] => Vec::new(),
        header => map(decode(header)?)?,
    };
    let loose_header = map(unprotected)?;
    let key = [&signed_header, &loose_header]
        .into_iter()
        .find_map(|header| match get(header, KEY)? {
            Value::Bytes(key) => Some(key.clone()),
            // New Zealand names its keys in words.
            Value::Text(key) => Some(key.clone().into_bytes()),
            _ => None,
        })
        .unwrap_or_default();
    // Where the algorithm stands matters little: a key is of one kind, and signs with that.
    let algorithm = [&signed_header, &loose_header]
        .into_iter()
        .find_map(|header| get(header, ALGORITHM)?.as_integer());
    let algorithm = algorithm.and_then(|number| match i128::from(number) {
        -7 => Some(Algorithm::Es256),
        -37 => Some(Algorithm::Ps256),
        _ => None,
    });
    let claims = Claims(map(decode(&payload)?)?);
    let seal = Seal {
        algorithm,
        by: SealedBy::Key(String::new()),
        message: what_is_signed(&protected, &payload),
        signature,
    };
    Ok(Token { claims, key, seal })
}

/// `["Signature1", protected, h'', payload]`, which is what the signature is over.
fn what_is_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(protected.len() + payload.len() + 24);
    message.extend(b"\x84\x6aSignature1");
    write_bytes(&mut message, protected);
    write_bytes(&mut message, &[]);
    write_bytes(&mut message, payload);
    message
}

/// A byte string with the shortest length that there is for it.
fn write_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    match length {
        [0, 0, 0, n @ 0..=23] => to.push(0x40 | n),
        [0, 0, 0, n] => to.extend([0x58, n]),
        [0, 0, m, n] => to.extend([0x59, m, n]),
        [k, l, m, n] => to.extend([0x5a, k, l, m, n]),
    }
    to.extend(bytes);
}

impl Claims {
    /// The issuer.
    pub(super) fn issuer(&self) -> Result<Option<String>, CertificateError> {
        match self.get(ISSUER) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Text(issuer)) => Ok(Some(issuer.clone())),
            Some(_) => Err(CertificateError::Field("iss")),
        }
    }

    /// When it was issued.
    pub(super) fn issued(&self) -> Result<Option<Timestamp>, CertificateError> {
        self.instant(ISSUED, "iat")
    }

    /// From when on it counts.
    pub(super) fn not_before(&self) -> Result<Option<Timestamp>, CertificateError> {
        self.instant(NOT_BEFORE, "nbf")
    }

    /// From when on it no longer counts.
    pub(super) fn expires(&self) -> Result<Option<Timestamp>, CertificateError> {
        self.instant(EXPIRES, "exp")
    }

    /// A claim by its number.
    pub(super) fn get(&self, claim: i64) -> Option<&Value> {
        get(&self.0, claim)
    }

    /// A claim by its name.
    pub(super) fn named(&self, claim: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key.as_text() == Some(claim)).map(|(_, value)| value)
    }

    fn instant(
        &self,
        claim: i64,
        name: &'static str,
    ) -> Result<Option<Timestamp>, CertificateError> {
        let mut value = match self.get(claim) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => value,
        };
        while let Value::Tag(_, inner) = value {
            value = inner;
        }
        let seconds = match value {
            Value::Integer(number) => i64::try_from(i128::from(*number)).ok(),
            // A fraction of a second means nothing here; casts of floats stop at the ends.
            Value::Float(number) if number.is_finite() => Some(number.floor() as i64),
            _ => None,
        };
        let instant = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        instant.map(Some).ok_or(CertificateError::Field(name))
    }
}

/// One CBOR value and nothing behind it.
pub(super) fn decode(bytes: &[u8]) -> Result<Value, CertificateError> {
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH)
        .map_err(|_| CertificateError::Envelope)?;
    if rest.is_empty() { Ok(value) } else { Err(CertificateError::Envelope) }
}

fn map(value: Value) -> Result<Vec<(Value, Value)>, CertificateError> {
    value.into_map().map_err(|_| CertificateError::Envelope)
}

fn get(map: &[(Value, Value)], label: i64) -> Option<&Value> {
    map.iter().find(|(key, _)| *key == Value::from(label)).map(|(_, value)| value)
}

/// A CBOR value as JSON. Tags are dropped, bytes become hexadecimal, and keys become texts.
pub(super) fn to_json(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Text(text) => Json::String(text.clone()),
        Value::Bytes(bytes) => Json::String(hex::encode(bytes)),
        Value::Integer(number) => {
            let number = i128::from(*number);
            i64::try_from(number).map_or_else(|_| Json::from(number as f64), Json::from)
        }
        Value::Float(number) => Json::from(*number),
        Value::Tag(_, inner) => to_json(inner),
        Value::Array(items) => items.iter().map(to_json).collect(),
        Value::Map(entries) => entries
            .iter()
            .filter_map(|(key, value)| {
                let key = match key {
                    Value::Text(key) => key.clone(),
                    Value::Integer(number) => i128::from(*number).to_string(),
                    _ => return None,
                };
                Some((key, to_json(value)))
            })
            .collect(),
        _ => Json::Null,
    }
}
