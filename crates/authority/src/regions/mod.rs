//! Other issuers (跨省互认): another province, the national platform.
//!
//! Their keys go into our trust list, so that a desk verifies their codes; their status lists
//! are kept in memory, so that a desk that asks learns the colour of today. Both come from
//! their own feeds, signed by them.

mod follow;
mod table;

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Url};
use serde::Serialize;
use yanma_domain::trust::{PublicKey, Words};
use yanma_domain::{Colour, IssuerId, StatusIndex};
use yanma_protocol::{FieldError, FieldProblem};

use self::follow::{Followed, follow};
use crate::database::{Change, Database};
use crate::error::Error;

pub(crate) use table::{RegionRow, TABLE_2, all, revision};

/// A list that is older than this is not answered from: a desk would take the colour for
/// today's (design.md §3 calls data of 15 minutes live).
const LIVE: SignedDuration = SignedDuration::from_mins(15);

/// How long another issuer may take to be reached, and to answer one question.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What the operator says about another issuer.
#[derive(Debug, Clone)]
pub struct NewRegion {
    /// Its number, as in its codes: 0 for the national platform, else as in GB/T 2260.
    pub issuer: IssuerId,
    /// Its name.
    pub name: Words,
    /// Where its feeds are, such as `https://health.example`.
    pub url: String,
    /// The key that signs its trust list, agreed on from person to person.
    pub root_key: PublicKey,
}

/// How it stands with another issuer.
#[derive(Debug, Clone, Serialize)]
pub struct RegionState {
    /// Its number.
    pub issuer: IssuerId,
    /// Its name.
    pub name: Words,
    /// Where its feeds are.
    pub url: String,
    /// Whether its codes are verified: its keys are known.
    pub trusted: bool,
    /// When it signed the list that is answered from.
    pub list_of: Option<Timestamp>,
    /// What went wrong last, if anything.
    pub trouble: Option<String>,
}

/// The status lists of other issuers.
#[derive(Debug)]
pub(crate) struct Regions {
    client: Client,
    states: RwLock<BTreeMap<IssuerId, State>>,
}

#[derive(Debug, Clone, Default)]
struct State {
    followed: Option<Arc<Followed>>,
    trouble: Option<String>,
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
        let client = Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| Error::Panicked)?;
        Ok(Self { client, states: RwLock::default() })
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

    /// Asks every issuer once; what one has that is new is kept.
    pub(crate) async fn ask(
        &self,
        database: &Database,
        rows: &[RegionRow],
        now: Timestamp,
    ) -> Result<(), Error> {
        for row in rows.iter().filter(|row| !row.removed) {
            let known = self.states.read().map_err(|_| Error::Panicked)?.get(&row.issuer).cloned();
            let known = known.unwrap_or_default();
            // A list from under another root key is not continued.
            let before = known.followed.filter(|_| row.trust.is_some());
            let outcome = follow(&self.client, row, before.as_deref(), now).await;
            let state = match outcome {
                Ok(followed) => {
                    let trust = followed.trust.clone();
                    if row.trust.as_ref() != Some(&trust) {
                        let row = row.clone();
                        let put =
                            move |change: &Change<'_>| table::put_trust(change, &row, &trust, now);
                        database.write(put).await?;
                    }
                    State { followed: Some(Arc::new(followed)), trouble: None }
                }
                Err(error) => {
                    let trouble = Some(error.to_string());
                    if trouble != known.trouble {
                        tracing::warn!(issuer = %row.issuer, %error, "another issuer was not followed");
                    }
                    State { followed: before, trouble }
                }
            };
            self.states.write().map_err(|_| Error::Panicked)?.insert(row.issuer, state);
        }
        let mut states = self.states.write().map_err(|_| Error::Panicked)?;
        states.retain(|issuer, _| rows.iter().any(|row| row.issuer == *issuer && !row.removed));
        Ok(())
    }

    /// How it stands with each issuer.
    pub(crate) fn states(&self, rows: &[RegionRow]) -> Result<Vec<RegionState>, Error> {
        let states = self.states.read().map_err(|_| Error::Panicked)?;
        let rows = rows.iter().filter(|row| !row.removed);
        Ok(rows
            .map(|row| {
                let state = states.get(&row.issuer);
                let followed = state.and_then(|state| state.followed.as_ref());
                RegionState {
                    issuer: row.issuer,
                    name: row.name.clone(),
                    url: row.url.clone(),
                    trusted: row.trust.is_some(),
                    list_of: followed.map(|list| list.mark.issued_at),
                    trouble: state.and_then(|state| state.trouble.clone()),
                }
            })
            .collect())
    }
}

/// Adds another issuer, or changes one.
///
/// # Errors
///
/// [`Error::Field`]: `issuer` when it is our own, `url` when it is none.
pub(crate) fn put(
    change: &Change<'_>,
    own: IssuerId,
    region: NewRegion,
    now: Timestamp,
) -> Result<(), Error> {
    let misfit = |field| FieldError::new(field, FieldProblem::Form);
    if region.issuer == own {
        return Err(misfit("issuer").into());
    }
    let url: Url = region.url.parse().map_err(|_| misfit("url"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(misfit("url").into());
    }
    let NewRegion { issuer, name, url, root_key } = region;
    let row =
        RegionRow { issuer, name, url, root_key, trust: None, removed: false, changed_at: now };
    table::put(change, &row)
}

/// Ends the recognition of an issuer.
///
/// # Errors
///
/// [`Error::NotFound`].
pub(crate) fn remove(change: &Change<'_>, issuer: IssuerId, now: Timestamp) -> Result<(), Error> {
    let known = all(change)?.into_iter().find(|row| row.issuer == issuer && !row.removed);
    let row = known.ok_or(Error::NotFound("region"))?;
    table::put(change, &RegionRow { removed: true, changed_at: now, ..row })
}
