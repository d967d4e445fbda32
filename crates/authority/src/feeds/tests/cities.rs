//! The directory by city.

use yanma_protocol::city_list::CityList;
use yanma_protocol::directory_file::{DirectoryDelta, DirectorySnapshot};
use yanma_protocol::envelope::{FileKind, Keys, VerifiedFile, open};
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::FileRef;

use super::*;

/// Whom the scene puts into which city: by index, every fifth into Fuzhou.
fn cities(moved: &[u32]) -> impl Fn(StatusIndex) -> Option<CityCode> {
    let moved = moved.to_vec();
    move |index| match index.0 {
        index if moved.contains(&index) => Some(CityCode(3502)),
        index if index % 5 == 0 => Some(CityCode(3501)),
        // A city that nobody has named.
        index if index % 5 == 1 => Some(CityCode(3599)),
        _ => None,
    }
}

fn names() -> Vec<(CityCode, Words)> {
    let name = |code: u16| Words { zh: format!("{code}"), en: format!("{code}") };
    [0, 3501, 3502].map(|code| (CityCode(code), name(code))).to_vec()
}

impl Scene {
    fn publish_by_city(&mut self, moved: &[u32]) -> Published {
        let (names, city_of) = (names(), cities(moved));
        self.publish_with(Some(CityInput { names: &names, city_of: &city_of })).unwrap()
    }

    fn read<T>(
        &self,
        file: &FileRef,
        kind: FileKind,
        decode: impl FnOnce(&VerifiedFile<'_>) -> Result<T, FeedError>,
    ) -> T {
        let bytes = fs::read(self.path().join("files").join(file.name.to_string())).unwrap();
        file.check(&bytes).unwrap();
        let keys = Keys::Trusted(&self.trust, self.now);
        decode(&open(&bytes, kind, IssuerId::FUJIAN, keys).unwrap()).unwrap()
    }

    fn list(&self) -> CityList {
        let file = self.publisher.head().unwrap().feeds.cities.unwrap();
        assert_eq!((file.name.feed(), file.from), (FeedName::Directory, 0));
        let list = self.read(&file, FileKind::Cities, CityList::decode);
        assert_eq!(list.sequence, file.to);
        list
    }

    /// The rows of a city, by the way that a new desk takes.
    fn rows_of(&self, code: u16) -> Vec<(u64, u32)> {
        let list = self.list();
        let files = &list.of(CityCode(code)).unwrap().directory;
        let mut state = None;
        for file in files.route(None).unwrap() {
            state = Some(match state {
                None => self.read(file, FileKind::DirectorySnapshot, DirectorySnapshot::decode),
                Some(state) => {
                    let delta = self.read(file, FileKind::DirectoryDelta, DirectoryDelta::decode);
                    delta.apply(&state).unwrap()
                }
            });
        }
        let state = state.unwrap();
        assert_eq!((state.position, state.rows.root()), (files.position(), files.root.0));
        assert_eq!(state.key_generation, self.key_generation);
        state.rows.as_slice().to_vec()
    }

    /// How far each city is.
    fn sequences(&self) -> Vec<u32> {
        self.list().cities.iter().map(|city| city.directory.sequence).collect()
    }

    /// Everybody is in the part of exactly one city.
    #[track_caller]
    fn everybody_is_somewhere(&self) {
        let mut all: Vec<_> = [0, 3501, 3502].map(|code| self.rows_of(code)).concat();
        all.sort_unstable();
        assert_eq!(all, self.rows);
    }
}

#[test]
fn the_parts_are_the_whole_and_only_those_that_change_are_published() {
    let mut scene = Scene::new(1_000);
    scene.publish_by_city(&[]);
    scene.everybody_is_somewhere();
    assert_eq!(scene.rows_of(3501).len(), 200);
    assert_eq!(scene.rows_of(3502), []);
    assert_eq!(scene.rows_of(0).len(), 800, "with those of a city that nobody named");
    assert_eq!((scene.list().sequence, scene.sequences()), (1, vec![1, 1, 1]));
    assert_eq!(scene.visit(), ["status-0-1", "directory-0-1"], "the whole is there as before");

    let published = scene.publish_by_city(&[]);
    assert_eq!(published.written, [], "nothing changed");
    let published = scene.publish_by_city(&[5]);
    assert_eq!(scene.sequences(), [1, 2, 2]);
    assert_eq!(published.written.len(), 4, "a step, a step and a snapshot, and the list");
    assert_eq!((scene.rows_of(3501).len(), scene.rows_of(3502).len()), (199, 1));
    scene.everybody_is_somewhere();
}

#[test]
fn whoever_has_another_code_is_in_the_city_of_that() {
    let mut scene = Scene::new(1_010);
    scene.publish_by_city(&[]);
    // The code of the first, in Fuzhou, was withdrawn; the new one counts in no city.
    let (document, _) = scene.rows[0];
    scene.rows[0] = (document, 1_003);
    scene.publish_by_city(&[]);
    assert_eq!(scene.sequences(), [2, 2, 1]);
    assert!(scene.rows_of(0).contains(&(document, 1_003)));
    assert!(scene.rows_of(3501).iter().all(|(hash, _)| *hash != document));
    scene.everybody_is_somewhere();
}

#[test]
fn the_cities_rest_while_colours_go_out() {
    let mut scene = Scene::new(1_010);
    scene.publish_by_city(&[]);
    let first = scene.list();
    scene.rows.push((u64::MAX, 1_005));
    scene.publish().unwrap();
    assert_eq!(scene.list(), first);
    scene.publish_by_city(&[]);
    assert_eq!(scene.sequences(), [1, 2, 1]);
    scene.everybody_is_somewhere();
}

#[test]
fn a_new_process_goes_on_and_mends_what_is_broken_of_one_city() {
    let mut scene = Scene::new(1_010);
    scene.publish_by_city(&[]);
    scene.restart();
    assert_eq!(scene.publish_by_city(&[]).written, []);
    scene.publish_by_city(&[5]);
    let epoch = scene.list().cities[1].directory.epoch;

    // As long as it was, and another: found when the city changes next.
    let snapshot = scene.list().cities[1].directory.snapshot.name;
    let path = scene.path().join("files").join(snapshot.to_string());
    let mut bytes = fs::read(&path).unwrap();
    bytes[40] ^= 1;
    fs::write(&path, bytes).unwrap();
    scene.restart();
    scene.publish_by_city(&[5, 10]);
    let directory = &scene.list().cities[1].directory;
    assert_eq!((directory.epoch, directory.sequence), (epoch + 1, 1), "begun anew, it alone");
    assert_eq!(scene.list().cities[0].directory.epoch, epoch);
    scene.everybody_is_somewhere();

    fs::remove_file(path).unwrap();
    let gone = scene.list().cities[0].directory.snapshot.name;
    fs::remove_file(scene.path().join("files").join(gone.to_string())).unwrap();
    scene.restart();
    assert_eq!(scene.publisher.head(), None, "all begins anew");
    scene.publish_by_city(&[]);
    scene.everybody_is_somewhere();
}

#[test]
fn another_directory_key_begins_every_city_anew() {
    let mut scene = Scene::new(1_000);
    scene.publish_by_city(&[]);
    let before = scene.list().cities[1].directory.epoch;
    scene.key_generation = 2;
    scene.publish_by_city(&[]);
    assert!(scene.list().cities.iter().all(|city| city.directory.epoch > before));
    scene.everybody_is_somewhere();
}

#[test]
fn files_of_cities_that_nothing_names_any_more_go_and_no_others() {
    let mut scene = Scene::new(1_000);
    scene.publish_by_city(&[]);
    let old = scene.publisher.head().unwrap().feeds.cities.unwrap().name.to_string();
    scene.publish_by_city(&[5]);
    for _ in 0..80 {
        scene.publish().unwrap();
    }
    let there = scene.file_names();
    assert!(!there.contains(&old), "the list of before");
    assert!(scene.list().files().all(|file| there.contains(&file.name.to_string())));
    scene.everybody_is_somewhere();
}
