//! Cases that a table cannot say; the tables are `tests/vectors/zone`.

use super::*;

const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];

#[test]
fn a_zone_does_not_show_who_it_is() {
    let zone = Zone::read(&TD3.concat()).unwrap();
    let shown = format!("{zone:?} {:?}", zone.birth());
    for personal in ["ERIKSSON", "ANNA", "L898902C3", "ZE184226B", "74", "1974"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}

#[test]
fn every_wrong_digit_of_a_passport_is_noticed() {
    let good = TD3.concat();
    // Number, dates, optional field and their check digits: 7-3-1 notices every single digit
    // that is not ten away, which no digit is.
    for at in (44..54).chain(57..64).chain(65..88) {
        let mut bad = good.clone().into_bytes();
        if bad[at].is_ascii_digit() {
            bad[at] = if bad[at] == b'9' { b'0' } else { bad[at] + 1 };
            let read = Zone::read(std::str::from_utf8(&bad).unwrap());
            assert!(read.is_err(), "a wrong digit at {at}");
        }
    }
}

#[test]
fn lines_may_come_in_any_pieces() {
    let expect = Zone::read(&TD3.join("\n")).unwrap();
    for at in 0..88 {
        let whole = TD3.concat();
        let (head, tail) = whole.split_at(at);
        for between in ["\r\n", "\n", "\r", " ", "\t"] {
            // A name line that ends early gets fillers: only where both lines stay whole
            // may the break fall.
            let read = Zone::read(&format!("{head}{between}{tail}"));
            assert_eq!(read.as_ref(), Ok(&expect), "broken at {at} by {between:?}");
        }
    }
}

/// The specimen with another beginning of its first line, and another nationality.
fn with(above: &str, nationality: &str) -> Result<Zone, ZoneError> {
    let above = format!("{above:<<44}");
    Zone::read(&[&above, TD3[1].replace("UTO", nationality).as_str()].concat())
}

#[test]
fn both_letters_of_a_passports_kind_are_letters() {
    let kind = |text: &str| {
        let zone = with(&format!("{text}UTOERIKSSON<<ANNA"), "UTO").unwrap();
        let is_among = |fields: &[ZoneField]| fields.contains(&ZoneField::Kind);
        (zone.kind(), is_among(zone.mended()), is_among(zone.doubtful()))
    };
    assert_eq!(kind("P<"), ("P<".to_owned(), false, false));
    assert_eq!(kind("P0"), ("PO".to_owned(), true, true));
    assert_eq!(kind("P5"), ("PS".to_owned(), true, false));
    let refused = with("P7UTOERIKSSON<<ANNA", "UTO");
    assert_eq!(refused, Err(ZoneError::Alphabet(ZoneField::Kind)));
}

#[test]
fn a_state_is_put_right_where_one_alone_can_be_meant() {
    let check = |read: &str, expect: Option<&str>| {
        let nationality = with("P<UTOERIKSSON<<ANNA", read);
        let said = nationality.as_ref().ok().and_then(Zone::nationality);
        assert_eq!(said, expect, "{read}");
        if expect.is_none() {
            assert_eq!(nationality, Err(ZoneError::Alphabet(ZoneField::Nationality)), "{read}");
        }
    };
    for (read, expect) in [
        ("UTO", "UTO"),
        ("UT0", "UTO"),
        ("0<<", "D"),
        ("0ZA", "DZA"),
        ("1TA", "ITA"),
        ("NL0", "NLD"),
        ("P01", "POL"),
        ("8RA", "BRA"),
        ("0MN", "OMN"),
        ("QQQ", "QQQ"),
    ] {
        check(read, Some(expect));
    }
    // Bolivia or Burundi; no state at all; a digit that no letter is read as; nothing.
    for read in ["B01", "000", "1<<", "U7O", "<<<"] {
        check(read, None);
    }
    let mended = with("P<0<<MUSTERMANN<<ERIKA", "0<<").unwrap();
    assert_eq!((mended.issuer(), mended.nationality()), ("D", Some("D")));
    assert_eq!(mended.mended(), [ZoneField::Issuer, ZoneField::Nationality]);
    assert_eq!(mended.doubtful(), [], "only one state can be meant");
}

#[test]
fn a_name_that_was_put_right_may_be_another() {
    let name = |text: &str| {
        let zone = with(&format!("P<UTO{text}"), "UTO").unwrap();
        let name = zone.latin_name().map(|name| name.reveal().to_owned());
        (name.unwrap_or_default(), zone.mended().len(), zone.doubtful().len())
    };
    assert_eq!(name("0ANIEL<<ANNA"), ("OANIEL, ANNA".to_owned(), 1, 1));
    assert_eq!(name("DANIE1<<ANNA"), ("DANIEI, ANNA".to_owned(), 1, 1));
    assert_eq!(name("8ERG<<ANNA"), ("BERG, ANNA".to_owned(), 1, 0));
}
