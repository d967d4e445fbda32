//! Claiming a code (申领) and giving it back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::{AmberName, Colour};

use crate::facts::FactKind;

/// `POST` [`ClaimRequest`] → 201 [`HolderResponse`], or 200 when it was claimed before.
pub const CLAIMS_PATH: &str = "/v1/claims";
/// `POST` `{}` → 204: the holder's code turns to withdrawn.
pub const WITHDRAW_PATH: &str = "/v1/holder/withdraw";

/// Claims the code of the account's own person: `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {}

/// A holder, as the holder may see it. The status index is left out on purpose: nobody
/// but a desk needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderResponse {
    /// The colour now.
    pub colour: Colour,
    /// What the issuer calls amber.
    pub amber_name: AmberName,
    /// Since when the colour holds.
    pub since: Timestamp,
    /// Why it is not green; empty for green.
    pub because: Vec<Because>,
    /// How many times the code was shown.
    pub shown_count: u32,
    /// When the code was claimed.
    pub claimed_at: Timestamp,
}

/// One fact behind a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// What was reported.
    pub kind: FactKind,
    /// From when it counts.
    pub since: Timestamp,
    /// When it ends by itself; `null` when only a clearance ends it.
    pub until: Option<Timestamp>,
}
