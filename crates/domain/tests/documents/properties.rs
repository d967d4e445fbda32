//! What holds for every zone, pass and licence, whatever its fields and however it is cut.

use proptest::prelude::*;
use yanma_domain::boarding_pass::BoardingPass;
use yanma_domain::document::check_digit::icao_731;
use yanma_domain::document::{DocumentNumber, DocumentType, RegionalNumber, Zone, ZoneLayout};
use yanma_domain::evidence::read;
use yanma_domain::licence::Licence;

use crate::{licences, passes, zones};

/// A field and its check digit.
fn checked(field: &str) -> String {
    format!("{field}{}", char::from(icao_731(field.as_bytes()).unwrap()))
}

/// The lines of a passport from its fields.
fn passport(number: &str, surname: &str, given: &str, birth: &str, expiry: &str) -> [String; 2] {
    let above = format!("{:<<44.44}", format!("P<UTO{surname}<<{given}"));
    let (number, birth, expiry) =
        (checked(&format!("{number:<<9}")), checked(birth), checked(expiry));
    let optional = "<".repeat(15);
    let over = format!("{number}{birth}{expiry}{optional}");
    let composite = char::from(icao_731(over.as_bytes()).unwrap());
    [above, format!("{number}UTO{birth}F{expiry}{optional}{composite}")]
}

proptest! {
    #[test]
    fn a_passport_gives_back_its_fields(
        number in "[A-Z0-9]{5,9}",
        surname in "[A-Z]{1,12}",
        given in "[A-Z]{1,12}",
        (year, month, day) in (0u8..100, 1u8..13, 1u8..29),
        breaks in proptest::collection::vec(0usize..88, 0..4),
        between in "[ \r\n\t]{1,2}",
    ) {
        let date = format!("{year:02}{month:02}{day:02}");
        let lines = passport(&number, &surname, &given, &date, &date);
        let zone = Zone::read(&lines.join("\n")).unwrap();
        prop_assert_eq!(zone.layout(), ZoneLayout::Td3);
        prop_assert_eq!(zone.reveal_number(), number);
        let name = format!("{surname}, {given}");
        prop_assert_eq!(zone.latin_name().map(|name| name.reveal()), Some(name.as_str()));
        let today = "2020-03-01".parse().unwrap();
        let birth = zone.birth().resolve_birth(today).unwrap();
        prop_assert_eq!(birth.year() % 100, i16::from(year));
        prop_assert!(birth <= today && birth.year() > 1919);
        prop_assert!(zone.mended().is_empty());
        // However the scanner breaks it.
        let mut text = lines.concat();
        let mut breaks = breaks;
        breaks.sort_unstable();
        for at in breaks.into_iter().rev() {
            text.insert_str(at, &between);
        }
        prop_assert_eq!(Zone::read(&text), Ok(zone));
    }

    #[test]
    fn a_number_gives_back_its_text(text in "[EG][0-9]{8}|[CLTW][0-9]{8}|[HM][0-9]{8}|[0-9]{8}") {
        for document_type in DocumentType::ALL {
            if let Ok(number) = DocumentNumber::parse(document_type, &text) {
                prop_assert_eq!(number.reveal(), &text);
                let spaced: String = text.chars().flat_map(|c| [c, ' ']).collect();
                prop_assert_eq!(DocumentNumber::parse(document_type, &spaced), Ok(number));
            }
        }
    }

    #[test]
    fn any_text_is_something_or_an_error(text in "\\PC*|.*|[A-Z0-9<]{0,100}|M[1-4].{56,90}|@\n\u{1e}\rANSI 636[0-9]{3}.*") {
        let _ = (Zone::read(&text), BoardingPass::read(&text), Licence::read(&text));
        let _ = (RegionalNumber::recognise(&text), RegionalNumber::candidates(&text), read(&text));
    }

    #[test]
    fn a_cut_pass_is_never_another_pass(row in 0usize..14, at in 0usize..300) {
        let table = passes::passes().passes;
        let text = &table[row % table.len()].text;
        let whole = BoardingPass::read(text).unwrap();
        let cut = text.get(..at.min(text.len())).unwrap_or(text);
        if let Ok(part) = BoardingPass::read(cut) {
            prop_assert_eq!(&part.name, &whole.name);
            prop_assert_eq!(part.legs.len(), whole.legs.len());
        }
    }

    #[test]
    fn a_flipped_character_never_panics(pick in 0usize..100, at in 0usize..400, byte in 0u8..128) {
        let texts: Vec<String> = zones::zones().zones.iter().map(|row| row.lines.concat())
            .chain(licences::licences().licences.into_iter().map(|row| row.text)).collect();
        let mut text = texts[pick % texts.len()].clone().into_bytes();
        let at = at % text.len();
        text[at] = byte;
        let _ = read(&String::from_utf8_lossy(&text));
    }
}
