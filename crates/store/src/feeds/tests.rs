use yanma_domain::StatusIndex;

use super::*;
use crate::testing::{at, fresh, reopen};

const FUJIAN: IssuerId = IssuerId::FUJIAN;

fn state(epoch: u32, sequence: u32) -> FeedState {
    FeedState { epoch, sequence, root: [7; 32], as_of: at(u64::from(sequence)) }
}

fn row(hash: u64, index: u32) -> DirectoryRow {
    DirectoryRow { hash: DocumentHash::from_u64(hash), index: StatusIndex(index) }
}

fn whole(issuer: IssuerId, rows: Vec<DirectoryRow>) -> FeedWrite<'static> {
    FeedWrite::DirectoryWhole { issuer, state: state(1, 1), rows: Box::new(rows.into_iter()) }
}

fn head(number: u64) -> FeedWrite<'static> {
    FeedWrite::Head { issuer: FUJIAN, mark: HeadMark { number, issued_at: at(number) } }
}

fn places(store: &Store, hash: u64) -> Vec<(u8, u32)> {
    let found = store.find(DocumentHash::from_u64(hash)).unwrap();
    found.into_iter().map(|(of, index)| (of.issuer.0, index.0)).collect()
}

#[test]
fn a_feed_is_stored_replaced_and_confirmed() {
    let (folder, store) = fresh();
    assert_eq!(store.feed(FUJIAN, FeedName::Status).unwrap(), None);
    let put = |sequence, blob: &'static [u8]| {
        let write = FeedWrite::Whole {
            issuer: FUJIAN,
            feed: FeedName::Status,
            state: state(1, sequence),
            blob,
        };
        store.apply_feeds([write]).unwrap();
    };
    put(1, b"one");
    put(2, b"two");
    let confirm = |seconds| {
        let write =
            FeedWrite::Confirmed { issuer: FUJIAN, feed: FeedName::Status, as_of: at(seconds) };
        store.apply_feeds([write]).unwrap();
    };
    confirm(50);
    confirm(40);
    let expect = FeedState { as_of: at(50), ..state(1, 2) };
    drop(store);
    let store = reopen(&folder);
    let feed = store.feed(FUJIAN, FeedName::Status).unwrap().unwrap();
    assert_eq!(feed, Feed { state: expect, blob: b"two".to_vec(), steps: vec![] });
    assert_eq!(store.feed_states().unwrap(), [(FUJIAN, FeedName::Status, expect)]);
}

#[test]
fn one_bad_step_undoes_all() {
    let (_folder, store) = fresh();
    store.apply_feeds([head(5), whole(FUJIAN, vec![row(1, 10)])]).unwrap();
    let added = [row(2, 20)];
    let change = |from| FeedWrite::DirectoryChange {
        of: FUJIAN.into(),
        from,
        state: state(1, 2),
        added: &added,
        removed: &[],
    };
    let trust = || FeedWrite::Whole {
        issuer: FUJIAN,
        feed: FeedName::Trust,
        state: state(1, 9),
        blob: b"{}",
    };
    for from in [(1, 0), (1, 2), (0, 1), (2, 1)] {
        let refused = store.apply_feeds([head(6), trust(), change(from)]);
        assert!(matches!(refused, Err(StoreError::FeedGap { .. })), "{from:?}");
        assert_eq!(store.feed(FUJIAN, FeedName::Trust).unwrap(), None, "{from:?}");
        assert_eq!(store.high_water().unwrap().heads[&FUJIAN].number, 5, "{from:?}");
        assert_eq!(places(&store, 2), [], "{from:?}");
    }
    store.apply_feeds([head(6), trust(), change((1, 1))]).unwrap();
    assert_eq!(places(&store, 2), [(35, 20)]);
}

#[test]
fn a_head_never_goes_back() {
    let (folder, store) = fresh();
    let numbered =
        |number| FeedWrite::Head { issuer: FUJIAN, mark: HeadMark { number, issued_at: at(100) } };
    let large = u64::from(u32::MAX) << 31;
    for (number, fine) in [(4, true), (3, false), (4, true), (large, true), (large - 1, false)] {
        let got = store.apply_feeds([numbered(number)]);
        assert_eq!(got.is_ok(), fine, "head {number}: {got:?}");
    }
    drop(store);
    let store = reopen(&folder);
    let refused = store.apply_feeds([numbered(5)]);
    assert!(
        matches!(refused, Err(StoreError::RolledBack { offered: 5, applied, .. }) if applied == large)
    );
    assert_eq!(store.high_water().unwrap().authority_time, Some(at(100)));
}

#[test]
fn what_was_vouched_for_in_a_wrong_future_is_older_than_the_head_that_puts_it_right() {
    let (_folder, store) = fresh();
    let marked = |number, seconds| FeedWrite::Head {
        issuer: FUJIAN,
        mark: HeadMark { number, issued_at: at(seconds) },
    };
    let feed = |feed| FeedWrite::Whole {
        issuer: FUJIAN,
        feed,
        state: FeedState { as_of: at(9000), ..state(1, 1) },
        blob: b"{}",
    };
    let neighbours = FeedWrite::Whole {
        issuer: IssuerId(36),
        feed: FeedName::Status,
        state: FeedState { as_of: at(9000), ..state(1, 1) },
        blob: b"{}",
    };
    let fast = [marked(1, 9000), feed(FeedName::Policy), feed(FeedName::Status), neighbours];
    store.apply_feeds(fast).unwrap();
    let confirmed = FeedWrite::Confirmed { issuer: FUJIAN, feed: FeedName::Status, as_of: at(100) };
    store.apply_feeds([marked(2, 100), confirmed]).unwrap();
    let as_of = store.feed_states().unwrap().into_iter().map(|(.., state)| state.as_of);
    let just_before = at(100) - jiff::SignedDuration::from_micros(1);
    assert_eq!(as_of.collect::<Vec<_>>(), [just_before, at(100), at(9000)], "by issuer and feed");
    assert_eq!(store.high_water().unwrap().authority_time, Some(at(9000)), "is another matter");
}

#[test]
fn a_directory_is_replaced_and_changed_by_issuer() {
    let (_folder, store) = fresh();
    assert_eq!(places(&store, 1), [], "no directory at all");
    let other = IssuerId(31);
    store.apply_feeds([whole(FUJIAN, vec![row(1, 10), row(u64::MAX, 11), row(3, 12)])]).unwrap();
    store.apply_feeds([whole(other, vec![row(1, 90)])]).unwrap();
    assert_eq!(places(&store, 1), [(31, 90), (35, 10)], "one person, two issuers");
    assert_eq!(places(&store, u64::MAX), [(35, 11)]);
    let change = FeedWrite::DirectoryChange {
        of: FUJIAN.into(),
        from: (1, 1),
        state: state(1, 2),
        added: &[row(3, 33), row(4, 40)],
        removed: &[DocumentHash::from_u64(1), DocumentHash::from_u64(3)],
    };
    store.apply_feeds([change]).unwrap();
    assert_eq!(places(&store, 1), [(31, 90)], "only Fujian's row is gone");
    assert_eq!(places(&store, 3), [(35, 33)], "removed and added again is moved");
    assert_eq!(store.directory_len(FUJIAN).unwrap(), 3);
    store.apply_feeds([whole(FUJIAN, vec![row(8, 80)])]).unwrap();
    assert_eq!(places(&store, u64::MAX), [], "replaced as a whole");
    assert_eq!(places(&store, 1), [(31, 90)], "the other issuer's is not");
}

#[test]
fn rows_come_by_rising_hash() {
    let (_folder, store) = fresh();
    let hashes = [u64::MAX, 1 << 63, 5, 0, (1 << 63) - 1];
    store.apply_feeds([whole(FUJIAN, hashes.iter().map(|&h| row(h, 1)).collect())]).unwrap();
    let mut got = Vec::new();
    store.directory_rows(FUJIAN, |row| got.push(row.hash.as_u64())).unwrap();
    assert_eq!(got, [0, 5, (1 << 63) - 1, 1 << 63, u64::MAX]);
}

#[test]
fn policies_of_a_feed_are_kept_for_replay() {
    let (_folder, store) = fresh();
    let policy = |body| FeedWrite::Policy { id: "hotel", version: 3, body };
    store.apply_feeds([policy(b"first"), policy(b"second")]).unwrap();
    assert_eq!(store.policy("hotel", 3).unwrap().as_deref(), Some(&b"first"[..]));
}
