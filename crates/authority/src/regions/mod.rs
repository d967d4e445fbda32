//! Other issuers (跨省互认): another province, the national platform.
//!
//! Their keys go into our trust list, so that a desk verifies their codes; their status lists
//! are kept in memory, so that a desk that asks learns the colour of today, and lie beside our
//! feeds, so that a desk without us knows it too. Both come from their own feeds, signed by them.

mod asking;
mod carry;
mod follow;
mod lists;
mod table;

use jiff::Timestamp;
use reqwest::Url;
use yanma_domain::IssuerId;
use yanma_domain::trust::{PublicKey, Words};
use yanma_protocol::{FieldError, FieldProblem};

use crate::audit::{Deed, Note};
use crate::database::Change;
use crate::error::Error;
use crate::homes;
use crate::outbound;

pub(crate) use asking::keep_asking;
pub(crate) use carry::folder_of;
pub(crate) use lists::{Away, LIVE, Regions};
pub(crate) use table::{HEADS_10, RegionRow, TABLE_2, all, revision};

/// What the operator says about another issuer.
#[derive(Debug, Clone)]
pub struct NewRegion {
    /// Its number, as in its codes: 0 for the national platform, else as in GB/T 2260.
    pub issuer: IssuerId,
    /// Its name.
    pub name: Words,
    /// Where its feeds are, such as `https://health.example`.
    pub url: String,
    /// The key that signs its trust list, agreed on from person to person.
    pub root_key: PublicKey,
}

/// Adds another issuer, or changes one.
///
/// # Errors
///
/// [`Error::Field`]: `issuer` when it is our own, `url` when it is none.
pub(crate) fn put(
    change: &Change<'_>,
    own: IssuerId,
    region: NewRegion,
    now: Timestamp,
) -> Result<(), Error> {
    let misfit = |field| FieldError::new(field, FieldProblem::Form);
    if region.issuer == own {
        return Err(misfit("issuer").into());
    }
    if !is_safe(&region.url) {
        return Err(misfit("url").into());
    }
    let NewRegion { issuer, name, url, root_key } = region;
    let row = RegionRow {
        issuer,
        name,
        url,
        root_key,
        trust: None,
        head: None,
        removed: false,
        changed_at: now,
    };
    table::put(change, &row)?;
    homes::ask_region_anew(change, row.issuer, now)
}

/// How adding or changing an issuer is noted.
pub(crate) fn noted(region: &NewRegion) -> Note {
    Note::new(Deed::PutRegion, region.issuer.to_string())
        .with("zh", &region.name.zh)
        .with("en", &region.name.en)
        .with("url", &region.url)
        .with("root_key", String::from(region.root_key))
}

/// Whether this is the address of a server to which one may speak.
fn is_safe(url: &str) -> bool {
    let Ok(url) = url.parse::<Url>() else {
        return false;
    };
    let plain = url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
    plain && outbound::is_private(&url)
}

/// Ends the recognition of an issuer.
///
/// # Errors
///
/// [`Error::NotFound`].
pub(crate) fn remove(change: &Change<'_>, issuer: IssuerId, now: Timestamp) -> Result<(), Error> {
    let known = all(change)?.into_iter().find(|row| row.issuer == issuer && !row.removed);
    let row = known.ok_or(Error::NotFound("region"))?;
    table::put(change, &RegionRow { removed: true, changed_at: now, ..row })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_nobody_listens_to() {
        for good in [
            "https://health.example",
            "https://health.example:8443/a/",
            "http://127.0.0.1:8420",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "http://health.example",
            "ftp://health.example",
            "health.example",
            "",
            "https://user@health.example",
            "https://health.example/?a",
            "https://health.example/#a",
            "http://127.0.0.1.example",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
    }
}
