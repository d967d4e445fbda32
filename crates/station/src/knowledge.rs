//! What the desk knows, in memory: one value that is replaced as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use yanma_domain::certificate::CertificateTrust;
use yanma_domain::encounter::{ColourFact, Source, View};
use yanma_domain::policy::Policy;
use yanma_domain::status::StatusList;
use yanma_domain::trust::TrustList;
use yanma_domain::verdict::FeedPosition;
use yanma_domain::{IssuerId, StatusIndex};
use yanma_protocol::Digest;
use yanma_protocol::city_list::CityCode;

/// The feeds as they stand, verified. A sync makes a new one beside it and swaps.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// The trust list.
    pub trust: Option<TrustList>,
    /// The SHA-256 of the payload that the trust list came in, as heads name it.
    pub trust_root: Option<Digest>,
    /// The policies by their scene.
    pub policies: BTreeMap<String, Policy>,
    /// Where the policies stand.
    pub policy_position: Option<FeedPosition>,
    /// The status lists by their issuer.
    pub lists: BTreeMap<IssuerId, KnownList>,
    /// Where the whole directory stands.
    pub directory: Option<KnownDirectory>,
    /// Where the directories of chosen cities stand, which a desk has in the place of the whole
    /// one.
    pub cities: BTreeMap<CityCode, KnownDirectory>,
    /// The key that the directory of the newest head is under, and that could not be had.
    pub lacks_directory_key: Option<u32>,
    /// What foreign certificates are checked against; empty while nothing was delivered.
    pub certificates: Arc<CertificateTrust>,
    /// Number of the newest head that was accepted.
    pub head_number: u64,
    /// When that head was issued: the time of the authority.
    pub head_issued_at: Option<Timestamp>,
}

/// A status list with its place and age.
#[derive(Clone, Debug)]
pub struct KnownList {
    /// The list; shared, because it is megabytes.
    pub list: Arc<StatusList>,
    /// Which state of it this is.
    pub position: FeedPosition,
    /// When the authority last said that this is the newest.
    pub as_of: Timestamp,
}

/// The directory, whose rows lie in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownDirectory {
    /// Which state of it this is.
    pub position: FeedPosition,
    /// When the authority last said that this is the newest.
    pub as_of: Timestamp,
}

impl Knowledge {
    /// Whether the newest head named another directory than the one at hand, or than one of
    /// those of cities: it is still being fetched, was refused, or is under a key that could not
    /// be had.
    pub fn directory_is_behind(&self) -> bool {
        // The store keeps both times to the microsecond.
        let heard = self.head_issued_at.map(|issued_at| issued_at.as_microsecond());
        self.directories().any(|at_hand| Some(at_hand.as_of.as_microsecond()) < heard)
    }

    /// The issuer's clock was ahead and was put right: what it vouched for until then is older
    /// than `instant`, whatever it said. The store does the same, to the microsecond.
    pub(crate) fn age_before(&mut self, issuer: IssuerId, instant: Timestamp) {
        let before = instant - SignedDuration::from_micros(1);
        let list = self.lists.get_mut(&issuer).map(|list| &mut list.as_of);
        let directories = self.directory.iter_mut().chain(self.cities.values_mut());
        let as_of = directories.map(|directory| &mut directory.as_of).chain(list);
        as_of.for_each(|as_of| *as_of = before.min(*as_of));
    }

    /// The whole directory, or those of cities.
    pub fn directories(&self) -> impl Iterator<Item = &KnownDirectory> {
        self.directory.iter().chain(self.cities.values())
    }

    /// Adds what the lists say of the holders in a view, where it does not have that.
    pub(crate) fn add_colours(&self, view: &mut View) {
        let told = view.colours.iter().map(|fact| (fact.issuer, fact.index));
        let holders = view.documents.iter().filter_map(|fact| fact.holder).chain(told);
        for (issuer, index) in holders.collect::<BTreeSet<_>>() {
            let is_listed = view.colours.iter().any(|fact| {
                let of_holder = fact.issuer == issuer && fact.index == index;
                of_holder && matches!(fact.source, Source::Feed(_))
            });
            view.colours.extend(self.colour_of(issuer, index).filter(|_| !is_listed));
        }
    }

    /// What the lists say of a holder; `None` when there is no list of that issuer.
    pub fn colour_of(&self, issuer: IssuerId, index: StatusIndex) -> Option<ColourFact> {
        let known = self.lists.get(&issuer)?;
        Some(ColourFact {
            issuer,
            index,
            colour: known.list.get(index),
            source: Source::Feed(known.position),
            as_of: known.as_of,
        })
    }
}
