//! The directories of chosen cities, in the place of the whole one.
//!
//! The head names a list of them, and that names the files of each. A city comes into force in a
//! transaction of its own, so that what is wrong with one holds up no other. Who is found in none
//! of the chosen cities may be in another: a document is then "not checked", and never "unknown".

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use yanma_domain::IssuerId;
use yanma_domain::trust::{TrustList, Words};
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::city_list::{CityCode, CityDirectory, CityList};
use yanma_protocol::envelope::{self, FileKind, Keys};
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{FileList, FileRef, Head};
use yanma_protocol::stations::DirectoryKeys;
use yanma_protocol::{Digest, FeedError};
use yanma_store::{DirectoryOf, FeedState, FeedWrite, Store, StoreError};

use super::build::{comes_whole, no_way};
use super::directory::{NextDirectory, Wanted};
use super::fetched::{Came, Fetched};
use super::load::LACKS_KEY;
use super::{SyncError, begun};
use crate::desk::{Desk, ENROLMENT_KEY};
use crate::enrolment::Enrolment;
use crate::error::DeskError;
use crate::knowledge::KnownDirectory;

/// Setting: the cities that could be chosen, as they were named last.
pub(crate) const NAMES_KEY: &str = "cities";

/// What is known of the list of cities since the desk was opened.
#[derive(Debug, Default)]
pub(crate) struct Cities {
    /// The list that was read last, as a head named it under a trust list.
    list: Option<(Named, Arc<CityList>)>,
    /// A list that was refused for good.
    refused_list: Option<(Named, SyncError)>,
    /// The files of cities that were refused for good, under the trust list of the time.
    refused: BTreeMap<CityCode, (Digest, FileList, SyncError)>,
    /// When the directory keys were asked for without a directory, by the stopwatch.
    pub(super) keys_asked: Option<Duration>,
}

/// A file as a head names it, and the trust list by which it is opened.
type Named = (Digest, FileRef);

/// The directory of a city that this desk has, or is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityStanding {
    /// Which city.
    pub code: CityCode,
    /// Its name, which is its code while the authority has not named it.
    pub name: Words,
    /// When the authority last said that the directory is the newest; `None` while there is none
    /// here.
    pub as_of: Option<Timestamp>,
    /// How many documents it has.
    pub documents: u64,
}

/// What every city is brought by.
pub(super) struct Carrier<'a> {
    pub(super) head: &'a Head,
    pub(super) trust: &'a TrustList,
    /// With which the sync began.
    pub(super) enrolment: &'a Enrolment,
}

/// A directory of a city that was built.
struct Built {
    next: NextDirectory,
    /// The keys that it is under, when they are others than the desk's.
    keys: Option<DirectoryKeys>,
}

impl Desk {
    /// Brings the chosen cities to what the head names; answers which directory key is lacking.
    /// Where one is refused the others are brought all the same.
    pub(super) async fn follow_cities(
        &self,
        carrier: &Carrier<'_>,
        chosen: &[CityCode],
        fetched: &mut Fetched,
    ) -> Result<Option<u32>, DeskError> {
        let Carrier { head, trust, .. } = *carrier;
        if self.store().is_read_only() {
            return Ok(None);
        }
        if chosen.is_empty() {
            self.learn_cities(head, trust, fetched).await;
            self.renew_keys(carrier.enrolment, fetched).await?;
            return Ok(None);
        }
        // A head that names none, as the first of a new beginning does: what is at hand ages.
        let Some(list) = self.city_list(head, trust, fetched).await? else { return Ok(None) };
        let (mut confirmed, mut refused, mut lacking) = (Vec::new(), None, None);
        let mut unfinished = false;
        // One that was begun first: to begin another gives up what was fetched of it.
        let begun = begun::which(self.store())?.filter(|of| of.issuer == head.issuer);
        let begun = begun.and_then(|of| of.city);
        let (begun, others): (Vec<&CityCode>, Vec<&CityCode>) =
            chosen.iter().partition(|code| Some(code.0) == begun);
        for code in begun.into_iter().chain(others) {
            // A city that is not there any more has nobody.
            let Some(city) = list.of(*code) else {
                self.give_up_city(head.issuer, *code)?;
                continue;
            };
            match self.bring_city(city, carrier, fetched).await {
                Ok(true) => {}
                Ok(false) => confirmed.push(*code),
                Err(DeskError::Feed(SyncError::DirectoryKey { generation })) => {
                    lacking = Some(generation);
                }
                // The others come forward by what does not take long.
                Err(DeskError::Unfinished) => unfinished = true,
                Err(DeskError::Feed(error)) => {
                    tracing::warn!(city = %code, %error, "the directory of a city stays");
                    refused.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        self.confirm_cities(head, &confirmed)?;
        self.lack_key_of_cities(lacking)?;
        // What was refused is told, and rested for, before anything else is gone on with.
        if let Some(error) = refused {
            return Err(error.into());
        }
        if unfinished { Err(DeskError::Unfinished) } else { Ok(lacking) }
    }

    /// The list of cities that the head names; `None` when it names none.
    pub(super) async fn city_list(
        &self,
        head: &Head,
        trust: &TrustList,
        fetched: &mut Fetched,
    ) -> Result<Option<Arc<CityList>>, DeskError> {
        let Some(file) = head.feeds.cities else { return Ok(None) };
        let named = (head.feeds.trust.root, file);
        {
            let cities = self.cities();
            if let Some((_, list)) = cities.list.as_ref().filter(|(read, _)| *read == named) {
                return Ok(Some(Arc::clone(list)));
            }
            if let Some((_, error)) = cities.refused_list.filter(|(read, _)| *read == named) {
                return Err(error.into());
            }
        }
        fetched.begin(FeedName::Directory, file.bytes);
        let Came { name, bytes } = fetched.file(&file).await?;
        let keys = Keys::Trusted(trust, head.issued_at);
        let read = envelope::open(&bytes, FileKind::Cities, head.issuer, keys)
            .and_then(|file| CityList::decode(&file))
            .and_then(|list| {
                (list.sequence == file.to).then_some(list).ok_or(FeedError::OutOfRange)
            })
            .map_err(|error| SyncError::File { file: name, error });
        match read {
            Ok(list) => {
                let list = Arc::new(list);
                self.cities().list = Some((named, Arc::clone(&list)));
                self.keep_names(&list)?;
                Ok(Some(list))
            }
            Err(error) => {
                self.cities().refused_list = Some((named, error));
                Err(error.into())
            }
        }
    }

    /// Learns the names of the cities once, so that some can be chosen.
    pub(super) async fn learn_cities(&self, head: &Head, trust: &TrustList, fetched: &mut Fetched) {
        let known = self.cities_to_choose();
        if known.is_ok_and(|known| known.is_empty())
            && !self.store().is_read_only()
            && let Err(error) = self.city_list(head, trust, fetched).await
        {
            tracing::warn!(%error, "the names of the cities are not known yet");
        }
    }

    fn keep_names(&self, list: &CityList) -> Result<(), StoreError> {
        let names: Vec<_> = list.cities.iter().map(|city| (city.code, &city.name)).collect();
        if self.store().is_read_only() {
            return Ok(());
        }
        self.store().set_setting(NAMES_KEY, &names)
    }

    /// Brings one city to what the list says; answers whether that is another state.
    async fn bring_city(
        &self,
        city: &CityDirectory,
        carrier: &Carrier<'_>,
        fetched: &mut Fetched,
    ) -> Result<bool, DeskError> {
        let of = DirectoryOf { issuer: carrier.head.issuer, city: Some(city.code.0) };
        let list = &city.directory;
        if let Some(error) = self.cities().refused_of(city, carrier.head) {
            return Err(error.into());
        }
        let stored = self.store().directory_state(of)?;
        if stored.is_some_and(|stored| is_it(&stored, list)) {
            return Ok(false);
        }
        let have = stored.map(|stored| position(&stored));
        check_not_back(have, list)?;
        let have = have.filter(|have| *have != list.position());
        let begun = match comes_whole(list, have) {
            true => begun::way_to(list, of, self.store())?,
            false => None,
        };
        let built = match &begun {
            Some(way) => self.build_city(of, way, None, carrier, fetched).await,
            None => self.build_city(of, list, have, carrier, fetched).await,
        };
        let built = match built {
            Err(DeskError::Feed(error @ SyncError::DirectoryKey { .. })) => Err(error.into()),
            // A part that was gone on with may have been begun by somebody who lies.
            Err(DeskError::Feed(error))
                if have.is_some() || begun.is_some() || is_damaged(&error) =>
            {
                tracing::warn!(city = %city.code, %error, "taking the snapshot of a city");
                match self.build_city(of, list, None, carrier, fetched).await {
                    // All of it was here, and wrong: that is told before it is here anew.
                    Err(DeskError::Unfinished) if begun.is_none() && comes_whole(list, have) => {
                        Err(error.into())
                    }
                    built => built,
                }
            }
            built => built,
        };
        if let Err(DeskError::Feed(error)) = &built
            && error.is_final()
        {
            let refused = (carrier.head.feeds.trust.root, list.clone(), *error);
            self.cities().refused.insert(city.code, refused);
        }
        self.put_city_in_force(of, list, built?, carrier)?;
        self.fold_directory(of);
        Ok(true)
    }

    /// Fetches and builds a directory of a city beside the one in force. One that is under
    /// another key than the desk's is one after a rotation: the authority is asked for the key.
    async fn build_city(
        &self,
        of: DirectoryOf,
        list: &FileList,
        have: Option<FeedPosition>,
        carrier: &Carrier<'_>,
        fetched: &mut Fetched,
    ) -> Result<Built, DeskError> {
        let route: Vec<_> = list.route(have).ok_or(no_way(list))?.into_iter().copied().collect();
        fetched.begin(FeedName::Directory, route.iter().map(|file| file.bytes).sum());
        let (mut part, mut deltas) = (None, Vec::new());
        for file in &route {
            match file.from {
                0 => part = Some(fetched.snapshot(of, list, self.store()).await?),
                _ => deltas.push(fetched.file(file).await?),
            }
        }
        let keys = Keys::Trusted(carrier.trust, carrier.head.issued_at);
        let enrolment = self.enrolment().ok_or(DeskError::NotEnrolled)?;
        let generation = enrolment.directory_key_generation();
        let meter = Arc::clone(&fetched.meter);
        let wanted = Wanted { of, list, have, keys, generation, meter: &meter };
        match NextDirectory::build(self.store(), wanted, part.as_ref(), &deltas) {
            Err(DeskError::Feed(SyncError::DirectoryKey { generation })) => {
                let keys = fetched.directory_keys(generation).await?;
                let wanted = Wanted { generation, ..wanted };
                let next = NextDirectory::build(self.store(), wanted, part.as_ref(), &deltas)?;
                Ok(Built { next, keys: Some(keys) })
            }
            next => Ok(Built { next: next?, keys: None }),
        }
    }

    /// With another directory key nobody is judged in between, and the directories of the other
    /// cities, which are under the key of before, go at the same time.
    fn put_city_in_force(
        &self,
        of: DirectoryOf,
        list: &FileList,
        built: Built,
        carrier: &Carrier<'_>,
    ) -> Result<(), DeskError> {
        let Built { next, keys } = built;
        let (_alone, _same_key) = match keys.is_some() {
            true => (Some(self.change_key()), None),
            false => (None, Some(self.keep_key())),
        };
        // What was on its way while the desk was ended, or enrolled anew, is not for it.
        let enrolment = self.enrolment().ok_or(DeskError::NotEnrolled)?;
        if enrolment.token != carrier.enrolment.token {
            return Err(DeskError::NotEnrolled);
        }
        let next_enrolment = keys.map(|keys| enrolment.with_keys(enrolment.root_key, Some(keys)));
        let value = next_enrolment.as_ref().map(serde_json::to_string).transpose();
        let value = value.map_err(|_| DeskError::UnknownForm)?;
        let as_of = carrier.head.issued_at;
        let (base, change) = next.into_parts();
        let mut writes = Vec::new();
        if let Some((base, at)) = base {
            writes.push(FeedWrite::DirectoryBase { of, state: FeedState { as_of, ..at }, base });
        }
        if let Some(change) = &change {
            writes.push(change.as_write(of, state_of(list, as_of)));
        }
        if let Some(value) = &value {
            writes.push(FeedWrite::Setting { key: ENROLMENT_KEY, value });
            let others = self.store().city_states(of.issuer)?.into_iter().map(|(city, _)| city);
            writes.extend(
                others
                    .filter(|city| Some(*city) != of.city)
                    .map(|city| FeedWrite::CityForgotten { issuer: of.issuer, city }),
            );
        }
        self.store().apply_feeds(writes)?;
        if let Some(enrolment) = next_enrolment {
            self.change_keys_of_cities(enrolment);
        }
        let known = KnownDirectory { position: list.position(), as_of };
        self.learn_cities_of(|cities| cities.extend(of.city.map(|city| (CityCode(city), known))));
        Ok(())
    }

    pub(super) fn change_keys_of_cities(&self, enrolment: Enrolment) {
        let generation = enrolment.directory_key_generation();
        tracing::info!(generation, "the keys of the authority were rotated, and followed");
        self.take_keys(enrolment);
        self.end_encounters();
        self.learn_cities_of(BTreeMap::clear);
    }

    /// The head says that these are still the newest: they are as young as it.
    fn confirm_cities(&self, head: &Head, cities: &[CityCode]) -> Result<(), DeskError> {
        let (issuer, as_of) = (head.issuer, head.issued_at);
        let known = self.knowledge();
        let is_older =
            |code: &&CityCode| known.cities.get(code).is_none_or(|city| city.as_of != as_of);
        let cities: Vec<_> = cities.iter().filter(is_older).copied().collect();
        if cities.is_empty() {
            return Ok(());
        }
        let _same_key = self.keep_key();
        let write = |code: &CityCode| FeedWrite::CityConfirmed { issuer, city: code.0, as_of };
        self.store().apply_feeds(cities.iter().map(write))?;
        self.learn_cities_of(|known| {
            let confirmed = known.iter_mut().filter(|(code, _)| cities.contains(code));
            confirmed.for_each(|(_, city)| city.as_of = as_of);
        });
        Ok(())
    }

    /// Keeps which directory key could not be had; `None` when none is lacking.
    fn lack_key_of_cities(&self, generation: Option<u32>) -> Result<(), DeskError> {
        if self.knowledge().lacks_directory_key != generation {
            self.store().set_setting(LACKS_KEY, &generation)?;
            self.learn_lacking_key(generation);
        }
        Ok(())
    }

    /// Forgets the directory of a city.
    fn give_up_city(&self, issuer: IssuerId, code: CityCode) -> Result<(), StoreError> {
        if self.store().city_states(issuer)?.iter().any(|(city, _)| *city == code.0) {
            let _alone = self.change_key();
            self.store().forget_directory(DirectoryOf { issuer, city: Some(code.0) })?;
            self.learn_cities_of(|cities| {
                cities.remove(&code);
            });
        }
        Ok(())
    }

    /// Forgets the directories of the cities that this desk does not want.
    pub(crate) fn drop_other_cities(&self, issuer: IssuerId) -> Result<(), DeskError> {
        let wanted = self.subscription()?.chosen_cities().unwrap_or_default();
        for (city, _) in self.store().city_states(issuer)? {
            if !wanted.contains(&CityCode(city)) {
                self.give_up_city(issuer, CityCode(city))?;
            }
        }
        Ok(())
    }

    /// The cities that can be chosen, as the authority named them last; none before the first
    /// sync, and where the authority publishes none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn cities_to_choose(&self) -> Result<Vec<(CityCode, Words)>, DeskError> {
        Ok(self.store().setting(NAMES_KEY)?.unwrap_or_default())
    }

    /// How it stands with the directories of the chosen cities; none while the whole one, or
    /// none at all, is wanted.
    pub(crate) fn city_standings(&self) -> Result<Vec<CityStanding>, DeskError> {
        let Some(chosen) = self.subscription()?.chosen_cities() else { return Ok(Vec::new()) };
        let Some(enrolment) = self.enrolment() else { return Ok(Vec::new()) };
        let (known, names) = (self.knowledge(), self.cities_to_choose()?);
        let standing = |code: CityCode| {
            let of = DirectoryOf { issuer: enrolment.issuer, city: Some(code.0) };
            let name = names.iter().find(|(named, _)| *named == code).map(|(_, name)| name.clone());
            let unnamed = || Words { zh: code.to_string(), en: code.to_string() };
            Ok(CityStanding {
                code,
                name: name.unwrap_or_else(unnamed),
                as_of: known.cities.get(&code).map(|city| city.as_of),
                documents: self.store().directory_len(of)?,
            })
        };
        chosen.into_iter().map(standing).collect()
    }
}

impl Cities {
    /// Why the files of a city were refused, if they were.
    fn refused_of(&self, city: &CityDirectory, head: &Head) -> Option<SyncError> {
        let (trust, list, error) = self.refused.get(&city.code)?;
        let is_same = *trust == head.feeds.trust.root && *list == city.directory;
        is_same.then_some(*error)
    }
}

/// What the store has of the cities of an issuer.
pub(super) fn load(
    store: &Store,
    issuer: IssuerId,
) -> Result<BTreeMap<CityCode, KnownDirectory>, StoreError> {
    let states = store.city_states(issuer)?.into_iter();
    let known =
        |state: FeedState| KnownDirectory { position: position(&state), as_of: state.as_of };
    Ok(states.map(|(city, state)| (CityCode(city), known(state))).collect())
}

/// A list that leads back to an earlier state is none to follow.
fn check_not_back(have: Option<FeedPosition>, list: &FileList) -> Result<(), SyncError> {
    let back = |have: u32, got: u32| {
        let error = FeedError::Rollback { have: have.into(), got: got.into() };
        Err(SyncError::File { file: list.snapshot.name, error })
    };
    match have {
        Some(have) if list.epoch < have.epoch => back(have.epoch, list.epoch),
        Some(have) if list.epoch == have.epoch && list.sequence < have.sequence => {
            back(have.sequence, list.sequence)
        }
        _ => Ok(()),
    }
}

fn is_it(stored: &FeedState, list: &FileList) -> bool {
    position(stored) == list.position() && stored.root == list.root.0
}

fn is_damaged(error: &SyncError) -> bool {
    matches!(error, SyncError::File { error: FeedError::Hash, .. })
}

fn position(state: &FeedState) -> FeedPosition {
    FeedPosition { epoch: state.epoch, sequence: state.sequence }
}

fn state_of(list: &FileList, as_of: Timestamp) -> FeedState {
    FeedState { epoch: list.epoch, sequence: list.sequence, root: list.root.0, as_of }
}
