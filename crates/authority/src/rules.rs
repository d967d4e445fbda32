//! What may change while the server runs: the colour rules in force, other issuers, and the
//! trust list that follows from both.

use std::sync::Arc;

use yanma_domain::trust::{Issuer, TrustList};

use crate::authority::Settings;
use crate::colour::InForce;
use crate::database::Session;
use crate::error::Error;
use crate::keys::KeyRing;
use crate::regions::{self, RegionRow};

/// Replaced whole with every change.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) in_force: InForce,
    pub(crate) regions: Arc<Vec<RegionRow>>,
    pub(crate) trust: Arc<TrustList>,
    revision: u32,
}

impl Rules {
    /// Other issuers, and how many changes of them there were.
    pub(crate) fn regions(session: &Session<'_>) -> Result<(u32, Vec<RegionRow>), Error> {
        Ok((regions::revision(session)?, regions::all(session)?))
    }

    pub(crate) fn new(
        settings: &Settings,
        keys: &KeyRing,
        in_force: InForce,
        regions: Vec<RegionRow>,
        revision: u32,
    ) -> Result<Self, Error> {
        let trust = trust_list(settings, keys, &in_force, &regions, revision)?;
        Ok(Self { in_force, regions: Arc::new(regions), trust: Arc::new(trust), revision })
    }

    /// Which scheme and which issuers these are.
    pub(crate) fn place(&self) -> (u32, u32) {
        (self.in_force.generation, self.revision)
    }
}

/// Whose signatures count: this authority's own, and those of other issuers whose keys are
/// known. Its sequence rises with every change of the scheme, of an issuer, and of our keys,
/// and never falls.
fn trust_list(
    settings: &Settings,
    keys: &KeyRing,
    in_force: &InForce,
    regions: &[RegionRow],
    revision: u32,
) -> Result<TrustList, Error> {
    let rotations = keys.rotations();
    let keys = keys.trusted()?;
    let made_at = keys.iter().map(|key| key.from).max().unwrap_or_default();
    // The first scheme is older than its database.
    let changed_at = (in_force.generation > 1).then_some(in_force.since);
    let changed_at = changed_at.into_iter().chain(regions.iter().map(|region| region.changed_at));
    let issued_at = changed_at.fold(made_at, Ord::max);
    let own = Issuer {
        id: settings.issuer,
        name: settings.issuer_name.clone(),
        amber: in_force.scheme.amber_name,
        keys,
    };
    let others = regions.iter().filter(|region| !region.removed).filter_map(|region| {
        let theirs = region.trust.as_ref()?.issuer(region.issuer)?;
        // Its keys are its own to say; what it is called here, the operator's.
        Some(Issuer { name: region.name.clone(), ..theirs.clone() })
    });
    Ok(TrustList {
        sequence: in_force.generation.saturating_add(revision).saturating_add(rotations),
        issued_at,
        issuers: std::iter::once(own).chain(others).collect(),
    })
}
