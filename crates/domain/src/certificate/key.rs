//! The public keys of those who sign certificates.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::{Deserialize, Serialize};
use x509_cert::der::Decode;
use x509_cert::spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// What stands before the point in the SubjectPublicKeyInfo of a P-256 key.
const P256_LEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The longest key, in bytes: RSA with 8,192 bits and some.
const LONGEST_KEY_BYTES: usize = 2048;

/// The algorithms that certificates are signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256; the signature is two numbers of 32 bytes.
    Es256,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes; 2,048 to 8,192 bits.
    Ps256,
}

/// A signer's public key: P-256 or RSA. Written as the base64 of its SubjectPublicKeyInfo
/// (RFC 5280), which is what trust lists and certificates carry.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SignerKey {
    algorithm: Algorithm,
    spki: Vec<u8>,
    /// How many of the last bytes are the key itself.
    length: usize,
}

/// Why bytes are no such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the SubjectPublicKeyInfo of a P-256 or an RSA key, in base64")]
pub struct SignerKeyError;

impl SignerKey {
    /// A key from its SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// When it is of another kind, or a compressed point. Whether a point is on its curve is
    /// seen when a signature is checked: no signature holds under one that is not.
    pub fn from_spki(der: &[u8]) -> Result<Self, SignerKeyError> {
        if der.len() > LONGEST_KEY_BYTES {
            return Err(SignerKeyError);
        }
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| SignerKeyError)?;
        let bits = info.subject_public_key.as_bytes().ok_or(SignerKeyError)?;
        let curve = info.algorithm.parameters.and_then(|any| any.decode_as().ok());
        let algorithm = match info.algorithm.oid {
            EC if curve == Some(P256) && bits.len() == 65 && bits.first() == Some(&4) => {
                Algorithm::Es256
            }
            RSA | RSA_PSS => Algorithm::Ps256,
            _ => return Err(SignerKeyError),
        };
        let whole = der.ends_with(bits);
        if whole {
            Ok(Self { algorithm, spki: der.to_vec(), length: bits.len() })
        } else {
            Err(SignerKeyError)
        }
    }

    /// A P-256 key from its two coordinates, as JSON Web Keys have them.
    pub fn from_point(x: &[u8; 32], y: &[u8; 32]) -> Self {
        let spki = [&P256_LEAD[..], &[4], x, y].concat();
        Self { algorithm: Algorithm::Es256, spki, length: 65 }
    }

    /// Whether `signature` is this key's over `message`. A key of another kind than the
    /// algorithm wants signed nothing.
    pub fn signed(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let with: &dyn VerificationAlgorithm = match algorithm {
            Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
            Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
        };
        let key = self.spki.get(self.spki.len() - self.length..).unwrap_or_default();
        algorithm == self.algorithm
            && UnparsedPublicKey::new(with, key).verify(message, signature).is_ok()
    }
}

impl TryFrom<String> for SignerKey {
    type Error = SignerKeyError;

    fn try_from(text: String) -> Result<Self, SignerKeyError> {
        Self::from_spki(&STANDARD.decode(text).map_err(|_| SignerKeyError)?)
    }
}

impl From<SignerKey> for String {
    fn from(key: SignerKey) -> Self {
        STANDARD.encode(key.spki)
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({:?}, {} bytes)", self.algorithm, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_and_its_written_form_are_one_key() {
        let key = SignerKey::from_point(&[7; 32], &[9; 32]);
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<SignerKey>(&text).unwrap(), key);
        assert!(
            !key.signed(Algorithm::Es256, b"", &[0; 64]),
            "a point beside the curve signs nothing"
        );
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let good = SignerKey::from_point(&[7; 32], &[9; 32]).spki;
        let mut compressed = good.clone();
        compressed[26] = 2;
        let mut other_curve = good.clone();
        other_curve[22] ^= 1;
        for (case, der) in [
            ("nothing", vec![]),
            ("cut", good[..90].to_vec()),
            ("a byte more", [&good[..], &[0]].concat()),
            ("compressed", compressed),
            ("another curve", other_curve),
        ] {
            assert_eq!(SignerKey::from_spki(&der), Err(SignerKeyError), "{case}");
        }
    }
}
