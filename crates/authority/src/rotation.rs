//! Another key in the place of one, and the record of it. Every process of the authority is to
//! be started anew afterwards.

use jiff::Timestamp;
use serde::Serialize;
use yanma_domain::ids::KeySlot;
use yanma_domain::trust::PublicKey;

use crate::audit::{self, Deed, Note};
use crate::authority::Settings;
use crate::clerks;
use crate::database::{Change, Database};
use crate::error::Error;
use crate::keys::KeyRing;

/// Which key is to be rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// That which signs codes.
    Codes,
    /// That which signs heads, lists and policies.
    Feeds,
    /// That under which documents are hashed.
    Directory,
    /// That which signs the trust list, and which desks and other regions have pinned.
    Root,
}

impl KeyUse {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Codes => "codes",
            Self::Feeds => "feeds",
            Self::Directory => "directory",
            Self::Root => "root",
        }
    }
}

/// The key that was made, as far as anybody may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NewKey {
    /// A key that signs, by its place in the trust list.
    Slot(KeySlot),
    /// A directory key; the first was 1.
    Generation(u32),
    /// A root key, as people read it to each other.
    RootKey(PublicKey),
}

/// Makes another key. It is in the audit when it was made, and made when it is in the audit,
/// unless the power goes between the two.
///
/// # Errors
///
/// [`Error::Key`]; the key before it is in use then. [`Error::Database`] when the record cannot
/// be begun, with the same.
pub async fn rotate(settings: &Settings, of: KeyUse, now: Timestamp) -> Result<NewKey, Error> {
    let (folder, issuer) = (settings.keys(), settings.issuer);
    let database = Database::open(&settings.database)?;
    let rotate = move |change: &Change<'_>| {
        let by = clerks::command_line(change, now)?;
        let made = match of {
            KeyUse::Codes => NewKey::Slot(KeyRing::rotate(&folder, now)?),
            KeyUse::Feeds => NewKey::Slot(KeyRing::rotate_feeds(&folder, now)?),
            KeyUse::Directory => NewKey::Generation(KeyRing::rotate_directory(&folder, now)?),
            KeyUse::Root => NewKey::RootKey(KeyRing::rotate_root(&folder, issuer, now)?),
        };
        let note = Note::new(Deed::RotateKey, of.as_str());
        let note = match made {
            NewKey::Slot(slot) => note.with("slot", slot.get()),
            NewKey::Generation(generation) => note.with("generation", generation),
            NewKey::RootKey(key) => note.with("root_key", String::from(key)),
        };
        audit::note(change, &by, note, now)?;
        Ok(made)
    };
    database.write(rotate).await
}
