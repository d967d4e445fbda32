//! Publishing, watched by a desk that follows.

mod cities;
mod desk;

use std::fs;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use yanma_domain::certificate::CertificateTrust;
use yanma_domain::ids::{IssuerId, KeySlot};
use yanma_domain::status::StatusList;
use yanma_domain::trust::{Issuer, Purpose, TrustList, TrustedKey, Words};
use yanma_domain::{AmberName, Colour, StatusIndex};
use yanma_protocol::root_chain::{self, RootStatement};

use self::desk::{Desk, key, keys};
use super::*;

/// An authority that publishes, and a desk that follows it.
struct Scene {
    folder: TempDir,
    keys: FeedKeys<'static>,
    publisher: Publisher,
    desk: Desk,
    status: StatusList,
    rows: Vec<(u64, u32)>,
    key_generation: u32,
    trust: TrustList,
    certificates: Option<CertificateTrust>,
    now: Timestamp,
}

fn trust(sequence: u32, keys: &FeedKeys<'_>) -> TrustList {
    let trusted = |key: &FeedKey<'_>, purpose| TrustedKey {
        slot: key.slot,
        public: key.public,
        purposes: vec![purpose],
        from: Timestamp::UNIX_EPOCH,
        until: None,
    };
    let issuer = Issuer {
        id: IssuerId::FUJIAN,
        name: Words { zh: "福建省".to_owned(), en: "Fujian".to_owned() },
        amber: AmberName::Orange,
        keys: vec![trusted(&keys.root, Purpose::Root), trusted(&keys.feeds, Purpose::Feeds)],
    };
    TrustList { sequence, issued_at: Timestamp::UNIX_EPOCH, issuers: vec![issuer] }
}

fn publisher(folder: &Path, keys: &FeedKeys<'_>) -> Publisher {
    Publisher::open(folder, IssuerId::FUJIAN, keys, 0).unwrap()
}

impl Scene {
    /// A list of so many holders, every fiftieth of them amber.
    fn new(holders: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(2);
        let mut status = StatusList::new(holders);
        for index in (0..holders).step_by(50) {
            status.set(StatusIndex(index), Colour::Amber).unwrap();
        }
        Self {
            publisher: publisher(folder.path(), &keys),
            folder,
            trust: trust(1, &keys),
            certificates: None,
            keys,
            desk: Desk::default(),
            status,
            rows: (0..1_000).map(|row| (row << 50, row as u32)).collect(),
            key_generation: 1,
            now: "2020-07-01T08:00:00Z".parse().unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn set(&mut self, index: u32, colour: Colour) {
        self.status.set(StatusIndex(index), colour).unwrap();
    }

    /// Publishes a minute later.
    fn publish(&mut self) -> Result<Published, PublishError> {
        self.publish_with(None)
    }

    fn publish_with(&mut self, cities: Option<CityInput<'_>>) -> Result<Published, PublishError> {
        self.now += SignedDuration::from_mins(1);
        let input = PublishInput {
            status: self.status.clone(),
            directory: DirectoryRows::new(self.rows.clone()).unwrap(),
            key_generation: self.key_generation,
            trust: &self.trust,
            policies: &[],
            certificates: self.certificates.as_ref(),
            cities,
        };
        let next_due = self.now + SignedDuration::from_mins(1);
        self.publisher.publish(&self.keys, input, self.now, next_due)
    }

    /// Ends the publisher and opens the folder again.
    fn restart(&mut self) {
        self.publisher = publisher(self.folder.path(), &self.keys);
    }

    /// The desk visits, and then has what the authority has. Says what it fetched, without
    /// the hashes.
    #[track_caller]
    fn visit(&mut self) -> Vec<String> {
        let head = self.desk.visit(self.folder.path(), self.now).unwrap();
        let (status, directory) = (self.desk.status.as_ref(), self.desk.directory.as_ref());
        let (status, directory) = (status.unwrap(), directory.unwrap());
        assert_eq!(status.list.root(), self.status.root());
        assert_eq!(directory.rows.as_slice(), self.rows);
        assert_eq!(head.feeds.status.root.0, status.list.root());
        assert_eq!(head.feeds.directory.root.0, directory.rows.root());
        assert_eq!(Some(&head), self.publisher.head());
        let plain = |name: &String| name.rsplit_once('-').unwrap().0.to_owned();
        self.desk.fetched.iter().map(plain).collect()
    }

    fn file_names(&self) -> Vec<String> {
        let files = fs::read_dir(self.path().join("files")).unwrap();
        let mut names: Vec<_> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn a_desk_takes_the_snapshot_once_and_then_the_steps() {
    let mut scene = Scene::new(100_000);
    scene.publish().unwrap();
    assert_eq!(scene.visit(), ["status-0-1", "directory-0-1"]);

    scene.set(7, Colour::Amber);
    scene.publish().unwrap();
    assert_eq!(scene.visit(), ["status-1-2"], "only what changed");

    scene.set(7, Colour::Green);
    scene.status.extend_to(100_010);
    scene.rows.push((u64::MAX, 100_009));
    scene.publish().unwrap();
    assert_eq!(scene.visit(), ["status-2-3", "directory-1-2"]);
    assert_eq!(scene.visit(), [""; 0], "nothing is new");
}

#[test]
fn the_same_state_makes_a_fresh_head_and_no_new_sequence() {
    let mut scene = Scene::new(1_000);
    let first = scene.publish().unwrap();
    let second = scene.publish().unwrap();
    assert_eq!(second.written, []);
    assert!(second.head.number > first.head.number);
    assert!(second.head.issued_at > first.head.issued_at);
    assert_eq!(second.head.feeds, first.head.feeds);
}

#[test]
fn two_heads_in_one_second_have_two_numbers() {
    let mut scene = Scene::new(10);
    let first = scene.publish().unwrap();
    scene.now -= SignedDuration::from_mins(1);
    let second = scene.publish().unwrap();
    assert_eq!(second.head.issued_at, first.head.issued_at);
    assert_eq!(second.head.number, first.head.number + 1);
}

#[test]
fn a_desk_that_was_away_takes_one_cumulative_step() {
    let mut scene = Scene::new(100_000);
    scene.publish().unwrap();
    scene.visit();
    for step in 0..20 {
        scene.set(step * 100 + 7, Colour::Red);
        scene.publish().unwrap();
    }
    assert_eq!(scene.visit(), ["status-1-21"]);
    let head = scene.publisher.head().unwrap();
    assert_eq!(head.feeds.status.deltas.len(), 17, "16 single steps and the cumulative one");
    assert_eq!(head.feeds.status.snapshot.to, 1);

    scene.desk = Desk::default();
    assert_eq!(scene.visit(), ["status-0-1", "status-1-21", "directory-0-1"]);
}

#[test]
fn a_snapshot_is_made_anew_when_the_way_from_the_old_one_gets_long() {
    let mut scene = Scene::new(100_000);
    scene.publish().unwrap();
    let mut snapshots = vec![1];
    for step in 0..40_u32 {
        for flip in 0..100 {
            scene.set((step * 100 + flip) * 21 % 100_000, Colour::Red);
        }
        let status = scene.publish().unwrap().head.feeds.status;
        let way = status.deltas.iter().find(|way| way.from == status.snapshot.to);
        let way = way.map_or(0, |way| way.bytes);
        assert!(way <= status.snapshot.bytes / 3, "{way} of {}", status.snapshot.bytes);
        snapshots.push(status.snapshot.to);
        scene.visit();
    }
    snapshots.dedup();
    assert!((3..15).contains(&snapshots.len()), "snapshots at {snapshots:?}");
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let mut scene = Scene::new(100_000);
    scene.publish().unwrap();
    scene.set(7, Colour::Amber);
    scene.publish().unwrap();
    scene.set(8, Colour::Amber);
    let before = scene.publish().unwrap().head;
    scene.visit();

    scene.restart();
    assert_eq!(scene.publisher.head(), Some(&before));
    let same = scene.publish().unwrap();
    assert_eq!((same.written, same.head.feeds), (vec![], before.feeds));
    scene.set(9, Colour::Amber);
    scene.publish().unwrap();
    assert_eq!(scene.visit(), ["status-3-4"]);
}

#[test]
fn a_publisher_killed_between_two_files_leaves_the_last_head_whole() {
    let mut scene = Scene::new(100_000);
    scene.publish().unwrap();
    scene.visit();
    let before = (fs::read(scene.path().join("head.yf")).unwrap(), scene.status.clone());
    scene.set(7, Colour::Amber);
    let written = scene.publish().unwrap().written;

    // As it would be had the power failed just before the head: the files are there, the
    // last of them and the head half written.
    let file = scene.path().join("files").join(written.last().unwrap().to_string());
    let half = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    fs::write(file.with_added_extension("tmp"), &half[..half.len() / 2]).unwrap();
    fs::rename(scene.path().join("head.yf"), scene.path().join("head.yf.tmp")).unwrap();
    fs::write(scene.path().join("head.yf"), before.0).unwrap();

    scene.restart();
    let after = std::mem::replace(&mut scene.status, before.1);
    assert_eq!(scene.visit(), [""; 0], "the desk sees the state before");
    scene.status = after;
    scene.publish().unwrap();
    assert_eq!(scene.visit(), ["status-1-2"]);
    let unfinished = |name: &String| name.ends_with("tmp");
    assert!(
        !scene.file_names().iter().any(unfinished) && !scene.path().join("head.yf.tmp").exists()
    );
}

#[test]
fn a_head_that_cannot_be_written_changes_nothing() {
    let mut scene = Scene::new(100_000);
    scene.publish().unwrap();
    scene.visit();
    scene.set(7, Colour::Amber);
    // A folder where the unfinished head should be: no file can be made there.
    let obstacle = scene.path().join("head.yf.tmp");
    fs::create_dir(&obstacle).unwrap();
    assert!(matches!(scene.publish(), Err(PublishError::Io { path, .. }) if path == obstacle));
    assert_eq!(scene.publisher.status_position().unwrap().sequence, 1);
    fs::remove_dir(&obstacle).unwrap();
    scene.publish().unwrap();
    assert_eq!(scene.visit(), ["status-1-2"]);
}

/// Does something to the folder while the publisher is stopped. After that a new epoch
/// begins, and the desk follows it.
#[track_caller]
fn check_new_epoch(harm: impl FnOnce(&mut Scene)) {
    let mut scene = Scene::new(1_000);
    let first = scene.publish().unwrap().head;
    scene.visit();
    harm(&mut scene);
    scene.restart();
    let second = scene.publish().unwrap().head;
    assert!(second.number > first.number);
    assert!(second.feeds.status.epoch > first.feeds.status.epoch, "desks refuse an older epoch");
    assert_eq!(scene.visit(), ["status-0-1", "directory-0-1"]);
}

#[test]
fn whatever_is_missing_or_broken_a_new_epoch_begins() {
    check_new_epoch(|scene| {
        let file = scene.file_names().into_iter().find(|name| name.starts_with("status")).unwrap();
        fs::remove_file(scene.path().join("files").join(file)).unwrap();
    });
    check_new_epoch(|scene| {
        let file = scene.file_names().into_iter().find(|name| name.starts_with("directory"));
        let path = scene.path().join("files").join(file.unwrap());
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(path, bytes).unwrap();
    });
    check_new_epoch(|scene| fs::write(scene.path().join("head.yf"), "<html>").unwrap());
    check_new_epoch(|scene| fs::remove_file(scene.path().join("head.yf")).unwrap());
    check_new_epoch(|scene| fs::remove_dir_all(scene.path()).unwrap());
    check_new_epoch(|scene| {
        scene.keys = keys(3);
        scene.trust = trust(2, &scene.keys);
    });
}

#[test]
fn what_no_delta_can_lead_to_begins_a_new_epoch() {
    let mut scene = Scene::new(1_000);
    let first = scene.publish().unwrap().head.feeds.status;
    scene.visit();
    scene.status = StatusList::new(900);
    let second = scene.publish().unwrap().head.feeds.status;
    assert_eq!(scene.visit(), ["status-0-1", "directory-0-1"]);
    scene.key_generation = 2;
    let third = scene.publish().unwrap().head.feeds.status;
    assert_eq!(scene.visit(), ["status-0-1", "directory-0-1"]);
    assert!(first.epoch < second.epoch && second.epoch < third.epoch);

    // A process that was not started anew has the directory key of before.
    scene.key_generation = 1;
    let refused = scene.publish();
    assert!(matches!(refused, Err(PublishError::DirectoryKey { have: 2, got: 1 })), "{refused:?}");
    scene.visit();
    scene.key_generation = 2;
    assert_eq!(scene.publish().unwrap().head.feeds.status.epoch, third.epoch);
}

#[test]
fn another_root_key_signs_the_trust_list_anew_and_nothing_else() {
    let mut scene = Scene::new(1_000);
    let before = scene.publish().unwrap().head.feeds;
    scene.visit();
    let (old, next) = (key(KeySlot::ROOT, 1), key(KeySlot::ROOT, 4));
    let pair = (old.public, next.public);
    let statement = RootStatement::new(IssuerId::FUJIAN, 1, scene.now, pair, &*old.sign);
    let roots = vec![statement].leak();
    scene.keys = FeedKeys { root: next, roots, ..keys(2) };
    scene.trust = trust(2, &scene.keys);
    scene.restart();
    let after = scene.publish().unwrap();
    assert_eq!(after.written.len(), 1, "{:?}", after.written);
    assert_eq!(after.head.feeds.status.position(), before.status.position());
    assert_eq!(after.head.feeds.directory.position(), before.directory.position());
    // Whoever knows the root key of before opens it; nobody does who knows neither.
    let file = after.head.feeds.trust.snapshot;
    let bytes = fs::read(scene.path().join("files").join(file.name.to_string())).unwrap();
    let opened = |pinned| root_chain::open(&bytes, IssuerId::FUJIAN, &pinned);
    assert_eq!(opened(pair.0).unwrap().1, pair.1);
    assert_eq!(opened(pair.1).unwrap().1, pair.1);
    assert_eq!(opened(key(KeySlot::ROOT, 5).public), Err(FeedError::UnknownRoot));
    scene.restart();
    assert_eq!(scene.publish().unwrap().written.len(), 0, "a restart goes on where it was");
}

#[test]
fn a_wrong_input_is_refused_and_the_head_stays() {
    let mut scene = Scene::new(1_000);
    scene.publish().unwrap();
    scene.visit();

    scene.trust.issuers[0].name.en.push('!');
    let refused = scene.publish();
    assert!(matches!(refused, Err(PublishError::TrustSequence { have: 1, got: 1 })));
    scene.trust.sequence = 2;
    scene.publish().unwrap();
    scene.visit();

    let input = PublishInput {
        status: scene.status.clone(),
        directory: DirectoryRows::new(scene.rows.clone()).unwrap(),
        key_generation: 1,
        trust: &scene.trust,
        policies: &[],
        certificates: None,
        cities: None,
    };
    let refused = scene.publisher.publish(&scene.keys, input, scene.now, scene.now);
    assert!(matches!(refused, Err(PublishError::NextDue)));
}

#[test]
fn what_certificates_are_checked_against_comes_with_the_policies() {
    let mut scene = Scene::new(1_000);
    let published = |scene: &mut Scene| scene.publish().unwrap().head.feeds.policy.sequence;
    assert_eq!(published(&mut scene), 1);
    let trust = CertificateTrust { rules_of: Some("XX".to_owned()), ..CertificateTrust::default() };
    scene.certificates = Some(trust);
    assert_eq!(published(&mut scene), 2);
    assert_eq!(published(&mut scene), 2, "nothing changed");
    scene.restart();
    assert_eq!(published(&mut scene), 2);
    scene.certificates = None;
    assert_eq!(published(&mut scene), 2, "what is there stays while the file cannot be read");
    scene.certificates = Some(CertificateTrust::default());
    assert_eq!(published(&mut scene), 3);
}

#[test]
fn a_replayed_head_is_refused_by_the_desk() {
    let mut scene = Scene::new(1_000);
    scene.publish().unwrap();
    let old = fs::read(scene.path().join("head.yf")).unwrap();
    let first = scene.publisher.head().unwrap().number;
    scene.publish().unwrap();
    scene.visit();
    let second = scene.publisher.head().unwrap().number;
    fs::write(scene.path().join("head.yf"), old).unwrap();
    let refused = scene.desk.visit(scene.folder.path(), scene.now);
    assert_eq!(refused, Err(FeedError::Rollback { have: second, got: first }));
}

#[test]
fn files_are_kept_for_a_while_after_the_last_head_that_named_them() {
    let mut scene = Scene::new(200);
    scene.publish().unwrap();
    let first = scene.file_names();
    let snapshot = first.iter().find(|name| name.starts_with("status")).unwrap();
    scene.set(7, Colour::Red);
    scene.publish().unwrap();
    assert!(!format!("{:?}", scene.publisher.head()).contains(snapshot), "it has a new one");

    for _ in 0..20 {
        scene.publish().unwrap();
    }
    assert!(scene.file_names().contains(snapshot), "20 heads, but only 20 minutes");
    scene.now += SignedDuration::from_hours(1);
    scene.publish().unwrap();
    assert!(!scene.file_names().contains(snapshot), "20 heads and more than an hour");

    // A file from before a restart begins its time anew; a stranger's file is left alone.
    fs::write(scene.path().join("files").join(snapshot), "old").unwrap();
    fs::write(scene.path().join("files").join("README"), "mine").unwrap();
    scene.restart();
    scene.publish().unwrap();
    assert!(scene.file_names().contains(snapshot));
    scene.now += SignedDuration::from_hours(2);
    scene.publish().unwrap();
    assert!(scene.file_names().contains(snapshot), "2 hours, but only 2 heads");
    for _ in 0..16 {
        scene.publish().unwrap();
    }
    assert!(!scene.file_names().contains(snapshot));
    assert!(scene.file_names().contains(&"README".to_owned()));
    scene.visit();
}

/// A list as long as a province's, one in a hundred not green; the sizes are promised
/// (docs/feeds.md), the times are not (`benches/publish.rs`).
#[test]
fn five_thousand_flips_of_a_province_are_ten_kilobytes() {
    const HOLDERS: u32 = 20_710_000;
    // In no order that the gaps would show.
    let place =
        |nth: u32| (u64::from(nth).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32 % HOLDERS;
    let mut scene = Scene::new(10);
    scene.status = StatusList::new(HOLDERS);
    (0..HOLDERS / 100).for_each(|nth| scene.set(place(nth), Colour::Amber));
    let first = scene.publish().unwrap().head.feeds.status;
    assert!(first.snapshot.bytes <= 215_000, "the snapshot: {} bytes", first.snapshot.bytes);
    // Half of them become amber, half green again.
    for nth in 0..2_500 {
        scene.set(place(nth), Colour::Green);
        scene.set(place(HOLDERS / 100 + nth), Colour::Amber);
    }
    let next = scene.publish().unwrap().head.feeds.status;
    let step = next.deltas.iter().find(|step| (step.from, step.to) == (1, 2)).unwrap();
    assert!((5_000..=10_000).contains(&step.bytes), "the step: {} bytes", step.bytes);
    assert_eq!(next.snapshot, first.snapshot, "no second snapshot for so little");
    scene.visit();
}
