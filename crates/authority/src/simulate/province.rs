//! Millions of people that do not exist, the same ones for the same numbers.
//!
//! As in a demo, numbers carry areas that are no place of registration: a city (`350100`) or
//! a province (`420000`) as a whole. Everybody is made from their place alone, so that a fill
//! goes on anywhere.

use jiff::civil::{Date, date};
use yanma_domain::document::{DocumentNumber, DocumentType, check_digit};
use yanma_domain::name::HolderName;
use yanma_protocol::claims::ClaimGroup;

use super::people::{FAMILY, GIVEN};
use crate::error::Error;
use crate::statistics::Population;

/// The figures of the briefing of July 2020 (domain.md §0).
const CODES: u64 = 20_710_000;
const FROM_OTHER_PROVINCES: u64 = 974_522;
const FROM_ABROAD: u64 = 65_749;
const TIMES_SHOWN: u64 = 124_000_000;

/// Residents with a number of another province, who count in no city here. The briefing tells
/// a claim ratio of 48.75 %, and not of what: this many make it so. It is an assumption; see
/// docs/decisions/0006-figures.md.
const ELSEWHERE: u64 = 301_354;

/// One in so many is not green.
const NOT_GREEN: u64 = 100;

/// Areas of people from other provinces, and of residents who came to stay.
const OTHER_AREAS: [&str; 10] = [
    "110000", "120000", "130000", "310000", "320000", "330000", "360000", "430000", "440000",
    "510000",
];
const ELSEWHERE_AREAS: [&str; 4] = ["340000", "410000", "420000", "520000"];
/// Areas of residence permits of Hong Kong, Macau and Taiwan.
const ABROAD_AREAS: [(&str, DocumentType); 3] = [
    ("810000", DocumentType::HkMacauResidence),
    ("820000", DocumentType::HkMacauResidence),
    ("830000", DocumentType::TaiwanResidence),
];

/// Of a thousand: 0 to 14, 15 to 64, and older (the province's bulletin for 2019); and the
/// first day of birth and the number of days of each.
const AGES: [(u64, Date, u64); 3] = [
    (169, date(2005, 7, 1), 5_479),
    (738, date(1955, 7, 1), 18_263),
    (93, date(1925, 7, 1), 10_957),
];

/// A number of people in the proportions of the briefing.
#[derive(Debug, Clone)]
pub struct Province {
    holders: u64,
    stride: u64,
    other: u64,
    abroad: u64,
    elsewhere: u64,
    /// The end of each city in the order of all others, and its code.
    cities: Vec<(u64, u16)>,
    seed: u64,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Somebody {
    pub(super) document: DocumentNumber,
    pub(super) name: HolderName,
    pub(super) born: Date,
    pub(super) group: ClaimGroup,
    pub(super) city: Option<u16>,
    pub(super) shown: u32,
    /// Whether something was reported about them.
    pub(super) is_reported: bool,
    /// Chance for everything else.
    pub(super) dice: u64,
}

impl Province {
    /// `holders` people.
    ///
    /// # Errors
    ///
    /// [`Error::Asset`], which a test rules out.
    pub fn new(holders: u32, seed: u64) -> Result<Self, Error> {
        let holders = u64::from(holders);
        let part = |of: u64| (of * holders + CODES / 2) / CODES;
        let (other, abroad, elsewhere) =
            (part(FROM_OTHER_PROVINCES), part(FROM_ABROAD), part(ELSEWHERE));
        let begin = other + abroad + elsewhere;
        let in_cities = holders.saturating_sub(begin);
        let population = Population::fujian_2019()?;
        let all: u64 = population.cities.iter().map(|city| city.population).sum();
        let mut before = 0;
        let cities = population
            .cities
            .iter()
            .map(|city| {
                before += city.population;
                (begin + in_cities * before / all.max(1), city.code)
            })
            .collect();
        // Neighbours in the order of claims come from everywhere.
        let mut stride = (holders * 618 / 1_000).max(1);
        while common_divisor(stride, holders) > 1 {
            stride += 1;
        }
        Ok(Self { holders, stride, other, abroad, elsewhere, cities, seed })
    }

    /// The person at a place, from 0.
    pub fn at(&self, place: u32) -> Option<Somebody> {
        let place = u64::from(place);
        let rank = place * self.stride % self.holders;
        let (group, city, document_type, area, nth) = self.origin(rank)?;
        let (block, sequence) = (nth / 1_000, nth % 1_000);
        let born = birthday(block)?;
        let dice = mixed(self.seed ^ mixed(place));
        let body = format!("{area}{}{sequence:03}", born.strftime("%Y%m%d"));
        let check = char::from(check_digit::mod_11_2(body.as_bytes())?);
        let number = format!("{body}{check}");
        let shown = |places: u64| places * TIMES_SHOWN / CODES;
        let (family, given) = (dice % FAMILY.len() as u64, (dice >> 8) % GIVEN.len() as u64);
        let name = format!("{}{}", FAMILY.get(family as usize)?, GIVEN.get(given as usize)?);
        Some(Somebody {
            document: DocumentNumber::parse(document_type, &number).ok()?,
            name: HolderName::parse(&name).ok()?,
            born,
            group,
            city,
            shown: u32::try_from(shown(place + 1) - shown(place)).ok()?,
            is_reported: (dice >> 16).is_multiple_of(NOT_GREEN),
            dice: mixed(dice),
        })
    }

    /// Group, city, document, area, and the place among all of that area.
    fn origin(&self, rank: u64) -> Option<(ClaimGroup, Option<u16>, DocumentType, String, u64)> {
        let pick = |areas: &[&str], nth: u64| {
            let of = areas.len() as u64;
            Some((areas.get((nth % of) as usize)?.to_string(), nth / of))
        };
        let resident = DocumentType::ResidentId;
        if rank < self.other {
            let (area, nth) = pick(&OTHER_AREAS, rank)?;
            return Some((ClaimGroup::OtherProvince, None, resident, area, nth));
        }
        let rank_abroad = rank - self.other;
        if rank_abroad < self.abroad {
            let of = ABROAD_AREAS.len() as u64;
            let (area, document) = ABROAD_AREAS.get((rank_abroad % of) as usize)?;
            let area = (*area).to_owned();
            return Some((ClaimGroup::Abroad, None, *document, area, rank_abroad / of));
        }
        let rank_elsewhere = rank_abroad - self.abroad;
        if rank_elsewhere < self.elsewhere {
            let (area, nth) = pick(&ELSEWHERE_AREAS, rank_elsewhere)?;
            return Some((ClaimGroup::Resident, None, resident, area, nth));
        }
        let at = self.cities.partition_point(|(end, _)| *end <= rank);
        let (_, code) = self.cities.get(at)?;
        let begin = match at.checked_sub(1) {
            Some(before) => self.cities.get(before)?.0,
            None => self.other + self.abroad + self.elsewhere,
        };
        Some((ClaimGroup::Resident, Some(*code), resident, format!("{code}00"), rank - begin))
    }
}

/// The day of birth of a thousand people of one area. No two thousands of an area share one.
fn birthday(block: u64) -> Option<Date> {
    let (thousand, mut place) = (block / 1_000, (block * 617 + 400) % 1_000);
    for (weight, first, days) in AGES {
        if place < weight {
            let nth = thousand * weight + place;
            let day = i64::try_from(nth * 7_919 % days).ok()?;
            return first.checked_add(jiff::Span::new().days(day)).ok();
        }
        place -= weight;
    }
    None
}

fn common_divisor(one: u64, other: u64) -> u64 {
    if other == 0 { one } else { common_divisor(other, one % other) }
}

/// SplitMix64 (Steele, Lea, Flood 2014) at a place of its sequence.
pub(super) fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics;
    use crate::statistics::words::{in_units, percent};
    use std::collections::HashSet;

    #[test]
    fn nobody_shares_a_number_and_the_mix_is_that_of_the_briefing() {
        let province = Province::new(60_000, 7).unwrap();
        let people: Vec<_> = (0..60_000).map(|place| province.at(place).unwrap()).collect();
        let numbers: HashSet<_> = people.iter().map(|p| p.document.clone()).collect();
        assert_eq!(numbers.len(), people.len());
        let count = |test: &dyn Fn(&Somebody) -> bool| people.iter().filter(|p| test(p)).count();
        assert_eq!(count(&|p| p.group == ClaimGroup::OtherProvince), 2_823);
        assert_eq!(count(&|p| p.group == ClaimGroup::Abroad), 190);
        assert_eq!(count(&|p| p.group == ClaimGroup::Resident && p.city.is_none()), 873);
        let quanzhou = count(&|p| p.city == Some(3505));
        assert!((12_000..12_700).contains(&quanzhou), "{quanzhou}: 22 % of the residents");
        let reported = count(&|p| p.is_reported);
        assert!((480..720).contains(&reported), "{reported}: one in a hundred");
        let children = count(&|p| p.born >= date(2005, 7, 1));
        assert!((7_000..13_500).contains(&children), "{children}: about one in six");
        let shown: u64 = people.iter().map(|p| u64::from(p.shown)).sum();
        assert_eq!(shown, 60_000 * TIMES_SHOWN / CODES);
    }

    #[test]
    fn a_whole_province_has_a_number_and_a_day_for_everybody() {
        let province = Province::new(20_710_000, 7).unwrap();
        for place in (0..20_710_000).step_by(9_973) {
            assert!(province.at(place).is_some(), "{place}");
        }
        let largest = 4_500;
        let days: HashSet<_> = (0..largest).map(|block| birthday(block).unwrap()).collect();
        assert_eq!(days.len(), largest as usize, "no thousand shares a day of birth");
        assert_eq!(province.other, FROM_OTHER_PROVINCES);
        assert_eq!(province.abroad, FROM_ABROAD);
        let end = province.cities.last().unwrap().0;
        assert_eq!(end, 20_710_000);

        // What the counters come to, and how the command says it.
        let begin = province.other + province.abroad + province.elsewhere;
        let ratio = statistics::ratio(end - begin, 39_730_000);
        let shown = province.holders * TIMES_SHOWN / CODES;
        let said = [end, province.other, province.abroad, shown].map(in_units);
        assert_eq!(said, ["2,071 万", "974,522", "65,749", "1.24 亿"]);
        assert_eq!(percent(ratio), "48.75 %");
    }
}
