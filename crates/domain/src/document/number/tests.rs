use std::collections::HashSet;

use jiff::civil::date as day;
use proptest::prelude::*;

use super::*;
use DocumentType::*;

/// Checks a number that parses, and what it tells.
#[track_caller]
fn check(
    document_type: DocumentType,
    text: &str,
    normal: &str,
    masked: &str,
    birth_date: Option<Date>,
    sex: Option<Sex>,
) {
    let number = DocumentNumber::parse(document_type, text).unwrap();
    assert_eq!(number.reveal(), normal);
    assert_eq!(number.document_type(), document_type);
    assert_eq!(number.masked(), masked);
    assert_eq!(number.to_string(), masked, "Display is masked");
    assert_eq!(
        format!("{number:?}"),
        format!("DocumentNumber({document_type} {masked})"),
        "Debug is masked"
    );
    assert_eq!(number.birth_date(), birth_date);
    assert_eq!(number.sex(), sex);
    assert_eq!(
        DocumentNumber::parse(document_type, normal),
        Ok(number),
        "a normalised number parses to itself"
    );
}

/// Checks a text that is no number of the type.
#[track_caller]
fn check_err(document_type: DocumentType, text: &str, expect: NumberError) {
    assert_eq!(DocumentNumber::parse(document_type, text), Err(expect), "{text}");
}

#[test]
fn resident_numbers() {
    let (f, m) = (Some(Sex::Female), Some(Sex::Male));
    let x = "11010519491231002X"; // the sample of GB 11643
    let x_masked = "1101**********002X";
    let x_birth = Some(day(1949, 12, 31));
    for spelling in [
        x,
        "11010519491231002x",
        " 11010519491231002X\r\n",
        "110105 19491231 002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５　１９４９１２３１　００２ｘ",
        "110105\u{A0}19491231\u{A0}002X",
    ] {
        check(ResidentId, spelling, x, x_masked, x_birth, f);
    }
    let centenarian = "440524188001010014"; // born in 1880
    let masked = "4405**********0014";
    check(ResidentId, centenarian, centenarian, masked, Some(day(1880, 1, 1)), m);
    let (female, male) = ("350100190001010004", "350100190001010012");
    let new_year = Some(day(1900, 1, 1));
    check(ResidentId, female, female, "3501**********0004", new_year, f);
    check(ResidentId, male, male, "3501**********0012", new_year, m);
    // An area code that no table knows is no reason to refuse.
    let unknown_area = "699999190001010014";
    check(ResidentId, unknown_area, unknown_area, "6999**********0014", new_year, m);
}

#[test]
fn fifteen_digits_become_eighteen_and_are_remembered() {
    let long = DocumentNumber::parse(ResidentId, "11010519491231002X").unwrap();
    let short = DocumentNumber::parse(ResidentId, "110105491231002").unwrap();
    assert_eq!(short.reveal(), "11010519491231002X");
    assert_eq!(short.edition(), Edition::Fifteen);
    assert_eq!(long.edition(), Edition::Current);
    assert_eq!(short, long, "one person, two editions");
    assert_eq!(HashSet::from([short, long]).len(), 1);
    let other = DocumentNumber::parse(ResidentId, "610104620927690").unwrap();
    assert_eq!(other.reveal(), "610104196209276908");
    assert_eq!(other.birth_date(), Some(day(1962, 9, 27)));

    check_err(ResidentId, "110105491331002", NumberError::Date);
    check_err(ResidentId, "110105000229002", NumberError::Date); // 1900 had no 29 February
    check_err(ResidentId, "11010549123100", NumberError::Length { found: 14 });
    check_err(ResidentId, "1101054912310021", NumberError::Length { found: 16 });
    check_err(ResidentId, "11010549123100X", NumberError::Alphabet { position: 15 });
}

#[test]
fn the_date_of_birth_is_in_the_calendar() {
    // Every check digit here is right, so that only the date can be refused.
    for good in [
        "350100190002280014", // 1900-02-28
        "350100200002290016", // 2000-02-29
        "350100202402290014", // 2024-02-29
        "350100190402290019", // 1904-02-29
        "350100199004300016", // 1990-04-30
        "350100199001310016", // 1990-01-31
        "350100199012310011", // 1990-12-31
        "350100180001010013", // 1800-01-01
        "350100209912310013", // 2099-12-31
    ] {
        let number = DocumentNumber::parse(ResidentId, good).unwrap();
        let told = number.birth_date().unwrap().strftime("%Y%m%d").to_string();
        assert_eq!(told.as_bytes(), &good.as_bytes()[6..14]);
    }
    for bad in [
        "35010019000229001X", // 1900 was no leap year
        "350100202302290017", // nor 2023
        "350100199004310011", // 31 April
        "350100199002310018", // 31 February
        "350100199001320011", // 32 January
        "350100199001000018", // day 0
        "350100199013010010", // month 13
        "350100199000010011", // month 0
        "350100179912310019", // 1799
        "350100210001010018", // 2100
    ] {
        check_err(ResidentId, bad, NumberError::Date);
    }
    // The permits and cards came later and allow no one born before 1900.
    for (t, good) in [
        (HkMacauResidence, "810000190001010018"),
        (TaiwanResidence, "830000209912310012"),
        (PermanentResidence, "911398190001010014"),
    ] {
        assert!(DocumentNumber::parse(t, good).is_ok(), "{good}");
    }
    check_err(HkMacauResidence, "810000189912310013", NumberError::Date);
    check_err(TaiwanResidence, "830000210001010017", NumberError::Date);
    check_err(PermanentResidence, "91139818991231001X", NumberError::Date);
}

#[test]
fn residence_permits() {
    let m = Some(Sex::Male);
    for (t, n, masked) in [
        (HkMacauResidence, "810000199001010019", "8100**********0019"),
        (HkMacauResidence, "820000199001010029", "8200**********0029"),
        (TaiwanResidence, "830000199001010039", "8300**********0039"),
    ] {
        let sex = if n.contains("10029") { Some(Sex::Female) } else { m };
        check(t, n, n, masked, Some(day(1990, 1, 1)), sex);
    }
    // Specimens printed by the issuing authority.
    for (t, n) in
        [(HkMacauResidence, "810000199408230021"), (TaiwanResidence, "830000199201300022")]
    {
        assert!(DocumentNumber::parse(t, n).is_ok(), "{n}");
    }
    check_err(HkMacauResidence, "810000199408230022", NumberError::CheckDigit);
    check_err(HkMacauResidence, "830000199001010039", NumberError::Alphabet { position: 2 });
    check_err(ResidentId, "810000199408230021", NumberError::Alphabet { position: 1 });
}

#[test]
fn permanent_resident_cards() {
    let (f, m) = (Some(Sex::Female), Some(Sex::Male));
    let (t, kaz, uto) = (PermanentResidence, "KAZ110090123105", "UTO350100010104");
    check(t, kaz, kaz, "KAZ********3105", None, f);
    check(t, "uto 3501 000101 04", uto, "UTO********0104", None, f);
    let man = "UTO350100010117";
    check(t, man, man, "UTO********0117", None, m);
    check_err(t, "KAZ110090123107", NumberError::CheckDigit);
    // 29 February exists in 2000, though not in 1900; in neither 1901 nor 2001.
    assert!(DocumentNumber::parse(t, "UTO350100022905").is_ok());
    check_err(t, "UTO350101022906", NumberError::Date);
    check_err(t, "UTO350199022914", NumberError::Date);
    assert!(DocumentNumber::parse(t, "UTO350199022817").is_ok());
    check_err(t, "UTO350100043119", NumberError::Date);

    let (new, birth) = ("911398199012310021", Some(day(1990, 12, 31)));
    check(t, new, new, "9113**********0021", birth, f);
    check_err(t, "911398199012310022", NumberError::CheckDigit);
}

#[test]
fn passports_and_permits() {
    for (t, text, normal, masked) in [
        (ChinesePassport, "e 0000 0000", "E00000000", "E0*****00"),
        (ChinesePassport, "EA0000001", "EA0000001", "EA*****01"),
        (ForeignPassport, "L898902C3", "L898902C3", "L8*****C3"),
        (ForeignPassport, "L898902<<", "L898902", "L*****2"),
        (ForeignPassport, "12345", "12345", "1***5"),
        (ForeignPassport, "12345678", "12345678", "12****78"),
        (ForeignPassport, "ＡＢ１２３４５６７８９０", "AB1234567890", "AB********90"),
        (ExitHkMacau, "cb0000001", "CB0000001", "CB*****01"),
        (ExitTaiwan, "L00000000", "L00000000", "L0*****00"),
        (HomeReturn, "H12345678", "H12345678", "H1*****78"),
        (HomeReturn, "HA0000001", "HA0000001", "HA*****01"),
        (MainlandTaiwan, "00000001", "00000001", "00****01"),
        (MainlandTaiwan, "0000000001（b）", "0000000001(B)", "00*********B)"),
    ] {
        check(t, text, normal, masked, None, None);
    }
    check_err(ChinesePassport, "E0000000<", NumberError::Alphabet { position: 9 });
    check_err(ForeignPassport, "AB-12345", NumberError::Alphabet { position: 3 });
    check_err(ForeignPassport, "护照12345", NumberError::Alphabet { position: 1 });
    check_err(ForeignPassport, "<<<<<<<<<", NumberError::Length { found: 0 });
}

#[test]
fn the_issue_count_of_an_old_home_return_permit_is_left_out() {
    let old = DocumentNumber::parse(HomeReturn, "H1234567803").unwrap();
    let new = DocumentNumber::parse(HomeReturn, "H12345678").unwrap();
    assert_eq!(old.reveal(), "H12345678");
    assert_eq!(old.edition(), Edition::Booklet);
    assert_eq!(old, new);
}

#[test]
fn the_same_digits_under_two_types_are_two_documents() {
    let chinese = DocumentNumber::parse(ChinesePassport, "H12345678").unwrap();
    let permit = DocumentNumber::parse(HomeReturn, "H12345678").unwrap();
    assert_ne!(chinese, permit);
}

#[test]
fn hostile_spellings_are_refused() {
    check_err(ResidentId, "", NumberError::Length { found: 0 });
    check_err(ResidentId, &"1".repeat(9000), NumberError::Length { found: 9000 });
    check_err(ResidentId, "110105-19491231-002X", NumberError::Length { found: 20 });
    // Digits of other scripts are not full-width digits.
    check_err(ResidentId, "11010519491231002٤", NumberError::Alphabet { position: 18 });
    check_err(ResidentId, "11010519491231002\u{0}", NumberError::Alphabet { position: 18 });
    check_err(ResidentId, "1101051949123𝟏002X", NumberError::Alphabet { position: 14 });
    // A long s turns into S only by Unicode rules, which are not applied.
    check_err(ChinesePassport, "ſE0000000", NumberError::Alphabet { position: 1 });
}

#[test]
fn no_error_repeats_the_number() {
    for (t, text) in [
        (ResidentId, "350100190002290004"),
        (ResidentId, "350100190001010005"),
        (ResidentId, "35010019000101000Y"),
        (ResidentId, "3501001900010100"),
    ] {
        let error = DocumentNumber::parse(t, text).unwrap_err();
        let words = format!("{error} {error:?}");
        assert!(!words.contains("3501") && !words.contains("1900"), "{words}");
    }
}

/// 17 digits of a resident number with a real date in the years given, cut before the year.
fn person(years: std::ops::RangeInclusive<i16>) -> impl Strategy<Value = (String, String)> {
    let first = Date::new(*years.start(), 1, 1).unwrap();
    let days = first.until(Date::new(*years.end(), 12, 31).unwrap()).unwrap();
    (100_000u32..=699_999, 0..=days.get_days(), 0u16..=999).prop_map(
        move |(area, days, sequence)| {
            let birth = first.checked_add(jiff::Span::new().days(days)).unwrap();
            (area.to_string(), format!("{}{sequence:03}", birth.strftime("%Y%m%d")))
        },
    )
}

fn seventeen() -> impl Strategy<Value = String> {
    person(1800..=2099).prop_map(|(area, rest)| area + &rest)
}

proptest! {
    #[test]
    fn a_right_number_parses_and_every_wrong_character_is_refused(first in seventeen()) {
        let check = char::from(mod_11_2(first.as_bytes()).unwrap());
        let right = format!("{first}{check}");
        let number = DocumentNumber::parse(ResidentId, &right);
        prop_assert_eq!(number.as_ref().map(DocumentNumber::reveal), Ok(right.as_str()));
        let hidden = number.unwrap().masked().chars().filter(|c| *c == '*').count();
        prop_assert_eq!(hidden, 10);

        for place in 0..18 {
            let other = if place == 17 { "0123456789X" } else { "0123456789" };
            for wrong in other.bytes().filter(|b| *b != right.as_bytes()[place]) {
                let mut bytes = right.clone().into_bytes();
                bytes[place] = wrong;
                let text = String::from_utf8(bytes).unwrap();
                prop_assert!(DocumentNumber::parse(ResidentId, &text).is_err(), "{}", text);
                prop_assert!(
                    !matches!(DocumentNumber::recognise(&text), crate::document::Recognised::One(_)),
                    "{}", text
                );
            }
        }
    }

    #[test]
    fn swapped_neighbours_are_refused(first in seventeen(), place in 0usize..16) {
        let check = char::from(mod_11_2(first.as_bytes()).unwrap());
        let mut bytes = format!("{first}{check}").into_bytes();
        prop_assume!(bytes[place] != bytes[place + 1]);
        bytes.swap(place, place + 1);
        let text = String::from_utf8(bytes).unwrap();
        prop_assert!(DocumentNumber::parse(ResidentId, &text).is_err(), "{}", text);
    }

    #[test]
    fn fifteen_digits_of_a_person_of_the_19_hundreds_mean_the_same(
        (area, rest) in person(1900..=1999),
    ) {
        let short = format!("{area}{}", rest.strip_prefix("19").unwrap());
        let number = DocumentNumber::parse(ResidentId, &short).unwrap();
        prop_assert_eq!(number.reveal().strip_suffix(|_| true), Some(&*format!("{area}{rest}")));
        prop_assert_eq!(number.edition(), Edition::Fifteen);
    }

    #[test]
    fn any_text_under_any_type_is_a_stable_number_or_an_error(
        code in 1u8..=10,
        text in "\\PC*|.*|[A-Z0-9<()]{5,13}|[EGCHMLTW][A-Z0-9][0-9]{7}",
    ) {
        let t = DocumentType::from_code(code).unwrap();
        if let Ok(number) = DocumentNumber::parse(t, &text) {
            prop_assert!(number.reveal().is_ascii() && (5..=18).contains(&number.reveal().len()));
            let masked = number.masked();
            prop_assert_eq!(masked.len(), number.reveal().len());
            prop_assert!(masked.bytes().filter(|b| *b == b'*').count() * 2 >= masked.len() - 1);
            let again = DocumentNumber::parse(t, number.reveal());
            prop_assert_eq!(again, Ok(number));
        }
    }
}
