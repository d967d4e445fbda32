//! A first sync that takes long: colours count before the directory is there, and it is said how
//! far it is.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use yanma_station::authority::{Authority, AuthorityError, Pending, Take};
use yanma_station::domain::verdict::Decision;
use yanma_station::domain::{Colour, IssuerId};
use yanma_station::protocol::city_list::CityCode;
use yanma_station::protocol::entries::{EntriesRequest, EntriesResponse};
use yanma_station::protocol::envelope::FileKind;
use yanma_station::protocol::file_name::{FeedName, FileName};
use yanma_station::protocol::stations::{DirectoryKeys, EnrolRequest, EnrolResponse};
use yanma_station::protocol::verify::{VerifyRequest, VerifyResponse};
use yanma_station::run::{SYNC_EVERY, keep_in_step};
use yanma_station::store::DirectoryOf;
use yanma_station::sync::{Progress, Stage};
use yanma_station::{Clock, Notice, Subscription};

use crate::support::cities::FUZHOU;
use crate::support::house::{House, enrolment, reasons, root_of};
use crate::support::people::{GREEN, card, code_of};
use crate::support::province::{Carrier, Desk, Health, Province};
use crate::support::publishing::Press;

const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A line on which a directory's snapshot takes long.
struct SlowLine {
    province: Arc<Province>,
    pace: Pace,
    /// How often a snapshot of the directory was asked for.
    asked: AtomicUsize,
    /// Which of them.
    names: Mutex<BTreeSet<String>>,
}

enum Pace {
    /// The second half comes when it is let.
    Halves(Semaphore),
    /// A byte a second.
    Drips {
        /// Whether it begins where it is asked to.
        knows_ranges: bool,
    },
}

impl Authority for SlowLine {
    fn enrol<'a>(&'a self, request: &'a EnrolRequest) -> Pending<'a, EnrolResponse> {
        self.province.enrol(request)
    }

    fn head(&self) -> Pending<'_, Vec<u8>> {
        self.province.head()
    }

    fn file<'a>(&'a self, name: &'a str, limit: u64) -> Pending<'a, Vec<u8>> {
        self.province.file(name, limit)
    }

    fn file_from<'a>(
        &'a self,
        name: &'a str,
        from: u64,
        limit: u64,
        take: &'a mut Take<'a>,
    ) -> Pending<'a, ()> {
        Box::pin(async move {
            let bytes = self.province.file(name, limit).await?;
            let kept = |kept: bool| if kept { Ok(()) } else { Err(AuthorityError::NotKept) };
            let file: FileName = name.parse().unwrap();
            let from = usize::try_from(from).unwrap();
            let is_list = bytes.get(4) == Some(&FileKind::Cities.number());
            if file.feed() != FeedName::Directory || file.is_delta() || is_list {
                return kept(take(0, &bytes));
            }
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.names.lock().unwrap().insert(name.to_owned());
            match &self.pace {
                Pace::Halves(let_through) => {
                    let half = bytes.len() / 2;
                    if from < half {
                        kept(take(from as u64, &bytes[from..half]))?;
                    }
                    let_through.acquire().await.unwrap().forget();
                    let from = from.max(half);
                    kept(take(from as u64, &bytes[from..]))
                }
                Pace::Drips { knows_ranges } => {
                    for at in if *knows_ranges { from } else { 0 }..bytes.len() {
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        kept(take(at as u64, &bytes[at..=at]))?;
                    }
                    Ok(())
                }
            }
        })
    }

    fn directory_keys(&self) -> Pending<'_, DirectoryKeys> {
        self.province.directory_keys()
    }

    fn verify<'a>(&'a self, request: &'a VerifyRequest) -> Pending<'a, VerifyResponse> {
        self.province.verify(request)
    }

    fn upload<'a>(&'a self, request: &'a EntriesRequest) -> Pending<'a, EntriesResponse> {
        self.province.upload(request)
    }
}

/// A desk that knows nothing yet, on such a line.
fn on_a_slow_line(pace: Pace) -> (House, Arc<SlowLine>) {
    let house = House::unpacked();
    let province = Arc::clone(&house.province);
    let (asked, names) = Default::default();
    let line = Arc::new(SlowLine { province, pace, asked, names });
    house.desk.enrol_with(enrolment("general"), line.clone()).unwrap();
    (house, line)
}

#[tokio::test]
async fn colours_count_while_the_directory_is_fetched_and_it_is_said_how_far_that_is() {
    let (house, line) = on_a_slow_line(Pace::Halves(Semaphore::new(0)));
    assert_eq!(house.desk.progress(), None);
    let desk = Arc::clone(&house.desk);
    let syncing = tokio::spawn(async move { desk.sync().await });
    let progress = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(progress) = house.desk.progress() {
                return progress;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    let Progress { feed, stage, done, total } = progress.await.expect("it is said");
    assert_eq!((feed, stage, done), (FeedName::Directory, Stage::Fetch, total / 2));

    let standing = house.desk.standing().unwrap();
    assert!(standing.holders > 0 && standing.age_seconds == Some(0), "{standing:?}");
    assert_eq!(house.show(code_of(&GREEN).scanned()).verdict.decision, Decision::Admit);
    house.next_person();
    assert_eq!(reasons(&house.show(card())), "N-DIR", "a document is not checked yet");
    assert_eq!(house.notices(), [], "nothing is wrong");

    let Pace::Halves(let_through) = &line.pace else { panic!("in halves") };
    let_through.add_permits(1);
    assert_eq!(syncing.await.unwrap().unwrap().files, 4);
    assert_eq!(house.desk.progress(), None, "it is over");
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
    house.close();
}

async fn until(happened: impl Fn() -> bool) {
    while !happened() {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn has_directory(house: &House) -> bool {
    house.desk.knowledge().directory.is_some()
}

#[tokio::test(start_paused = true)]
async fn while_a_directory_is_fetched_newer_heads_are_followed_and_entries_sent() {
    let (house, line) = on_a_slow_line(Pace::Drips { knows_ranges: true });
    let began = Instant::now();
    let work = tokio::spawn(keep_in_step(Arc::clone(&house.desk), SYNC_EVERY, || {}));
    until(|| house.desk.knowledge().head_number == 1).await;
    assert_eq!(house.show(code_of(&GREEN).scanned()).verdict.decision, Decision::Admit);
    house.next_person();
    house.province.colour(GREEN.index, Colour::Red);
    until(|| house.desk.knowledge().head_number == 2 && house.pending() == 0).await;
    assert!(began.elapsed() < SYNC_EVERY, "{:?}", began.elapsed());
    assert!(!has_directory(&house), "long before the directory is there");
    assert_eq!(reasons(&house.show(code_of(&GREEN).scanned())), "C-RED");
    assert_eq!(house.province.inner().entries.len(), 1);

    // What lies on a stick waits for one go.
    let stick = tempfile::tempdir().unwrap();
    let heard = Instant::now();
    house.desk.import(stick.path()).await.expect_err("there is nothing on it");
    assert!(heard.elapsed() < SYNC_EVERY / 2 && !has_directory(&house), "{:?}", heard.elapsed());

    until(|| has_directory(&house)).await;
    let goes = line.asked.load(Ordering::Relaxed) as u64;
    let size = began.elapsed().as_secs();
    assert!(goes >= size / 25 && goes <= size / 20 + 1, "{goes} goes in {size} s");
    work.abort();
    house.next_person();
    assert_eq!(reasons(&house.show(card())), "C-RED");
    house.close();
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_is_asked_for_goes_on_until_the_directory_is_there() {
    let (house, line) = on_a_slow_line(Pace::Drips { knows_ranges: true });
    let synced = house.desk.sync().await.unwrap();
    assert!(has_directory(&house));
    assert!(line.asked.load(Ordering::Relaxed) > 2);
    let files: usize = house.province.inner().press.all_files().map(|(_, file)| file.len()).sum();
    assert!(synced.bytes > files as u64, "of all goes: {synced:?}");
    house.close();
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_a_directory_from_its_beginning_each_time_is_heard_to_the_end() {
    let (house, line) = on_a_slow_line(Pace::Drips { knows_ranges: false });
    let work = tokio::spawn(keep_in_step(Arc::clone(&house.desk), SYNC_EVERY, || {}));
    until(|| has_directory(&house)).await;
    assert_eq!(line.asked.load(Ordering::Relaxed), 2);
    work.abort();
    house.close();
}

#[tokio::test(start_paused = true)]
async fn a_directory_of_many_goes_that_is_wrong_is_told_and_fetched_anew_after_a_rest() {
    let (house, line) = on_a_slow_line(Pace::Drips { knows_ranges: true });
    house.province.carried_by(Carrier::Alters(FeedName::Directory));
    let work = tokio::spawn(keep_in_step(Arc::clone(&house.desk), SYNC_EVERY, || {}));
    until(|| house.notices() == [Notice::FeedRefused]).await;
    let since = house.clock.now();
    let asked = line.asked.load(Ordering::Relaxed);
    house.clock.turn(60);
    until(|| line.asked.load(Ordering::Relaxed) == asked + 3).await;
    let refusal = house.desk.standing().unwrap().refusal.expect("it is told until it is right");
    assert_eq!((refusal.code.as_str(), refusal.since), ("FEED-HASH", since));
    house.province.carried_by(Carrier::Honest);
    house.province.change(|press| press.begin_epoch(2));
    until(|| has_directory(&house) && house.notices().is_empty()).await;
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(0));
    work.abort();
    house.close();
}

/// So many people claim codes, and the directory has a fresh snapshot.
fn claim(press: &mut Press, first: u64, people: u64) {
    (first..first + people).for_each(|hash| press.claim(hash << 32, GREEN.index));
    press.make_snapshots();
}

/// A directory of some size is begun on a slow line, and before it is there so many fresh snapshots
/// of it are published, each after `meanwhile`. Answers how many snapshots were asked for.
async fn snapshots_asked_for(
    city: Option<CityCode>,
    fresh: u32,
    meanwhile: fn(&mut Press),
) -> usize {
    let (house, line) = on_a_slow_line(Pace::Drips { knows_ranges: true });
    house.province.change(Press::publish_cities);
    house.province.change(|press| claim(press, 1, 200));
    let cities = city.map(|city| vec![city]);
    house.desk.subscribe(&Subscription { cities, ..Subscription::default() }).await.unwrap();
    let work = tokio::spawn(keep_in_step(Arc::clone(&house.desk), SYNC_EVERY, || {}));
    until(|| line.asked.load(Ordering::Relaxed) == 40).await;
    for more in 0..fresh {
        house.province.change(|press| {
            meanwhile(press);
            claim(press, 1000 + u64::from(more), 1);
        });
        let number = house.province.inner().press.number;
        until(|| house.desk.knowledge().head_number == number).await;
    }
    let of = DirectoryOf { issuer: IssuerId::FUJIAN, city: city.map(|city| city.0) };
    let store = house.desk.store();
    until(|| store.directory_state(of).unwrap().is_some()).await;
    work.abort();
    // The newest one, whatever the way to it was.
    let state = store.directory_state(of).unwrap().unwrap();
    assert_eq!((state.sequence, state.root), (2 + fresh, root_of(store, of)));
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
    house.close();
    line.names.lock().unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_was_begun_is_brought_to_its_end_when_a_fresh_snapshot_is_named() {
    for city in [None, Some(FUZHOU)] {
        assert_eq!(snapshots_asked_for(city, 3, |_| {}).await, 1, "{city:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_was_begun_and_is_not_served_any_more_is_begun_anew() {
    for city in [None, Some(FUZHOU)] {
        assert_eq!(snapshots_asked_for(city, 1, Press::remove_snapshots).await, 2, "{city:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn entries_are_due_once_when_the_authority_is_back_and_not_with_every_go() {
    let (house, line) = on_a_slow_line(Pace::Drips { knows_ranges: true });
    house.province.is(Health::Down);
    assert!(house.show(code_of(&GREEN).scanned()).recorded);
    let work = tokio::spawn(keep_in_step(Arc::clone(&house.desk), SYNC_EVERY, || {}));
    let uploads = || house.province.inner().asked.uploads;
    until(|| uploads() == 1).await;
    house.province.desk(Desk::LosesAnswers);
    house.province.is(Health::Well);
    until(|| has_directory(&house)).await;
    assert!(line.asked.load(Ordering::Relaxed) > 3, "in several goes");
    // The desk's clock stands, so that nothing is due by itself.
    assert_eq!(uploads(), 2);
    work.abort();
    house.close();
}

#[tokio::test]
async fn colours_go_on_while_the_directory_fails_again_and_again() {
    let house = House::enrolled("general");
    house.province.carried_by(Carrier::Breaks(FeedName::Directory));
    for _ in 0..3 {
        house.desk.sync().await.unwrap_err();
        assert_eq!(house.desk.standing().unwrap().age_seconds, Some(0));
        house.clock.turn(60);
        house.province.publish();
    }
    house.desk.sync().await.unwrap_err();
    assert_eq!(house.desk.standing().unwrap().age_seconds, Some(0));
    let asked = house.province.inner().asked.files;
    house.desk.sync().await.unwrap_err();
    let now = house.province.inner().asked.files;
    assert_eq!(now - asked, 2, "of the same head only the directory is asked for, twice");

    let house = house.restarted();
    assert_eq!(house.desk.knowledge().directory, None);
    house.enrol_as_before();
    house.province.carried_by(Carrier::Honest);
    house.desk.sync().await.unwrap();
    house.next_person();
    assert_eq!(house.show(card()).verdict.decision, Decision::Admit);
    house.close();
}
