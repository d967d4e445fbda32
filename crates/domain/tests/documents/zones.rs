//! Machine-readable zones: `tests/vectors/zone/zones.json`.

use jiff::civil::Date;
use serde::Deserialize;
use yanma_domain::document::{
    DocumentType, OtherDocument, Zone, ZoneDocument, ZoneError, ZoneField,
};
use yanma_domain::evidence::{Damaged, Evidence, read};

use crate::table;

#[derive(Deserialize)]
pub(crate) struct Zones {
    today: Date,
    pub(crate) zones: Vec<Good>,
    broken: Vec<Broken>,
}

#[derive(Deserialize)]
pub(crate) struct Good {
    name: String,
    pub(crate) lines: Vec<String>,
    layout: String,
    document: Option<DocumentType>,
    number: String,
    other: Option<String>,
    name_text: Option<String>,
    latin: Option<String>,
    #[serde(default, deserialize_with = "stated")]
    birth: Option<Option<Date>>,
    expiry: Option<Date>,
    #[serde(default, deserialize_with = "stated")]
    sex: Option<Option<String>>,
    issuer: Option<String>,
    nationality: Option<String>,
    optional: Option<String>,
    kind: Option<String>,
    issue_count: Option<u8>,
    name_is_cut: Option<bool>,
    #[serde(default)]
    mended: Vec<ZoneField>,
}

#[derive(Deserialize)]
struct Broken {
    name: String,
    lines: Vec<String>,
    error: String,
    field: Option<ZoneField>,
}

/// Tells `null` from a key that is not there.
fn stated<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

pub(crate) fn zones() -> Zones {
    table("zone/zones.json")
}

fn word(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_value(value).unwrap();
    json.as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_good_zone_says_what_its_row_says() {
    let zones = zones();
    assert!(zones.zones.len() > 40, "only {} rows", zones.zones.len());
    for row in &zones.zones {
        let zone = Zone::read(&row.lines.join("\n"))
            .unwrap_or_else(|error| panic!("{}: {error}", row.name));
        check(row, &zone, zones.today);
        let evidence = read(&row.lines.join("\r\n"));
        assert_eq!(evidence, Evidence::Zone(Box::new(zone)), "{}", row.name);
    }
}

fn check(row: &Good, zone: &Zone, today: Date) {
    let name = &row.name;
    assert_eq!(word(&zone.layout()), row.layout, "{name}");
    match zone.document() {
        ZoneDocument::Known(number) => {
            assert_eq!(Some(number.document_type()), row.document, "{name}");
            assert_eq!(number.reveal(), row.number, "{name}");
        }
        ZoneDocument::Other(other) => {
            assert_eq!(row.document, None, "{name}");
            assert_eq!(Some(word(other)), row.other, "{name}");
            assert_eq!(zone.reveal_number(), row.number, "{name}");
            assert_ne!(*other, OtherDocument::HongKongId, "{name}");
        }
    }
    assert_eq!(zone.mended(), row.mended, "{name}");
    if let Some(expect) = &row.name_text {
        assert_eq!(zone.name().map(|n| n.reveal()), Some(expect.as_str()), "{name}");
    }
    if let Some(expect) = &row.latin {
        assert_eq!(zone.latin_name().map(|n| n.reveal()), Some(expect.as_str()), "{name}");
    }
    if let Some(expect) = row.birth {
        assert_eq!(zone.birth().resolve_birth(today), expect, "{name}");
    }
    if row.expiry.is_some() {
        assert_eq!(zone.expiry().resolve_expiry(today), row.expiry, "{name}");
    }
    if let Some(expect) = &row.sex {
        assert_eq!(zone.sex().map(|sex| word(&sex)), *expect, "{name}");
    }
    let stated = [
        (&row.issuer, Some(zone.issuer().to_owned())),
        (&row.nationality, zone.nationality().map(str::to_owned)),
        (&row.optional, zone.reveal_optional().map(str::to_owned)),
        (&row.kind, Some(zone.kind())),
    ];
    for (expect, found) in stated {
        assert!(expect.is_none() || *expect == found, "{name}: {expect:?}, {found:?}");
    }
    assert!(row.issue_count.is_none() || row.issue_count == zone.issue_count(), "{name}");
    assert!(row.name_is_cut.is_none_or(|cut| cut == zone.name_is_cut()), "{name}");
}

#[test]
fn every_broken_zone_says_where() {
    let zones = zones();
    assert!(zones.broken.len() > 25, "only {} rows", zones.broken.len());
    for row in &zones.broken {
        let text = row.lines.join("\n");
        let error = Zone::read(&text).map(|_| ()).unwrap_err();
        let found = match error {
            ZoneError::NotAZone => ("not-a-zone", None),
            ZoneError::Length { found } => {
                assert_eq!(found, text.chars().filter(|c| *c != '\n').count(), "{}", row.name);
                ("length", None)
            }
            ZoneError::Alphabet(field) => ("alphabet", Some(field)),
            ZoneError::CheckDigit(field) => ("check-digit", Some(field)),
            ZoneError::Date(field) => ("date", Some(field)),
        };
        assert_eq!(found, (row.error.as_str(), row.field), "{}", row.name);
        let damaged = matches!(read(&text), Evidence::Damaged(Damaged::Zone(_)));
        assert_eq!(damaged, error != ZoneError::NotAZone, "{}", row.name);
    }
}
