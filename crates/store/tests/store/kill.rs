//! `kill -9` at any moment: what was acknowledged is there, once; a feed is whole or absent.
//!
//! `YANMA_KILLS` says how often, `YANMA_KILL_SEED` where the random numbers begin.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use yanma_domain::document::DocumentHash;
use yanma_domain::{IssuerId, StatusIndex};
use yanma_store::{DirectoryRow, FeedName, FeedState, FeedWrite, HeadMark, Store};

use crate::{at, desk, entry, numbers, open};

const FILE: &str = "YANMA_STORE_KILL_FILE";
const ROUNDS: u64 = 20;
const DIRECTORY: u32 = 300;

/// Not a test of its own: the program that `killed_at_any_moment…` starts and kills. It
/// appends until it dies, says every number once it has it, and applies a feed now and then.
#[test]
fn child() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else { return };
    let (store, report) = open(&path).unwrap();
    assert_eq!(report.set_aside, None, "a kill damages nothing");
    let mut out = std::io::stdout();
    let mut n = store.chain_head().unwrap().map_or(0, |head| head.number.0);
    loop {
        n += 1;
        let number = store.append(&entry(n)).unwrap();
        assert_eq!(number.0, n);
        writeln!(out, "entry {number}").unwrap();
        out.flush().unwrap();
        if n % 5 == 0 {
            let sequence = u32::try_from(n).unwrap();
            apply(&store, sequence);
            writeln!(out, "feed {sequence}").unwrap();
            out.flush().unwrap();
        }
        if n % 3 == 0 {
            store.mark_sent(&[entry(n - 1).id]).unwrap();
        }
    }
}

/// A trust list, a status list of many pages and a directory that all say `sequence`. The
/// status list comes as a step over the one before, now and then whole, and is folded now and
/// then.
fn apply(store: &Store, sequence: u32) {
    let issuer = IssuerId::FUJIAN;
    let stored = store.feed(issuer, FeedName::Status).unwrap().map(|feed| feed.state);
    let state = FeedState { epoch: 1, sequence, root: [0; 32], as_of: at(u64::from(sequence)) };
    let blob = sequence.to_le_bytes().repeat(50_000);
    let rows = (0..DIRECTORY).map(move |i| DirectoryRow {
        hash: DocumentHash::from_u64(u64::from(i)),
        index: StatusIndex(sequence),
    });
    let mark = HeadMark { number: u64::from(sequence), issued_at: at(u64::from(sequence)) };
    store
        .apply_feeds([
            FeedWrite::Head { issuer, mark },
            FeedWrite::Whole { issuer, feed: FeedName::Trust, state, blob: &blob[..4] },
            match stored.filter(|_| !sequence.is_multiple_of(35)) {
                Some(FeedState { epoch, sequence: from, .. }) => FeedWrite::Step {
                    issuer,
                    feed: FeedName::Status,
                    from: (epoch, from),
                    state,
                    step: &blob,
                },
                None => FeedWrite::Whole { issuer, feed: FeedName::Status, state, blob: &blob },
            },
            FeedWrite::DirectoryWhole { issuer, state, rows: Box::new(rows) },
        ])
        .unwrap();
    if sequence.is_multiple_of(20) {
        store.fold_feed(issuer, FeedName::Status, (1, sequence), &blob).unwrap();
    }
}

/// Starts the child, kills it after `pause`, and answers what it had acknowledged.
fn run_and_kill(path: &Path, pause: Duration) -> Vec<(String, u64)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    // The pause begins with the first acknowledgement, so that every round kills a writer.
    while !said.contains("entry ") {
        assert_ne!(lines.read_line(&mut said).unwrap(), 0, "the child ended by itself: {said}");
    }
    std::thread::sleep(pause);
    child.kill().unwrap();
    std::io::Read::read_to_string(&mut lines, &mut said).unwrap();
    assert!(!child.wait().unwrap().success(), "it was killed");
    // A line without its end was cut off while being said: not acknowledged.
    let whole = said.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole
        .lines()
        .filter_map(|line| {
            let (what, number) = line
                .rsplit_once("entry ")
                .map(|(_, n)| ("entry", n))
                .or_else(|| line.rsplit_once("feed ").map(|(_, n)| ("feed", n)))?;
            Some((what.to_owned(), number.parse().ok()?))
        })
        .collect()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|given| given.parse().expect("a number"))
}

#[test]
fn killed_at_any_moment_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = desk(&folder);
    let rounds = number("YANMA_KILLS").unwrap_or(ROUNDS);
    // A fixed seed: xorshift, so that a failing run can be had again.
    let mut random = number("YANMA_KILL_SEED").unwrap_or(0x2020_0616) | 1;
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    // A slow machine is given longer, until it has done enough.
    let enough = |newest: &BTreeMap<String, u64>| newest.get("feed").is_some_and(|feed| *feed > 5);
    let mut round = 0;
    while round < rounds || (!enough(&newest) && round < 10 * rounds) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let pause = Duration::from_micros(random % (60_000 * (1 + round / rounds)));
        for (what, number) in run_and_kill(&path, pause) {
            newest.insert(what, number);
        }
        let (store, report) = open(&path).unwrap();
        assert_eq!(report.set_aside, None, "round {round}");
        let there = numbers(&store);
        let acknowledged = newest["entry"];
        assert!(
            there.len() as u64 >= acknowledged,
            "round {round}: {} < {acknowledged}",
            there.len()
        );
        assert!(
            there.len() as u64 <= acknowledged + 1,
            "round {round}: at most one more in flight"
        );
        assert_eq!(there, (1..=there.len() as u64).collect::<Vec<_>>(), "round {round}");
        assert_eq!(store.check().unwrap().entries, there.len() as u64, "round {round}");
        // What was not sent is still to be sent: every third entry was, but for the newest.
        let due = store.due(at(0), u32::MAX).unwrap();
        let due: BTreeSet<_> = due.iter().map(|row| row.number.0).collect();
        assert_eq!(store.outbox_counts().unwrap().pending, due.len() as u64, "round {round}");
        let sent = |number: u64| number % 3 == 2;
        for number in there.iter().filter(|number| !sent(**number)) {
            assert!(due.contains(number), "round {round}: {number} is never sent");
        }
        drop(store);
        check_feeds(&path, newest.get("feed").copied(), round);
        round += 1;
    }
    assert!(newest["entry"] > rounds * 3, "the rounds wrote something: {newest:?}");
    assert!(enough(&newest), "and applied feeds: {newest:?}");
}

/// All parts of the feed say the same sequence, and it is not older than acknowledged.
fn check_feeds(path: &Path, acknowledged: Option<u64>, round: u64) {
    let (store, _) = open(path).unwrap();
    let states = store.feed_states().unwrap();
    let Some(sequence) = states.first().map(|(_, _, state)| state.sequence) else {
        assert_eq!(acknowledged, None, "round {round}");
        return;
    };
    assert!(u64::from(sequence) >= acknowledged.unwrap_or(0), "round {round}");
    assert_eq!(states.len(), 3, "round {round}");
    assert!(states.iter().all(|(_, _, s)| s.sequence == sequence), "round {round}: {states:?}");
    assert_eq!(store.high_water().unwrap().heads[&IssuerId::FUJIAN].number, u64::from(sequence));
    let status = store.feed(IssuerId::FUJIAN, FeedName::Status).unwrap().unwrap();
    let parts: Vec<_> = std::iter::once(&status.blob).chain(&status.steps).collect();
    let said: Vec<u32> = parts
        .iter()
        .map(|part| {
            let said = u32::from_le_bytes(*part.first_chunk().unwrap());
            assert!(**part == said.to_le_bytes().repeat(50_000), "round {round}: a whole part");
            said
        })
        .collect();
    assert!(said.is_sorted() && said.last() == Some(&sequence), "round {round}: {said:?}");
    let mut rows = 0;
    store
        .directory_rows(IssuerId::FUJIAN, |row| {
            assert_eq!(row.index.0, sequence, "round {round}");
            rows += 1;
        })
        .unwrap();
    assert_eq!(rows, DIRECTORY, "round {round}");
}
