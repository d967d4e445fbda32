//! North American licences: `tests/vectors/licence/licences.json`.

use jiff::civil::Date;
use serde::Deserialize;
use yanma_domain::document::Sex;
use yanma_domain::evidence::{Damaged, Evidence, read};
use yanma_domain::licence::{Licence, LicenceError};

use crate::table;

#[derive(Deserialize)]
pub(crate) struct Licences {
    pub(crate) licences: Vec<Good>,
    broken: Vec<Broken>,
}

#[derive(Deserialize)]
pub(crate) struct Good {
    name: String,
    pub(crate) text: String,
    issuer: u32,
    version: u8,
    number: String,
    name_text: String,
    birth: Option<Date>,
    expiry: Option<Date>,
    issued: Option<Date>,
    sex: Option<Sex>,
    #[serde(default)]
    identity_card: bool,
}

#[derive(Deserialize)]
struct Broken {
    name: String,
    text: String,
    error: String,
    element: Option<String>,
}

pub(crate) fn licences() -> Licences {
    table("licence/licences.json")
}

#[test]
fn every_good_licence_says_what_its_row_says() {
    for row in licences().licences {
        let name = &row.name;
        let licence = Licence::read(&row.text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = (licence.issuer, licence.version, licence.identity_card);
        assert_eq!(found, (row.issuer, row.version, row.identity_card), "{name}");
        assert_eq!(licence.reveal_number(), row.number, "{name}");
        assert_eq!(licence.name.reveal(), row.name_text, "{name}");
        for (expect, found) in
            [(row.birth, licence.birth), (row.expiry, licence.expiry), (row.issued, licence.issued)]
        {
            assert!(expect.is_none() || expect == found, "{name}: {expect:?}, {found:?}");
        }
        assert!(row.sex.is_none() || row.sex == licence.sex, "{name}");
        assert!(!licence.masked_number().contains(&row.number), "{name}");
        assert_eq!(read(&row.text), Evidence::Licence(Box::new(licence)), "{name}");
    }
}

#[test]
fn what_a_card_leaves_open_stays_open() {
    let row = |name: &str| licences().licences.into_iter().find(|row| row.name == name).unwrap();
    assert_eq!(Licence::read(&row("no-expiry").text).unwrap().expiry, None);
    assert_eq!(Licence::read(&row("sex-not-stated").text).unwrap().sex, None);
}

#[test]
fn every_broken_licence_says_where() {
    for row in licences().broken {
        let error = Licence::read(&row.text).map(|_| ()).unwrap_err();
        let found = match error {
            LicenceError::NotALicence => ("not-a-licence", None),
            LicenceError::Header => ("header", None),
            LicenceError::Subfile => ("subfile", None),
            LicenceError::Missing(element) => ("missing", Some(element)),
            LicenceError::Element(element) => ("element", Some(element)),
        };
        assert_eq!(found, (row.error.as_str(), row.element.as_deref()), "{}", row.name);
        let damaged = matches!(read(&row.text), Evidence::Damaged(Damaged::Licence(_)));
        assert_eq!(damaged, error != LicenceError::NotALicence, "{}", row.name);
    }
}
