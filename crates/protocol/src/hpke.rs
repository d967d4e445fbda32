//! Messages that only an authority can read: HPKE (RFC 9180) in base mode,
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.
//!
//! The receiver's key pair is its Ed25519 feed key taken to Curve25519 (RFC 7748 §4.1), so that
//! the trust list is all that a sender needs. The private half stays with whoever keeps it:
//! opening asks for the point that the two keys share.

use curve25519_dalek::montgomery::MontgomeryPoint;
use ed25519_dalek::VerifyingKey;
use hmac::{Hmac, Mac};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;
use yanma_domain::trust::PublicKey;
use zeroize::{Zeroize, Zeroizing};

/// Length of the key that is sent along, and from which the receiver gets the secret.
pub const ENCAPSULATED_BYTES: usize = 32;
/// How much longer a sealed message is than the message.
pub const TAG_BYTES: usize = 16;

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
pub struct NotSealed;

/// What sender and receiver have in common (RFC 9180 §5): messages are sealed and opened in one
/// order, so that none can be left out, repeated or moved.
pub struct Context {
    key: LessSafeKey,
    base_nonce: [u8; NONCE_BYTES],
    sequence: u64,
}

impl Context {
    /// The sender's, and the encapsulated key that goes before the messages. `ephemeral` are 32
    /// random bytes that are never used again; `info` says what it is for.
    ///
    /// # Errors
    ///
    /// [`NotSealed`] for a key with which nothing can be agreed on, which no trust list has.
    pub fn to(
        receiver: &PublicKey,
        ephemeral: &[u8; 32],
        info: &[u8],
    ) -> Result<(Self, [u8; ENCAPSULATED_BYTES]), NotSealed> {
        Self::to_point(point(receiver)?, ephemeral, info)
    }

    fn to_point(
        receiver: MontgomeryPoint,
        ephemeral: &[u8; 32],
        info: &[u8],
    ) -> Result<(Self, [u8; ENCAPSULATED_BYTES]), NotSealed> {
        let encapsulated = MontgomeryPoint::mul_base_clamped(*ephemeral).to_bytes();
        let agreed = Zeroizing::new(receiver.mul_clamped(*ephemeral).to_bytes());
        let context = Self::schedule(&agreed, &encapsulated, &receiver.to_bytes(), info)?;
        Ok((context, encapsulated))
    }

    /// The receiver's; `agreed` is the point that its key and the encapsulated one share
    /// ([`agree`]).
    ///
    /// # Errors
    ///
    /// [`NotSealed`] for an encapsulated key with which nothing can be agreed on.
    pub fn from(
        receiver: &PublicKey,
        agreed: &[u8; 32],
        encapsulated: &[u8; ENCAPSULATED_BYTES],
        info: &[u8],
    ) -> Result<Self, NotSealed> {
        Self::schedule(agreed, encapsulated, &point(receiver)?.to_bytes(), info)
    }

    /// Seals the next message, bound to `bound`, which is not in it.
    ///
    /// # Errors
    ///
    /// [`NotSealed`] after 2⁶⁴ messages.
    pub fn seal(&mut self, bound: &[u8], message: &[u8]) -> Result<Vec<u8>, NotSealed> {
        let mut sealed = message.to_vec();
        let nonce = self.next()?;
        let aad = Aad::from(bound);
        self.key.seal_in_place_append_tag(nonce, aad, &mut sealed).map_err(|_| NotSealed)?;
        Ok(sealed)
    }

    /// Opens the next message.
    ///
    /// # Errors
    ///
    /// [`NotSealed`].
    pub fn open(&mut self, bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotSealed> {
        let mut opened = Zeroizing::new(sealed.to_vec());
        let nonce = self.next()?;
        let open = self.key.open_in_place(nonce, Aad::from(bound), &mut opened);
        let length = open.map_err(|_| NotSealed)?.len();
        opened.truncate(length);
        Ok(opened)
    }

    /// The nonce of the next message (RFC 9180 §5.2).
    fn next(&mut self) -> Result<Nonce, NotSealed> {
        let mut nonce = self.base_nonce;
        for (byte, of_sequence) in
            nonce[NONCE_BYTES - 8..].iter_mut().zip(self.sequence.to_be_bytes())
        {
            *byte ^= of_sequence;
        }
        self.sequence = self.sequence.checked_add(1).ok_or(NotSealed)?;
        Ok(Nonce::assume_unique_for_key(nonce))
    }

    /// Key and first nonce (RFC 9180 §4.1, §5.1).
    fn schedule(
        agreed: &[u8; 32],
        encapsulated: &[u8; 32],
        receiver: &[u8; 32],
        info: &[u8],
    ) -> Result<Self, NotSealed> {
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
        Ok(Self { key: LessSafeKey::new(key), base_nonce: *nonce, sequence: 0 })
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

/// Seals a single message: the encapsulated key and the ciphertext. As [`Context::to`] and
/// [`Context::seal`].
///
/// # Errors
///
/// [`NotSealed`] for a key with which nothing can be agreed on, which no trust list has.
pub fn seal(
    to: &PublicKey,
    ephemeral: &[u8; 32],
    info: &[u8],
    bound: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, NotSealed> {
    let (mut context, encapsulated) = Context::to(to, ephemeral, info)?;
    Ok([&encapsulated[..], &context.seal(bound, message)?].concat())
}

/// Opens what [`seal`] made for `own`, whose private half `agree` uses: it is given the
/// encapsulated key and returns the point that both share, or nothing when there is no such key.
///
/// # Errors
///
/// [`NotSealed`].
pub fn open(
    own: &PublicKey,
    agree: impl FnOnce(&[u8; 32]) -> Option<Secret>,
    info: &[u8],
    bound: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, NotSealed> {
    let (encapsulated, ciphertext) =
        sealed.split_first_chunk::<ENCAPSULATED_BYTES>().ok_or(NotSealed)?;
    let agreed = agree(encapsulated).ok_or(NotSealed)?;
    Context::from(own, &agreed, encapsulated, info)?.open(bound, ciphertext)
}

/// The point that a private scalar and somebody's public point share.
#[must_use]
pub fn agree(scalar: [u8; 32], theirs: &[u8; 32]) -> Secret {
    Zeroizing::new(MontgomeryPoint(*theirs).mul_clamped(scalar).to_bytes())
}

fn point(key: &PublicKey) -> Result<MontgomeryPoint, NotSealed> {
    let key = VerifyingKey::from_bytes(&key.to_bytes()).map_err(|_| NotSealed)?;
    Ok(key.to_montgomery())
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
    /// setup, and the first two messages.
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
        let (mut sender, encapsulated) = Context::to_point(own, &ephemeral, &info).unwrap();
        assert_eq!(
            hex::encode(encapsulated),
            "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
        );
        let first = sender.seal(b"Count-0", message).unwrap();
        assert_eq!(
            hex::encode(&first),
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9\
             6d8770ac83d07bea87e13c512a"
        );
        let second = sender.seal(b"Count-1", message).unwrap();
        assert_eq!(
            hex::encode(&second),
            "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab25\
             1c03d0c22a56b8ca42c2063b84"
        );
        let receiver = || {
            let agreed = agree(private, &encapsulated);
            Context::schedule(&agreed, &encapsulated, &own.to_bytes(), &info).unwrap()
        };
        let mut in_order = receiver();
        assert_eq!(in_order.open(b"Count-0", &first).unwrap().as_slice(), message);
        assert_eq!(in_order.open(b"Count-1", &second).unwrap().as_slice(), message);
        assert_eq!(receiver().open(b"Count-1", &second), Err(NotSealed), "one was left out");
    }

    #[test]
    fn only_the_key_it_was_sealed_for_opens_it_and_nothing_was_changed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = PublicKey::from_bytes(&key.verifying_key().to_bytes()).unwrap();
        let sealed = seal(&public, &[9; 32], b"info", b"bound", b"message").unwrap();
        let open_by = |key: &SigningKey, info: &[u8], bound: &[u8], sealed: &[u8]| {
            let public = PublicKey::from_bytes(&key.verifying_key().to_bytes()).unwrap();
            let scalar = key.to_scalar_bytes();
            open(&public, |theirs| Some(agree(scalar, theirs)), info, bound, sealed)
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
