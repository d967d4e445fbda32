//! Lanes (通道): desks of one site that tell each other whom they let through, so that a flight
//! has one count and somebody who went in at one gate may leave by another.
//!
//! Each desk keeps its own and what every other said last; what is shown is all of it together.
//! A lane that is not heard keeps what it had said, with its age: nobody is taken for missing
//! because a cable is out. How it goes from desk to desk is not known here.

mod aboard;
mod crowd;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_store::{ExpectedAboard, FlightCheck, LaneRow, Store, StoreError};

pub(crate) use self::crowd::Crowd;
use crate::check::Checked;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::flights::seats_of;
use crate::inside::FORGOTTEN_AFTER;
use crate::lists::hashes;

/// After how long a lane of which nothing was heard is said to be silent.
pub const SILENT_AFTER: SignedDuration = SignedDuration::from_secs(15);
/// How long a lane that says the same is not written anew.
const KEPT_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// The most that one lane says of each: a busy day of an airport, twice.
const MOST_MARKS: usize = 100_000;
/// The most lanes of one site.
const MOST_LANES: usize = 64;
/// The longest name of a lane, in characters.
const LONGEST_NAME: usize = 60;

/// What a lane tells the others: keyed hashes of documents, flights, seats and instants. No name
/// and no number is in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneState {
    /// The day of the flights.
    pub day: Date,
    /// Whom its lists have for a flight.
    pub expected: Vec<ExpectedMark>,
    /// Who was let through for a flight.
    pub checked: Vec<CheckedMark>,
    /// Who came in by it and has not left by it.
    pub inside: Vec<InsideMark>,
    /// Who left by it and is not known to have come in by it.
    pub left: Vec<LeftMark>,
}

/// Somebody whom a list has for a flight.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedMark {
    /// Airline and number.
    pub flight: String,
    /// The keyed hash of their document.
    pub person: Option<u64>,
    /// Their seat.
    pub seat: Option<String>,
    /// Whether they came to this lane.
    pub came: bool,
}

/// Somebody who was let through for a flight.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedMark {
    /// The entry that says so.
    pub entry: Uuid,
    /// Airline and number.
    pub flight: String,
    /// The keyed hash of their document.
    pub person: Option<u64>,
    /// The seat of their boarding pass.
    pub seat: Option<String>,
    /// `passenger`, `crew` or `staff`.
    pub who: String,
    /// Whether a list of this lane has them.
    pub listed: bool,
}

/// Somebody who came in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsideMark {
    /// The keyed hash of their document.
    pub person: Option<u64>,
    /// When.
    pub came_at: Timestamp,
}

/// Somebody who left.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftMark {
    /// The keyed hash of their document.
    pub person: u64,
    /// When.
    pub left_at: Timestamp,
}

/// Another lane, as a screen shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneHeard {
    /// What the people at the site call it.
    pub name: String,
    /// When it was heard last: of then are its counts.
    pub heard_at: Timestamp,
    /// Whether that is longer ago than [`SILENT_AFTER`].
    pub is_silent: bool,
}

/// Somebody who was let through at another lane today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// What that lane is called.
    pub lane: String,
    /// When, by that lane's clock; `None` where the entry does not say.
    pub at: Option<Timestamp>,
    /// For which flight.
    pub flight: String,
}

/// A lane that was heard.
#[derive(Clone)]
struct Lane {
    id: String,
    name: String,
    heard_at: Timestamp,
    kept_at: Timestamp,
    state: Arc<LaneState>,
}

/// Every lane that was heard.
pub(crate) struct Lanes {
    /// Whether this desk is one of several lanes.
    together: AtomicBool,
    heard: Mutex<Vec<Lane>>,
}

impl Lanes {
    /// Those that a file has. One that this program cannot read is left out until it is heard.
    pub(crate) fn of(store: &Store) -> Result<Self, StoreError> {
        let lane = |row: LaneRow| {
            let state = Arc::new(serde_json::from_slice(&row.state).ok()?);
            let LaneRow { id, name, heard_at, .. } = row;
            Some(Lane { id, name, heard_at, kept_at: heard_at, state })
        };
        let heard = store.lanes()?.into_iter().filter_map(lane).collect();
        Ok(Self { together: AtomicBool::new(false), heard: Mutex::new(heard) })
    }

    fn heard(&self) -> MutexGuard<'_, Vec<Lane>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Says whether this desk is one of several lanes: only then what others said counts.
    pub fn work_with_lanes(&self, together: bool) {
        self.lanes.together.store(together, Ordering::Relaxed);
    }

    pub(crate) fn is_lane(&self) -> bool {
        self.lanes.together.load(Ordering::Relaxed)
    }

    /// The other lanes that were ever heard, by name; `None` for a desk that is no lane.
    pub fn lanes(&self) -> Option<Vec<LaneHeard>> {
        let now = self.now();
        let shown = |lane: &Lane| LaneHeard {
            name: lane.name.clone(),
            heard_at: lane.heard_at,
            is_silent: now.duration_since(lane.heard_at) > SILENT_AFTER,
        };
        self.is_lane().then(|| self.lanes.heard().iter().map(shown).collect())
    }

    /// What this desk tells the other lanes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lane_state(&self) -> Result<LaneState, DeskError> {
        let day = self.now().to_zoned(TimeZone::system()).date();
        let expected = |ExpectedAboard { flight, person, seat, came }| ExpectedMark {
            flight,
            person,
            seat,
            came,
        };
        let checked = |FlightCheck { entry, flight, person, seat, who, listed, .. }| CheckedMark {
            entry,
            flight,
            person,
            seat,
            who: who.as_str().to_owned(),
            listed,
        };
        let inside = self.store.inside()?.into_iter();
        let left = self.store.left_elsewhere()?.into_iter();
        Ok(LaneState {
            day,
            expected: self.store.expected_aboard(day)?.into_iter().map(expected).collect(),
            checked: self.store.flight_checks(day)?.into_iter().map(checked).collect(),
            inside: inside
                .map(|one| InsideMark { person: one.person, came_at: one.came_at })
                .collect(),
            left: left.map(|(person, left_at)| LeftMark { person, left_at }).collect(),
        })
    }

    /// Takes what another lane said, in the place of what it had said before; `None` says the
    /// same again. It is on the disk when this returns, but for the instant of a lane that goes
    /// on saying the same.
    ///
    /// # Errors
    /// [`DeskError::Field`] for a lane that says what none can, or is this desk, to which anybody's
    /// announcement may have led; when it cannot be written.
    pub fn hear_lane(
        &self,
        id: &str,
        name: &str,
        state: Option<LaneState>,
    ) -> Result<(), DeskError> {
        check(id, name, state.as_ref())?;
        if self.enrolment().is_some_and(|own| own.station == id) {
            return Err(DeskError::bad_field("lane"));
        }
        let now = self.now();
        let mut heard = self.lanes.heard();
        let known = heard.iter().position(|lane| lane.id == id);
        let is_new = state.is_some();
        let state = match (state, known) {
            (Some(state), _) => Arc::new(state),
            (None, Some(at)) => Arc::clone(&heard[at].state),
            (None, None) => return Ok(()),
        };
        let kept_at = known.filter(|_| !is_new).map(|at| heard[at].kept_at);
        let keep = kept_at.is_none_or(|kept| now.duration_since(kept) > KEPT_EVERY);
        if keep && !self.is_read_only() {
            let bytes = serde_json::to_vec(&*state).map_err(|_| DeskError::UnknownForm)?;
            let (id, name) = (id.to_owned(), name.to_owned());
            self.store.put_lane(&LaneRow { id, name, heard_at: now, state: bytes })?;
        }
        let kept_at = if keep { now } else { kept_at.unwrap_or(now) };
        let lane = Lane { id: id.to_owned(), name: name.to_owned(), heard_at: now, kept_at, state };
        match known {
            Some(at) => heard[at] = lane,
            None if heard.len() < MOST_LANES => heard.push(lane),
            None => return Err(DeskError::bad_field("lane")),
        }
        heard.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        Ok(())
    }

    /// Forgets every other lane: this desk is in another site's company now, or alone.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn forget_lanes(&self) -> Result<(), DeskError> {
        self.store.forget_lanes(Timestamp::MAX)?;
        self.lanes.heard().clear();
        Ok(())
    }

    /// Forgets the lanes of which nothing was heard for as long as somebody inside is remembered.
    pub(crate) fn retain_lanes(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = now - FORGOTTEN_AFTER;
        self.store.forget_lanes(before)?;
        self.lanes.heard().retain(|lane| lane.heard_at >= before);
        Ok(())
    }

    /// Where the person of a verdict was let through today, when it was at another lane.
    ///
    /// A mark without a document is found by flight and seat, since a boarding pass was all that
    /// was shown.
    pub fn checked_elsewhere(&self, checked: &Checked) -> Option<Elsewhere> {
        let (hashes, seats) = (hashes(&checked.receipt), seats_of(&checked.receipt));
        let is_them = |mark: &CheckedMark| match mark.person {
            Some(person) if !hashes.is_empty() => hashes.contains(&person),
            _ => seats.iter().any(|(flight, seat)| {
                *flight == mark.flight && Some(*seat) == mark.seat.as_deref()
            }),
        };
        self.others_today().into_iter().find_map(|lane| {
            let mark = lane.state.checked.iter().rev().find(|mark| is_them(mark))?;
            let at = mark.entry.get_timestamp().map(|at| at.to_unix());
            let at = at.and_then(|(seconds, nanos)| {
                Timestamp::new(seconds.try_into().ok()?, nanos.try_into().ok()?).ok()
            });
            Some(Elsewhere { lane: lane.name.clone(), at, flight: mark.flight.clone() })
        })
    }

    /// The other lanes, as far as they speak of this day.
    fn others_today(&self) -> Vec<Lane> {
        let day = self.now().to_zoned(TimeZone::system()).date();
        let mut others = self.others();
        others.retain(|lane| lane.state.day == day);
        others
    }

    /// The other lanes; none for a desk that is no lane itself.
    fn others(&self) -> Vec<Lane> {
        if self.is_lane() { self.lanes.heard().clone() } else { Vec::new() }
    }
}

/// Whoever has the site's key may still be a program that is wrong.
fn check(id: &str, name: &str, state: Option<&LaneState>) -> Result<(), DeskError> {
    let is_text = |text: &str| {
        !text.is_empty()
            && text.chars().count() <= LONGEST_NAME
            && !text.chars().any(char::is_control)
    };
    if !is_text(id) || !is_text(name) {
        return Err(DeskError::bad_field("lane"));
    }
    let Some(state) = state else { return Ok(()) };
    let counts = [state.expected.len(), state.checked.len(), state.inside.len(), state.left.len()];
    let flights = state.expected.iter().map(|mark| &mark.flight);
    let mut flights = flights.chain(state.checked.iter().map(|mark| &mark.flight));
    if counts.iter().any(|count| *count > MOST_MARKS) || !flights.all(|flight| is_text(flight)) {
        return Err(DeskError::bad_field("lane"));
    }
    Ok(())
}
