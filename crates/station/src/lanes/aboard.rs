//! Flights over several lanes: who is expected, has come and is missing, each once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use uuid::Uuid;
use yanma_store::{FlightCount, ListedRow};

use super::{CheckedMark, LaneState};
use crate::desk::Desk;
use crate::error::DeskError;

/// By what somebody of a flight is the same at two lanes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Whom {
    /// The keyed hash of a document.
    Person(u64),
    /// A line without a document is its seat.
    Seat(String),
    /// A line with neither is the so-manieth of its list: lanes that took in the same list have as
    /// many of them.
    Nth(u32),
    /// Whoever showed neither is their entry.
    Entry(Uuid),
}

impl Whom {
    fn shown(mark: &CheckedMark) -> Self {
        let seat = || mark.seat.clone().map(Self::Seat);
        mark.person.map(Self::Person).or_else(seat).unwrap_or(Self::Entry(mark.entry))
    }
}

/// One flight, while it is added up.
#[derive(Default)]
struct Aboard {
    /// Whether each has come.
    expected: BTreeMap<Whom, bool>,
    unlisted: BTreeSet<Whom>,
    crew: BTreeSet<Whom>,
    staff: BTreeSet<Whom>,
}

impl Aboard {
    fn add(&mut self, mark: &CheckedMark) {
        match mark.who.as_str() {
            "crew" => drop(self.crew.insert(Whom::shown(mark))),
            "staff" => drop(self.staff.insert(Whom::shown(mark))),
            _ => {}
        }
        let person = mark.person.map(Whom::Person);
        let seat = mark.seat.clone().map(Whom::Seat);
        let lines = [person, seat].into_iter().flatten();
        let line = lines.into_iter().find(|whom| self.expected.contains_key(whom));
        match line.and_then(|whom| self.expected.get_mut(&whom)) {
            Some(came) => *came = true,
            None if mark.who == "passenger" && !mark.listed => {
                self.unlisted.insert(Whom::shown(mark));
            }
            None => {}
        }
    }

    fn count(&self, flight: String) -> FlightCount {
        let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        FlightCount {
            flight,
            expected: small(self.expected.len()),
            checked: small(self.expected.values().filter(|came| **came).count()),
            unlisted: small(self.unlisted.len()),
            crew: small(self.crew.len()),
            staff: small(self.staff.len()),
        }
    }
}

/// The flights of all of these lanes, by name.
fn together<'a>(states: impl Iterator<Item = &'a LaneState> + Clone) -> Vec<FlightCount> {
    let mut flights: BTreeMap<String, Aboard> = BTreeMap::new();
    for state in states.clone() {
        let mut nameless: HashMap<&str, u32> = HashMap::new();
        for mark in &state.expected {
            let seat = || mark.seat.clone().map(Whom::Seat);
            let whom = mark.person.map(Whom::Person).or_else(seat).unwrap_or_else(|| {
                let nth = nameless.entry(&mark.flight).or_default();
                *nth += 1;
                Whom::Nth(*nth)
            });
            let flight = flights.entry(mark.flight.clone()).or_default();
            *flight.expected.entry(whom).or_default() |= mark.came;
        }
    }
    for mark in states.flat_map(|state| &state.checked) {
        flights.entry(mark.flight.clone()).or_default().add(mark);
    }
    flights.into_iter().map(|(flight, aboard)| aboard.count(flight)).collect()
}

impl Desk {
    /// The flights of today over all lanes, by name.
    pub(crate) fn flights_together(&self) -> Result<Vec<FlightCount>, DeskError> {
        let (own, others) = (self.lane_state()?, self.others_today());
        let others = others.iter().map(|lane| &*lane.state);
        Ok(together(std::iter::once(&own).chain(others)))
    }

    /// Leaves those who have not come to another lane either.
    pub(crate) fn still_missing(&self, flight: &str, missing: &mut Vec<ListedRow>) {
        let (mut people, mut seats) = (HashSet::new(), HashSet::new());
        for lane in self.others_today() {
            let of_flight = |name: &str| name == flight;
            for mark in lane.state.expected.iter().filter(|mark| of_flight(&mark.flight)) {
                if mark.came {
                    people.extend(mark.person);
                    seats.extend(mark.seat.clone().filter(|_| mark.person.is_none()));
                }
            }
            for mark in lane.state.checked.iter().filter(|mark| of_flight(&mark.flight)) {
                people.extend(mark.person);
                seats.extend(mark.seat.clone());
            }
        }
        missing.retain(|one| match one.hash {
            Some(hash) => !people.contains(&hash),
            None => one.seat.as_ref().is_none_or(|seat| !seats.contains(seat)),
        });
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::ExpectedMark;
    use super::*;

    fn expected(person: Option<u64>, seat: Option<&str>, came: bool) -> ExpectedMark {
        let seat = seat.map(str::to_owned);
        ExpectedMark { flight: "MF8101".to_owned(), person, seat, came }
    }

    fn checked(n: u128, person: Option<u64>, seat: Option<&str>, who: &str) -> CheckedMark {
        CheckedMark {
            entry: Uuid::from_u128(n),
            flight: "MF8101".to_owned(),
            person,
            seat: seat.map(str::to_owned),
            who: who.to_owned(),
            listed: false,
        }
    }

    fn lane(expected: Vec<ExpectedMark>, checked: Vec<CheckedMark>) -> LaneState {
        LaneState { day: date(2020, 6, 16), expected, checked, inside: vec![], left: vec![] }
    }

    /// `checked/expected +unlisted crew/staff` of lanes, and the same whichever is first.
    fn counts(lanes: &[LaneState]) -> String {
        let shown = |found: Vec<FlightCount>| {
            let found: Vec<_> = found
                .iter()
                .map(|f| {
                    format!("{}/{} +{} {}/{}", f.checked, f.expected, f.unlisted, f.crew, f.staff)
                })
                .collect();
            found.join(" ")
        };
        let there = shown(together(lanes.iter()));
        assert_eq!(there, shown(together(lanes.iter().rev())), "in whatever order");
        there
    }

    #[test]
    fn lanes_count_each_person_of_a_flight_once() {
        let list = || {
            vec![
                expected(Some(1), Some("1A"), false),
                expected(Some(2), None, false),
                expected(None, Some("3C"), false),
                expected(None, None, false),
                expected(None, None, false),
            ]
        };
        let came = |at: usize| {
            let mut list = list();
            list[at].came = true;
            list
        };
        for (lanes, expect, why) in [
            (vec![lane(list(), vec![])], "0/5 +0 0/0", "alone"),
            (vec![lane(list(), vec![]), lane(list(), vec![])], "0/5 +0 0/0", "one list at both"),
            (vec![lane(came(0), vec![]), lane(came(1), vec![])], "2/5 +0 0/0", "one at each"),
            (vec![lane(came(0), vec![]), lane(came(0), vec![])], "1/5 +0 0/0", "one at both"),
            (
                vec![
                    lane(list(), vec![]),
                    lane(vec![], vec![checked(1, Some(2), None, "passenger")]),
                ],
                "1/5 +0 0/0",
                "at the lane without the list",
            ),
            (
                vec![
                    lane(list(), vec![]),
                    lane(vec![], vec![checked(1, Some(9), Some("3C"), "passenger")]),
                ],
                "1/5 +0 0/0",
                "a line without a document, by the seat of the pass",
            ),
            (
                vec![
                    lane(list(), vec![checked(1, Some(9), None, "passenger")]),
                    lane(vec![], vec![checked(2, Some(9), None, "passenger")]),
                ],
                "0/5 +1 0/0",
                "on no list, at both",
            ),
            (
                vec![
                    lane(
                        vec![],
                        vec![checked(1, Some(7), None, "crew"), checked(2, None, None, "staff")],
                    ),
                    lane(
                        vec![],
                        vec![checked(3, Some(7), None, "crew"), checked(4, None, None, "staff")],
                    ),
                ],
                "0/0 +0 1/2",
                "crew once; two who showed nothing are two",
            ),
        ] {
            assert_eq!(counts(&lanes), expect, "{why}");
        }
    }
}
