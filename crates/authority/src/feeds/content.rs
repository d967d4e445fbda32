//! What is published, as the files have it.

use yanma_domain::certificate::CertificateTrust;
use yanma_domain::policy::Policy;
use yanma_domain::trust::TrustList;
use yanma_domain::verdict::FeedPosition;
use yanma_protocol::directory_file::DirectorySnapshot;
use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::{Feeds, FileList, FileRef};
use yanma_protocol::policy_file::PolicyFile;
use yanma_protocol::status_file::StatusSnapshot;
use yanma_protocol::trust_file::TrustFile;
use yanma_protocol::{Digest, FeedError};

use super::cities::{Cities, Whole};
use super::folder::Folder;
use super::resume::Reader;
use super::signing::Maker;
use super::stepped::Stepped;
use super::{CityInput, PublishError, PublishInput};

/// What is to be published, in the shape of the files. Where the two lists stand is left
/// open; their feeds decide it.
pub(super) struct Wanted<'a> {
    status: StatusSnapshot,
    directory: DirectorySnapshot,
    trust: &'a TrustList,
    policies: &'a [Policy],
    certificates: Option<&'a CertificateTrust>,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(input: PublishInput<'a>) -> Self {
        let position = FeedPosition { epoch: 0, sequence: 0 };
        let PublishInput { status, directory: rows, key_generation, .. } = input;
        let PublishInput { trust, policies, certificates, .. } = input;
        Self {
            status: StatusSnapshot { position, list: status },
            directory: DirectorySnapshot { position, key_generation, rows },
            trust,
            policies,
            certificates,
        }
    }

    /// Whether the directory is not under an earlier key than what is published: a process that
    /// was not started anew after a rotation would take desks back.
    pub(super) fn check_key(&self, last: &Content) -> Result<(), PublishError> {
        let have = last.directory.last().key_generation;
        let got = self.directory.key_generation;
        if got < have { Err(PublishError::DirectoryKey { have, got }) } else { Ok(()) }
    }

    /// Whether deltas can lead here from what is published.
    pub(super) fn may_follow(&self, last: &Content) -> bool {
        last.status.may_become(&self.status) && last.directory.may_become(&self.directory)
    }
}

/// What is published, and the files that say so.
#[derive(Debug)]
pub(super) struct Content {
    trust: (TrustList, FileList),
    policies: (PolicyFile, FileList),
    status: Stepped<StatusSnapshot>,
    directory: Stepped<DirectorySnapshot>,
    cities: Option<Cities>,
}

impl Content {
    /// Begins an epoch: everything whole.
    pub(super) fn begin(
        wanted: Wanted<'_>,
        epoch: u32,
        maker: &mut Maker<'_>,
    ) -> Result<Self, PublishError> {
        let policies = PolicyFile {
            sequence: 1,
            policies: wanted.policies.to_vec(),
            certificates: wanted.certificates.cloned().unwrap_or_default(),
        };
        Ok(Self {
            trust: make_trust(wanted.trust, maker)?,
            policies: make_policies(policies, epoch, maker)?,
            status: Stepped::begin(wanted.status, epoch, maker)?,
            directory: Stepped::begin(wanted.directory, epoch, maker)?,
            cities: None,
        })
    }

    /// Goes on within the epoch: files for what changed.
    pub(super) fn go_on(
        &self,
        wanted: Wanted<'_>,
        maker: &mut Maker<'_>,
    ) -> Result<Self, PublishError> {
        let (have, got) = (self.trust.0.sequence, wanted.trust.sequence);
        let trust = if *wanted.trust == self.trust.0 {
            self.trust.clone()
        } else if got > have {
            make_trust(wanted.trust, maker)?
        } else {
            return Err(PublishError::TrustSequence { have, got });
        };
        let (last, files) = &self.policies;
        let certificates = wanted.certificates.unwrap_or(&last.certificates);
        let policies = if last.policies == wanted.policies && last.certificates == *certificates {
            self.policies.clone()
        } else {
            let sequence = last.sequence.checked_add(1).ok_or(FeedError::OutOfRange)?;
            let policies = PolicyFile {
                sequence,
                policies: wanted.policies.to_vec(),
                certificates: certificates.clone(),
            };
            make_policies(policies, files.epoch, maker)?
        };
        let status = self.status.go_on(wanted.status, maker)?;
        let directory = self.directory.go_on(wanted.directory, maker)?;
        Ok(Self { trust, policies, status, directory, cities: self.cities.clone() })
    }

    /// Takes up what a head names.
    pub(super) fn resume(feeds: &Feeds, reader: &Reader<'_>) -> Result<Self, PublishError> {
        let trust = reader.read(&feeds.trust.snapshot, TrustFile::decode)?.0;
        let policies = reader.read(&feeds.policy.snapshot, PolicyFile::decode)?;
        Ok(Self {
            trust: (trust, feeds.trust.clone()),
            policies: (policies, feeds.policy.clone()),
            status: Stepped::resume(feeds.status.clone(), reader)?,
            directory: Stepped::resume(feeds.directory.clone(), reader)?,
            cities: feeds.cities.map(|file| Cities::resume(file, reader)).transpose()?,
        })
    }

    /// Brings the cities to the directory as it is now.
    pub(super) fn bring_cities(
        &mut self,
        input: &CityInput<'_>,
        places: (&Folder, &Reader<'_>),
        maker: &mut Maker<'_>,
    ) -> Result<(), PublishError> {
        let DirectorySnapshot { position, key_generation, rows } = self.directory.last();
        let (key_generation, epoch) = (*key_generation, position.epoch);
        let whole = Whole { rows, key_generation, epoch };
        self.cities = Some(Cities::go_on(self.cities.as_ref(), input, &whole, places, maker)?);
        Ok(())
    }

    /// Every file of a city.
    pub(super) fn files_of_cities(&self) -> impl Iterator<Item = &FileRef> {
        self.cities.iter().flat_map(Cities::files)
    }

    /// The four feeds and the list of cities, as a head names them.
    pub(super) fn feeds(&self) -> Feeds {
        Feeds {
            cities: self.cities.as_ref().map(Cities::file),
            trust: self.trust.1.clone(),
            policy: self.policies.1.clone(),
            status: self.status.files().clone(),
            directory: self.directory.files().clone(),
        }
    }
}

fn make_trust(list: &TrustList, maker: &mut Maker<'_>) -> Result<(TrustList, FileList), FeedError> {
    let file = TrustFile(list.clone());
    let mut root = Digest([0; 32]);
    let roots = maker.roots();
    let snapshot = maker.make(FeedName::Trust, (0, list.sequence), |key| {
        let unsigned = file.encode_with(key, roots)?;
        root = Digest::of(unsigned.payload());
        Ok(unsigned)
    })?;
    // The epoch of a trust list is always 0: only its sequence counts.
    Ok((file.0, whole_file(0, list.sequence, root, list.issuers.len(), snapshot)))
}

fn make_policies(
    file: PolicyFile,
    epoch: u32,
    maker: &mut Maker<'_>,
) -> Result<(PolicyFile, FileList), FeedError> {
    let mut root = Digest([0; 32]);
    let snapshot = maker.make(FeedName::Policy, (0, file.sequence), |key| {
        let unsigned = file.encode(key)?;
        root = Digest::of(unsigned.payload());
        Ok(unsigned)
    })?;
    let files = whole_file(epoch, file.sequence, root, file.policies.len(), snapshot);
    Ok((file, files))
}

fn whole_file(epoch: u32, sequence: u32, root: Digest, size: usize, snapshot: FileRef) -> FileList {
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    FileList { epoch, sequence, root, size, snapshot, deltas: Vec::new() }
}
