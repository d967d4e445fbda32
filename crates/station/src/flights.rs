//! Flights (航班) at an airport: who of the day's lists is expected, who has come, who is missing.
//!
//! Whoever is let through counts for a flight: the one that was filled in (`flight`), that of
//! their boarding pass, or that of their line on a list. Crew and staff (`who`) are counted
//! apart.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;
use yanma_domain::boarding_pass::flight_name;
use yanma_domain::encounter::{Presented, PresentedFlight};
use yanma_domain::name::{HolderName, MaskedName};
use yanma_domain::scene::{Action, Scene};
use yanma_store::{Aboard, FlightCheck, FlightCount, ListedRow, StoreError};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::lists::{hashes, masked};
use crate::record::Receipt;
use crate::rights::Right;

/// The field of a scene that names the flight.
const FLIGHT: &str = "flight";
/// The field that says as who somebody flies.
const WHO: &str = "who";

/// Somebody who is expected on a flight and has not come, as far as a screen shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The masked name; `None` where the list has none.
    pub name: Option<MaskedName>,
    /// The masked number of the document.
    pub document: Option<String>,
    /// The seat.
    pub seat: Option<String>,
}

impl Desk {
    /// The flights of today's lists, and of those who came today, by name; of all lanes together.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when the store cannot be read.
    pub fn flights(&self) -> Result<Vec<FlightCount>, DeskError> {
        self.allow(Right::SeeCounts)?;
        if self.is_lane() {
            return self.flights_together();
        }
        Ok(self.store.flights_on(day_of(self.now()))?)
    }

    /// Who of today's lists has not come for a flight, to this lane or another, in the order of the
    /// lists. Whom only another lane's list has is not named: names go to no other desk.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when it cannot be written down.
    pub fn missing(&self, flight: &str) -> Result<Vec<Missing>, DeskError> {
        self.reveal(Right::Lists, "see-missing", Some(flight))?;
        let mut missing = self.store.missing_on(flight, day_of(self.now()))?;
        self.still_missing(flight, &mut missing);
        let shown = |one: ListedRow| Missing {
            name: HolderName::parse(&one.name).ok().map(|name| name.mask()),
            document: masked(&one),
            seat: one.seat,
        };
        Ok(missing.into_iter().map(shown).collect())
    }

    /// What was filled in, with the flight of the boarding pass where the scene asks for one and
    /// nobody typed it.
    pub(crate) fn with_flight(
        &self,
        scene: &Scene,
        receipt: &Receipt,
        given: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let mut given = given.clone();
        let is_blank = given.get(FLIGHT).is_none_or(|text| text.trim().is_empty());
        if scene.boarding_pass && scene.field(FLIGHT).is_some() && is_blank {
            let flight = self.flight_of(receipt).ok().flatten();
            given.extend(flight.map(|flight| (FLIGHT.to_owned(), flight)));
        }
        given
    }

    /// Counts whoever is let through, and no longer whoever is not after all; `before` is the
    /// entry whose word `entry` takes the place of. Counting is a help: that it cannot be
    /// written holds nobody up.
    pub(crate) fn note_flight(&self, receipt: &Receipt, before: Uuid, entry: Uuid, action: Action) {
        let noted = self.store.take_back_flight(before).and_then(|_| {
            let flight = receipt.answers.get(FLIGHT).and_then(flight_name);
            let flight = flight.map_or_else(|| self.flight_of(receipt), |flight| Ok(Some(flight)));
            let (Action::Admitted, Some(flight)) = (action, flight?) else { return Ok(false) };
            let day = day_of(self.now());
            let lines = self.lines_of(receipt, day)?;
            self.store.note_flight(&FlightCheck {
                entry,
                day,
                person: hashes(receipt).first().copied(),
                who: aboard(receipt),
                listed: lines.iter().any(|(_, one)| one.flight.as_deref() == Some(&flight)),
                seat: seats_of(receipt)
                    .into_iter()
                    .find(|(of, _)| *of == flight)
                    .map(|(_, seat)| seat.to_owned()),
                flight,
            })
        });
        if let Err(error) = noted {
            tracing::error!(%error, "somebody could not be counted for their flight");
        }
    }

    /// Of several flights of a pass, the one that a list of the day has, the one of today, or
    /// the first; without a pass, that of a list.
    fn flight_of(&self, receipt: &Receipt) -> Result<Option<String>, StoreError> {
        let day = day_of(self.now());
        let flights: Vec<_> = flights_of(receipt).collect();
        let listed = self.store.flights_on(day)?;
        let is_listed = |one: &&&PresentedFlight| {
            listed.iter().any(|count| count.expected > 0 && count.flight == one.flight)
        };
        let is_today = |one: &&&PresentedFlight| one.day == Some(day.day_of_year());
        let chosen = flights.iter().find(is_listed).or_else(|| flights.iter().find(is_today));
        if let Some(one) = chosen.or(flights.first()) {
            return Ok(Some(one.flight.clone()));
        }
        let lines = self.lines_of(receipt, day)?;
        Ok(lines.into_iter().find_map(|(_, one)| one.flight))
    }

    /// The lines of a day's lists for the seats of the boarding passes that were shown. A line
    /// that names another document is somebody else's: seats are changed.
    pub(crate) fn lines_by_seat(
        &self,
        receipt: &Receipt,
        hashes: &[u64],
        day: Date,
    ) -> Result<Vec<(Uuid, ListedRow)>, StoreError> {
        let mut lines = Vec::new();
        for one in flights_of(receipt) {
            let is_of_day = one.day.is_none_or(|of| of == day.day_of_year());
            if is_of_day && !one.seat.is_empty() {
                lines.extend(self.store.seated(&one.flight, &one.seat, day)?);
            }
        }
        lines.retain(|(_, one)| {
            one.hash.is_none_or(|hash| hashes.is_empty() || hashes.contains(&hash))
        });
        Ok(lines)
    }
}

fn day_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::system()).date()
}

/// The flights of every boarding pass of an encounter.
fn flights_of(receipt: &Receipt) -> impl Iterator<Item = &PresentedFlight> {
    receipt.encounter.presented.iter().flat_map(|presented| match presented {
        Presented::BoardingPass { flights, .. } => flights.as_slice(),
        _ => &[],
    })
}

/// The seats of every boarding pass of an encounter, each with its flight.
pub(crate) fn seats_of(receipt: &Receipt) -> Vec<(&str, &str)> {
    let seats = flights_of(receipt).map(|one| (one.flight.as_str(), one.seat.as_str()));
    seats.filter(|(_, seat)| !seat.is_empty()).collect()
}

fn aboard(receipt: &Receipt) -> Aboard {
    match receipt.answers.get(WHO) {
        Some("crew") => Aboard::Crew,
        Some("staff") => Aboard::Staff,
        _ => Aboard::Passenger,
    }
}
