//! Numbers that name things: issuers, their keys, holders.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who issues codes and publishes feeds.
///
/// A province has the two-digit prefix of GB/T 2260 (35 is Fujian); 0 is the national
/// platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct IssuerId(pub u8);

impl IssuerId {
    /// The national platform.
    pub const NATIONAL: Self = Self(0);
    /// Fujian Province.
    pub const FUJIAN: Self = Self(35);
}

impl fmt::Display for IssuerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One of an issuer's sixteen key places, 0 to 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct KeySlot(u8);

impl KeySlot {
    /// The key that signs the trust list; pinned when a station is enrolled.
    pub const ROOT: Self = Self(0);
    /// The key that signs health codes, unless the trust list says otherwise.
    pub const CODES: Self = Self(1);
    /// The key that signs the feeds, unless the trust list says otherwise.
    pub const FEEDS: Self = Self(2);

    /// A slot from its number; `None` above 15, because a code gives it four bits.
    pub const fn new(slot: u8) -> Option<Self> {
        if slot < 16 { Some(Self(slot)) } else { None }
    }

    /// The number, 0 to 15.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// A key slot above 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key slot is a number from 0 to 15")]
pub struct KeySlotError;

impl TryFrom<u8> for KeySlot {
    type Error = KeySlotError;

    fn try_from(slot: u8) -> Result<Self, KeySlotError> {
        Self::new(slot).ok_or(KeySlotError)
    }
}

impl From<KeySlot> for u8 {
    fn from(slot: KeySlot) -> Self {
        slot.0
    }
}

/// One key of one issuer, shown as `35-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyId {
    /// Whose key it is.
    pub issuer: IssuerId,
    /// Which of its keys.
    pub slot: KeySlot,
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.issuer, self.slot.get())
    }
}

/// A holder's place in the issuer's status list: dense, and a random permutation of the
/// order of issue, so that it tells nothing about when or to whom a code was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct StatusIndex(pub u32);
