//! HPKE (RFC 9180) in base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
//! AES-128-GCM.
//!
//! A sealed message is the encapsulated key (32 bytes) and the ciphertext. The receiver's key
//! pair is its Ed25519 feed key taken to Curve25519 (RFC 7748 §4.1), so that the trust list
//! is all that a sender needs.

use curve25519_dalek::montgomery::MontgomeryPoint;
use ed25519_dalek::VerifyingKey;
use hmac::{Hmac, Mac};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;
use yanma_domain::trust::PublicKey;
use zeroize::{Zeroize, Zeroizing};

/// The identifiers of the suite (RFC 9180 §7).
const KEM: [u8; 2] = 0x0020_u16.to_be_bytes();
const KDF: [u8; 2] = 0x0001_u16.to_be_bytes();
const AEAD: [u8; 2] = 0x0001_u16.to_be_bytes();

const KEY_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;

type Secret = Zeroizing<[u8; 32]>;

/// The message was not sealed for this key, or was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was not sealed for this key, or was changed")]
pub(crate) struct NotSealed;

/// Seals a message that only the owner of `to` can open. `ephemeral` are 32 random bytes that
/// are never used again; `info` says what it is for, `bound` what it belongs to.
///
/// # Errors
///
/// [`NotSealed`] for a key with which nothing can be agreed on, which no trust list has.
pub(crate) fn seal(
    to: &PublicKey,
    ephemeral: &[u8; 32],
    info: &[u8],
    bound: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, NotSealed> {
    let to = VerifyingKey::from_bytes(&to.to_bytes()).map_err(|_| NotSealed)?.to_montgomery();
    seal_to(to, ephemeral, info, bound, message)
}

fn seal_to(
    to: MontgomeryPoint,
    ephemeral: &[u8; 32],
    info: &[u8],
    bound: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, NotSealed> {
    let encapsulated = MontgomeryPoint::mul_base_clamped(*ephemeral).to_bytes();
    let agreed = Zeroizing::new(to.mul_clamped(*ephemeral).to_bytes());
    let (key, nonce) = schedule(&agreed, &encapsulated, &to.to_bytes(), info)?;
    let mut sealed = message.to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(bound), &mut sealed).map_err(|_| NotSealed)?;
    Ok([&encapsulated[..], &sealed].concat())
}

/// Opens what was sealed for `own`, whose private half `agree` uses: it is given the other
/// point and returns the shared one.
///
/// # Errors
///
/// [`NotSealed`].
pub(crate) fn open(
    own: &PublicKey,
    agree: impl FnOnce(&[u8; 32]) -> Secret,
    info: &[u8],
    bound: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, NotSealed> {
    let own = VerifyingKey::from_bytes(&own.to_bytes()).map_err(|_| NotSealed)?.to_montgomery();
    open_as(own, agree, info, bound, sealed)
}

fn open_as(
    own: MontgomeryPoint,
    agree: impl FnOnce(&[u8; 32]) -> Secret,
    info: &[u8],
    bound: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, NotSealed> {
    let (encapsulated, ciphertext) = sealed.split_first_chunk::<32>().ok_or(NotSealed)?;
    let agreed = agree(encapsulated);
    let (key, nonce) = schedule(&agreed, encapsulated, &own.to_bytes(), info)?;
    let mut opened = ciphertext.to_vec();
    let length =
        key.open_in_place(nonce, Aad::from(bound), &mut opened).map_err(|_| NotSealed)?.len();
    opened.truncate(length);
    Ok(Zeroizing::new(opened))
}

/// The point that a private scalar and somebody's public point share.
pub(crate) fn agree(scalar: [u8; 32], theirs: &[u8; 32]) -> Secret {
    Zeroizing::new(MontgomeryPoint(*theirs).mul_clamped(scalar).to_bytes())
}

/// Key and nonce of the only message (RFC 9180 §4.1, §5.1).
fn schedule(
    agreed: &[u8; 32],
    encapsulated: &[u8; 32],
    receiver: &[u8; 32],
    info: &[u8],
) -> Result<(LessSafeKey, Nonce), NotSealed> {
    // A point of small order gives zeroes, whatever the key (RFC 9180 §7.1.4).
    if agreed.iter().fold(0, |or, byte| or | byte) == 0 {
        return Err(NotSealed);
    }
    let kem = [&b"KEM"[..], &KEM].concat();
    let hpke = [&b"HPKE"[..], &KEM, &KDF, &AEAD].concat();
    let extracted = extract(&kem, b"", b"eae_prk", agreed)?;
    let context = [&encapsulated[..], receiver].concat();
    let shared: Zeroizing<[u8; 32]> = expand(&kem, &extracted, b"shared_secret", &context)?;
    let psk_id_hash = extract(&hpke, b"", b"psk_id_hash", b"")?;
    let info_hash = extract(&hpke, b"", b"info_hash", info)?;
    // The first byte is the mode: base.
    let context = [&[0][..], &psk_id_hash[..], &info_hash[..]].concat();
    let secret = extract(&hpke, &shared[..], b"secret", b"")?;
    let key: Zeroizing<[u8; KEY_BYTES]> = expand(&hpke, &secret, b"key", &context)?;
    let nonce: Zeroizing<[u8; NONCE_BYTES]> = expand(&hpke, &secret, b"base_nonce", &context)?;
    let key = UnboundKey::new(&AES_128_GCM, &key[..]).map_err(|_| NotSealed)?;
    Ok((LessSafeKey::new(key), Nonce::assume_unique_for_key(*nonce)))
}

/// `LabeledExtract` (RFC 9180 §4).
fn extract(suite: &[u8], salt: &[u8], label: &[u8], key: &[u8]) -> Result<Secret, NotSealed> {
    let mut labelled = [b"HPKE-v1", suite, label, key].concat();
    let extracted = hmac(salt, &[&labelled]);
    labelled.zeroize();
    extracted
}

/// `LabeledExpand` (RFC 9180 §4) of at most one block of the hash.
fn expand<const N: usize>(
    suite: &[u8],
    key: &Secret,
    label: &[u8],
    info: &[u8],
) -> Result<Zeroizing<[u8; N]>, NotSealed> {
    let length = u16::try_from(N).map_err(|_| NotSealed)?.to_be_bytes();
    let block = hmac(&key[..], &[&length, b"HPKE-v1", suite, label, info, &[1]])?;
    let first = block.first_chunk::<N>().ok_or(NotSealed)?;
    Ok(Zeroizing::new(*first))
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Result<Secret, NotSealed> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| NotSealed)?;
    for part in parts {
        mac.update(part);
    }
    Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    fn bytes<const N: usize>(hex_digits: &str) -> [u8; N] {
        hex::decode(hex_digits).unwrap().try_into().unwrap()
    }

    /// RFC 9180, appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; base
    /// setup, and the first message.
    #[test]
    fn it_is_the_hpke_of_the_rfc() {
        let ephemeral = bytes("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736");
        let receiver: [u8; 32] =
            bytes("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
        let private: [u8; 32] =
            bytes("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
        let info = hex::decode("4f6465206f6e2061204772656369616e2055726e").unwrap();
        let message = b"Beauty is truth, truth beauty";
        let own = MontgomeryPoint(receiver);
        let sealed = seal_to(own, &ephemeral, &info, b"Count-0", message).unwrap();
        let (encapsulated, ciphertext) = sealed.split_at(32);
        assert_eq!(
            hex::encode(encapsulated),
            "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
        );
        assert_eq!(
            hex::encode(ciphertext),
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9\
             6d8770ac83d07bea87e13c512a"
        );
        let opened = open_as(own, |theirs| agree(private, theirs), &info, b"Count-0", &sealed);
        assert_eq!(opened.unwrap().as_slice(), message);
    }

    #[test]
    fn only_the_key_it_was_sealed_for_opens_it_and_nothing_was_changed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = PublicKey::from_bytes(&key.verifying_key().to_bytes()).unwrap();
        let sealed = seal(&public, &[9; 32], b"info", b"bound", b"message").unwrap();
        let open_by = |key: &SigningKey, info: &[u8], bound: &[u8], sealed: &[u8]| {
            let public = PublicKey::from_bytes(&key.verifying_key().to_bytes()).unwrap();
            let scalar = key.to_scalar_bytes();
            open(&public, |theirs| agree(scalar, theirs), info, bound, sealed)
        };
        assert_eq!(open_by(&key, b"info", b"bound", &sealed).unwrap().as_slice(), b"message");
        let other = SigningKey::from_bytes(&[8; 32]);
        assert_eq!(open_by(&other, b"info", b"bound", &sealed), Err(NotSealed));
        assert_eq!(open_by(&key, b"into", b"bound", &sealed), Err(NotSealed));
        assert_eq!(open_by(&key, b"info", b"round", &sealed), Err(NotSealed));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open_by(&key, b"info", b"bound", &changed), Err(NotSealed), "byte {at}");
        }
        for short in [0, 31, 32, 47] {
            assert_eq!(open_by(&key, b"info", b"bound", &sealed[..short]), Err(NotSealed));
        }
        let weak = [&[0; 32][..], &sealed[32..]].concat();
        assert_eq!(open_by(&key, b"info", b"bound", &weak), Err(NotSealed));
    }
}
