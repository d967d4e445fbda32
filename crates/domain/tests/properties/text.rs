//! The text of a code: one for each code, and no slip of a digit makes another good one.

use proptest::prelude::*;
use proptest::test_runner::Config;
use yanma_domain::code::{CodeError, CodeHost, DecodedCode, Field};
use yanma_domain::document::DirectoryKey;
use yanma_domain::encounter::Presented;
use yanma_domain::evidence::{Evidence, read};

use crate::code::{EVERYBODY, samples};
use crate::world::{self, sign};

fn digits(code: &DecodedCode) -> String {
    let host = CodeHost::parse("YM.TEST").expect("a host");
    let text = code.to_text(&host);
    text.strip_prefix("HTTPS://YM.TEST/").expect("the host in front").to_owned()
}

fn is_believed(text: &str) -> bool {
    DecodedCode::from_text(text).is_ok_and(|code| code.verify(&EVERYBODY).is_ok())
}

/// The digits of a code, to be changed.
fn digits_of(code: &DecodedCode) -> Vec<u8> {
    digits(code).into_bytes()
}

fn text_of(digits: &[u8]) -> String {
    digits.iter().copied().map(char::from).collect()
}

#[test]
fn every_change_of_one_digit_is_refused() {
    for code in samples().iter().step_by(3) {
        let mut digits = digits_of(code);
        assert!(is_believed(&text_of(&digits)), "{code:?} itself is good");
        for at in 0..digits.len() {
            let was = digits[at];
            for digit in (b'0'..=b'9').filter(|digit| *digit != was) {
                digits[at] = digit;
                assert!(!is_believed(&text_of(&digits)), "{code:?} with digit {at} = {digit}");
            }
            digits[at] = was;
        }
    }
}

#[test]
fn every_lost_doubled_or_swapped_digit_is_refused() {
    for code in samples() {
        let digits = digits_of(&code);
        for at in 0..digits.len() {
            let mut lost = digits.clone();
            lost.remove(at);
            assert!(!is_believed(&text_of(&lost)), "{code:?} without digit {at}");
            // A change of the first digits can make any first byte of it.
            if at > 2 {
                let error = DecodedCode::from_text(&text_of(&lost)).expect_err("refused");
                assert_eq!(error, CodeError::Incomplete, "{code:?} without digit {at}");
            }
            let mut doubled = digits.clone();
            doubled.insert(at, digits[at]);
            assert!(!is_believed(&text_of(&doubled)), "{code:?} with digit {at} twice");
            let mut swapped = digits.clone();
            swapped.swap(at, (at + 1) % digits.len());
            if swapped != digits {
                assert!(!is_believed(&text_of(&swapped)), "{code:?}, digit {at} and the next");
            }
        }
    }
}

/// Text without a digit, as garbled as a keyboard layout makes it.
fn no_digits() -> impl Strategy<Value = String> {
    prop_oneof!["[^0-9]{0,30}", "HTTPS://[A-Z.]{1,20}/", "\\PC{0,30}"]
        .prop_map(|text| text.chars().filter(|c| !c.is_ascii_digit()).collect())
}

proptest! {
    #![proptest_config(Config::with_cases(1000))]

    #[test]
    fn a_text_of_a_code_holds_its_digits_and_no_longer_run(
        body in world::body(),
        before in no_digits(),
        after in no_digits(),
        number in "[0-9]{0,20}",
    ) {
        let code = sign(body);
        let digits = digits(&code);
        prop_assert!((204..=223).contains(&digits.len()), "{} digits", digits.len());
        let text = format!("{number}{before} {digits}{after} {number}");
        prop_assert_eq!(DecodedCode::from_text(&text), Ok(code.clone()));
        let zero = format!("{before}0{digits}{after}");
        let error = Err(CodeError::Malformed(Field::LeadingZero));
        prop_assert_eq!(DecodedCode::from_text(&zero), error, "a second text for it");
    }

    #[test]
    fn digits_that_decode_are_the_only_ones_for_their_code(
        first in "1|2|3|4|5|6|7|8|9|[0-9]{1,20}",
        rest in "[0-9]{200,224}",
    ) {
        let text = format!("{first}{rest}");
        if let Ok(code) = DecodedCode::from_text(&text) {
            prop_assert_eq!(digits(&code), text);
        }
    }

    #[test]
    fn reading_never_fails(
        text in prop_oneof![
            any::<String>(),
            "\\PC{0,400}",
            "(HTTPS://|https:／／)?[A-Z.]{0,9}/?[0-9０-９]{0,300}\\PC{0,9}",
            "[0-9]{0,9000}",
            "[A-Z<]{0,3}[0-9X<() ]{0,20}",
            "(HC1:|shc:/|NZCP:/|ANSI 6|/place/|@\n\u{1e}\r)\\PC{0,60}",
        ],
    ) {
        let evidence = read(&text);
        if let Evidence::Code(code) = &evidence {
            prop_assert!(code.verify(&EVERYBODY).is_err(), "nobody signed this");
        }
        let key = DirectoryKey::from_bytes([9; 32]);
        let kept = Presented::from_evidence(evidence, Some(&key));
        let json = serde_json::to_string(&kept).expect("evidence can be kept");
        prop_assert_eq!(serde_json::from_str::<Presented>(&json).expect("and read"), kept);
    }

    #[test]
    fn full_width_forms_read_as_plain_ones(body in world::body()) {
        let code = sign(body);
        let host = CodeHost::parse("YM.TEST").expect("a host");
        let wide: String = code
            .to_text(&host)
            .chars()
            .map(|c| char::from_u32(u32::from(c) - 0x21 + 0xff01).unwrap_or(c))
            .collect();
        prop_assert_eq!(read(&wide), Evidence::Code(Box::new(code)));
    }
}
