//! How the desk is: for the bar of the window and for `yanma doctor`.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use serde::Serialize;
use yanma_domain::verdict::{ClockState, FeedPosition, Tier};
use yanma_protocol::file_name::FeedName;
use yanma_store::{FeedName as Stored, OutboxCounts};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::sync::{CityStanding, Refusal, RegionStanding};

/// How the authority was last heard of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Connection {
    /// Not asked yet since the start.
    #[default]
    Connecting,
    /// It answered the last time.
    Online,
    /// It did not.
    Offline,
}

/// What went wrong when the desk last turned to the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Something answered, and not as the authority should.
    Authority,
    /// A file was refused.
    Feed(Refusal),
}

impl Trouble {
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Authority => None,
            Self::Feed(refusal) => Some(refusal),
        }
    }
}

/// Something the people at the desk should know, beside any verdict. The words are data
/// (`assets/words/notices.json`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// The disk is full or broken: entries wait to be written.
    DiskFull,
    /// The station's file was damaged: it lies beside a new one, with what could be read of it.
    SetAside,
    /// The clock was set back.
    ClockBack,
    /// The clock was set forward, or is ahead of the authority's.
    ClockAhead,
    /// Something else than the authority answers, or the authority is in trouble.
    AuthorityTrouble,
    /// A feed was refused; the old one is in force.
    FeedRefused,
    /// The directory is under a key that the desk could not be given: the one at hand is in
    /// force, with its own age.
    DirectoryKey,
    /// The authority has ended this station, and the desk has wiped what it was given.
    Revoked,
    /// The authority has not been heard of for so long that the desk checks nobody.
    Locked,
}

impl Notice {
    /// The stable code, such as `DISK-FULL`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DiskFull => "DISK-FULL",
            Self::SetAside => "LOG-SET-ASIDE",
            Self::ClockBack => "CLOCK-BACK",
            Self::ClockAhead => "CLOCK-AHEAD",
            Self::AuthorityTrouble => "AUTH-ERROR",
            Self::FeedRefused => "FEED-REFUSED",
            Self::DirectoryKey => "DIRECTORY-KEY",
            Self::Revoked => "DESK-REVOKED",
            Self::Locked => "DESK-LOCKED",
        }
    }
}

/// The standing of the desk at one instant.
#[derive(Clone, Debug)]
pub struct Standing {
    /// How the authority was last heard of.
    pub connection: Connection,
    /// When the authority last said that the status list is the newest.
    pub as_of: Option<Timestamp>,
    /// Its age in seconds.
    pub age_seconds: Option<i64>,
    /// The policy's word for that age.
    pub tier: Tier,
    /// How many holders the status list has.
    pub holders: u32,
    /// Which state of the list it is.
    pub position: Option<FeedPosition>,
    /// Whether the clock may be believed.
    pub clock: ClockState,
    /// Entries on their way to the authority, and those it rejected.
    pub outbox: OutboxCounts,
    /// The file that was refused when the desk last turned to the authority.
    pub refusal: Option<Refusal>,
    /// The directories of the cities that were chosen in the place of the whole one.
    pub cities: Vec<CityStanding>,
    /// The lists of the other issuers to whom this desk subscribes.
    pub regions: Vec<RegionStanding>,
    /// What the people at the desk should know.
    pub notices: Vec<Notice>,
}

impl Desk {
    /// The standing of the desk now.
    ///
    /// # Errors
    /// When the store cannot be read, or the scene has no policy.
    pub fn standing(&self) -> Result<Standing, DeskError> {
        let knowledge = self.knowledge();
        let home =
            self.enrolment().and_then(|enrolment| knowledge.lists.get(&enrolment.issuer).cloned());
        let now = self.now();
        let clock = self.clock_state();
        let as_of = home.as_ref().map(|list| list.as_of);
        let age_seconds = as_of.map(|as_of| (now.as_second() - as_of.as_second()).max(0));
        let tier = match age_seconds {
            Some(age) if clock != ClockState::SetBack => self.policy()?.freshness.tier(age),
            _ => Tier::None,
        };
        Ok(Standing {
            connection: self.connection(),
            as_of,
            age_seconds,
            tier,
            holders: home.as_ref().map_or(0, |list| list.list.len()),
            position: home.map(|list| list.position),
            clock,
            outbox: self.store.outbox_counts()?,
            refusal: self
                .series_refusal()
                .or_else(|| self.trouble().as_ref().and_then(Trouble::refusal).cloned()),
            cities: self.city_standings()?,
            regions: self.region_standings(),
            notices: self.notices(),
        })
    }

    /// As of when is what stays in force in the place of a file that was refused; `None` when
    /// this desk has nothing.
    pub fn kept_as_of(&self, refusal: &Refusal) -> Option<Timestamp> {
        let knowledge = self.knowledge();
        match refusal.feed {
            Some(FeedName::Directory) => {
                knowledge.directories().map(|directory| directory.as_of).min()
            }
            Some(FeedName::Policy) => {
                knowledge.policy_position?;
                let of_policies = (self.enrolment()?.issuer, Stored::Policy);
                let mut states = self.store().feed_states().ok()?.into_iter();
                let state = states.find(|(issuer, feed, _)| (*issuer, *feed) == of_policies);
                state.map(|(.., state)| state.as_of)
            }
            _ => knowledge.lists.get(&self.enrolment()?.issuer).map(|list| list.as_of),
        }
    }

    fn notices(&self) -> Vec<Notice> {
        let waiting = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let disk = (!waiting.is_empty()).then_some(Notice::DiskFull);
        let set_aside = self.set_aside.load(Ordering::Relaxed).then_some(Notice::SetAside);
        let clock = (self.clock_state() == ClockState::SetBack).then_some(Notice::ClockBack);
        let ahead = self.clock_is_ahead().then_some(Notice::ClockAhead);
        let trouble = self.trouble();
        let upload = self.upload_trouble.load(Ordering::Relaxed);
        let authority = upload || trouble == Some(Trouble::Authority);
        let authority = authority.then_some(Notice::AuthorityTrouble);
        let refusal = trouble.as_ref().and_then(Trouble::refusal);
        let feed = refusal.map(|_| Notice::FeedRefused);
        let knowledge = self.knowledge();
        let lacks_key = knowledge.lacks_directory_key.is_some() && knowledge.directory_is_behind();
        let key = (lacks_key && !self.is_read_only()).then_some(Notice::DirectoryKey);
        let revoked = self.is_revoked().then_some(Notice::Revoked);
        let locked = self.is_locked().then_some(Notice::Locked);
        [disk, set_aside, clock, ahead, authority, feed, key, revoked, locked]
            .into_iter()
            .flatten()
            .collect()
    }
}
