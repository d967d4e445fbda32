//! The kinds of sealed files.

use yanma_domain::trust::Purpose;

use crate::envelope::MAGIC;
use crate::namespace;

/// What is in a sealed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// The list of the newest files, [`crate::head::Head`].
    Head,
    /// The trust list, [`crate::trust_file::TrustFile`].
    Trust,
    /// The policies, [`crate::policy_file::PolicyFile`].
    Policy,
    /// A whole status list, [`crate::status_file::StatusSnapshot`].
    StatusSnapshot,
    /// A change of the status list, [`crate::status_file::StatusDelta`].
    StatusDelta,
    /// A whole directory, [`crate::directory_file::DirectorySnapshot`].
    DirectorySnapshot,
    /// A change of the directory, [`crate::directory_file::DirectoryDelta`].
    DirectoryDelta,
    /// The list of the directories of single cities, [`crate::city_list::CityList`].
    Cities,
}

impl FileKind {
    /// Every kind, by rising number.
    pub const ALL: [Self; 8] = [
        Self::Head,
        Self::Trust,
        Self::Policy,
        Self::StatusSnapshot,
        Self::StatusDelta,
        Self::DirectorySnapshot,
        Self::DirectoryDelta,
        Self::Cities,
    ];

    /// The byte in the header, 1 to 8.
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The kind of this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// How every file of this kind begins: the four bytes of all, and its own.
    pub const fn beginning(self) -> [u8; 5] {
        let [m, a, g, i] = MAGIC;
        [m, a, g, i, self.number()]
    }

    /// What its signature begins with. A snapshot and its deltas share one: the kind byte,
    /// which is signed too, tells them apart.
    pub const fn namespace(self) -> &'static [u8] {
        match self {
            Self::Head => namespace::HEAD,
            Self::Trust => namespace::TRUST,
            Self::Policy => namespace::POLICY,
            Self::StatusSnapshot | Self::StatusDelta => namespace::STATUS,
            Self::DirectorySnapshot | Self::DirectoryDelta => namespace::DIRECTORY,
            Self::Cities => namespace::CITIES,
        }
    }

    /// Most bytes of payload. A head, a trust list and the policies are a few kilobytes; the
    /// signers of certificates of all Europe, which come with the policies, take one
    /// megabyte; a
    /// status list can be no larger than its cells and some; a directory of 2^26 rows
    /// takes up to 600 MB. 64 cities of 65 files each take up to 0.8 MB.
    pub const fn max_payload_bytes(self) -> usize {
        match self {
            Self::Head => 256 * 1024,
            Self::Trust | Self::Cities => 1024 * 1024,
            Self::Policy => 8 * 1024 * 1024,
            Self::StatusSnapshot | Self::StatusDelta => 64 * 1024 * 1024,
            Self::DirectorySnapshot | Self::DirectoryDelta => 768 * 1024 * 1024,
        }
    }

    pub(crate) const fn purpose(self) -> Purpose {
        match self {
            Self::Trust => Purpose::Root,
            _ => Purpose::Feeds,
        }
    }
}
