//! The station's encrypted file: what a desk knows, what it did, what it still has to send.
//!
//! One SQLite file under SQLCipher holds settings, the feeds with the status list, the entry
//! log and the outbox. A table is a file of this crate: its SQL, its reads, its writes and its
//! tests. Only the bulk of the directory lies beside, in a file under the same key that is
//! never changed, only replaced.
//!
//! What it promises:
//!
//! - An entry whose [`EntryNumber`] was returned by [`Store::append`] is on the disk, and is to
//!   be sent, whatever happens next: power cut, `kill -9`, full disk.
//! - A feed is applied whole or not at all ([`Store::apply_feeds`]).
//! - The log is append-only and hash-chained; [`Store::check`] names the first number that
//!   was altered, moved or taken out. The chain proves this against anyone who cannot write
//!   the whole chain anew; whoever has the file's key can, so the newest
//!   [`Store::chain_head`] belongs somewhere else too (the authority).
//! - A damaged file is set aside under a new name, never deleted; what can still be read of
//!   it is carried over and counted in the [`OpenReport`].
//!
//! What it does not do: it judges nothing, reads no clock, opens no connection and knows no
//! feed format. Bodies, receipts, lists and policies are bytes to it.
//!
//! ```
//! use jiff::{Timestamp, civil::date};
//! use uuid::Uuid;
//! use yanma_store::{FileKey, NewEntry, Store};
//!
//! let folder = tempfile::tempdir()?;
//! let now: Timestamp = "2020-06-16T08:00:00+08:00".parse()?;
//! let (store, report) =
//!     Store::open(&folder.path().join("desk.db"), &FileKey::from_bytes([7; 32]), now)?;
//! assert!(report.created);
//!
//! let number = store.append(&NewEntry {
//!     id: Uuid::from_u128(1),
//!     at: now,
//!     day: date(2020, 6, 16),
//!     decision: "admit",
//!     colour: Some("green"),
//!     reasons: &[],
//!     methods: &["code"],
//!     operator: None,
//!     site: Some("hospital-1"),
//!     amends: None,
//!     body: br#"{"decision":"admit"}"#.to_vec(),
//!     receipt: b"what replay needs".to_vec(),
//!     receipt_salt: [9; 16],
//!     search: vec!["张*明".to_owned()],
//! })?;
//! assert_eq!(number.0, 1);
//! assert_eq!(store.check()?.entries, 1);
//! assert_eq!(store.due(now, 10)?.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
mod clock;
mod counts;
mod directory;
mod entries;
mod error;
mod feeds;
mod flights;
mod guests;
mod inside;
mod keystore;
mod lanes;
mod lists;
mod lock;
mod migrate;
mod open;
mod operators;
mod outbox;
mod policies;
mod set_aside;
mod settings;
mod shifts;
mod store;
#[cfg(test)]
mod testing;
mod values;

pub use audit::{Act, AuditRow};
pub use clock::Clock;
pub use counts::{Answered, HourCount};
pub use directory::{DirectoryOf, DirectoryRow, Fold, PackedBase, Packer};
pub use entries::{
    ChainFault, ChainHead, ChainReport, Details, Entry, EntryNumber, Export, Filter, LogDay,
    NewEntry, Retained,
};
pub use error::StoreError;
pub use feeds::{Feed, FeedName, FeedState, FeedWrite, HeadMark, HighWater};
pub use flights::{Aboard, ExpectedAboard, FlightCheck, FlightCount};
pub use guests::{GuestFilter, GuestRow};
pub use inside::InsideRow;
pub use keystore::{FileKey, KeyFile, Keystore, KeystoreError};
pub use lanes::LaneRow;
pub use lists::{FoundAhead, ListRow, ListedRow};
pub use migrate::SCHEMA_VERSION;
pub use open::OpenReport;
pub use operators::OperatorRow;
pub use outbox::{OutboxCounts, OutboxRow, RejectedRow, Upload};
pub use set_aside::SetAside;
pub use shifts::ShiftRow;
pub use store::Store;
