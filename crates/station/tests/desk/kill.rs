//! `kill -9` at any instant of what a desk does: real processes, a seed, and what must hold
//! after each.
//!
//! The child of a round scans, syncs, uploads, ends retention and, in its first moments, opens
//! and upgrades the file. Its authority is outside of it: published folders for the feeds,
//! and for the entries a ledger on the disk that takes each id once. The default is a few
//! rounds; `YANMA_KILLS=1000 cargo nextest run -p yanma-station kill` makes as many as wanted,
//! and `YANMA_KILL_SEED` says where the random numbers begin.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Span};
use uuid::Uuid;
use yanma_station::authority::{Authority, AuthorityError, Folder, Pending};
use yanma_station::domain::code::Lifetime;
use yanma_station::domain::{Colour, IssuerId};
use yanma_station::protocol::batch::ItemOutcome;
use yanma_station::protocol::city_list::CityCode;
use yanma_station::protocol::entries::{EntriesRequest, EntriesResponse, EntryResult};
use yanma_station::protocol::stations::{DirectoryKeys, EnrolRequest, EnrolResponse};
use yanma_station::protocol::verify::{VerifyRequest, VerifyResponse};
use yanma_station::store::{
    DirectoryOf, FeedName, FeedState, FileKey, Filter, KeyFile, Keystore as _,
};
use yanma_station::{Desk, Mode, StandingClock, Subscription};

use crate::support::cities::{FUZHOU, XIAMEN};
use crate::support::house::{enrolment, root_of};
use crate::support::people::{GREEN, GUEST, ORANGE, code_of};
use crate::support::province::begin;
use crate::support::publishing::Press;

const PLACE: &str = "YANMA_STATION_KILL_PLACE";
const ROUND: &str = "YANMA_STATION_KILL_ROUND";
const ROUNDS: u64 = 12;
/// A desk that chose these instead of the whole directory has a file of this name beside it.
const CITIES: [CityCode; 3] = [CityCode::NONE, FUZHOU, XIAMEN];
const CITIES_CHOSEN: &str = "cities-chosen";
/// Published heads; a child goes on from the one that the file has.
const HEADS: usize = 40;
/// Each round is three hours later: days end, and with them their retention.
const ROUND_SECONDS: i64 = 3 * 3600;

/// The entry in the file of the first program, whose body no authority would take.
const OLD_ENTRY: Uuid = Uuid::from_u128(0x0172_b9c0_0000_7000_8000_0000_0000_0002);

/// An authority that outlives the desk.
struct Outside {
    feeds: Folder,
    ledger: PathBuf,
}

impl Outside {
    fn new(place: &Path, head: usize) -> Self {
        Self { feeds: Folder::new(&head_folder(place, head)), ledger: place.join("ledger") }
    }

    /// Every id that was taken in, in order. A line without an end was never answered for.
    fn taken(ledger: &Path) -> Vec<Uuid> {
        let text = fs::read_to_string(ledger).unwrap_or_default();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().filter_map(|line| line.parse().ok()).collect()
    }

    fn take(&self, request: &EntriesRequest) -> EntriesResponse {
        let known: BTreeSet<_> = Self::taken(&self.ledger).into_iter().collect();
        let mut file = OpenOptions::new().append(true).create(true).open(&self.ledger).unwrap();
        // What a kill cut off in the middle of a line is ended, and is no id.
        if fs::read(&self.ledger).unwrap().last().is_some_and(|last| *last != b'\n') {
            file.write_all(b"\n").unwrap();
        }
        let mut results = Vec::new();
        for entry in &request.entries {
            let outcome = if known.contains(&entry.id) {
                ItemOutcome::Duplicate
            } else {
                file.write_all(format!("{}\n", entry.id).as_bytes()).unwrap();
                ItemOutcome::Accepted
            };
            results.push(EntryResult { id: Some(entry.id), outcome, reason: None });
        }
        EntriesResponse { results }
    }
}

impl Authority for Outside {
    fn enrol<'a>(&'a self, _request: &'a EnrolRequest) -> Pending<'a, EnrolResponse> {
        Box::pin(async { Err(AuthorityError::Unreachable) })
    }

    fn head(&self) -> Pending<'_, Vec<u8>> {
        self.feeds.head()
    }

    fn file<'a>(&'a self, name: &'a str, limit: u64) -> Pending<'a, Vec<u8>> {
        self.feeds.file(name, limit)
    }

    fn directory_keys(&self) -> Pending<'_, DirectoryKeys> {
        Box::pin(async { Err(AuthorityError::Unreachable) })
    }

    fn verify<'a>(&'a self, _request: &'a VerifyRequest) -> Pending<'a, VerifyResponse> {
        Box::pin(async { Err(AuthorityError::Unreachable) })
    }

    fn upload<'a>(&'a self, request: &'a EntriesRequest) -> Pending<'a, EntriesResponse> {
        Box::pin(async move { Ok(self.take(request)) })
    }
}

fn head_folder(place: &Path, head: usize) -> PathBuf {
    place.join(format!("head-{head}"))
}

/// Publishes heads of which each changes colours and the directory; every fifth one begins
/// both lists anew, so that a desk takes the snapshots.
fn publish(place: &Path) {
    let mut press = Press::new(begin());
    for head in 1..=HEADS {
        if head == 2 {
            press.publish_cities();
        }
        if head > 1 {
            let index = 50 + head as u32;
            press.set(index, if head % 2 == 0 { Colour::Red } else { Colour::Green });
            press.move_to(index, [FUZHOU, XIAMEN][head % 2]);
            for n in 0..40 {
                press.claim((head as u64 * 40 + n) << 50 | 7, index);
            }
            if head % 5 == 0 {
                press.begin_epoch(head as u32);
            }
            press.publish(begin() + SignedDuration::from_mins(head as i64));
        }
        let files = head_folder(place, head).join("files");
        fs::create_dir_all(&files).unwrap();
        fs::write(head_folder(place, head).join("head.yf"), press.head()).unwrap();
        for (name, bytes) in press.all_files() {
            fs::write(files.join(name), bytes).unwrap();
        }
    }
}

fn desk_folder(place: &Path) -> PathBuf {
    place.join("desk")
}

fn open(place: &Path, round: i64, head: usize) -> Desk {
    let clock = StandingClock::at(begin() + SignedDuration::from_secs(round * ROUND_SECONDS));
    let desk = Desk::at(&desk_folder(place), Mode::Work, Arc::new(clock)).unwrap();
    assert_eq!(desk.report.set_aside, None, "a kill damages nothing");
    assert_eq!(desk.report.directories_lost, [], "nor a directory");
    desk.desk.enrol_with(enrolment("general"), Arc::new(Outside::new(place, head))).unwrap();
    if chose_cities(place) {
        let cities = Subscription { cities: Some(CITIES.to_vec()), ..Subscription::default() };
        desk.desk.take_subscription(&cities).unwrap();
    }
    desk.desk
}

fn chose_cities(place: &Path) -> bool {
    place.join(CITIES_CHOSEN).exists()
}

fn say(what: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "did {what}").unwrap();
    out.flush().unwrap();
}

/// Not a test of its own: the program that `killed_at_any_instant…` starts and kills.
#[test]
fn child() {
    let Some(place) = std::env::var_os(PLACE).map(PathBuf::from) else { return };
    let round: i64 = std::env::var(ROUND).unwrap().parse().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    say("start");
    let mut desk = open(&place, round, 1);
    say("open");
    let persons = [GREEN, ORANGE, GUEST];
    for turn in 0.. {
        let person = persons[turn % persons.len()];
        let code = code_of(&person).with(|body| {
            body.lifetime = Lifetime::minutes(30).unwrap();
            body.issued_at = begin() + SignedDuration::from_secs(round * ROUND_SECONDS);
        });
        let checked = desk.present(&[code.scanned()]).unwrap();
        assert!(checked.recorded);
        say(&format!("entry {}", checked.entry));
        if turn % 3 == 0 {
            let known = usize::try_from(desk.knowledge().head_number).unwrap();
            let next = known % HEADS + 1;
            if next > known {
                drop(desk);
                desk = open(&place, round, next);
                runtime.block_on(desk.sync()).unwrap();
                say(&format!("head {next}"));
            }
        }
        if turn % 4 == 1 {
            desk.store().make_due().unwrap();
            runtime.block_on(desk.upload()).unwrap();
            say("upload");
        }
        if turn % 5 == 2 {
            let today = desk.now().to_zoned(jiff::tz::TimeZone::system()).date();
            for day in desk.store().days().unwrap().iter().filter(|day| day.entries_kept) {
                // A few entries at a time, so that kills fall in between.
                if day.day < today {
                    while desk.store().retain_details(day.first, 9, None).unwrap().more {}
                }
                if day.day < today - Span::new().days(1) {
                    let mut first = day.first;
                    loop {
                        let step = desk.store().retain(first, 9, None).unwrap();
                        first.0 += step.deleted;
                        if !step.more {
                            break;
                        }
                    }
                }
            }
            say("retention");
        }
    }
}

/// What the children did, over all rounds.
#[derive(Default)]
struct Said {
    entries: Vec<Uuid>,
    head: u64,
    did: BTreeMap<String, u32>,
    /// What the last one had done when it was killed.
    last: String,
}

/// Starts a child, kills it after a pause, and notes what it had acknowledged. The pause
/// begins with the start of the program or with its first entry, in turn: the former meets
/// opening, and in the first round upgrading.
fn run_and_kill(place: &Path, round: u64, random: u64, said: &mut Said) {
    let early = round == 0 || random.is_multiple_of(4);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture", "--test-threads=1"])
        .env(PLACE, place)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    let sign = if early { "did start" } else { "did entry" };
    while !text.contains(sign) {
        assert_ne!(lines.read_line(&mut text).unwrap(), 0, "it ended by itself: {text}");
    }
    let longest = if early { 40_000 } else { 150_000 };
    std::thread::sleep(Duration::from_micros(random / 4 % longest));
    child.kill().unwrap();
    lines.read_to_string(&mut text).unwrap();
    assert!(!child.wait().unwrap().success(), "it was killed: {text}");
    // A line without its end was cut off while being said: not acknowledged.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    for line in whole.lines() {
        let Some((_, did)) = line.split_once("did ") else { continue };
        let (what, which) = did.split_once(' ').unwrap_or((did, ""));
        *said.did.entry(what.to_owned()).or_default() += 1;
        what.clone_into(&mut said.last);
        match what {
            "entry" => said.entries.push(which.parse().unwrap()),
            "head" => said.head = which.parse().unwrap(),
            _ => {}
        }
    }
}

fn check(place: &Path, round: u64, said: &Said, seed: u64) {
    let case = format!("round {round} of seed {seed}");
    let desk = open(place, round as i64, 1);
    let store = desk.store();
    let report = store.check().unwrap_or_else(|error| panic!("{case}: {error}"));
    assert!(report.lost.is_empty(), "{case}: {:?}", report.lost);

    // Every acknowledged entry was kept, or its day ended, and a day ends only when all of
    // it was taken in; and none is there or was taken twice.
    let kept: Vec<_> = store.export(&Filter::default()).map(|entry| entry.unwrap()).collect();
    let ids: BTreeSet<_> = kept.iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), kept.len(), "{case}: an entry is in the log twice");
    let taken = Outside::taken(&place.join("ledger"));
    let by_authority: BTreeSet<_> = taken.iter().copied().collect();
    assert_eq!(by_authority.len(), taken.len(), "{case}: an entry was taken in twice");
    for id in &said.entries {
        assert!(ids.contains(id) || by_authority.contains(id), "{case}: {id} is lost");
    }
    let pending: BTreeSet<_> = {
        store.make_due().unwrap();
        store.due(desk.now(), 100_000).unwrap().iter().map(|row| row.id).collect()
    };
    for id in ids.iter().filter(|id| **id != OLD_ENTRY) {
        assert!(pending.contains(id) || by_authority.contains(id), "{case}: {id} is never sent");
    }

    // The feeds are whole, and those of one head; a directory that has to come whole comes after.
    let known = desk.knowledge();
    assert!(known.head_number >= said.head, "{case}: head {} went back", said.head);
    let states = store.feed_states().unwrap();
    if known.head_number == 0 {
        assert_eq!(states, [], "{case}");
        return;
    }
    let state = |feed| states.iter().find(|state| state.1 == feed).map(|state| state.2);
    let status = state(FeedName::Status).unwrap();
    assert_eq!(known.lists[&IssuerId::FUJIAN].list.root(), status.root, "{case}");
    let files = fs::read_dir(desk_folder(place)).unwrap();
    let bases = files
        .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains(".base-"));
    let bases = bases.count();
    if chose_cities(place) {
        assert_eq!(states.len(), 3, "{case}: the whole directory was not chosen");
        check_cities(&desk, bases, said, &case);
        return;
    }
    let Some(directory) = state(FeedName::Directory) else {
        assert_eq!((states.len(), known.directory, bases), (3, None, 0), "{case}: not yet");
        return;
    };
    assert_eq!((states.len(), bases), (4, 1), "{case}: what was never in force is gone");
    assert_eq!(root_of(store, IssuerId::FUJIAN), directory.root, "{case}");
    // Both lists change with each head, in step.
    let place = |state: FeedState| (state.epoch, state.sequence, state.as_of);
    if known.directory_is_behind() {
        assert!(place(directory) < place(status), "{case}: of an earlier head");
    } else {
        assert_eq!(place(directory), place(status), "{case}: of one head");
    }
}

/// Each city is whole and by itself, and as new as the newest head that was acknowledged.
fn check_cities(desk: &Desk, bases: usize, said: &Said, case: &str) {
    let store = desk.store();
    let cities = store.city_states(IssuerId::FUJIAN).unwrap();
    assert_eq!(bases, cities.len(), "{case}: what was never in force is gone");
    for (city, state) in &cities {
        let of = DirectoryOf { issuer: IssuerId::FUJIAN, city: Some(*city) };
        assert_eq!(root_of(store, of), state.root, "{case}: {of}");
        let acknowledged = begin() + SignedDuration::from_mins(said.head as i64);
        assert!(said.head < 2 || state.as_of >= acknowledged, "{case}: {of} went back");
    }
    assert!(said.head < 2 || cities.len() == CITIES.len(), "{case}: {cities:?}");
}

/// A file as the first released program left it, with an entry and a day that has ended.
fn put_old_file(place: &Path) {
    let folder = desk_folder(place);
    fs::create_dir_all(&folder).unwrap();
    let key = KeyFile::new(folder.join("desk.key"));
    key.create(&FileKey::from_bytes([0x42; 32])).unwrap();
    let db = rusqlite::Connection::open(folder.join("desk.db")).unwrap();
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "42".repeat(32))).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/tests/schemas/v1.sql");
    db.execute_batch(&fs::read_to_string(schema).unwrap()).unwrap();
    // Its feeds are of no issuer that is followed here.
    db.execute_batch("DELETE FROM feeds; DELETE FROM heads; DELETE FROM directory").unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|given| given.parse().expect("a number"))
}

#[test]
fn killed_at_any_instant_nothing_acknowledged_is_lost_and_no_feed_is_half() {
    kill_desks(false);
}

#[test]
fn killed_at_any_instant_a_desk_with_chosen_cities_has_each_of_them_whole() {
    kill_desks(true);
}

fn kill_desks(with_cities: bool) {
    if std::env::var_os(PLACE).is_some() {
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (rounds, seed) =
        (number("YANMA_KILLS").unwrap_or(ROUNDS), number("YANMA_KILL_SEED").unwrap_or(20_200_616));
    let mut random = seed | 1;
    let mut place = tempfile::tempdir().unwrap();
    let mut said = Said::default();
    let mut in_all = BTreeMap::<String, u32>::new();
    let mut killed_after = BTreeMap::<String, u32>::new();
    let seldom = |in_all: &BTreeMap<String, u32>| {
        let acts = ["entry", "head", "upload", "retention"];
        acts.into_iter().find(|act| in_all.get(*act).is_none_or(|times| *times < 3))
    };
    let mut round = 0;
    // Where others work a program does less before it is killed, and more are killed.
    while round < rounds || seldom(&in_all).is_some() && round < 10 * rounds {
        // A desk of its own for so many rounds: the upgrade, and heads that go on.
        if round % 25 == 0 {
            place = tempfile::tempdir().unwrap();
            publish(place.path());
            put_old_file(place.path());
            if with_cities {
                fs::write(place.path().join(CITIES_CHOSEN), "").unwrap();
            }
            said = Said::default();
        }
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        run_and_kill(place.path(), round % 25, random >> 8, &mut said);
        check(place.path(), round % 25, &said, seed);
        let upgrading = round % 25 == 0 && said.last == "start";
        let last = if upgrading { "start, upgrading".to_owned() } else { said.last.clone() };
        *killed_after.entry(last).or_default() += 1;
        for (what, times) in std::mem::take(&mut said.did) {
            *in_all.entry(what).or_default() += times;
        }
        round += 1;
    }
    eprintln!("{round} kills from seed {seed}, of programs that did {in_all:?}");
    eprintln!("the last that was done before a kill: {killed_after:?}");
    assert_eq!(seldom(&in_all), None, "{in_all:?}");
}
