//! The receipt: the desk's word on an entry, signed, for whoever got it from somebody else.
//!
//! A compact JWS (RFC 7515) with Ed25519 (RFC 8037). It carries no name and no number of the
//! person. The same entry always gives the same receipt.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use yanma_station::Told;
use yanma_station::domain::verdict::Decision;

use crate::answer::Outcome;

/// What `typ` of a receipt's header says.
pub(crate) const RECEIPT_TYPE: &str = "yanma-receipt+jwt";

/// The key of this desk, with which it signs receipts.
///
/// This is the only file that signs with it; it lies in the desk's encrypted file.
pub(crate) struct ReceiptKey {
    key: SigningKey,
    id: String,
}

/// The public half, as a JSON Web Key (RFC 8037).
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PublicJwk {
    /// `OKP`.
    kty: &'static str,
    /// `Ed25519`.
    crv: &'static str,
    /// The key, 32 bytes in base64url.
    x: String,
    /// Its thumbprint (RFC 7638), which receipts name.
    kid: String,
    /// `sig`.
    #[serde(rename = "use")]
    usage: &'static str,
    /// `EdDSA`.
    alg: &'static str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    jti: String,
    iat: i64,
    result: Outcome,
    code: Option<&'static str>,
    list_age_seconds: Option<i64>,
    reference: Option<&'a str>,
}

impl ReceiptKey {
    /// The key of a seed.
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let x = encode(key.verifying_key().as_bytes());
        // RFC 7638: the members that make the key, in the order of their names, without spaces.
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let id = encode(&Sha256::digest(members.as_bytes()));
        Self { key, id }
    }

    /// The public half.
    pub(crate) fn public(&self) -> PublicJwk {
        PublicJwk {
            kty: "OKP",
            crv: "Ed25519",
            x: encode(self.key.verifying_key().as_bytes()),
            kid: self.id.clone(),
            usage: "sig",
            alg: "EdDSA",
        }
    }

    /// The receipt of an entry of the desk called `station`, for whoever calls it `reference`.
    pub(crate) fn sign(&self, told: &Told, station: &str, reference: Option<&str>) -> String {
        let header = json!({ "alg": "EdDSA", "typ": RECEIPT_TYPE, "kid": self.id });
        let claims = Claims {
            iss: station,
            jti: told.entry.to_string(),
            iat: told.judged_at.as_second(),
            result: told.decision.into(),
            code: code_of(told),
            list_age_seconds: told.list_age_seconds,
            reference,
        };
        let claims = serde_json::to_vec(&claims).unwrap_or_default();
        let signed = format!("{}.{}", encode(header.to_string().as_bytes()), encode(&claims));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", encode(&signature.to_bytes()))
    }
}

/// The gravest reason; a person who passed has none, whatever was noticed beside.
pub(crate) fn code_of(told: &Told) -> Option<&'static str> {
    match told.decision {
        Decision::Admit => None,
        _ => told.reasons.first().map(|reason| reason.code()),
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 8037, appendix A: seed, public key and thumbprint.
    #[test]
    fn the_key_is_named_as_in_rfc_8037() {
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let public = ReceiptKey::from_seed(&seed.try_into().unwrap()).public();
        assert_eq!(public.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(public.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
