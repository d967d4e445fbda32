//! The directories of single cities: parts of the whole one, for desks that want only some.
//!
//! Of these only the names of the files are kept in memory. The rows of a city that changed are
//! read again from what was published of it, so that a province is not in memory a second time.

use yanma_domain::StatusIndex;
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::city_list::{CityCode, CityDirectory, CityList};
use yanma_protocol::directory_file::{DirectoryRows, DirectorySnapshot};
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{FileList, FileRef};
use yanma_protocol::{Digest, FeedError};

use super::folder::Folder;
use super::resume::Reader;
use super::signing::Maker;
use super::stepped::Stepped;
use super::{CityInput, PublishError};

/// What is published of the cities.
#[derive(Clone, Debug)]
pub(super) struct Cities {
    list: CityList,
    file: FileRef,
}

/// The whole directory, of which the cities have each their part.
pub(super) struct Whole<'a> {
    pub(super) rows: &'a DirectoryRows,
    pub(super) key_generation: u32,
    /// Begins with each new beginning of the whole directory.
    pub(super) epoch: u32,
}

impl Cities {
    /// Takes up what a head names. Whether the files of a city are what they should be is looked
    /// at when it changes.
    pub(super) fn resume(file: FileRef, reader: &Reader<'_>) -> Result<Self, PublishError> {
        let list = reader.read(&file, CityList::decode)?;
        list.files().try_for_each(|file| reader.check_there(file))?;
        Ok(Self { list, file })
    }

    /// Goes on from what was published to what is wanted: files for each city that changed,
    /// which are in the folder when this returns. Beginning anew is going on from nothing.
    pub(super) fn go_on(
        last: Option<&Self>,
        input: &CityInput<'_>,
        whole: &Whole<'_>,
        (folder, reader): (&Folder, &Reader<'_>),
        maker: &mut Maker<'_>,
    ) -> Result<Self, PublishError> {
        let mut cities = Vec::with_capacity(input.names.len());
        let places = places(whole.rows, input);
        for (place, (code, name)) in (0..).zip(input.names) {
            let published = last.and_then(|last| last.list.of(*code)).map(|city| &city.directory);
            let rows = part_of(whole.rows, &places, place)?;
            let next = whole.part(rows);
            let directory = match published {
                Some(files) if files.root == Digest(next.rows.root()) => files.clone(),
                Some(files) => step(files, next, reader, maker)?,
                None => Stepped::begin(next, whole.epoch, maker)?.files().clone(),
            };
            maker.write_all(folder)?;
            cities.push(CityDirectory { code: *code, name: name.clone(), directory });
        }
        if let Some(last) = last.filter(|last| last.list.cities == cities) {
            return Ok(last.clone());
        }
        let sequence = last.map_or(Some(1), |last| last.list.sequence.checked_add(1));
        let list = CityList { sequence: sequence.ok_or(FeedError::OutOfRange)?, cities };
        let span = (0, list.sequence);
        let file = maker.make(FeedName::Directory, span, |key| list.encode(key))?;
        maker.write_all(folder)?;
        Ok(Self { list, file })
    }

    /// The list, as a head names it.
    pub(super) fn file(&self) -> FileRef {
        self.file
    }

    /// Every file of a city.
    pub(super) fn files(&self) -> impl Iterator<Item = &FileRef> {
        self.list.files()
    }
}

impl Whole<'_> {
    /// A part of it, whose position is left open.
    fn part(&self, rows: DirectoryRows) -> DirectorySnapshot {
        let position = FeedPosition { epoch: 0, sequence: 0 };
        DirectorySnapshot { position, key_generation: self.key_generation, rows }
    }
}

/// A step from what is published of a city. What cannot be read of it is begun anew.
fn step(
    files: &FileList,
    next: DirectorySnapshot,
    reader: &Reader<'_>,
    maker: &mut Maker<'_>,
) -> Result<FileList, PublishError> {
    match Stepped::<DirectorySnapshot>::resume(files.clone(), reader) {
        Ok(published) => Ok(published.go_on(next, maker)?.files().clone()),
        Err(error) => {
            tracing::warn!(%error, "a city's files are not complete; it is begun anew");
            let epoch = files.epoch.checked_add(1).ok_or(FeedError::OutOfRange)?;
            Ok(Stepped::begin(next, epoch, maker)?.files().clone())
        }
    }
}

/// For each row the place of its city among the names. Whoever is in none of those that are named
/// is with whoever is in none.
fn places(rows: &DirectoryRows, input: &CityInput<'_>) -> Vec<u16> {
    let place = |code| input.names.binary_search_by_key(&code, |(code, _)| *code).ok();
    let nowhere = place(CityCode::NONE);
    let place_of = |index| (input.city_of)(index).and_then(place).or(nowhere);
    let places = rows.as_slice().iter().map(|(_, index)| place_of(StatusIndex(*index)));
    places.map(|place| place.map_or(u16::MAX, |place| place as u16)).collect()
}

/// The rows of the city at a place.
fn part_of(rows: &DirectoryRows, places: &[u16], place: u16) -> Result<DirectoryRows, FeedError> {
    let rows = rows.as_slice().iter().zip(places);
    DirectoryRows::new(rows.filter(|(_, at)| **at == place).map(|(row, _)| *row).collect())
}
