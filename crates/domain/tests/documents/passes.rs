//! Boarding passes: `tests/vectors/boarding-pass/passes.json`.

use jiff::civil::Date;
use serde::Deserialize;
use yanma_domain::boarding_pass::{BoardingPass, PassError};
use yanma_domain::evidence::{Damaged, Evidence, read};

use crate::table;

#[derive(Deserialize)]
pub(crate) struct Passes {
    today: Date,
    pub(crate) passes: Vec<Good>,
    broken: Vec<Broken>,
}

#[derive(Deserialize)]
pub(crate) struct Good {
    name: String,
    pub(crate) text: String,
    name_text: String,
    flights: Vec<String>,
    days: Vec<Option<i16>>,
    dates: Option<Vec<Option<Date>>>,
    seats: Option<Vec<String>>,
    security: Option<usize>,
    serial: Option<String>,
    frequent_flyer: Option<String>,
    airline_use: Option<Vec<String>>,
    version: Option<char>,
    bags: Option<usize>,
    fast_track: Option<String>,
}

#[derive(Deserialize)]
struct Broken {
    name: String,
    text: String,
    error: String,
    field: Option<String>,
}

pub(crate) fn passes() -> Passes {
    table("boarding-pass/passes.json")
}

#[test]
fn every_good_pass_says_what_its_row_says() {
    let table = passes();
    assert!(table.passes.len() > 10, "only {} rows", table.passes.len());
    for row in &table.passes {
        let name = &row.name;
        let pass = BoardingPass::read(&row.text).unwrap_or_else(|error| panic!("{name}: {error}"));
        check(row, &pass, table.today);
        assert_eq!(read(&row.text), Evidence::BoardingPass(Box::new(pass)), "{name}");
    }
}

fn check(row: &Good, pass: &BoardingPass, today: Date) {
    let name = &row.name;
    let each = |get: fn(&yanma_domain::boarding_pass::Leg) -> String| -> Vec<String> {
        pass.legs.iter().map(get).collect()
    };
    assert_eq!(pass.name.reveal(), row.name_text, "{name}");
    assert_eq!(each(|leg| leg.flight()), row.flights, "{name}");
    assert_eq!(pass.legs.iter().map(|leg| leg.day).collect::<Vec<_>>(), row.days, "{name}");
    if let Some(dates) = &row.dates {
        let found: Vec<_> = pass.legs.iter().map(|leg| leg.date(today)).collect();
        assert_eq!(found, *dates, "{name}");
    }
    if let Some(seats) = &row.seats {
        assert_eq!(each(|leg| leg.seat.clone()), *seats, "{name}");
    }
    if let Some(airline_use) = &row.airline_use {
        assert_eq!(each(|leg| leg.airline_use.clone()), *airline_use, "{name}");
    }
    assert_eq!(pass.security.as_ref().map(|security| security.data.len()), row.security, "{name}");
    let items = &pass.legs[0].items;
    let stated = [
        (&row.serial, &items.serial),
        (&row.frequent_flyer, &items.frequent_flyer),
        (&row.fast_track, &items.fast_track),
    ];
    for (expect, found) in stated {
        assert!(expect.is_none() || expect == found, "{name}: {expect:?}, {found:?}");
    }
    assert!(row.version.is_none() || row.version == pass.journey.version, "{name}");
    assert!(row.bags.is_none_or(|bags| bags == pass.journey.baggage_tags.len()), "{name}");
}

#[test]
fn every_broken_pass_says_where() {
    for row in passes().broken {
        let error = BoardingPass::read(&row.text).map(|_| ()).unwrap_err();
        let found = match error {
            PassError::NotAPass => ("not-a-pass", None),
            PassError::Short(field) => ("short", Some(format!("{field:?}"))),
            PassError::Field(field) => ("field", Some(format!("{field:?}"))),
        };
        assert_eq!(found, (row.error.as_str(), row.field), "{}", row.name);
        let damaged = matches!(read(&row.text), Evidence::Damaged(Damaged::BoardingPass(_)));
        assert_eq!(damaged, error != PassError::NotAPass, "{}", row.name);
    }
}

#[test]
fn a_pass_does_not_show_who_it_is() {
    for row in passes().passes {
        let shown = format!("{:?}", read(&row.text));
        assert!(!shown.contains(row.name_text.split(',').next().unwrap()), "{shown}");
    }
}
