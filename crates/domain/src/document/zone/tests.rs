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
