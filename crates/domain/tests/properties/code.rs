//! The bytes of a code: they come back, and no change of them verifies.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::Config;
use yanma_domain::Colour;
use yanma_domain::code::{CodeBody, DecodedCode};
use yanma_domain::name::MaskedName;
use yanma_domain::trust::TrustList;

use crate::world::{self, sign};

/// Believes every issuer and every slot, with one key: so nothing is refused for want of a
/// key, only for its signature.
pub(crate) static EVERYBODY: LazyLock<TrustList> = LazyLock::new(|| world::trust(0..=255, 0..16));

/// Signed codes of every length from 85 to 93 bytes and every colour.
pub(crate) fn samples() -> Vec<DecodedCode> {
    let names = ["*", "张", "张*", "Jo**n", "张**", "张*明", "欧**明", "欧***明", "𠮷*𠜎"];
    let base = sample_body();
    let names = names.iter().enumerate();
    names
        .map(|(at, name)| {
            let name = MaskedName::parse(name).expect("a masked name");
            sign(CodeBody { colour: Colour::ALL[at % 4], name, ..base.clone() })
        })
        .collect()
}

fn sample_body() -> CodeBody {
    let vector = "10231100f0617601000000297dc5def0ca8503a5e5bca02ae6988e";
    let bytes = [hex::decode(vector).expect("hexadecimal"), vec![0; 64]].concat();
    DecodedCode::from_bytes(&bytes).expect("the body of a golden vector").body().clone()
}

/// Whether these bytes would be believed.
fn is_believed(bytes: &[u8]) -> bool {
    DecodedCode::from_bytes(bytes).is_ok_and(|code| code.verify(&EVERYBODY).is_ok())
}

#[test]
fn every_one_bit_change_is_refused() {
    for code in samples() {
        let mut bytes = code.bytes().to_vec();
        assert!(is_believed(&bytes), "{code:?} itself is good");
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_believed(&bytes), "{code:?} with bit {bit} changed");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn every_change_of_one_byte_of_the_body_is_refused() {
    let code = &samples()[5];
    let mut bytes = code.bytes().to_vec();
    for at in 0..bytes.len() - 64 {
        let was = bytes[at];
        for value in (0..=255).filter(|value| *value != was) {
            bytes[at] = value;
            assert!(!is_believed(&bytes), "{code:?} with byte {at} = {value}");
        }
        bytes[at] = was;
    }
}

#[test]
fn every_other_length_is_refused() {
    for code in samples() {
        let bytes = code.bytes();
        for end in 0..bytes.len() {
            assert!(!is_believed(&bytes[..end]), "{code:?} cut to {end} bytes");
            assert!(!is_believed(&bytes[end + 1..]), "{code:?} without {} bytes", end + 1);
        }
        assert!(!is_believed(&[bytes, &[0]].concat()), "{code:?} and a byte");
    }
}

#[test]
fn a_fraction_of_a_second_is_not_kept() {
    let mut body = sample_body();
    body.issued_at += jiff::SignedDuration::from_millis(999);
    let code = sign(body);
    assert_eq!(DecodedCode::from_bytes(code.bytes()), Ok(code), "as it was before it was sent");
}

proptest! {
    #![proptest_config(Config::with_cases(2000))]

    #[test]
    fn what_is_written_is_read(
        body in world::body(),
        head in any::<[u8; 32]>(),
        tail in any::<[u8; 32]>(),
    ) {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&head);
        signature[32..].copy_from_slice(&tail);
        let code = DecodedCode::new(body.clone(), signature).expect("a time that fits");
        prop_assert_eq!(code.body(), &body);
        prop_assert!((85..=93).contains(&code.bytes().len()));
        let back = DecodedCode::from_bytes(code.bytes());
        prop_assert_eq!(back.as_ref(), Ok(&code));
        let json = serde_json::to_string(&code).expect("a code as JSON");
        prop_assert_eq!(serde_json::from_str::<DecodedCode>(&json).expect("and back"), code);
    }

    #[test]
    fn bytes_that_decode_are_the_only_ones_for_their_code(
        mut bytes in proptest::collection::vec(any::<u8>(), 80..100),
        colour in 0_u8..4,
    ) {
        bytes[0] = 0x10 | colour;
        bytes[2] = (bytes[2] & 0xf0) | (bytes[2] % 10 + 1);
        let name = bytes.len().saturating_sub(64).min(bytes.len());
        bytes[20..name.max(20)].fill(b'*');
        if let Ok(code) = DecodedCode::from_bytes(&bytes) {
            let signature = code.bytes().last_chunk().expect("64 bytes of signature");
            let again = DecodedCode::new(code.body().clone(), *signature).expect("the same");
            prop_assert_eq!(again.bytes(), bytes);
        }
    }
}
