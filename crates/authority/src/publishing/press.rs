//! What publishes, while it is this process's turn.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;
use yanma_domain::IssuerId;
use yanma_domain::certificate::CertificateTrust;
use yanma_domain::policy::Policy;
use yanma_domain::trust::Words;
use yanma_protocol::Digest;
use yanma_protocol::city_list::CityCode;
use yanma_protocol::head::Head;

use super::{aside, table};
use crate::authority::Authority;
use crate::database::Turn;
use crate::error::Error;
use crate::feeds::{CityInput, PublishInput, Publisher};
use crate::lists::Snapshot;
use crate::policies;
use crate::statistics::Population;

/// How long after the moment it is due a head may come, in seconds: the work takes its time.
const DUE_SLACK_SECONDS: i64 = 10;

/// How long the directory rests after it was published, for each of its rows. Merging in who is
/// new, comparing and hashing takes some 20 ns a row (`cargo bench -p yanma-authority --bench
/// publish`), so that this is twenty-five times as long: 10 s for a province, during which colours go
/// out as ever, and a moment for a town.
const REST_A_ROW: Duration = Duration::from_nanos(500);

/// How many times as long as it took the cities rest after they were published: each city that
/// changed is read again and hashed, some seconds for all of a province, and is to take no more
/// than a small part of a core.
const CITIES_REST: u32 = 20;

/// How long they rest after they could not be published, as on a disk that is full.
const CITIES_RETRY: Duration = Duration::from_secs(60);

/// What it takes to publish.
pub(super) struct Press {
    authority: Arc<Authority>,
    publisher: Arc<Mutex<Publisher>>,
    turn: Arc<Mutex<Option<Turn>>>,
    /// Until when whoever is new may wait for the directory.
    rests_until: Instant,
    /// The names of the cities by which the directory is published, too; without any there is
    /// none of a city.
    cities: Arc<Vec<(CityCode, Words)>>,
    /// Until when the cities rest.
    cities_rest_until: Instant,
    /// The root of the directory that they were made from last, and how often somebody had moved
    /// by then.
    in_cities: Option<(Digest, u64)>,
    /// The root of the directory that was published last.
    directory: Option<Digest>,
    /// Held for as long as this process publishes, also when its turn was lost without its
    /// noticing: nobody else writes in the folder until it did.
    _lock: File,
}

impl Press {
    /// `None` when it is another process's turn.
    ///
    /// # Errors
    ///
    /// [`Error::SecondPublisher`] when the database is this process's alone and yet somebody
    /// else publishes in the folder.
    pub(super) async fn open(authority: Arc<Authority>) -> Result<Option<Self>, Error> {
        let inside = Arc::clone(&authority);
        let Some((turn, lock)) = aside(move || take_turn(&inside)).await? else {
            return Ok(None);
        };
        // What was published last may be ahead of what this process knows.
        let lists = Arc::clone(&authority.lists);
        let went_out = authority
            .database
            .read(move |session| {
                lists.follow(session)?;
                table::head_number(session)
            })
            .await?;
        aside(move || {
            let publisher = {
                let keys = authority.keys.feed_keys()?;
                Publisher::open(&authority.feeds_folder(), authority.issuer(), &keys, went_out)?
            };
            Ok(Some(Self {
                publisher: Arc::new(Mutex::new(publisher)),
                turn: Arc::new(Mutex::new(Some(turn))),
                rests_until: Instant::now(),
                cities: Arc::new(cities_of(authority.issuer())?),
                cities_rest_until: Instant::now(),
                in_cities: None,
                directory: None,
                _lock: lock,
                authority,
            }))
        })
        .await
    }

    /// Whether it is still this process's turn.
    pub(super) async fn lasts(&self) -> Result<bool, Error> {
        let turn = Arc::clone(&self.turn);
        aside(move || {
            let mut turn = turn.lock().map_err(|_| Error::Panicked)?;
            Ok(turn.as_mut().is_some_and(Turn::lasts))
        })
        .await
    }

    /// Finishes what is being published, and gives the turn back.
    pub(super) async fn close(self) {
        let closed = aside(move || {
            let _finished = self.publisher.lock();
            if let Some(turn) = self.turn.lock().map_err(|_| Error::Panicked)?.take() {
                turn.give_back();
            }
            Ok(())
        });
        if let Err(error) = closed.await {
            tracing::warn!(%error, "the turn to publish was not given back in order");
        }
    }

    /// Publishes the lists as they are. Says when to come again at the latest for those who are
    /// not in the published directory yet.
    pub(super) async fn publish(&mut self) -> Result<Option<Instant>, Error> {
        let (authority, publisher) = (Arc::clone(&self.authority), Arc::clone(&self.publisher));
        let rests = Instant::now() < self.rests_until;
        let policies = authority.database.read(policies::in_force).await?;
        let (names, in_cities) = (Arc::clone(&self.cities), self.in_cities);
        let cities_rest = names.is_empty() || Instant::now() < self.cities_rest_until;
        let (head, rows, is_whole, took, with_cities, moves) = aside(move || {
            let snapshot = match rests {
                true => authority.lists.snapshot_but_directory()?,
                false => authority.lists.snapshot()?,
            };
            let moves = authority.lists.city_moves()?;
            let are_up_to_date = in_cities == Some((Digest(snapshot.directory.root()), moves));
            let cities = match cities_rest || are_up_to_date {
                true => None,
                false => Some(authority.lists.cities()?),
            };
            let mut publisher = publisher.lock().map_err(|_| Error::Panicked)?;
            let mut head = publish(&authority, &mut publisher, &snapshot, &policies, None)?;
            let mut with_cities = false;
            let began = Instant::now();
            if let Some(cities) = &cities {
                // The colours are out by now, and wait for no city.
                let issuer = authority.issuer();
                let city_of = |index| cities.get(index, issuer);
                let input = Some(CityInput { names: &names, city_of: &city_of });
                match publish(&authority, &mut publisher, &snapshot, &policies, input) {
                    Ok(next) => (head, with_cities) = (next, true),
                    // The colours go on going out, and it is tried again after a rest.
                    Err(error) => tracing::error!(%error, "the cities stay as they were"),
                }
            }
            let took = cities.is_some().then(|| began.elapsed());
            Ok((head, snapshot.directory.len(), snapshot.is_whole, took, with_cities, moves))
        })
        .await?;
        if self.directory != Some(head.feeds.directory.root) {
            self.directory = Some(head.feeds.directory.root);
            let rows = u32::try_from(rows).unwrap_or(u32::MAX);
            self.rests_until = Instant::now() + REST_A_ROW * rows;
        }
        if let Some(took) = took {
            let rest = if with_cities { took * CITIES_REST } else { CITIES_RETRY };
            self.cities_rest_until = Instant::now() + rest;
        }
        if with_cities {
            self.in_cities = self.directory.map(|root| (root, moves));
        }
        // In a new beginning, nothing is left of the cities of before.
        if head.feeds.cities.is_none() && took.is_none() {
            (self.in_cities, self.cities_rest_until) = (None, Instant::now());
        }
        let number = head.number;
        self.authority.database.write(move |change| table::set_head_number(change, number)).await?;
        let published = self.in_cities.map(|(root, _)| root);
        let cities_lag = !self.cities.is_empty()
            && (published != self.directory || self.in_cities.is_some_and(|(_, at)| at != moves));
        let again =
            [(!is_whole).then_some(self.rests_until), cities_lag.then_some(self.cities_rest_until)];
        Ok(again.into_iter().flatten().min())
    }
}

/// Publishes the lists, and the cities where they are given; answers the head that went out.
fn publish(
    authority: &Authority,
    publisher: &mut Publisher,
    snapshot: &Snapshot,
    policies: &[Policy],
    cities: Option<CityInput<'_>>,
) -> Result<Head, Error> {
    let certificates = certificate_trust(authority.settings.certificate_trust.as_deref());
    let now = authority.clock.now();
    let every = i64::from(authority.settings.publish_seconds);
    let due = now + SignedDuration::from_secs(every + DUE_SLACK_SECONDS);
    let input = PublishInput {
        status: snapshot.status.clone(),
        directory: snapshot.directory.clone(),
        key_generation: authority.keys.directory_generation(),
        trust: &authority.trust(),
        policies,
        certificates: certificates.as_ref(),
        cities,
    };
    let published = publisher.publish(&authority.keys.feed_keys()?, input, now, due)?;
    let position = published.head.feeds.status.position();
    authority.published_up_to(position)?;
    tracing::debug!(
        number = published.head.number,
        sequence = position.sequence,
        files = published.written.len(),
        "published"
    );
    Ok(published.head)
}

/// The cities of an issuer, with whoever is in none first: those whose residents are counted.
fn cities_of(issuer: IssuerId) -> Result<Vec<(CityCode, Words)>, Error> {
    let cities = Population::of(issuer)?.cities.into_iter();
    let mut names: Vec<_> = cities.map(|city| (CityCode(city.code), city.name)).collect();
    if !names.is_empty() {
        let elsewhere = Words { zh: "其他人员".to_owned(), en: "Everybody else".to_owned() };
        names.insert(0, (CityCode::NONE, elsewhere));
    }
    Ok(names)
}

fn take_turn(authority: &Authority) -> Result<Option<(Turn, File)>, Error> {
    let Some(turn) = authority.database.take_turn()? else {
        return Ok(None);
    };
    match lock(&authority.feeds_folder()) {
        Ok(lock) => Ok(Some((turn, lock))),
        // The process whose turn it was before has not noticed yet.
        Err(Error::SecondPublisher(folder)) if authority.database.is_shared() => {
            tracing::warn!(folder = %folder.display(), "somebody else still publishes there");
            turn.give_back();
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Makes sure that nobody else publishes in the folder. The lock ends with the process,
/// however that ends.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("publisher.lock");
    let io = |source| Error::Io { path: path.clone(), source };
    fs::create_dir_all(folder).map_err(io)?;
    let file = File::create(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::SecondPublisher(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// What desks check foreign certificates against. A file that cannot be read or used is told,
/// and what was published stays.
fn certificate_trust(file: Option<&Path>) -> Option<CertificateTrust> {
    let Some(path) = file else { return Some(CertificateTrust::default()) };
    let read = std::fs::read(path).map_err(|error| error.to_string());
    let trust =
        read.and_then(|text| serde_json::from_slice(&text).map_err(|error| error.to_string()));
    trust
        .inspect_err(|error| tracing::error!(%error, "the certificate trust file cannot be used"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_file_that_cannot_be_used_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trust.json");
        assert_eq!(certificate_trust(None), Some(CertificateTrust::default()));
        assert_eq!(certificate_trust(Some(&path)), None, "there is none");
        for (text, usable) in [("{}", true), ("", false), ("{\"signer\": []}", false)] {
            fs::write(&path, text).unwrap();
            assert_eq!(certificate_trust(Some(&path)).is_some(), usable, "{text}");
        }
    }
}
