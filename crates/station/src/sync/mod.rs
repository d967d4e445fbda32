//! Keeping in step: from the authority's head to what the desk knows.
//!
//! Every file is checked against the head, the head against the trust list, the trust list
//! against the pinned root key or one that it introduced. The new state is built beside the
//! old one, written in one transaction, and then takes its place; whatever goes wrong on the
//! way leaves the old state in force, with its true age. Policies that are refused stay behind
//! alone, and so does a directory. One that has to be fetched whole comes after the rest, in a
//! transaction of its own, and so does the status list of each other issuer.

mod begun;
mod build;
mod carried;
mod cities;
mod directory;
mod fetched;
mod keys;
mod load;
mod newest;
mod part;
mod progress;
mod refusal;
mod regions;
mod status;
mod symbols;

pub(crate) use carried::remove_given;
pub use carried::{Carried, Exported};
pub use cities::CityStanding;
pub(crate) use cities::{Cities, NAMES_KEY as NAMES_OF_CITIES_KEY};
pub(crate) use load::{forget, forget_regions};
pub(crate) use part::remove_all as remove_parts;
pub(crate) use progress::Meter;
pub use progress::{Progress, Stage};
pub(crate) use refusal::Refused;
pub use refusal::{Instead, Refusal, Why};
pub use regions::RegionStanding;
pub(crate) use regions::Regions;
pub use symbols::Seen;
pub(crate) use symbols::Series;

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use yanma_protocol::FeedError;
use yanma_protocol::file_name::{FeedName, FileName};
use yanma_protocol::head::Head;
use yanma_protocol::stations::ListState;

use crate::desk::Desk;
use crate::enrolment::Enrolment;
use crate::error::DeskError;
use crate::status::{Connection, Trouble};
use crate::subscription::Subscription;
use fetched::Fetched;
use regions::Asked;

/// Why the feeds were not taken over. The old ones stay in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// The head was refused.
    #[error("head.yf was refused ({code}): {0}", code = .0.code())]
    Head(FeedError),
    /// A file was refused, and there was no other way to what the head names.
    #[error("{file} was refused ({}): {error}", error.code())]
    File {
        /// Which: the last one on the way when only what all of them lead to is wrong.
        file: FileName,
        /// Why.
        error: FeedError,
    },
    /// A file that the head names is not there. It is asked for again with the next try.
    #[error("{0} is missing (FEED-MISS)")]
    Missing(FileName),
    /// The head is dated far in the future. Check the clock of this desk.
    #[error(
        "head.yf was refused (FEED-FUTURE): it is dated more than a day in the future; \
         check the clock of this desk"
    )]
    FarFuture,
    /// The directory is under a key that this desk does not have, and could not be given: the
    /// authority has rotated it. The desk asks for it again with every sync, and needs to
    /// reach the authority itself for that.
    #[error("the directory is under key {generation}, which this desk could not be given")]
    DirectoryKey {
        /// Which key it is.
        generation: u32,
    },
}

/// What one go at a head came to, in which the colours at least are in force.
struct Went {
    synced: Synced,
    /// Whether the directory is still being fetched, and to be gone on with at once.
    more: bool,
    /// Why the policies or the directory stay as they were.
    refused: Option<SyncError>,
}

impl Went {
    fn end(self) -> Result<Synced, DeskError> {
        self.refused.map_or(Ok(self.synced), |error| Err(error.into()))
    }
}

/// What a sync brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synced {
    /// Number of the head.
    pub head: u64,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Files that were fetched, the head not counted.
    pub files: usize,
    /// Their bytes, the head included.
    pub bytes: u64,
    /// The directory is under this key, which could not be had: the one at hand stays in force
    /// and goes on to age, everything else was taken over. `None` when all was.
    pub lacks_directory_key: Option<u32>,
}

impl Desk {
    /// Takes over the newest state that the authority publishes, and what it carries of other
    /// issuers. While another sync or an import is under way it waits for that to end; a
    /// directory that takes long is fetched in goes, between which others have their turn, and
    /// each by the newest head.
    ///
    /// # Errors
    /// When the authority cannot be reached, or anything it sent is refused; nothing is
    /// changed then. When only the policies or the directory could not be had or were refused,
    /// everything else of the head may be in force all the same.
    pub async fn sync(&self) -> Result<Synced, DeskError> {
        let _under_way = self.meter.begin();
        let mut went = self.go(Asked::Now).await?;
        while went.more {
            let Synced { files, bytes, .. } = went.synced;
            went = self.go(Asked::InTurn).await?;
            went.synced.files += files;
            went.synced.bytes += bytes;
        }
        went.end()
    }

    /// One go as part of keeping in step: other issuers only when they are due. Answers whether a
    /// directory is to be gone on with at once.
    ///
    /// # Errors
    /// As [`Desk::sync`].
    pub(crate) async fn sync_in_turn(&self) -> Result<bool, DeskError> {
        let went = self.go(Asked::InTurn).await?;
        if went.more { Ok(true) } else { went.end().map(|_| false) }
    }

    async fn go(&self, regions: Asked) -> Result<Went, DeskError> {
        let _alone = self.one_sync.lock().await;
        let asked = self.authority();
        let result = self.try_sync(regions).await;
        match &result {
            Ok(Went { refused: None, more, .. }) => {
                self.set_connection(Connection::Online);
                // A directory that was refused is right once all of it is here.
                let of_directory =
                    |refusal: &Refusal| refusal.feed == Some(FeedName::Directory) && *more;
                let stays = |trouble: &Trouble| trouble.refusal().is_some_and(of_directory);
                self.set_trouble(self.trouble().filter(stays));
            }
            Err(DeskError::Authority(error)) => {
                self.set_connection(Connection::Offline);
                self.set_trouble(error.is_trouble().then_some(Trouble::Authority));
                if let Ok(asked) = &asked {
                    self.heed(error, asked);
                }
            }
            Ok(Went { refused: Some(error), .. }) | Err(DeskError::Feed(error)) => {
                tracing::warn!(%error, "the feeds were not taken over");
                // Whoever sent a head that is none of the authority's is not the authority.
                let foreign = matches!(error, SyncError::Head(_));
                self.set_connection(if foreign { Connection::Offline } else { Connection::Online });
                self.set_trouble(error.refusal(self.now()).map(Trouble::Feed));
            }
            Err(error) => {
                tracing::warn!(%error, "the feeds were not taken over");
                self.set_trouble(None);
            }
        }
        if !self.store().is_read_only() {
            self.watch_clock()?;
        }
        result
    }

    async fn try_sync(&self, regions: Asked) -> Result<Went, DeskError> {
        let enrolment = self.enrolment().ok_or(DeskError::NotEnrolled)?;
        let authority = self.authority()?;
        authority.will_tell(self.held(&enrolment));
        let mut fetched = Fetched::from(Arc::clone(&authority), Arc::clone(&self.meter));
        fetched.from_authority = true;
        let went = self.follow(&enrolment, fetched, regions).await;
        authority.will_tell(self.held(&enrolment));
        went
    }

    /// Takes over what is fetched, whoever carries it.
    async fn follow(
        &self,
        enrolment: &Enrolment,
        fetched: Fetched,
        regions: Asked,
    ) -> Result<Went, DeskError> {
        let from = Arc::clone(&fetched.authority);
        let followed = self.try_follow(enrolment, fetched).await;
        // A head that was refused may bring no list of others, but need not hold them up either.
        if !matches!(followed, Err(DeskError::Authority(_))) {
            self.follow_regions(enrolment, &from, regions).await;
        }
        // What was fetched while the desk was ended goes with the rest.
        if self.enrolment().is_none() {
            part::remove_all(self.store());
        }
        followed
    }

    async fn try_follow(
        &self,
        enrolment: &Enrolment,
        mut fetched: Fetched,
    ) -> Result<Went, DeskError> {
        self.give_up_what_is_not_subscribed()?;
        let known = self.knowledge();
        let carries_directory = fetched.authority.carries_directory();
        fetched.keys_from = self.authority().ok();
        let (_, head, trust) = self.newest(&mut fetched, enrolment, &known).await?;
        // Before anything is fetched of a head that names what was refused for good.
        self.refused().of(FeedName::Status, &head).map_or(Ok(()), Err)?;
        let in_force;
        let by = trust.list.clone();
        let mut next = build::Next::new(&known, &head, trust.clone(), enrolment);
        for feed in [FeedName::Trust, FeedName::Status] {
            self.bring(feed, &mut next, &mut fetched).await?;
        }
        let refused = self.bring_or_leave(FeedName::Policy, &mut next, &mut fetched).await?;
        if let Some(error) = refused.filter(|_| known.policy_position.is_none()) {
            // There are none of before, and the built-in ones may be milder than these.
            return Err(error.into());
        }
        let chosen = match self.subscription()? {
            Subscription { documents: false, .. } => Some(Vec::new()),
            subscription => subscription.cities,
        };
        if let Some(chosen) = chosen {
            next.leave(FeedName::Directory);
            self.put_in_force(next, enrolment, known.head_number, &fetched)?;
            let carrier = cities::Carrier { head: &head, trust: &by, enrolment };
            let lacking = match carries_directory {
                true => self.follow_cities(&carrier, &chosen, &mut fetched).await,
                false => Ok(None),
            };
            return went(&head, &fetched, refused, lacking);
        }
        if next.directory_comes_whole(self.store())? {
            // Colours do not wait for what takes minutes.
            next.leave(FeedName::Directory);
            self.put_in_force(next, enrolment, known.head_number, &fetched)?;
            in_force = self.enrolment().ok_or(DeskError::NotEnrolled)?;
            next = build::Next::new(&self.knowledge(), &head, trust, &in_force);
            if refused.is_some() {
                next.leave(FeedName::Policy);
            }
        }
        let lacks_directory_key = match self.bring_directory(&mut next, &mut fetched).await {
            Err(DeskError::Feed(SyncError::Missing(_))) if !carries_directory => {
                next.leave(FeedName::Directory);
                Ok(None)
            }
            // Nor do they wait for a directory that was refused.
            Err(error @ (DeskError::Feed(_) | DeskError::Unfinished)) => {
                next.leave(FeedName::Directory);
                Err(error)
            }
            brought => Ok(brought?),
        };
        self.put_in_force(next, enrolment, self.knowledge().head_number, &fetched)?;
        if carries_directory {
            self.learn_cities(&head, &by, &mut fetched).await;
        }
        went(&head, &fetched, refused, lacks_directory_key)
    }

    /// Brings the directory to what the head names; answers which key is lacking for it.
    async fn bring_directory(
        &self,
        next: &mut build::Next<'_>,
        fetched: &mut Fetched,
    ) -> Result<Option<u32>, DeskError> {
        let feed = FeedName::Directory;
        if let Some(error) = self.refused().of(feed, next.head) {
            return Err(error.into());
        }
        match self.bring(feed, next, fetched).await {
            Ok(()) => Ok(None),
            Err(DeskError::Feed(error @ SyncError::DirectoryKey { generation })) => {
                tracing::warn!(%error, "the directory at hand stays in force");
                next.lack_key(generation);
                Ok(Some(generation))
            }
            Err(error) => Err(error),
        }
    }

    /// Brings a feed to what the head names; answers why it was refused. What is at hand of it
    /// stays then, and holds up no other.
    async fn bring_or_leave(
        &self,
        feed: FeedName,
        next: &mut build::Next<'_>,
        fetched: &mut Fetched,
    ) -> Result<Option<SyncError>, DeskError> {
        let refused = self.refused().of(feed, next.head);
        let brought = match refused {
            Some(error) => Err(error.into()),
            None => self.bring(feed, next, fetched).await,
        };
        match brought {
            Err(DeskError::Feed(error)) => {
                next.leave(feed);
                Ok(Some(error))
            }
            brought => brought.map(|()| None),
        }
    }

    /// Brings a feed to what the head names, and remembers what cannot become right.
    async fn bring(
        &self,
        feed: FeedName,
        next: &mut build::Next<'_>,
        fetched: &mut Fetched,
    ) -> Result<(), DeskError> {
        let brought = next.bring(feed, fetched, self.store()).await;
        if let Err(DeskError::Feed(error)) = &brought
            && error.is_final()
        {
            self.refused().note(feed, next.head, *error);
        }
        brought
    }

    /// Writes the new state, judges by it from now on, and looks after what follows from it.
    fn put_in_force(
        &self,
        next: build::Next<'_>,
        enrolment: &Enrolment,
        before: u64,
        fetched: &Fetched,
    ) -> Result<(), DeskError> {
        let head = next.head;
        self.swap(next, enrolment, before)?;
        self.fold_status(enrolment.issuer);
        self.fold_directory(enrolment.issuer.into());
        if head.number > before && !self.store().is_read_only() {
            self.confirm_clock(head.issued_at, head.next_due_at, fetched.from_authority)?;
        }
        Ok(())
    }

    /// Writes the new state, and judges by it from now on. With another directory key nobody
    /// is judged in between: a document that was hashed under one key and looked up in the
    /// directory of the other would seem to be unknown.
    fn swap(
        &self,
        next: build::Next<'_>,
        enrolment: &Enrolment,
        before: u64,
    ) -> Result<(), DeskError> {
        // Until the end, so that the desk is not ended or enrolled anew in the middle of this.
        let (_alone, _same_key) = match next.changes_key() {
            true => (Some(self.change_key()), None),
            false => (None, Some(self.keep_key())),
        };
        // What was on its way while the desk was ended, or enrolled anew, is not for it.
        if self.enrolment().is_none_or(|now| now.token != enrolment.token) {
            return Err(DeskError::NotEnrolled);
        }
        let mut written = next.write(self.store(), before)?;
        // One that was given up since this began is not known again: nobody is unknown by it.
        if self.store().directory_state(enrolment.issuer)?.is_none() {
            written.knowledge.directory = None;
        }
        if let Some(enrolment) = written.enrolment {
            let generation = enrolment.directory_key_generation();
            tracing::info!(generation, "the keys of the authority were rotated, and followed");
            self.take_keys(enrolment);
            self.end_encounters();
        }
        self.learn(written.knowledge);
        Ok(())
    }

    /// How far the sync or import is that is under way; `None` when there is none, and in its
    /// first second. Or how far a series of symbols is.
    pub fn progress(&self) -> Option<Progress> {
        self.meter.at(Instant::now()).or_else(|| self.series_progress())
    }

    /// The status list that this desk has, and its age by its own clock.
    fn held(&self, enrolment: &Enrolment) -> Option<ListState> {
        let knowledge = self.knowledge();
        let list = knowledge.lists.get(&enrolment.issuer)?;
        let age = self.now().duration_since(list.as_of).as_secs().max(0);
        Some(ListState {
            epoch: list.position.epoch,
            sequence: list.position.sequence,
            age_seconds: u32::try_from(age).unwrap_or(u32::MAX),
        })
    }
}

/// A go that ended, in which policies were refused, perhaps, and the directory came so far.
fn went(
    head: &Head,
    fetched: &Fetched,
    policies: Option<SyncError>,
    directory: Result<Option<u32>, DeskError>,
) -> Result<Went, DeskError> {
    let (lacks_directory_key, more, refused) = match directory {
        Err(DeskError::Unfinished) => (None, true, policies),
        Err(DeskError::Feed(error)) => (None, false, policies.or(Some(error))),
        lacks => (lacks?, false, policies),
    };
    let Fetched { files, bytes, .. } = *fetched;
    let Head { number, issued_at, .. } = *head;
    let synced = Synced { head: number, issued_at, files, bytes, lacks_directory_key };
    Ok(Went { synced, more, refused })
}
