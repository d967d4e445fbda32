//! What a province publishes of its cities.

use std::collections::BTreeMap;

use yanma_station::domain::trust::Words;
use yanma_station::domain::verdict::FeedPosition;
use yanma_station::protocol::city_list::{CityCode, CityDirectory, CityList};
use yanma_station::protocol::directory_file::{DirectoryRows, DirectorySnapshot};
use yanma_station::protocol::file_name::FeedName;
use yanma_station::protocol::head::FileRef;

use super::people::{GREEN, ORANGE, RED, WITHDRAWN};
use super::province::Signer;
use super::publishing::{Press, Steps, next};

pub(crate) const FUZHOU: CityCode = CityCode(3501);
pub(crate) const XIAMEN: CityCode = CityCode(3502);
pub(crate) const QUANZHOU: CityCode = CityCode(3505);

/// The directories of the cities: who is where, and every published state of each.
pub(crate) struct CityPress {
    /// By status index; whoever is not named is in no city.
    pub(crate) of: BTreeMap<u32, CityCode>,
    steps: BTreeMap<CityCode, Steps<DirectorySnapshot>>,
    /// Whether the next list names a fresh snapshot of each.
    fresh: bool,
    list: CityList,
}

impl CityPress {
    pub(crate) fn new() -> Self {
        let of = [(GREEN, FUZHOU), (RED, FUZHOU), (WITHDRAWN, XIAMEN), (ORANGE, QUANZHOU)];
        Self {
            of: of.into_iter().map(|(person, city)| (person.index, city)).collect(),
            steps: BTreeMap::new(),
            fresh: false,
            list: CityList { sequence: 0, cities: Vec::new() },
        }
    }

    /// Begins the directories of all cities anew.
    pub(super) fn begin_anew(&mut self) {
        self.steps.clear();
    }

    pub(super) fn make_snapshots(&mut self) {
        self.fresh = true;
    }
}

impl Press {
    /// Publishes the directories of cities from now on.
    pub(crate) fn publish_cities(&mut self) {
        self.cities = Some(CityPress::new());
    }

    /// No head names a list of cities from now on.
    pub(crate) fn publish_no_cities(&mut self) {
        self.cities = None;
    }

    /// Somebody lives in another city.
    pub(crate) fn move_to(&mut self, index: u32, city: CityCode) {
        self.cities.as_mut().unwrap().of.insert(index, city);
    }

    /// The list of the cities, whose files are there already or are added.
    pub(super) fn city_files(&mut self) -> Option<FileRef> {
        let mut press = self.cities.take()?;
        let fresh = std::mem::take(&mut press.fresh);
        let cities = [CityCode::NONE, FUZHOU, XIAMEN, QUANZHOU].map(|code| {
            let rows = self.documents.iter().map(|(hash, index)| (*hash, *index));
            let is_here = |index| press.of.get(&index).copied().unwrap_or(CityCode::NONE) == code;
            let rows = DirectoryRows::new(rows.filter(|(_, index)| is_here(*index)).collect());
            let (rows, key_generation) = (rows.unwrap(), self.key_generation);
            let steps = press.steps.entry(code).or_default();
            let states = &mut steps.states;
            let position = states.last().map(|last| last.position);
            if states.last().is_none_or(|last| last.rows != rows) {
                let first = FeedPosition { epoch: self.position().epoch, sequence: 1 };
                let position = position.map_or(first, next);
                states.push(DirectorySnapshot { position, key_generation, rows });
            }
            if fresh {
                steps.begin_anew();
            }
            let name = Words { zh: format!("城市{code}"), en: format!("City {code}") };
            CityDirectory { code, name, directory: self.files_of_directory(steps) }
        });
        if press.list.cities != cities {
            press.list = CityList { sequence: press.list.sequence + 1, cities: cities.to_vec() };
        }
        let file = self.keep_city_list(&press.list, self.feeds_signer);
        self.cities = Some(press);
        Some(file)
    }

    /// Has a list of cities signed.
    pub(crate) fn keep_city_list(&mut self, list: &CityList, by: Signer) -> FileRef {
        let unsigned = list.encode(self.feeds_key()).unwrap();
        self.keep(FeedName::Directory, 0, list.sequence, unsigned, by)
    }

    /// The list of cities as it was published last.
    pub(crate) fn city_list(&self) -> &CityList {
        &self.cities.as_ref().unwrap().list
    }

    /// Other files in the place of a city's in the list, which is signed anew by whomever, and a
    /// head for it.
    pub(crate) fn falsify_cities(
        &mut self,
        by: Signer,
        change: impl FnOnce(&mut CityList),
    ) -> Vec<u8> {
        let mut list = self.city_list().clone();
        list.sequence += 1;
        change(&mut list);
        self.number += 1;
        let file = self.keep_city_list(&list, by);
        let mut head = self.compose(super::province::begin());
        head.feeds.cities = Some(file);
        self.seal(&head)
    }
}
