//! Heads: what they may name, what follows what, and the way to a state.

use jiff::Timestamp;
use yanma_domain::IssuerId;
use yanma_domain::policy::Policy;
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::envelope::{Envelope, FileKind, Unsigned};
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{Feeds, FileList, FileRef, Head};
use yanma_protocol::policy_file::PolicyFile;
use yanma_protocol::{Digest, FeedError};

use crate::common::{FEEDS_KEY, reopen, sign};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A file of so many bytes that nobody has.
fn file(feed: FeedName, from: u32, to: u32, bytes: usize) -> FileRef {
    FileRef::new(feed, from, to, &vec![0; bytes])
}

fn list(feed: FeedName, sequence: u32, snapshot: FileRef, deltas: Vec<FileRef>) -> FileList {
    let epoch = if feed == FeedName::Trust { 0 } else { 1 };
    FileList { epoch, sequence, root: Digest([7; 32]), size: 10, snapshot, deltas }
}

fn whole(feed: FeedName, sequence: u32) -> FileList {
    list(feed, sequence, file(feed, 0, sequence, 200), Vec::new())
}

fn head() -> Head {
    let status = vec![
        file(FeedName::Status, 6, 7, 20),
        file(FeedName::Status, 7, 8, 20),
        file(FeedName::Status, 8, 9, 20),
        file(FeedName::Status, 4, 9, 50),
    ];
    let snapshot = file(FeedName::Status, 0, 4, 200);
    Head {
        issuer: IssuerId::FUJIAN,
        number: 100,
        issued_at: at(1_000),
        next_due_at: at(1_060),
        feeds: Feeds {
            trust: whole(FeedName::Trust, 3),
            policy: whole(FeedName::Policy, 2),
            status: list(FeedName::Status, 9, snapshot, status),
            directory: whole(FeedName::Directory, 5),
            cities: None,
        },
    }
}

#[test]
fn a_head_comes_back() {
    assert_eq!(reopen(head().encode(FEEDS_KEY).unwrap(), Head::decode), Ok(head()));
}

#[test]
fn the_way_is_the_one_with_the_fewest_bytes() {
    let head = head();
    let check = |have: Option<(u32, u32)>, expect: &[(u32, u32)]| {
        let have = have.map(|(epoch, sequence)| FeedPosition { epoch, sequence });
        let route = head.feeds.status.route(have).unwrap();
        let route: Vec<_> = route.iter().map(|file| (file.from, file.to)).collect();
        assert_eq!(route, expect, "from {have:?}");
    };
    check(None, &[(0, 4), (4, 9)]);
    check(Some((2, 8)), &[(0, 4), (4, 9)]);
    check(Some((1, 9)), &[]);
    check(Some((1, 8)), &[(8, 9)]);
    check(Some((1, 7)), &[(7, 8), (8, 9)]);
    check(Some((1, 4)), &[(4, 9)]);
    // No delta begins here.
    check(Some((1, 5)), &[(0, 4), (4, 9)]);
    check(Some((1, 3)), &[(0, 4), (4, 9)]);
}

#[test]
fn steps_are_passed_over_when_the_snapshot_is_shorter() {
    let mut list = head().feeds.status;
    list.snapshot = file(FeedName::Status, 0, 9, 30);
    let have = Some(FeedPosition { epoch: 1, sequence: 7 });
    assert_eq!(list.route(have), Some(vec![&list.snapshot]));
}

/// Changes a head, and sees it refused by its own maker and by a reader.
#[track_caller]
fn check_refused(change: impl FnOnce(&mut Head), expect: FeedError) {
    let mut head = head();
    change(&mut head);
    assert_eq!(head.encode(FEEDS_KEY), Err(expect));
    let payload = serde_json::to_vec(&head).unwrap();
    let unsigned = Unsigned::new(FileKind::Head, FEEDS_KEY, &payload).unwrap();
    assert_eq!(reopen(unsigned, Head::decode), Err(expect));
}

#[test]
fn a_head_that_does_not_hold_together_is_refused() {
    let status = FeedName::Status;
    let (want, got) = (IssuerId::FUJIAN, IssuerId(36));
    check_refused(|head| head.issuer = got, FeedError::WrongIssuer { want, got });
    check_refused(|head| head.next_due_at = head.issued_at, FeedError::OutOfRange);
    check_refused(|head| head.feeds.status.snapshot.to = 5, FeedError::Name);
    check_refused(|head| head.feeds.status.snapshot.sha256 = Digest([1; 32]), FeedError::Name);
    check_refused(
        |head| head.feeds.policy.snapshot = file(FeedName::Trust, 0, 2, 9),
        FeedError::Name,
    );
    check_refused(|head| head.feeds.trust.snapshot.bytes = 1 << 40, FeedError::Length);
    check_refused(
        |head| head.feeds.status.snapshot = file(status, 0, 10, 9),
        FeedError::OutOfRange,
    );
    check_refused(
        |head| head.feeds.status.deltas.push(file(status, 9, 10, 9)),
        FeedError::OutOfRange,
    );
    check_refused(
        |head| head.feeds.status.deltas.push(file(status, 5, 5, 9)),
        FeedError::OutOfRange,
    );
    check_refused(
        |head| head.feeds.status.deltas.push(file(status, 0, 5, 9)),
        FeedError::OutOfRange,
    );
    check_refused(
        |head| head.feeds.policy.deltas.push(file(FeedName::Policy, 1, 2, 9)),
        FeedError::OutOfRange,
    );
    check_refused(
        |head| head.feeds.status.deltas = vec![file(status, 8, 9, 1); 65],
        FeedError::OutOfRange,
    );
    check_refused(|head| head.feeds.status.deltas.clear(), FeedError::NoRoute);
    let mut with_cities = head();
    with_cities.feeds.cities = Some(file(FeedName::Directory, 0, 3, 9));
    assert_eq!(reopen(with_cities.encode(FEEDS_KEY).unwrap(), Head::decode), Ok(with_cities));
    check_refused(|head| head.feeds.cities = Some(file(status, 0, 3, 9)), FeedError::Name);
    check_refused(
        |head| head.feeds.cities = Some(file(FeedName::Directory, 2, 3, 9)),
        FeedError::OutOfRange,
    );
    check_refused(
        |head| head.feeds.cities = Some(file(FeedName::Directory, 0, 0, 9)),
        FeedError::OutOfRange,
    );
    check_refused(
        |head| head.feeds.cities = Some(file(FeedName::Directory, 0, 3, 2 << 20)),
        FeedError::Length,
    );
}

#[test]
fn a_payload_that_is_no_head_is_refused() {
    for payload in ["", "{}", "[]", "null", "{\"issuer\":35}"] {
        let unsigned = Unsigned::new(FileKind::Head, FEEDS_KEY, payload.as_bytes()).unwrap();
        assert_eq!(reopen(unsigned, Head::decode), Err(FeedError::Json), "{payload}");
    }
}

#[test]
fn an_older_head_does_not_follow_a_newer_one() {
    let check = |change: &dyn Fn(&mut Head), expect: Result<(), FeedError>| {
        let mut next = head();
        next.number += 1;
        next.issued_at = at(1_030);
        change(&mut next);
        assert_eq!(next.check_after(&head().mark()), expect);
    };
    let back = |have, got| Err(FeedError::Rollback { have, got });
    check(&|_| {}, Ok(()));
    check(&|head| head.number = 99, back(100, 99));
    check(&|head| head.number = 100, back(100, 100));
    check(&|head| head.feeds.trust.sequence = 2, back(3, 2));
    check(&|head| head.feeds.policy.sequence = 1, back(2, 1));
    check(&|head| head.feeds.directory.sequence = 4, back(5, 4));
    check(&|head| head.feeds.status.epoch = 0, back(1, 0));
    check(&|head| head.issued_at = at(900), Ok(()));
    let new_epoch = |head: &mut Head| {
        head.feeds.status.epoch = 2;
        head.feeds.status.sequence = 1;
    };
    check(&new_epoch, Ok(()));
    assert_eq!(head().check_after(&head().mark()), Ok(()), "the same head, asked for twice");
}

#[test]
fn a_file_is_known_by_its_length_and_hash() {
    let named = FileRef::new(FeedName::Status, 1, 2, b"content");
    assert_eq!(named.check(b"content"), Ok(()));
    assert_eq!(named.check(b"contend"), Err(FeedError::Hash));
    assert_eq!(named.check(b"content "), Err(FeedError::Length));
}

#[test]
fn an_unverified_head_gives_away_the_trust_file_and_nothing_else() {
    let sealed = head().encode(FEEDS_KEY).unwrap().sign(&|_| [0; 64]);
    let envelope = Envelope::parse(&sealed).unwrap();
    assert_eq!(Head::peek_trust(&envelope), Ok(head().feeds.trust.snapshot));

    let payload = serde_json::to_string(&head()).unwrap().replace("trust-0-3", "trust-0-4");
    let sealed = Unsigned::new(FileKind::Head, FEEDS_KEY, payload.as_bytes()).unwrap();
    let sealed = sealed.sign(&sign);
    assert_eq!(Head::peek_trust(&Envelope::parse(&sealed).unwrap()), Err(FeedError::Name));
}

#[test]
fn policies_come_back_and_bad_ones_do_not() {
    let policy: Policy = serde_json::from_value(serde_json::json!({
        "id": "general", "version": 1, "name": {"zh": "通用", "en": "General"},
        "freshness": {"live_minutes": 15, "normal_minutes": 240, "limit_minutes": 1440,
                      "old_green": "refer"},
        "code": {"skew_seconds": 60, "grace_seconds": 15, "longest_life_days": 128,
                 "expired": "refuse"},
        "colours": {"amber": "refuse", "red": "refuse", "withdrawn": "refuse"},
        "identity": {"document_with_code": false, "no_code": "refer"}
    }))
    .unwrap();
    let read = |policies: Vec<Policy>| {
        let payload = serde_json::to_vec(&PolicyFile {
            sequence: 1,
            policies,
            certificates: Default::default(),
        })
        .unwrap();
        let unsigned = Unsigned::new(FileKind::Policy, FEEDS_KEY, &payload).unwrap();
        reopen(unsigned, PolicyFile::decode)
    };
    let file = read(vec![policy.clone()]).unwrap();
    assert_eq!(file.policy("general"), Some(&policy));
    assert_eq!(file.policy("hotel"), None);
    assert_eq!(read(vec![policy.clone(), policy.clone()]), Err(FeedError::NotCanonical));
    let mut generous = policy;
    generous.colours.red = yanma_domain::verdict::Decision::Admit;
    assert!(matches!(read(vec![generous]), Err(FeedError::Policy(_))));
}
