//! The directories of single cities, as a file: for desks that do not want the whole one.
//!
//! Who is in the directory is also in that of one city, or in the one of whoever counts in no
//! city. Each is a directory like the whole one, in files of the same formats, with a state of
//! its own. The head names this list, and this list names their files.

use serde::{Deserialize, Serialize};
use yanma_domain::KeyId;
use yanma_domain::trust::Words;

use crate::envelope::{FileKind, Unsigned, VerifiedFile};
use crate::feed_error::FeedError;
use crate::head::{FileList, FileRef};
use crate::json;

/// Most cities in one list.
pub const MAX_CITIES: usize = 64;

/// A city, by the first four digits of GB/T 2260: 3501 is Fuzhou.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CityCode(pub u16);

impl CityCode {
    /// Whoever counts in no city: people of other provinces and from abroad, and residents of
    /// whom no city is known.
    pub const NONE: Self = Self(0);
}

impl std::fmt::Display for CityCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The directory of one city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityDirectory {
    /// Which city.
    pub code: CityCode,
    /// Its name.
    pub name: Words,
    /// Its state, and the files that lead there.
    pub directory: FileList,
}

/// The directories of all cities; payload: this as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityList {
    /// Rises with every change within the epoch of the directory; begins at 1.
    pub sequence: u32,
    /// Every city, by rising code.
    pub cities: Vec<CityDirectory>,
}

impl CityList {
    /// The directory of a city.
    pub fn of(&self, code: CityCode) -> Option<&CityDirectory> {
        self.cities.iter().find(|city| city.code == code)
    }

    /// Every file that it names.
    pub fn files(&self) -> impl Iterator<Item = &FileRef> {
        self.cities.iter().flat_map(|city| city.directory.files())
    }

    /// The file, ready to be signed.
    ///
    /// # Errors
    /// As for [`Self::decode`].
    pub fn encode(&self, key: KeyId) -> Result<Unsigned, FeedError> {
        self.check()?;
        let payload = serde_json::to_vec(self).map_err(|_| FeedError::Json)?;
        Unsigned::new(FileKind::Cities, key, &payload)
    }

    /// Reads a verified file.
    ///
    /// # Errors
    /// [`FeedError::Kind`], [`FeedError::Json`], [`FeedError::Unsorted`] when the cities do not
    /// rise, [`FeedError::OutOfRange`] when they are too many, and what is wrong with the files
    /// of one, as in a head.
    pub fn decode(file: &VerifiedFile<'_>) -> Result<Self, FeedError> {
        let payload = file.payload(FileKind::Cities)?;
        let list: Self = json::read_answer(payload).ok_or(FeedError::Json)?;
        list.check()?;
        Ok(list)
    }

    fn check(&self) -> Result<(), FeedError> {
        if self.cities.len() > MAX_CITIES || self.sequence == 0 {
            return Err(FeedError::OutOfRange);
        }
        if !self.cities.is_sorted_by(|one, next| one.code < next.code) {
            return Err(FeedError::Unsorted);
        }
        self.cities.iter().try_for_each(|city| city.directory.check_directory())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;
    use crate::envelope::Envelope;
    use crate::file_name::FeedName;
    use crate::head::Head;
    use crate::testing::{feeds_key, public, sign};

    fn city(code: u16) -> CityDirectory {
        let snapshot = FileRef::new(FeedName::Directory, 0, 3, &code.to_le_bytes());
        let name = Words { zh: "市".to_owned(), en: format!("City {code}") };
        let root = Digest([1; 32]);
        let directory =
            FileList { epoch: 5, sequence: 3, root, size: 9, snapshot, deltas: Vec::new() };
        CityDirectory { code: CityCode(code), name, directory }
    }

    fn list() -> CityList {
        CityList { sequence: 7, cities: vec![city(0), city(3501), city(3505)] }
    }

    /// What a reader says of a list that was signed without being looked at.
    fn read(list: &CityList) -> Result<CityList, FeedError> {
        let payload = serde_json::to_vec(list).unwrap();
        let bytes = Unsigned::new(FileKind::Cities, feeds_key(), &payload).unwrap().sign(&sign);
        CityList::decode(&Envelope::parse(&bytes)?.verify(&public())?)
    }

    #[test]
    fn a_list_comes_back_and_says_which_files_are_whose() {
        let bytes = list().encode(feeds_key()).unwrap().sign(&sign);
        let file = Envelope::parse(&bytes).unwrap().verify(&public()).unwrap();
        assert_eq!(CityList::decode(&file), Ok(list()));
        assert_eq!(list().of(CityCode(3505)), Some(&city(3505)));
        assert_eq!(list().of(CityCode(3502)), None);
        assert_eq!(list().files().count(), 3);
        let head = Head::decode(&file);
        assert!(matches!(head, Err(FeedError::Kind { .. })), "it is no head: {head:?}");
    }

    #[test]
    fn a_list_that_is_not_of_the_form_is_refused() {
        let refused = |change: fn(&mut CityList), error| {
            let mut list = list();
            change(&mut list);
            assert_eq!(read(&list), Err(error));
            assert!(list.encode(feeds_key()).is_err(), "nor is it written");
        };
        refused(|list| list.sequence = 0, FeedError::OutOfRange);
        refused(|list| list.cities.swap(1, 2), FeedError::Unsorted);
        refused(|list| list.cities[1].code = CityCode::NONE, FeedError::Unsorted);
        refused(|list| list.cities = (0..65).map(city).collect(), FeedError::OutOfRange);
        refused(|list| list.cities[1].directory.sequence = 4, FeedError::NoRoute);
        refused(|list| list.cities[1].directory.snapshot.to = 2, FeedError::Name);
        refused(
            |list| {
                let of_status = FileRef::new(FeedName::Status, 0, 3, b"status");
                list.cities[1].directory.snapshot = of_status;
            },
            FeedError::Name,
        );
        assert!(read(&CityList { sequence: 1, cities: Vec::new() }).is_ok());
    }
}
