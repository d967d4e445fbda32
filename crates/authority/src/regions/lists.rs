//! The status lists of other issuers, in memory, and how it stands with each.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use yanma_domain::trust::Purpose;
use yanma_domain::{Colour, IssuerId, StatusIndex};
use yanma_protocol::regions::{RegionRecord, RegionTrouble};

use super::carry::{self, Carried};
use super::follow::{FollowError, Followed};
use super::table::RegionRow;
use crate::error::Error;
use crate::outbound;

/// A list that is older than this is not answered from: a desk would take the colour for
/// today's (design.md §3 calls data of 15 minutes live).
pub(crate) const LIVE: SignedDuration = SignedDuration::from_mins(15);

/// How long another issuer may take to be reached, and to answer one question.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The status lists of other issuers.
#[derive(Debug)]
pub(crate) struct Regions {
    pub(super) client: Client,
    states: RwLock<BTreeMap<IssuerId, State>>,
    carried: Carried,
    /// Rings when one was added or changed: it is asked at once.
    pub(crate) changed: Notify,
}

#[derive(Debug, Clone, Default)]
struct State {
    followed: Option<Arc<Followed>>,
    asked_at: Option<Timestamp>,
    trouble: Option<RegionTrouble>,
}

/// What is known about a holder of another issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Away {
    /// The colour now.
    Colour(Colour),
    /// The issuer's list has no such index.
    Unknown,
    /// There is no list that is fresh enough to say.
    Unchecked,
}

impl Regions {
    pub(crate) fn new() -> Result<Self, Error> {
        let client =
            outbound::client(CONNECT_WITHIN, ANSWER_WITHIN).map_err(|_| Error::Panicked)?;
        let (states, carried) = (RwLock::default(), Carried::default());
        Ok(Self { client, states, carried, changed: Notify::new() })
    }

    /// The colour of another issuer's holder.
    pub(crate) fn colour(
        &self,
        issuer: IssuerId,
        index: StatusIndex,
        now: Timestamp,
    ) -> Result<Away, Error> {
        let states = self.states.read().map_err(|_| Error::Panicked)?;
        let followed = states.get(&issuer).and_then(|state| state.followed.as_ref());
        Ok(match followed.filter(|list| now.duration_since(list.mark.issued_at) <= LIVE) {
            None => Away::Unchecked,
            Some(list) => list.list().get(index).map_or(Away::Unknown, Away::Colour),
        })
    }

    /// The state of an issuer that was taken last.
    pub(super) fn followed(&self, issuer: IssuerId) -> Result<Option<Arc<Followed>>, Error> {
        let states = self.states.read().map_err(|_| Error::Panicked)?;
        Ok(states.get(&issuer).and_then(|state| state.followed.clone()))
    }

    /// Takes note of what came of asking an issuer; `before` stays in force when nothing did.
    pub(super) fn note(
        &self,
        issuer: IssuerId,
        before: Option<Arc<Followed>>,
        outcome: Result<Followed, FollowError>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut states = self.states.write().map_err(|_| Error::Panicked)?;
        let (followed, trouble) = match outcome {
            Ok(followed) => (Some(Arc::new(followed)), None),
            Err(error) => {
                let trouble = Some(told(&error));
                if states.get(&issuer).is_none_or(|state| state.trouble != trouble) {
                    tracing::warn!(%issuer, %error, "another issuer was not followed");
                }
                (before, trouble)
            }
        };
        states.insert(issuer, State { followed, asked_at: Some(now), trouble });
        Ok(())
    }

    /// Forgets what is known of issuers that are not recognised any more.
    pub(super) fn forget_all_but(&self, rows: &[RegionRow]) -> Result<(), Error> {
        let mut states = self.states.write().map_err(|_| Error::Panicked)?;
        states.retain(|issuer, _| rows.iter().any(|row| row.issuer == *issuer && !row.removed));
        Ok(())
    }

    /// Puts what is known of each issuer beside our own feeds, for our desks, and takes away what
    /// is there of others. For the one process that publishes.
    pub(crate) async fn carry(&self, feeds: &Path, rows: &[RegionRow]) -> Result<(), Error> {
        let rows: Vec<_> = rows.iter().filter(|row| !row.removed).collect();
        let known = {
            let states = self.states.read().map_err(|_| Error::Panicked)?;
            let followed = |row: &&RegionRow| {
                let followed = states.get(&row.issuer)?.followed.as_ref()?;
                // What was learnt under another root key is not gone on with.
                row.trust.as_ref()?;
                Some((RegionRow::clone(row), Arc::clone(followed)))
            };
            rows.iter().filter_map(followed).collect()
        };
        let (feeds_then, recognised) =
            (feeds.to_owned(), rows.iter().map(|row| row.issuer).collect::<Vec<_>>());
        let removed = spawn_blocking(move || carry::remove_but(&feeds_then, &recognised)).await;
        if let Err(error) = removed.map_err(|_| Error::Panicked)? {
            tracing::warn!(%error, "the list of a region that is not recognised stays");
        }
        self.carried.bring(feeds, &self.client, known).await
    }

    /// How it stands with each issuer.
    pub(crate) fn states(
        &self,
        rows: &[RegionRow],
        now: Timestamp,
    ) -> Result<Vec<RegionRecord>, Error> {
        let states = self.states.read().map_err(|_| Error::Panicked)?;
        let rows = rows.iter().filter(|row| !row.removed);
        let record = |row: &RegionRow| {
            // What was learnt under another root key says nothing about this one.
            let state = states.get(&row.issuer).filter(|_| row.trust.is_some());
            let trouble = states.get(&row.issuer).and_then(|state| state.trouble.clone());
            let followed = state.and_then(|state| state.followed.as_ref());
            let keys = row.trust.as_ref().and_then(|trust| trust.issuer(row.issuer));
            let keys = keys.into_iter().flat_map(|issuer| &issuer.keys);
            let code_keys = keys.filter(|key| key.covers(Purpose::Codes, now)).count();
            RegionRecord {
                issuer: row.issuer,
                name: row.name.clone(),
                url: row.url.clone(),
                root_key: row.root_key,
                changed_at: row.changed_at,
                trusted: row.trust.is_some(),
                code_keys: u32::try_from(code_keys).unwrap_or(u32::MAX),
                asked_at: states.get(&row.issuer).and_then(|state| state.asked_at),
                list_of: followed.map(|list| list.mark.issued_at),
                holders: followed.map(|list| list.list().len()),
                trouble,
            }
        };
        Ok(rows.map(record).collect())
    }
}

fn told(error: &FollowError) -> RegionTrouble {
    RegionTrouble { kind: error.kind(), detail: error.to_string() }
}
