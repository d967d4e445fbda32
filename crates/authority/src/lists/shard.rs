//! Which shard a row lies in: the column `shard` of the tables that a distributed database
//! keeps by holder.
//!
//! The shard of a code is in its status index, and so in the code itself: the index's lower
//! bits. A document has a shard as well, by a hash under a key that never leaves the database;
//! every code of its owner is issued there, so that a person's codes and facts lie together.
//! `docs/decisions/0008-distributed-by-holder.md` weighs the other ways.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use yanma_domain::StatusIndex;
use yanma_domain::document::DocumentNumber;

use crate::database::{ToValue, Value};

/// How many shards there are: far more than machines, so that shards are moved and not split.
pub(crate) const SHARDS: u32 = 64;

/// A number below [`SHARDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Shard(u8);

impl Shard {
    /// Every shard, in order.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..SHARDS as u8).map(Self)
    }

    /// The shard of a code.
    pub(crate) const fn of(index: StatusIndex) -> Self {
        Self((index.0 % SHARDS) as u8)
    }

    /// The shard of whoever has a document, under the key of the database.
    pub(super) fn of_document(key: &[u8; 32], document: &DocumentNumber) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(key)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(b"yanma-shard-v1");
        mac.update(&[document.document_type().code()]);
        mac.update(document.reveal().as_bytes());
        let [byte, ..]: [u8; 32] = mac.finalize().into_bytes().into();
        Self(byte % SHARDS as u8)
    }

    /// Where a batch under this id is counted: anywhere, and not always in the same row.
    pub(crate) fn of_batch(id: uuid::Uuid) -> Self {
        let [.., last] = id.into_bytes();
        Self(last % SHARDS as u8)
    }

    /// The number, to count with.
    pub(crate) const fn number(self) -> u32 {
        self.0 as u32
    }

    /// Reads the column.
    pub(super) fn from_number(number: u32) -> Option<Self> {
        u8::try_from(number).ok().filter(|_| number < SHARDS).map(Self)
    }
}

impl ToValue for Shard {
    fn to_value(&self) -> Value {
        Value::Integer(self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yanma_domain::document::DocumentType;

    #[test]
    fn documents_are_spread_evenly_and_differently_under_each_key() {
        let shards = |key: u8| -> Vec<Shard> {
            let number = |n: u32| {
                DocumentNumber::parse(DocumentType::ForeignPassport, &format!("L{n:08}")).unwrap()
            };
            (0..6_400).map(|n| Shard::of_document(&[key; 32], &number(n))).collect()
        };
        let first = shards(1);
        for shard in Shard::all() {
            let count = first.iter().filter(|other| **other == shard).count();
            // 100 on average; six times the spread of chance to either side.
            assert!((40..=160).contains(&count), "{count} in {shard:?}");
        }
        assert_eq!(first, shards(1));
        assert_ne!(first, shards(2));
    }
}
