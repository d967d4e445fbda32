use jiff::civil::date as day;
use proptest::prelude::*;

use super::*;
use crate::document::DocumentType;

const VECTORS: [&str; 4] = [
    include_str!("../../../../../tests/vectors/samv/samv_resident.hex"),
    include_str!("../../../../../tests/vectors/samv/samv_J.hex"),
    include_str!("../../../../../tests/vectors/samv/samv_I.hex"),
    include_str!("../../../../../tests/vectors/samv/samv_Y.hex"),
];

fn of_vector(which: usize) -> ChipCard {
    ChipCard::parse_frame(&hex::decode(VECTORS[which].trim()).unwrap()).unwrap()
}

#[test]
fn what_is_written_is_read_again() {
    for which in 0..4 {
        let card = of_vector(which);
        assert_eq!(ChipCard::parse_text(&card.to_text().unwrap()).unwrap(), card);
    }
    let mut nameless = of_vector(3);
    nameless.name = nameless.latin_name.clone().unwrap();
    assert_eq!(ChipCard::parse_text(&nameless.to_text().unwrap()).unwrap(), nameless);
}

#[test]
fn what_does_not_fit_is_told_by_its_field() {
    let mut card = of_vector(0);
    card.name = HolderName::parse(&"长".repeat(16)).unwrap();
    assert_eq!(card.to_text(), Err(CardError::Text(CardField::Name)));
    card.name = HolderName::parse(&"长".repeat(15)).unwrap();
    assert!(card.to_text().is_ok(), "15 characters are the most");
    card.latin_name = Some(HolderName::parse("ERIKSSON").unwrap());
    assert_eq!(card.to_text(), Err(CardError::Text(CardField::LatinName)), "it has no such field");
    let mut long = of_vector(3);
    long.latin_name = Some(HolderName::parse(&"A".repeat(46)).unwrap());
    assert!(long.to_text().is_ok());
    long.latin_name = Some(HolderName::parse(&"A".repeat(47)).unwrap());
    assert_eq!(long.to_text(), Err(CardError::Text(CardField::LatinName)));
}

proptest! {
    #[test]
    fn a_card_is_its_text_and_its_text_the_card(
        name in "[\u{4e00}-\u{9fa5}\u{20000}]{1,7}",
        latin in "[A-Z]([A-Z ,]{0,34}[A-Z])?",
        layout in 0_usize..4,
        sex in prop_oneof![Just(None), Just(Some(Sex::Male)), Just(Some(Sex::Female))],
        years in 1900_i16..2100,
        lasts in prop::option::of(0_i16..30),
    ) {
        let mut card = of_vector(layout);
        card.name = HolderName::parse(&name).unwrap();
        card.latin_name = card.latin_name.map(|_| HolderName::parse(&latin).unwrap());
        card.sex = sex;
        card.birth = day(years, 2, 28);
        card.from = day(years, 1, 31);
        card.to = lasts.map(|lasts| day(years + lasts, 12, 1));
        prop_assert_eq!(ChipCard::parse_text(&card.to_text().unwrap()).unwrap(), card);
    }

    #[test]
    fn every_valid_number_can_be_on_a_card(order in 0_u32..1000) {
        let seventeen = format!("35010019000101{order:03}");
        let check = crate::document::check_digit::mod_11_2(seventeen.as_bytes()).unwrap();
        let number = format!("{seventeen}{}", char::from(check));
        let mut card = of_vector(0);
        card.number = DocumentNumber::parse(DocumentType::ResidentId, &number).unwrap();
        prop_assert_eq!(ChipCard::parse_text(&card.to_text().unwrap()).unwrap(), card);
    }
}
