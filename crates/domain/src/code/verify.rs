//! From a claim to a fact.

use super::NAMESPACE;
use super::body::{CodeBody, DecodedCode};
use crate::trust::{Purpose, TrustList};

/// A code whose signature holds under a key of the trust list that was in force when the
/// code was issued. Only [`DecodedCode::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedCode(DecodedCode);

/// Why a code may not be believed, or cannot be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The trust list does not have the issuer: it could not be checked.
    #[error("the issuer is not in the trust list")]
    UnknownIssuer,
    /// The issuer is known and this key is not; a newer trust list may have it.
    #[error("the key is not in the trust list")]
    UnknownKey,
    /// The bytes are not what the issuer signed: forged, or altered.
    #[error("the signature does not hold")]
    Signature,
    /// The key is not for codes, or was not in force when the code was issued.
    #[error("the key was not in force for codes when the code was issued")]
    KeyNotInForce,
}

impl DecodedCode {
    /// Checks issuer, key, signature and the dates of the key; nothing about time now.
    ///
    /// # Errors
    /// The first of these checks that fails, in this order.
    pub fn verify(&self, trust: &TrustList) -> Result<VerifiedCode, VerifyError> {
        let body = self.body();
        trust.issuer(body.key.issuer).ok_or(VerifyError::UnknownIssuer)?;
        let key = trust.key(body.key).ok_or(VerifyError::UnknownKey)?;
        let signed = self.bytes().len() - self.signature.len();
        let message = [NAMESPACE, self.bytes().get(..signed).unwrap_or_default()].concat();
        if !key.public.signed(&message, &self.signature) {
            return Err(VerifyError::Signature);
        }
        if !key.covers(Purpose::Codes, body.issued_at) {
            return Err(VerifyError::KeyNotInForce);
        }
        Ok(VerifiedCode(self.clone()))
    }
}

impl VerifiedCode {
    /// What the issuer said.
    pub fn body(&self) -> &CodeBody {
        self.0.body()
    }
}
