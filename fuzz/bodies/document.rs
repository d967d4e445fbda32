//! Whatever a scanner sends: a zone, licence or pass that exists says the same of itself when
//! it is read again, and shows nobody.

use yanma_domain::boarding_pass::BoardingPass;
use yanma_domain::document::{RegionalNumber, Zone, ZoneDocument};
use yanma_domain::evidence::{Evidence, read};
use yanma_domain::licence::Licence;

/// Takes the input as a machine-readable zone.
pub(crate) fn zone(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(zone) = Zone::read(&text) else { return };
    assert!(Zone::looks_like_one(&text));
    // Line ends and spaces mean nothing, unless a line had lost its fillers.
    let joined: String = text.chars().filter(|c| !matches!(c, '\r' | '\n' | '\t' | ' ')).collect();
    if let Ok(again) = Zone::read(&joined) {
        assert_eq!(again, zone, "lines may be joined");
    }
    let today = jiff::civil::date(2020, 3, 1);
    let birth = zone.birth().resolve_birth(today);
    if let (Some(birth), false) = (birth, text.contains(['C', 'c', 'Ｃ', 'ｃ'])) {
        assert!(birth <= today, "nobody is born tomorrow");
    }
    let _ = zone.expiry().resolve_expiry(today);
    let shown = format!("{zone:?}");
    assert!(zone.reveal_number().len() < 5 || !shown.contains(zone.reveal_number()));
    if let ZoneDocument::Known(number) = zone.document() {
        assert!(!number.masked().contains(number.reveal()));
    }
}

/// Takes the input as a licence, and as the elements of one.
pub(crate) fn licence(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check_licence(&text);
    check_licence(&format!("@\n\u{1e}\rANSI 636015080001DL00319999DL{text}\r"));
}

fn check_licence(text: &str) {
    if let Ok(licence) = Licence::read(text) {
        assert!(Licence::looks_like_one(text));
        assert_eq!(Licence::read(text).as_ref(), Ok(&licence));
        let number = licence.reveal_number();
        assert!(number.chars().count() < 5 || licence.masked_number() != number);
    }
}

/// Takes the input as a boarding pass, as the part after its head, and as any evidence.
pub(crate) fn pass(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check_pass(&text);
    check_pass(&format!("M1ZHENG/YANGBEN       EABC123 FOCPEKMF 8101 045Y012A0025 1{text}"));
    let _ = (RegionalNumber::recognise(&text), RegionalNumber::candidates(&text));
}

fn check_pass(text: &str) {
    if let Ok(pass) = BoardingPass::read(text) {
        assert!((1..=4).contains(&pass.legs.len()));
        let today = jiff::civil::date(2020, 3, 1);
        for date in pass.legs.iter().filter_map(|leg| leg.date(today)) {
            let days = today.until(date).map(|span| span.get_days().abs()).unwrap_or(0);
            assert!(days <= 366, "the nearest year was taken");
        }
        assert!(matches!(read(text), Evidence::BoardingPass(_)), "a pass is read as one");
    }
}
