//! The desk: one store, one clock, one authority, and what is known in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};
use yanma_domain::IssuerId;
use yanma_domain::policy::Policy;
use yanma_domain::scene::Scene;
use yanma_protocol::city_list::CityCode;
use yanma_store::{DirectoryOf, Store, StoreError};

use crate::at_the_desk::AtTheDesk;
use crate::authority::Authority;
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::enrolment::Enrolment;
use crate::error::DeskError;
use crate::gate::Opened;
use crate::knowledge::{Knowledge, KnownDirectory, KnownList};
use crate::lanes::Lanes;
use crate::operators::Staff;
use crate::policies;
use crate::record::Prepared;
use crate::rights::Right;
use crate::scenes::Scenes;
use crate::status::{Connection, Trouble};
use crate::sync::{self, Cities, Meter, Refusal, Refused, Regions, Series};
use crate::watch::Watch;

pub(crate) const ENROLMENT_KEY: &str = "enrolment";
pub(crate) const REVOKED_KEY: &str = "revoked";
const DUTY_KEY: &str = "duty";
const REFUSAL_KEY: &str = "refusal";

/// A verification desk. Shared between threads; readings are poured in with
/// [`Desk::present`], everything else runs beside.
pub struct Desk {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) open: Mutex<AtTheDesk>,
    /// Entries that a full or broken disk did not take, oldest first.
    pub(crate) unwritten: Mutex<VecDeque<Prepared>>,
    /// Held while a word on an earlier entry is found a place and written.
    pub(crate) one_word: Mutex<()>,
    /// For whom the way was opened, and nobody has told yet what came of it.
    pub(crate) way: Mutex<Vec<Opened>>,
    /// Wakes the background work when there is something to send.
    pub(crate) wake: Notify,
    /// Counts the entries that were written, for whoever tells others of them.
    pub(crate) entries_written: watch::Sender<u64>,
    pub(crate) clock_set_back: AtomicBool,
    /// The highest time ever seen, in seconds since 1970: a clock that was set back unlocks
    /// nothing.
    pub(crate) latest_second: AtomicI64,
    /// Whether the authority has ended this station, and it was not enrolled since.
    pub(crate) revoked: AtomicBool,
    /// Whether the station's file was damaged and set aside since the start.
    pub(crate) set_aside: AtomicBool,
    /// Held to judge, and alone to change the directory key: hashing and looking up are under
    /// one key.
    directory_key: RwLock<()>,
    authority: RwLock<Option<Arc<dyn Authority>>>,
    enrolment: RwLock<Option<Arc<Enrolment>>>,
    duty: RwLock<Duty>,
    scenes: RwLock<Arc<Scenes>>,
    staff: RwLock<Staff>,
    /// The user of the system who is at the terminal, when it is not the window.
    pub(crate) terminal: OnceLock<String>,
    knowledge: RwLock<Arc<Knowledge>>,
    connection: RwLock<Connection>,
    trouble: RwLock<Option<Trouble>>,
    refused: Mutex<Refused>,
    /// How it stands with the lists of other issuers.
    regions: Mutex<Regions>,
    cities: Mutex<Cities>,
    /// Held while the desk follows a head, from wherever it came.
    pub(crate) one_sync: tokio::sync::Mutex<()>,
    /// How far it is with that.
    pub(crate) meter: Arc<Meter>,
    /// The symbols of a series that the camera sees.
    pub(crate) series: Mutex<Series>,
    /// The same for entries, which need a token where the feeds need none.
    pub(crate) upload_trouble: AtomicBool,
    pub(crate) deadline: Deadline,
    pub(crate) watch: Mutex<Watch>,
    /// Other desks of the same site.
    pub(crate) lanes: Lanes,
}

/// Who sits at the desk, and in which scene: changes with every shift.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// The scene, when it is not the one the authority gave the desk.
    pub scene: Option<String>,
    /// The operator.
    pub operator: Option<String>,
}

impl Desk {
    /// A desk over an open store, with what that store knows.
    ///
    /// # Errors
    /// When the store cannot be read, or holds a feed this program cannot read.
    pub fn open(store: Store, clock: Arc<dyn Clock>) -> Result<Self, DeskError> {
        let enrolment: Option<Enrolment> = store.setting(ENROLMENT_KEY)?;
        let duty = store.setting(DUTY_KEY)?.unwrap_or_default();
        let knowledge = match &enrolment {
            Some(enrolment) => Knowledge::load(&store, enrolment.issuer)?,
            None => Knowledge::default(),
        };
        let staff = Staff::of(&store)?;
        let lanes = Lanes::of(&store)?;
        let revoked = store.setting::<bool>(REVOKED_KEY)?.unwrap_or_default();
        // It is told and nothing more: one that cannot be read keeps no desk from opening.
        let refusal = store.setting::<Refusal>(REFUSAL_KEY).unwrap_or_default();
        let desk = Self {
            store,
            clock,
            open: Mutex::default(),
            unwritten: Mutex::default(),
            one_word: Mutex::default(),
            way: Mutex::default(),
            wake: Notify::new(),
            entries_written: watch::Sender::new(0),
            clock_set_back: AtomicBool::new(false),
            latest_second: AtomicI64::new(i64::MIN),
            revoked: AtomicBool::new(revoked),
            set_aside: AtomicBool::default(),
            directory_key: RwLock::default(),
            authority: RwLock::default(),
            enrolment: RwLock::default(),
            duty: RwLock::new(duty),
            scenes: RwLock::new(Arc::new(Scenes::built_in())),
            staff: RwLock::new(staff),
            terminal: OnceLock::new(),
            knowledge: RwLock::new(Arc::new(knowledge)),
            connection: RwLock::default(),
            trouble: RwLock::new(refusal.map(Trouble::Feed)),
            refused: Mutex::default(),
            regions: Mutex::default(),
            cities: Mutex::default(),
            one_sync: tokio::sync::Mutex::default(),
            meter: Arc::default(),
            series: Mutex::default(),
            upload_trouble: AtomicBool::new(false),
            deadline: Deadline::default(),
            watch: Mutex::default(),
            lanes,
        };
        if let Some(enrolment) = enrolment {
            let authority: Arc<dyn Authority> = Arc::new(enrolment.authority()?);
            desk.take_enrolment(enrolment, authority);
        } else if !desk.is_read_only() {
            // A kill may have come between the end of this desk and the end of a sync.
            sync::remove_parts(&desk.store);
            sync::remove_given(&desk.store);
        }
        desk.watch_clock()?;
        Ok(desk)
    }

    /// The station's file, for tools and tests: past it, nobody asks for a right and nothing
    /// is written into the audit, so the window does not touch it.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether this desk can only be looked at, beside a program that works with it.
    pub fn is_read_only(&self) -> bool {
        self.store.is_read_only()
    }

    /// The instant now, by the desk's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Enrols with the authority at `url` by a one-time code. Whether whoever asks may do that
    /// is settled before the code is used up.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; as [`Enrolment::request`] and [`Desk::enrol`].
    pub async fn enrol_by_code(&self, url: &str, code: &str, name: &str) -> Result<(), DeskError> {
        self.allow(Right::Enrol)?;
        self.enrol(Enrolment::request(url, code, name).await?)
    }

    /// Makes this the desk of an enrolment, durably. What it knew of another authority is
    /// no longer looked at.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; when it cannot be written, or the address cannot be used.
    pub fn enrol(&self, enrolment: Enrolment) -> Result<(), DeskError> {
        let authority = Arc::new(enrolment.authority()?);
        self.enrol_with(enrolment, authority)
    }

    /// The same, with an authority that is reached in another way.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; when it cannot be written.
    pub fn enrol_with(
        &self,
        enrolment: Enrolment,
        authority: Arc<dyn Authority>,
    ) -> Result<(), DeskError> {
        self.allow(Right::Enrol)?;
        self.write_down("enrol", Some(&enrolment.station), Some(&enrolment.authority_url))?;
        let alone = self.change_key();
        let before = self.enrolment();
        let another = |before: &Enrolment| {
            (before.issuer, before.root_key) != (enrolment.issuer, enrolment.root_key)
        };
        if before.as_deref().is_some_and(another) {
            // Whom the authority of before recognised, and by which keys, was its business.
            sync::forget_regions(&self.store, enrolment.issuer, self.now())?;
            self.store.remove_setting(sync::NAMES_OF_CITIES_KEY)?;
        }
        if before.as_ref().is_some_and(|before| {
            before.issuer == enrolment.issuer && before.root_key != enrolment.root_key
        }) {
            // The same number, another authority: nothing that the old one signed counts.
            sync::forget(&self.store, enrolment.issuer, self.now())?;
        } else if before.is_none_or(|before| !before.hashes_as(&enrolment)) {
            // The directory at hand is under the key of before, or under nobody knows which.
            self.store.forget_directories(enrolment.issuer)?;
        }
        self.store.set_setting(ENROLMENT_KEY, &enrolment)?;
        self.store.remove_setting(REVOKED_KEY)?;
        self.revoked.store(false, Ordering::Relaxed);
        // A scene chosen for another site is not this one's.
        self.keep_duty(Duty { scene: None, ..self.duty() })?;
        let knowledge = Knowledge::load(&self.store, enrolment.issuer)?;
        self.learn(knowledge);
        self.take_enrolment(enrolment, authority);
        self.end_encounters();
        drop(alone);
        self.wake.notify_one();
        Ok(())
    }

    fn take_enrolment(&self, enrolment: Enrolment, authority: Arc<dyn Authority>) {
        *write(&self.enrolment) = Some(Arc::new(enrolment));
        *write(&self.authority) = Some(authority);
        *self.refused() = Refused::default();
        *self.regions() = Regions::default();
        *self.cities() = Cities::default();
    }

    /// The same station under other directory keys.
    pub(crate) fn take_keys(&self, enrolment: Enrolment) {
        *write(&self.enrolment) = Some(Arc::new(enrolment));
    }

    /// Nobody changes the directory key while this is held. To be held over hashing and looking
    /// up; not to be asked for again by whoever holds it.
    pub(crate) fn keep_key(&self) -> RwLockReadGuard<'_, ()> {
        read(&self.directory_key)
    }

    /// Nobody is judged while this is held.
    pub(crate) fn change_key(&self) -> RwLockWriteGuard<'_, ()> {
        write(&self.directory_key)
    }

    /// Nobody's desk from now on, in memory; what the store has is the caller's.
    pub(crate) fn drop_enrolment(&self) {
        *write(&self.enrolment) = None;
        *write(&self.authority) = None;
        self.learn(Knowledge::default());
        self.set_trouble(None);
        self.upload_trouble.store(false, Ordering::Relaxed);
        self.revoked.store(true, Ordering::Relaxed);
    }

    /// Who this desk is; `None` until it is enrolled.
    pub fn enrolment(&self) -> Option<Arc<Enrolment>> {
        read(&self.enrolment).clone()
    }

    pub(crate) fn authority(&self) -> Result<Arc<dyn Authority>, DeskError> {
        read(&self.authority).clone().ok_or(DeskError::NotEnrolled)
    }

    /// Who is at work, and in which scene.
    pub fn duty(&self) -> Duty {
        read(&self.duty).clone()
    }

    /// Keeps who is at work and in which scene, whoever asks.
    pub(crate) fn keep_duty(&self, duty: Duty) -> Result<(), DeskError> {
        self.store.set_setting(DUTY_KEY, &duty)?;
        *write(&self.duty) = duty;
        Ok(())
    }

    /// The scene in force.
    pub fn scene(&self) -> String {
        let given = self.enrolment().map(|enrolment| enrolment.scene.clone());
        self.duty().scene.or(given).unwrap_or_else(|| policies::PLAIN.to_owned())
    }

    pub(crate) fn staff(&self) -> Staff {
        read(&self.staff).clone()
    }

    pub(crate) fn note_staff(&self, staff: Staff) {
        *write(&self.staff) = staff;
    }

    /// The scene in force, with what it asks and does.
    pub fn scene_in_force(&self) -> Scene {
        self.scenes().get(&self.scene())
    }

    /// Every scene of this desk.
    pub fn scenes(&self) -> Arc<Scenes> {
        Arc::clone(&read(&self.scenes))
    }

    /// Takes these scenes in place of those it was made with.
    pub fn use_scenes(&self, scenes: Scenes) {
        *write(&self.scenes) = Arc::new(scenes);
    }

    /// The policy in force: the one delivered for the scene, or the one this program was
    /// made with.
    ///
    /// # Errors
    /// When neither has the scene.
    pub fn policy(&self) -> Result<Policy, DeskError> {
        self.policy_of(&self.scene_in_force().policy).ok_or(DeskError::NoPolicy)
    }

    pub(crate) fn policy_of(&self, scene: &str) -> Option<Policy> {
        self.knowledge().policies.get(scene).cloned().or_else(|| policies::built_in(scene))
    }

    /// What the desk knows now.
    pub fn knowledge(&self) -> Arc<Knowledge> {
        Arc::clone(&read(&self.knowledge))
    }

    pub(crate) fn learn(&self, knowledge: Knowledge) {
        *write(&self.knowledge) = Arc::new(knowledge);
    }

    /// A status list of another issuer, in the place of the one before; or none any more.
    pub(crate) fn learn_list(&self, issuer: IssuerId, list: Option<KnownList>) {
        self.learn_with(|known| match list {
            Some(list) => drop(known.lists.insert(issuer, list)),
            None => drop(known.lists.remove(&issuer)),
        });
    }

    /// What the desk knows, but for a directory.
    pub(crate) fn unlearn_directory(&self, of: DirectoryOf) {
        match of.city {
            None => self.learn_with(|known| known.directory = None),
            Some(city) => self.learn_cities_of(|cities| {
                cities.remove(&CityCode(city));
            }),
        }
    }

    /// Changes what the desk knows of the cities.
    pub(crate) fn learn_cities_of(
        &self,
        change: impl FnOnce(&mut BTreeMap<CityCode, KnownDirectory>),
    ) {
        self.learn_with(|known| change(&mut known.cities));
    }

    /// Which directory key could not be had.
    pub(crate) fn learn_lacking_key(&self, generation: Option<u32>) {
        self.learn_with(|known| known.lacks_directory_key = generation);
    }

    fn learn_with(&self, change: impl FnOnce(&mut Knowledge)) {
        let mut knowledge = write(&self.knowledge);
        let mut known = Knowledge::clone(&knowledge);
        change(&mut known);
        *knowledge = Arc::new(known);
    }

    /// How the authority was last heard of.
    pub fn connection(&self) -> Connection {
        *read(&self.connection)
    }

    /// Whoever hears an answer after the desk was ended has not heard an authority of its own.
    pub(crate) fn set_connection(&self, connection: Connection) {
        let mut now = write(&self.connection);
        *now = if self.enrolment().is_some() { connection } else { Connection::Offline };
    }

    pub(crate) fn trouble(&self) -> Option<Trouble> {
        read(&self.trouble).clone()
    }

    /// What was refused stays known over a restart, and to whoever looks at the desk beside it.
    pub(crate) fn set_trouble(&self, trouble: Option<Trouble>) {
        let before = self.trouble();
        let before = before.as_ref().and_then(Trouble::refusal);
        let mut trouble = trouble.filter(|_| self.enrolment().is_some());
        if let (Some(before), Some(Trouble::Feed(now))) = (before, &mut trouble)
            && before.is_of(now)
        {
            now.since = before.since;
        }
        let now = trouble.as_ref().and_then(Trouble::refusal);
        if before != now
            && !self.is_read_only()
            && let Err(error) = self.keep_refusal(now)
        {
            tracing::warn!(%error, "what was refused could not be written down");
        }
        *write(&self.trouble) = trouble;
    }

    fn keep_refusal(&self, refusal: Option<&Refusal>) -> Result<(), StoreError> {
        match refusal {
            Some(refusal) => self.store.set_setting(REFUSAL_KEY, refusal),
            None => self.store.remove_setting(REFUSAL_KEY).map(drop),
        }
    }

    /// How it stands with the lists of other issuers.
    pub(crate) fn regions(&self) -> MutexGuard<'_, Regions> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the list of cities.
    pub(crate) fn cities(&self) -> MutexGuard<'_, Cities> {
        self.cities.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was refused for good.
    pub(crate) fn refused(&self) -> MutexGuard<'_, Refused> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
