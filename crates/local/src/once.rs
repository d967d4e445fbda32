//! A question that is asked again under the same name is answered as before, and not checked
//! again: a caller that lost the answer may repeat itself.
//!
//! The names are kept with the entries, so that they are known after a restart as well.

use std::collections::HashMap;

use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use uuid::Uuid;
use yanma_station::{Desk, DeskError};

/// How long a name is known.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Names that are known at once.
const MOST: usize = 10_000;
/// Entries that are looked through for names after a start.
const LOOK_BACK: u32 = 2_000;

/// The questions that were asked by name.
pub(crate) struct Once {
    key: [u8; 32],
    known: HashMap<String, Known>,
}

struct Known {
    question: String,
    entry: Uuid,
    at: Timestamp,
}

/// A name and the question under it, as they are kept: digests under a key of this desk, since
/// a question holds a number that may not be.
#[derive(Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) question: String,
}

/// What is known of a name.
pub(crate) enum Before {
    /// Nothing.
    New,
    /// The same question; this is its entry.
    Same(Uuid),
    /// Another question.
    Other,
}

impl Once {
    /// Reads the names that were given before this start.
    pub(crate) fn of(desk: &Desk, key: [u8; 32]) -> Result<Self, DeskError> {
        let mut once = Self { key, known: HashMap::new() };
        for (entry, at, asked) in desk.asked_lately(LOOK_BACK)? {
            if let Some((name, question)) = asked.once {
                // What amends an entry has its name, too: the first is the answer.
                once.known.entry(name).or_insert(Known { question, entry, at });
            }
        }
        Ok(once)
    }

    /// How a name and a question are kept.
    pub(crate) fn named(&self, name: &str, question: &[u8]) -> Named {
        Named {
            name: self.digest(b"name", name.as_bytes()),
            question: self.digest(b"question", question),
        }
    }

    fn digest(&self, what: &[u8], value: &[u8]) -> String {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length");
        mac.update(what);
        mac.update(&[0]);
        mac.update(value);
        hex::encode(mac.finalize().into_bytes())
    }

    /// What is known of a name now.
    pub(crate) fn before(&self, named: &Named, now: Timestamp) -> Before {
        match self.known.get(&named.name) {
            Some(known) if now.duration_since(known.at) > KNOWN_FOR => Before::New,
            Some(known) if known.question == named.question => Before::Same(known.entry),
            Some(_) => Before::Other,
            None => Before::New,
        }
    }

    /// Keeps what came of it.
    pub(crate) fn note(&mut self, named: Named, entry: Uuid, at: Timestamp) {
        if self.known.len() >= MOST {
            self.known.retain(|_, known| at.duration_since(known.at) <= KNOWN_FOR);
        }
        if self.known.len() >= MOST
            && let Some(oldest) =
                self.known.iter().min_by_key(|(_, known)| known.at).map(|(name, _)| name.clone())
        {
            self.known.remove(&oldest);
        }
        self.known.insert(named.name, Known { question: named.question, entry, at });
    }
}
