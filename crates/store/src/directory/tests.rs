use std::collections::BTreeMap;

use super::*;
use crate::testing::{KEY, at, fresh, reopen};
use crate::{FeedName, FeedState, FeedWrite};

const FUJIAN: IssuerId = IssuerId::FUJIAN;

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn row(hash: u64, index: u32) -> DirectoryRow {
    DirectoryRow { hash: DocumentHash::from_u64(hash), index: StatusIndex(index) }
}

fn state(sequence: u32) -> FeedState {
    FeedState { epoch: 1, sequence, root: [7; 32], as_of: at(u64::from(sequence)) }
}

/// A directory as it should be, beside the one in the store.
struct Beside {
    store: Store,
    rows: BTreeMap<u64, u32>,
    sequence: u32,
}

impl Beside {
    fn new(store: Store, rows: BTreeMap<u64, u32>) -> Self {
        let base = store
            .pack_directory(|packer| {
                rows.iter().try_for_each(|(hash, index)| packer.push(row(*hash, *index)))
            })
            .unwrap();
        assert_eq!(base.rows(), rows.len() as u64);
        let write = FeedWrite::DirectoryBase { of: FUJIAN.into(), state: state(1), base };
        store.apply_feeds([write]).unwrap();
        Self { store, rows, sequence: 1 }
    }

    fn change(&mut self, added: &[(u64, u32)], removed: &[u64]) {
        for hash in removed {
            self.rows.remove(hash);
        }
        self.rows.extend(added.iter().copied());
        let from = (1, self.sequence);
        self.sequence += 1;
        let added: Vec<_> = added.iter().map(|(hash, index)| row(*hash, *index)).collect();
        let removed: Vec<_> = removed.iter().map(|hash| DocumentHash::from_u64(*hash)).collect();
        let change = FeedWrite::DirectoryChange {
            of: FUJIAN.into(),
            from,
            state: state(self.sequence),
            added: &added,
            removed: &removed,
        };
        self.store.apply_feeds([change]).unwrap();
    }

    fn fold(&self) {
        let mut seen = Vec::new();
        let fold = self.store.fold_directory(FUJIAN, |row| seen.push(row)).unwrap().unwrap();
        assert_eq!(fold.rows(), self.rows.len() as u64);
        assert_eq!(seen, self.expected());
        assert!(self.store.take_fold(fold).unwrap());
    }

    fn expected(&self) -> Vec<DirectoryRow> {
        self.rows.iter().map(|(hash, index)| row(*hash, *index)).collect()
    }

    #[track_caller]
    fn check(&self) {
        let mut read = Vec::new();
        self.store.directory_rows(FUJIAN, |row| read.push(row)).unwrap();
        assert_eq!(read, self.expected());
        assert_eq!(self.store.directory_len(FUJIAN).unwrap(), self.rows.len() as u64);
        let mut asked: Vec<u64> = self.rows.keys().step_by(7).copied().collect();
        asked.extend(self.rows.keys().step_by(11).map(|hash| hash.wrapping_add(1)));
        asked.extend([0, 1, u64::MAX, u64::MAX / 2, u64::MAX / 2 + 1]);
        let known = |hash: &u64| self.rows.get(hash).map(|index| StatusIndex(*index));
        for hash in &asked {
            let found = self.store.find(DocumentHash::from_u64(*hash)).unwrap();
            assert_eq!(
                found,
                known(hash).map(|index| (FUJIAN.into(), index)).as_slice(),
                "{hash:x}"
            );
        }
        let hashes: Vec<_> = asked.iter().map(|hash| DocumentHash::from_u64(*hash)).collect();
        let places = self.store.places(FUJIAN, &hashes).unwrap();
        assert_eq!(places, asked.iter().map(known).collect::<Vec<_>>());
    }
}

fn many(count: u64) -> BTreeMap<u64, u32> {
    (0..count).map(|n| (mixed(n), n as u32)).collect()
}

#[test]
fn what_is_laid_over_the_base_counts_and_folds_into_the_next() {
    let (folder, store) = fresh();
    let mut directory = Beside::new(store, many(5_000));
    directory.check();
    let removed: Vec<u64> = directory.rows.keys().step_by(13).copied().collect();
    let moved: Vec<_> = removed.iter().step_by(2).map(|hash| (*hash, 90_000)).collect();
    directory.change(&moved, &removed);
    directory.check();
    let new: Vec<_> = (5_000..9_000).map(|n| (mixed(n), n as u32)).collect();
    directory.change(&new, &[]);
    directory.change(&[], &new.iter().step_by(3).map(|row| row.0).collect::<Vec<_>>());
    directory.change(&[(0, 1), (u64::MAX, 2), (1 << 63, 3), ((1 << 63) - 1, 4)], &[]);
    directory.check();

    let before = directory.store.base_paths();
    directory.fold();
    directory.check();
    let after = directory.store.base_paths();
    assert!(before != after && after[0].exists() && !before[0].exists(), "replaced by another");
    directory.store.raw(|db| {
        let left: u64 =
            db.query_row("SELECT count(*) FROM overlay", [], |row| row.get(0).map(|Bits64(n)| n))?;
        assert_eq!(left, 0, "and nothing is left over the one before");
        Ok(())
    });
    directory.change(&[(5, 5)], &[mixed(4_999)]);
    directory.check();
    let Beside { store, rows, sequence } = directory;
    drop(store);
    Beside { store: reopen(&folder), rows, sequence }.check();
}

#[test]
fn every_directory_empties_and_fills_again() {
    let (_folder, store) = fresh();
    let mut directory = Beside::new(store, BTreeMap::new());
    directory.check();
    assert!(directory.store.base_paths().is_empty(), "no rows, no file");
    directory.change(&[(1, 10), (u64::MAX, 11)], &[]);
    directory.check();
    directory.fold();
    directory.check();
    directory.change(&[], &[1, u64::MAX]);
    directory.check();
    directory.fold();
    directory.check();
    assert!(directory.store.base_paths().is_empty());
}

#[test]
fn a_fold_of_what_has_changed_since_is_not_taken() {
    let (folder, store) = fresh();
    let mut directory = Beside::new(store, many(1_000));
    let fold = directory.store.fold_directory(FUJIAN, |_| ()).unwrap().unwrap();
    directory.change(&[(9, 9)], &[]);
    assert!(!directory.store.take_fold(fold).unwrap());
    directory.check();
    let files = bases_in(&folder);
    assert_eq!(files.len(), 1, "what was not taken is gone: {files:?}");
}

#[test]
fn a_fold_is_due_when_much_was_laid_over() {
    let (_folder, store) = fresh();
    let mut directory = Beside::new(store, many(1_000));
    assert!(!directory.store.fold_is_due(FUJIAN).unwrap());
    let new: Vec<_> = (0..20_000).map(|n| (mixed(1 << 40 | n), n as u32)).collect();
    directory.change(&new[1..], &[]);
    assert!(!directory.store.fold_is_due(FUJIAN).unwrap());
    directory.change(&new[..1], &[]);
    assert!(directory.store.fold_is_due(FUJIAN).unwrap());
    assert!(!directory.store.fold_is_due(IssuerId(31)).unwrap(), "nobody's is never due");
}

fn bases_in(folder: &tempfile::TempDir) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.to_string_lossy().contains(".base-")).collect()
}

#[test]
fn what_a_power_cut_left_of_a_build_is_removed() {
    let (folder, store) = fresh();
    let directory = Beside::new(store, many(100));
    let path = directory.store.path().to_owned();
    let half = crate::lock::beside(&path, ".base-00000000000000aa");
    std::fs::write(&half, b"half").unwrap();
    let other = crate::lock::beside(&path, ".base-notes");
    std::fs::write(&other, b"somebody's").unwrap();
    drop(directory.store);
    let store = reopen(&folder);
    assert!(!half.exists() && other.exists());
    Beside { store, ..directory }.check();
}

#[test]
fn rows_that_do_not_rise_are_refused() {
    let (folder, store) = fresh();
    for hashes in [[2, 1], [3, 3]] {
        let refused = store
            .pack_directory(|packer| hashes.iter().try_for_each(|hash| packer.push(row(*hash, 1))));
        assert!(matches!(refused, Err(StoreError::UnsortedDirectory)), "{hashes:?}");
    }
    assert!(bases_in(&folder).is_empty(), "nothing is left of it");
}

#[test]
fn a_base_serves_before_it_is_in_force_and_goes_if_it_never_is() {
    let (folder, store) = fresh();
    let rows = many(2_000);
    let base = store
        .pack_directory(|packer| {
            rows.iter().try_for_each(|(hash, index)| packer.push(row(*hash, *index)))
        })
        .unwrap();
    let asked = rows.keys().flat_map(|hash| [*hash, hash.wrapping_add(1)]);
    let places = base.places(asked.map(DocumentHash::from_u64)).unwrap();
    let known: Vec<_> = rows.values().flat_map(|index| [Some(StatusIndex(*index)), None]).collect();
    assert_eq!(places, known);
    assert_eq!(bases_in(&folder).len(), 1);
    drop(base);
    assert!(bases_in(&folder).is_empty());
}

#[test]
fn a_damaged_base_costs_the_directory_and_nothing_else() {
    let damages = ["gone", "empty", "cut short", "longer", "form", "salt", "head", "first hashes"];
    for damage in damages {
        let (folder, store) = fresh();
        let directory = Beside::new(store, many(3_000));
        directory.store.append(&crate::testing::entry(1, crate::testing::day(0))).unwrap();
        let path = directory.store.base_paths().remove(0);
        drop(directory);
        match damage {
            "gone" => std::fs::remove_file(&path).unwrap(),
            "empty" => std::fs::write(&path, b"").unwrap(),
            "cut short" => {
                let bytes = std::fs::read(&path).unwrap();
                std::fs::write(&path, &bytes[..bytes.len() - 2048]).unwrap();
            }
            "longer" => {
                let mut bytes = std::fs::read(&path).unwrap();
                bytes.extend([0; 2048]);
                std::fs::write(&path, bytes).unwrap();
            }
            at => {
                let mut bytes = std::fs::read(&path).unwrap();
                let at = match at {
                    "form" => 0,
                    "salt" => 20,
                    "head" => 45,
                    _ => bytes.len() - 20,
                };
                bytes[at] ^= 1;
                std::fs::write(&path, bytes).unwrap();
            }
        }
        let at_path = folder.path().join("desk.db");
        let (store, report) = Store::open(&at_path, &FileKey::from_bytes(KEY), at(0)).unwrap();
        assert_eq!(report.directories_lost, [FUJIAN.into()], "{damage}");
        assert_eq!(report.set_aside, None, "{damage}");
        assert_eq!(store.feed_states().unwrap(), [], "{damage}: the snapshot is to be fetched");
        assert_eq!(store.find(DocumentHash::from_u64(mixed(1))).unwrap(), [], "{damage}");
        assert_eq!(store.check().unwrap().entries, 1, "{damage}");
        assert!(!path.exists(), "{damage}");
        Beside::new(store, many(10)).check();
    }
}

#[test]
fn damage_met_at_use_is_named_and_can_be_got_over() {
    let (_folder, store) = fresh();
    let directory = Beside::new(store, many(30_000));
    let path = directory.store.base_paths().remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    for block in 1..bytes.len() / 2048 - 1 {
        bytes[block * 2048 + 9] ^= 1;
    }
    std::fs::write(&path, bytes).unwrap();
    let store = directory.store;
    let got = store.find(DocumentHash::from_u64(mixed(1)));
    assert!(
        matches!(got, Err(StoreError::DirectoryDamaged { of }) if of == FUJIAN.into()),
        "{got:?}"
    );
    store.forget_directory(FUJIAN).unwrap();
    assert_eq!(store.feed_states().unwrap(), []);
    assert!(!path.exists());
    Beside::new(store, many(10)).check();
}

#[test]
fn blocks_that_changed_places_are_damage() {
    let (_folder, store) = fresh();
    let directory = Beside::new(store, many(30_000));
    let path = directory.store.base_paths().remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    let (first, second) = bytes[2048..3 * 2048].split_at_mut(2048);
    first.swap_with_slice(second);
    std::fs::write(&path, bytes).unwrap();
    let smallest = *directory.rows.keys().next().unwrap();
    let got = directory.store.find(DocumentHash::from_u64(smallest));
    assert!(
        matches!(got, Err(StoreError::DirectoryDamaged { of }) if of == FUJIAN.into()),
        "{got:?}"
    );
    let largest = *directory.rows.keys().last().unwrap();
    let got = directory.store.find(DocumentHash::from_u64(largest)).unwrap();
    assert_eq!(got.len(), 1, "other blocks are as they were");
}

/// A base in the place of the one in force, as programs until schema 4 wrote it.
fn put_old_base(directory: &Beside) {
    let number = 0xaa;
    let path = base::path_of(directory.store.path(), number);
    let db = Connection::open(path).unwrap();
    db.execute_batch(&FileKey::from_bytes(KEY).pragma()).unwrap();
    db.execute_batch(
        "PRAGMA user_version = 1;
         CREATE TABLE blocks (first INTEGER NOT NULL PRIMARY KEY, rows BLOB NOT NULL);
         BEGIN;",
    )
    .unwrap();
    let mut gathered = block::Gathered::default();
    let mut blocks: Vec<_> =
        directory.expected().into_iter().filter_map(|row| gathered.push(row)).collect();
    blocks.extend(gathered.take());
    for (first, rows) in blocks {
        db.execute("INSERT INTO blocks VALUES (?1, ?2)", (old::column(first), rows)).unwrap();
    }
    db.execute_batch("COMMIT").unwrap();
    directory
        .store
        .raw(|db| db.execute("UPDATE bases SET number = ?1, form = 1", [number]).map(|_| ()));
}

#[test]
fn a_base_of_an_older_program_serves_until_it_is_folded_into_one_of_today() {
    let (folder, store) = fresh();
    let mut directory = Beside::new(store, many(3_000));
    put_old_base(&directory);
    let Beside { store, rows, sequence } = directory;
    drop(store);
    directory = Beside { store: reopen(&folder), rows, sequence };
    directory.check();
    directory.change(&[(9, 9)], &[mixed(7)]);
    directory.check();
    assert!(directory.store.fold_is_due(FUJIAN).unwrap(), "at once");
    directory.fold();
    directory.check();
    assert!(!directory.store.fold_is_due(FUJIAN).unwrap());
    let path = directory.store.base_paths().remove(0);
    assert!(std::fs::read(path).unwrap().starts_with(b"YMBASE2"));
    assert_eq!(bases_in(&folder).len(), 1);
}

#[test]
fn a_program_that_looks_follows_every_base() {
    let (_folder, store) = fresh();
    let mut directory = Beside::new(store, many(1_000));
    let looking = Store::open_read_only(directory.store.path(), &FileKey::from_bytes(KEY)).unwrap();
    for round in 0..3 {
        let hash = DocumentHash::from_u64(mixed(round));
        assert_eq!(looking.find(hash).unwrap(), directory.store.find(hash).unwrap());
        directory.change(&[(mixed(round), 70_000)], &[mixed(round)]);
        directory.fold();
        assert_eq!(looking.find(hash).unwrap(), [(FUJIAN.into(), StatusIndex(70_000))]);
    }
    let packed = looking.pack_directory::<StoreError>(|_| Ok(()));
    assert!(matches!(packed, Err(StoreError::ReadOnly)));
}

#[test]
fn a_change_needs_a_directory_to_lie_over() {
    let (_folder, store) = fresh();
    let write =
        FeedWrite::Whole { issuer: FUJIAN, feed: FeedName::Directory, state: state(1), blob: &[] };
    store.apply_feeds([write]).unwrap();
    let change = FeedWrite::DirectoryChange {
        of: FUJIAN.into(),
        from: (1, 1),
        state: state(2),
        added: &[],
        removed: &[],
    };
    assert!(matches!(store.apply_feeds([change]), Err(StoreError::FeedGap { .. })));
}

/// What a store says of a document, by city.
fn cities_of(store: &Store, hash: u64) -> Vec<(Option<u16>, u32)> {
    let found = store.find(DocumentHash::from_u64(hash)).unwrap();
    found.into_iter().map(|(of, index)| (of.city, index.0)).collect()
}

#[test]
fn directories_of_cities_lie_beside_each_other_and_each_goes_by_itself() {
    let (folder, store) = fresh();
    let whole = Beside::new(store, many(50));
    let store = &whole.store;
    let of = |city| DirectoryOf { issuer: FUJIAN, city: Some(city) };
    for (city, rows) in [(0, [(3, 30), (7, 70)]), (3501, [(7, 71), (9, 90)])] {
        let fill = |packer: &mut Packer| {
            rows.into_iter().try_for_each(|(hash, index)| packer.push(row(hash, index)))
        };
        let base = store.pack_directory(fill).unwrap();
        let write = FeedWrite::DirectoryBase { of: of(city), state: state(1), base };
        store.apply_feeds([write]).unwrap();
    }
    assert_eq!(bases_in(&folder).len(), 3);
    assert_eq!(cities_of(store, 7), [(Some(0), 70), (Some(3501), 71)]);
    assert_eq!(cities_of(store, mixed(1)).len(), 1, "the whole one is as it was");
    let change = |from: u32, added: &'static [DirectoryRow], removed: &'static [DocumentHash]| {
        let (of, state) = (of(3501), state(from + 1));
        FeedWrite::DirectoryChange { of, from: (1, from), state, added, removed }
    };
    let gone = Box::leak(Box::new([DocumentHash::from_u64(7)]));
    assert!(matches!(store.apply_feeds([change(2, &[], gone)]), Err(StoreError::FeedGap { .. })));
    store.apply_feeds([change(1, &[], gone)]).unwrap();
    assert_eq!(cities_of(store, 7), [(Some(0), 70)]);
    assert_eq!(store.directory_len(of(0)).unwrap(), 2);
    assert_eq!(store.directory_len(of(3501)).unwrap(), 1);
    let as_of = at(9);
    store.apply_feeds([FeedWrite::CityConfirmed { issuer: FUJIAN, city: 0, as_of }]).unwrap();
    let states = store.city_states(FUJIAN).unwrap();
    let read: Vec<_> = states.iter().map(|(city, it)| (*city, it.sequence, it.as_of)).collect();
    assert_eq!(read, [(0, 1, at(9)), (3501, 2, at(2))]);
    assert_eq!(store.directory_state(FUJIAN).unwrap(), Some(state(1)));

    store.apply_feeds([FeedWrite::CityForgotten { issuer: FUJIAN, city: 0 }]).unwrap();
    assert_eq!(bases_in(&folder).len(), 2, "and its file with it");
    assert_eq!(store.directory_state(of(0)).unwrap(), None);
    assert_eq!(cities_of(store, 9), [(Some(3501), 90)]);
    store.wipe_feeds(FUJIAN, &[]).unwrap();
    assert_eq!(bases_in(&folder).len(), 0);
    assert_eq!(store.city_states(FUJIAN).unwrap(), []);
    assert_eq!(cities_of(store, 9), []);
}

#[test]
fn a_city_whose_base_is_lost_is_lost_alone() {
    let (folder, store) = fresh();
    let of = |city| DirectoryOf { issuer: FUJIAN, city: Some(city) };
    for city in [3501, 3502] {
        let base = store.pack_directory(|packer| packer.push(row(7, city.into()))).unwrap();
        let write = FeedWrite::DirectoryBase { of: of(city), state: state(1), base };
        store.apply_feeds([write]).unwrap();
    }
    std::fs::remove_file(store.base_paths().remove(0)).unwrap();
    let path = folder.path().join("desk.db");
    drop(store);
    let (store, report) = Store::open(&path, &FileKey::from_bytes(KEY), at(0)).unwrap();
    let [lost] = report.directories_lost[..] else { panic!("{:?}", report.directories_lost) };
    let other = if lost == of(3501) { of(3502) } else { of(3501) };
    assert_eq!(cities_of(&store, 7), [(other.city, other.city.unwrap().into())]);
    assert_eq!(store.city_states(FUJIAN).unwrap().len(), 1);
}

#[test]
fn a_look_up_reads_no_whole_directory() {
    let (_folder, store) = fresh();
    store.raw(|db| {
        let mut read = db.prepare(&format!("EXPLAIN QUERY PLAN {FIND}"))?;
        let plan: Vec<String> =
            read.query_map([0], |row| row.get("detail"))?.collect::<Result<_, _>>()?;
        let step = "SEARCH o USING PRIMARY KEY (base=? AND hash=?) LEFT-JOIN";
        assert!(plan.iter().any(|line| line == step), "{plan:?}");
        Ok(())
    });
}
