//! Who is inside, over several gates.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use yanma_store::{InsideRow, StoreError};

use super::{InsideMark, Lane};
use crate::desk::Desk;
use crate::inside::FORGOTTEN_AFTER;

/// What the other lanes say of who is inside, with who left by this desk.
#[derive(Default)]
pub(crate) struct Crowd {
    /// Who came in by another lane, and when last.
    came: HashMap<u64, Timestamp>,
    /// How many of them showed no document.
    nameless: usize,
    /// Who left by a lane that had not let them in, and when last.
    left: HashMap<u64, Timestamp>,
}

impl Crowd {
    fn of(lanes: &[Lane], own: &[(u64, Timestamp)], now: Timestamp) -> Self {
        let mut crowd = Self::default();
        let left = lanes.iter().flat_map(|lane| &lane.state.left);
        let left = left.map(|mark| (mark.person, mark.left_at)).chain(own.iter().copied());
        left.for_each(|(person, at)| latest(&mut crowd.left, person, at));
        let came = lanes.iter().flat_map(|lane| &lane.state.inside);
        // A lane that is not heard cannot say whom it has forgotten.
        for InsideMark { person, came_at } in
            came.filter(|mark| mark.came_at >= now - FORGOTTEN_AFTER)
        {
            match *person {
                Some(person) => latest(&mut crowd.came, person, *came_at),
                None => crowd.nameless += 1,
            }
        }
        let left = &crowd.left;
        crowd.came.retain(|person, came_at| left.get(person).is_none_or(|at| at < came_at));
        crowd
    }

    /// Since when somebody is inside who came in by another lane.
    pub(crate) fn since(&self, person: u64) -> Option<Timestamp> {
        self.came.get(&person).copied()
    }

    /// Whether somebody who came in by this desk left by another.
    pub(crate) fn has_left(&self, one: &InsideRow) -> bool {
        let left = one.person.and_then(|person| self.left.get(&person));
        left.is_some_and(|at| *at >= one.came_at)
    }

    /// When whoever comes in now came: after they left, however the clocks of two lanes differ.
    pub(crate) fn coming(&self, person: Option<u64>, now: Timestamp) -> Timestamp {
        let left = person.and_then(|person| self.left.get(&person));
        left.map_or(now, |at| now.max(*at + SignedDuration::from_micros(1)))
    }

    /// How many are inside, with these who came in by this desk and are still there.
    pub(crate) fn count(&self, own: &[InsideRow]) -> usize {
        let people: HashSet<_> = own.iter().filter_map(|one| one.person).collect();
        let elsewhere = self.came.keys().filter(|person| !people.contains(person)).count();
        let nameless = own.iter().filter(|one| one.person.is_none()).count();
        people.len() + nameless + elsewhere + self.nameless
    }
}

fn latest(of: &mut HashMap<u64, Timestamp>, person: u64, at: Timestamp) {
    match of.entry(person) {
        Entry::Occupied(mut known) => drop(known.insert(at.max(*known.get()))),
        Entry::Vacant(new) => drop(new.insert(at)),
    }
}

impl Desk {
    /// Who is inside besides those who came in here, and who of these left elsewhere; nobody for
    /// a desk that is no lane.
    pub(crate) fn crowd(&self) -> Result<Crowd, StoreError> {
        if !self.is_lane() {
            return Ok(Crowd::default());
        }
        Ok(Crowd::of(&self.others(), &self.store.left_elsewhere()?, self.now()))
    }
}
