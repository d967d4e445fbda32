//! An authority inside the process: everything it says is really signed, and it can be
//! told to fail in every way that a network or a broken authority does.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ed25519_dalek::{Signer as _, SigningKey};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use yanma_station::authority::{Authority, AuthorityError, Pending};
use yanma_station::domain::document::DirectoryKey;
use yanma_station::domain::trust::{PublicKey, Words};
use yanma_station::domain::{Colour, IssuerId};
use yanma_station::protocol::batch::ItemOutcome;
use yanma_station::protocol::entries::{EntriesRequest, EntriesResponse, EntryResult, EntryUpload};
use yanma_station::protocol::file_name::{FeedName, FileName};
use yanma_station::protocol::stations::{
    DirectoryKeys, EarlierDirectoryKey, EnrolRequest, EnrolResponse, Site,
};
use yanma_station::protocol::verify::{VerifyAnswer, VerifyItem, VerifyRequest, VerifyResponse};
use yanma_station::protocol::{ApiError, ErrorCode, Secret};
use yanma_station::{Clock, StandingClock};

use super::publishing::{NEIGHBOUR, Press};

pub(crate) const DIRECTORY_KEY: [u8; 32] = [0x44; 32];

/// The instant every story begins at.
pub(crate) fn begin() -> Timestamp {
    "2020-07-01T08:00:00Z".parse().unwrap()
}

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    Root,
    Codes,
    Feeds,
    /// The feeds key after its rotation.
    NewFeeds,
    /// Another issuer that the trust list knows.
    Neighbour,
    /// The root key after its rotation, and the one after that.
    NewRoot,
    NewestRoot,
    /// Nobody that anyone trusts.
    Forger,
    /// What signs that other issuer's feeds.
    NeighbourFeeds,
}

impl Signer {
    fn key(self) -> SigningKey {
        SigningKey::from_bytes(&[self as u8 + 1; 32])
    }

    pub(crate) fn sign(self, message: &[u8]) -> [u8; 64] {
        self.key().sign(message).to_bytes()
    }

    /// With which the key's owner opens what was sealed for it.
    pub(crate) fn scalar(self) -> [u8; 32] {
        self.key().to_scalar_bytes()
    }

    pub(crate) fn public(self) -> PublicKey {
        PublicKey::from_bytes(&self.key().verifying_key().to_bytes()).unwrap()
    }
}

/// How the whole authority is, whatever it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Health {
    #[default]
    Well,
    /// No connection.
    Down,
    /// Connected, and silent for ever.
    Silent,
    /// Answers after so long.
    Slow(Duration),
    /// Answers with this error.
    Answers(AuthorityError),
    /// Has ended this station, and says so to whatever carries its token; heads and files come
    /// from elsewhere.
    Ended,
}

/// The directory key of a generation.
pub(crate) fn directory_key(generation: u32) -> DirectoryKey {
    DirectoryKey::from_bytes([DIRECTORY_KEY[0] + generation as u8 - 1; 32])
}

/// What a desk is given after so many rotations.
pub(crate) fn directory_keys(generation: u32) -> DirectoryKeys {
    let hex = |generation| Secret::new(directory_key(generation).to_hex());
    DirectoryKeys {
        directory_key: hex(generation),
        directory_key_generation: generation,
        earlier_directory_keys: (1..generation)
            .map(|generation| EarlierDirectoryKey {
                generation,
                key: hex(generation),
                until: begin() + SignedDuration::from_hours(24 * 131),
            })
            .collect(),
    }
}

/// What is wrong with the heads and files that are served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Carrier {
    #[default]
    Honest,
    /// This head instead of the newest.
    Head(Vec<u8>),
    /// Files of a feed are not there.
    Lacks(FeedName),
    /// The deltas of a feed are not there.
    LacksDeltas(FeedName),
    /// Files of a feed end after so many bytes.
    Cuts(FeedName, usize),
    /// Files of a feed go on after their end.
    Lengthens(FeedName),
    /// A bit of the files of a feed is turned over.
    Alters(FeedName),
    /// The connection breaks in a file of this feed.
    Breaks(FeedName),
}

/// What happens to entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Desk {
    #[default]
    Takes,
    /// Takes them in, and the answer is lost on the way.
    LosesAnswers,
    /// Answers for the first so many only.
    AnswersFor(usize),
    /// Will not take refusals.
    RejectsRefusals,
    /// Answers for entries nobody sent.
    AnswersForOthers,
}

/// How often each thing was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) heads: usize,
    pub(crate) files: usize,
    pub(crate) verifies: usize,
    pub(crate) uploads: usize,
    pub(crate) directory_keys: usize,
}

/// The authority of the stories.
pub(crate) struct Province {
    clock: Arc<StandingClock>,
    inner: Mutex<Inner>,
    /// Another issuer, whose lists this one carries.
    neighbour: Mutex<Option<Arc<Self>>>,
}

pub(crate) struct Inner {
    pub(crate) press: Press,
    pub(crate) health: Health,
    pub(crate) carrier: Carrier,
    pub(crate) desk: Desk,
    /// Whether it is the authority itself that is reached, which alone gives directory keys.
    pub(crate) gives_keys: bool,
    /// Gives the keys of this generation, not those that it publishes under.
    pub(crate) keys_of: Option<u32>,
    /// By how many seconds its clock is behind the desk's, in answers.
    pub(crate) clock_behind: i64,
    pub(crate) asked: Asked,
    /// Every entry that was taken in, in order.
    pub(crate) entries: Vec<EntryUpload>,
    /// Every id in every request, in order.
    pub(crate) offered: Vec<Uuid>,
}

impl Province {
    /// A province that has published once.
    pub(crate) fn new(clock: &Arc<StandingClock>) -> Arc<Self> {
        Self::with(clock, Press::new(clock.now()))
    }

    /// Carries the lists of [`NEIGHBOUR`] from now on, who has published once.
    pub(crate) fn carry_neighbour(&self) -> Arc<Self> {
        let press = Press::of(NEIGHBOUR, Signer::NeighbourFeeds, self.clock.now());
        let neighbour = Self::with(&self.clock, press);
        *self.neighbour.lock().unwrap() = Some(Arc::clone(&neighbour));
        neighbour
    }

    fn with(clock: &Arc<StandingClock>, press: Press) -> Arc<Self> {
        let inner = Inner {
            press,
            health: Health::Well,
            carrier: Carrier::Honest,
            desk: Desk::Takes,
            gives_keys: true,
            keys_of: None,
            clock_behind: 0,
            asked: Asked::default(),
            entries: Vec::new(),
            offered: Vec::new(),
        };
        let (clock, neighbour) = (Arc::clone(clock), Mutex::new(None));
        Arc::new(Self { clock, inner: Mutex::new(inner), neighbour })
    }

    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(crate) fn is(&self, health: Health) {
        self.inner().health = health;
    }

    pub(crate) fn carried_by(&self, carrier: Carrier) {
        self.inner().carrier = carrier;
    }

    pub(crate) fn desk(&self, desk: Desk) {
        self.inner().desk = desk;
    }

    /// Colours a holder and publishes it.
    pub(crate) fn colour(&self, index: u32, colour: Colour) {
        self.change(|press| press.set(index, colour));
    }

    /// Changes something and publishes it.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Press)) {
        let now = self.clock.now();
        let mut inner = self.inner();
        change(&mut inner.press);
        inner.press.publish(now);
    }

    /// Publishes what there is once more: only the head is new.
    pub(crate) fn publish(&self) {
        self.change(|_| {});
    }

    /// What enrolling here answers.
    pub(crate) fn enrolment(scene: &str) -> EnrolResponse {
        EnrolResponse {
            station: "gate-1".to_owned(),
            token: "t".repeat(32).into(),
            site: Site {
                id: "site-1".to_owned(),
                name: Words { zh: "一号门".to_owned(), en: "Gate 1".to_owned() },
            },
            scene: scene.to_owned(),
            issuer: IssuerId::FUJIAN,
            code_host: "JKM.FUJIAN.GOV.CN".to_owned(),
            root_key: Signer::Root.public(),
            directory_keys: directory_keys(1),
        }
    }
}

impl Inner {
    fn file(&self, name: &str, limit: u64) -> Result<Vec<u8>, AuthorityError> {
        let feed = name.parse::<FileName>().unwrap().feed();
        let missing = || {
            let error = ApiError::new(ErrorCode::NotFound, "There is no such file.");
            Err(AuthorityError::Refused(error))
        };
        let Some(mut bytes) = self.press.file(name) else { return missing() };
        match &self.carrier {
            Carrier::Lacks(of) if *of == feed => return missing(),
            Carrier::LacksDeltas(of) if *of == feed && !name.contains("-0-") => return missing(),
            Carrier::Cuts(of, at) if *of == feed => bytes.truncate(*at),
            Carrier::Lengthens(of) if *of == feed => bytes.push(0),
            Carrier::Alters(of) if *of == feed => {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            }
            Carrier::Breaks(of) if *of == feed => return Err(AuthorityError::Unreachable),
            _ => {}
        }
        if bytes.len() as u64 > limit {
            return Err(AuthorityError::TooLong { limit });
        }
        Ok(bytes)
    }

    fn look_up(&self, item: &VerifyItem) -> VerifyAnswer {
        let holder = match item {
            VerifyItem::Code(text) => {
                yanma_station::domain::code::DecodedCode::from_text(text.reveal())
                    .ok()
                    .map(|code| (code.body().key.issuer, code.body().index))
            }
            VerifyItem::Document(document) if document.key != self.press.key_generation => {
                return VerifyAnswer::Unchecked;
            }
            VerifyItem::Document(document) => {
                self.press.holder_of(document.hash).map(|index| (IssuerId::FUJIAN, index))
            }
        };
        let known =
            holder.and_then(|(issuer, index)| Some((issuer, index, self.press.colour_of(index)?)));
        match known {
            Some((issuer, index, colour)) => {
                VerifyAnswer::Known { issuer, index, colour, name_masked: None }
            }
            None => VerifyAnswer::Unknown,
        }
    }

    fn take(&mut self, request: &EntriesRequest) -> Result<EntriesResponse, AuthorityError> {
        request.check().expect("a desk sends what the protocol allows");
        self.offered.extend(request.entries.iter().map(|entry| entry.id));
        let mut results = Vec::new();
        for entry in &request.entries {
            let refused = entry.decision == yanma_station::domain::verdict::Decision::Refuse;
            let outcome = if self.desk == Desk::RejectsRefusals && refused {
                ItemOutcome::Rejected
            } else if self.entries.iter().any(|taken| taken.id == entry.id) {
                ItemOutcome::Duplicate
            } else {
                self.entries.push(entry.clone());
                ItemOutcome::Accepted
            };
            let reason = (outcome == ItemOutcome::Rejected).then(|| "not-wanted".to_owned());
            results.push(EntryResult { id: Some(entry.id), outcome, reason });
        }
        match self.desk {
            Desk::LosesAnswers => return Err(AuthorityError::TimedOut),
            Desk::AnswersFor(first) => results.truncate(first),
            Desk::AnswersForOthers => {
                results.iter_mut().for_each(|result| result.id = Some(Uuid::nil()));
            }
            Desk::Takes | Desk::RejectsRefusals => {}
        }
        Ok(EntriesResponse { results })
    }
}

impl Province {
    /// Counts, and fails as it was told to; else lets `answer` speak.
    fn answer<'a, T: 'a>(
        &'a self,
        count: fn(&mut Asked) -> &mut usize,
        answer: impl FnOnce(&mut Inner) -> Result<T, AuthorityError> + Send + 'a,
    ) -> Pending<'a, T> {
        Box::pin(async move {
            let (health, with_token) = {
                let mut inner = self.inner();
                let before = inner.asked;
                *count(&mut inner.asked) += 1;
                let Asked { heads, files, .. } = inner.asked;
                (inner.health.clone(), (heads, files) == (before.heads, before.files))
            };
            match health {
                Health::Well => answer(&mut self.inner()),
                Health::Down => Err(AuthorityError::Unreachable),
                Health::Silent => std::future::pending().await,
                Health::Slow(takes) => {
                    tokio::time::sleep(takes).await;
                    answer(&mut self.inner())
                }
                Health::Answers(error) => Err(error),
                Health::Ended if with_token => Err(AuthorityError::Revoked),
                Health::Ended => answer(&mut self.inner()),
            }
        })
    }
}

impl Authority for Province {
    fn enrol<'a>(&'a self, _request: &'a EnrolRequest) -> Pending<'a, EnrolResponse> {
        Box::pin(async { Ok(Self::enrolment("general")) })
    }

    fn region(&self, issuer: IssuerId) -> Option<Arc<dyn Authority>> {
        let neighbour = self.neighbour.lock().unwrap().clone()?;
        (issuer == NEIGHBOUR).then_some(neighbour as Arc<dyn Authority>)
    }

    fn head(&self) -> Pending<'_, Vec<u8>> {
        self.answer(
            |asked| &mut asked.heads,
            |inner| match &inner.carrier {
                Carrier::Head(head) => Ok(head.clone()),
                _ => Ok(inner.press.head().to_vec()),
            },
        )
    }

    fn file<'a>(&'a self, name: &'a str, limit: u64) -> Pending<'a, Vec<u8>> {
        self.answer(|asked| &mut asked.files, move |inner| inner.file(name, limit))
    }

    fn directory_keys(&self) -> Pending<'_, DirectoryKeys> {
        self.answer(
            |asked| &mut asked.directory_keys,
            |inner| match inner.gives_keys {
                true => Ok(directory_keys(inner.keys_of.unwrap_or(inner.press.key_generation))),
                false => Err(AuthorityError::Unreachable),
            },
        )
    }

    fn verify<'a>(&'a self, request: &'a VerifyRequest) -> Pending<'a, VerifyResponse> {
        self.answer(
            |asked| &mut asked.verifies,
            move |inner| {
                request.check().expect("a desk asks what the protocol allows");
                let position = inner.press.position();
                Ok(VerifyResponse {
                    answers: request.items.iter().map(|item| inner.look_up(item)).collect(),
                    epoch: position.epoch,
                    sequence: position.sequence,
                    at: self.clock.now() - SignedDuration::from_secs(inner.clock_behind),
                    receipt: None,
                })
            },
        )
    }

    fn upload<'a>(&'a self, request: &'a EntriesRequest) -> Pending<'a, EntriesResponse> {
        self.answer(|asked| &mut asked.uploads, move |inner| inner.take(request))
    }
}
