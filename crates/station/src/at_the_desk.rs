//! Who and what is before the desk: the encounters that more evidence may still join.

use std::hash::RandomState;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use yanma_domain::certificate::CardParts;
use yanma_domain::encounter::{Encounter, Presented};
use yanma_domain::evidence::{Evidence, read_certificate};
use yanma_domain::name_match::ShownName;

use crate::check::Checked;
use crate::guests::Papers;

/// How long after the last reading another one may belong to the same person.
const ENCOUNTER: SignedDuration = SignedDuration::from_secs(8);

/// How long after one part of a certificate another may belong to it.
const PARTS: SignedDuration = SignedDuration::from_secs(60);

/// What is before the desk and was judged already.
#[derive(Default)]
pub(crate) struct AtTheDesk {
    /// The person who was there last, and may still be.
    pub(crate) person: Option<OpenEncounter>,
    /// What says nothing about anybody, such as a poster in view of the camera. It is kept
    /// apart, because it ends nobody's encounter.
    pub(crate) thing: Option<OpenEncounter>,
    /// A certificate that comes in several parts.
    collected: Collected,
    /// What the last person showed, in full, for a form that is filled in after it.
    pub(crate) papers: Option<Papers>,
    /// Keys the digests of this run, which say nothing to anybody else.
    pub(crate) digests: RandomState,
}

/// The parts of a certificate. They are somebody's, and go with the encounter.
#[derive(Default)]
struct Collected {
    parts: CardParts,
    /// When the last one came.
    last: Option<Timestamp>,
    /// What could not be read when it was put together: parts of two cards, unless it is so again.
    unread: Option<String>,
    /// Whether the last one came with the encounter of the person, and not beside it.
    with_person: bool,
    /// Whether it has no place yet.
    is_new: bool,
}

/// An encounter that more evidence may still join.
pub(crate) struct OpenEncounter {
    pub(crate) checked: Checked,
    /// Digests of the readings that name nobody: two different ones look alike as evidence.
    pub(crate) unread: Vec<u64>,
    pub(crate) last_reading: Timestamp,
    /// The names that were shown, in full. They are in memory only, and go with the encounter.
    pub(crate) names: Vec<ShownName>,
}

impl AtTheDesk {
    /// Keeps a part of a certificate; what lies on the desk for a minute is somebody else's. Where
    /// the whole cannot be read the parts before this one are another's, and it begins anew.
    pub(crate) fn put_together(&mut self, evidence: Evidence, now: Timestamp) -> Evidence {
        let Evidence::CertificatePart(part) = evidence else { return evidence };
        let since = self.collected.last.map(|last| now.duration_since(last));
        if since.is_none_or(|since| since.is_negative() || since > PARTS) {
            self.collected = Collected::default();
        }
        let Collected { parts, last, unread, is_new, .. } = &mut self.collected;
        (*last, *is_new) = (Some(now), true);
        let Some(whole) = parts.add(part.clone()) else { return Evidence::CertificatePart(part) };
        let read = read_certificate(&whole);
        let is_damaged = part.of == 1 || unread.as_ref() == Some(&whole);
        if is_damaged || !matches!(read, Evidence::Damaged(_)) {
            return read;
        }
        (*parts, *unread) = (CardParts::default(), Some(whole));
        parts.add(part.clone());
        Evidence::CertificatePart(part)
    }

    /// Where an encounter like this one is kept. A certificate is a thing until a document says
    /// whose it is; `with_pass` is whether the scene takes a boarding pass for the person's who
    /// shows it.
    pub(crate) fn place_of(
        &mut self,
        encounter: &Encounter,
        unread: &[u64],
        with_pass: bool,
        now: Timestamp,
    ) -> &mut Option<OpenEncounter> {
        let kinds = kinds(encounter, with_pass);
        let theirs = |open: &OpenEncounter| {
            open.checked.receipt.encounter.shares_a_certificate_with(encounter)
        };
        let is_theirs = |open: &OpenEncounter| open.is_recent(now) && theirs(open);
        let is_free = self.person.as_ref().is_none_or(|open| !open.is_recent(now));
        if kinds.any() && is_free && self.thing.as_ref().is_some_and(is_theirs) {
            self.person = self.thing.take();
            self.collected.with_person = true;
        }
        let beside = |open: &OpenEncounter| open.has_all_of(encounter, unread) || theirs(open);
        let with_person = kinds.any() || self.person.as_ref().is_some_and(beside);
        if std::mem::take(&mut self.collected.is_new) {
            self.collected.with_person = with_person;
        }
        if with_person { &mut self.person } else { &mut self.thing }
    }

    /// The encounter to which this was presented, while more may still join it.
    pub(crate) fn lately_with(
        &mut self,
        presented: &Presented,
        now: Timestamp,
    ) -> Option<&mut OpenEncounter> {
        let open = [&mut self.person, &mut self.thing].into_iter().flatten();
        open.filter(|open| open.is_recent(now))
            .find(|open| open.checked.receipt.encounter.presented.contains(presented))
    }

    /// Whether nothing was shown since by anybody else than this entry is about.
    pub(crate) fn is_last(&self, entry: Uuid) -> bool {
        let open = [&self.person, &self.thing].into_iter().flatten();
        let last = open.max_by_key(|open| open.last_reading);
        last.is_some_and(|open| open.checked.entry == entry)
    }

    /// Whoever this entry is about has gone on: what comes next is somebody else's. Parts of a
    /// certificate that came beside them are whoever's is next.
    pub(crate) fn end(&mut self, entry: Uuid) {
        for (open, is_person) in [(&mut self.person, true), (&mut self.thing, false)] {
            let has_gone = open.take_if(|open| open.checked.entry == entry).is_some();
            if has_gone && self.collected.with_person == is_person {
                self.collected = Collected::default();
            }
        }
    }

    /// Whoever is there is met anew.
    pub(crate) fn end_all(&mut self) {
        (self.person, self.thing) = (None, None);
        self.collected = Collected::default();
    }

    /// Puts a later word in the place of the one it amends, if that person is still there.
    pub(crate) fn amend(&mut self, entry: Uuid, later: &Checked) {
        if let Some(open) = self.person.as_mut().filter(|open| open.checked.entry == entry) {
            open.checked = later.clone();
        }
    }
}

impl OpenEncounter {
    /// Whether nothing of this was not shown before.
    pub(crate) fn has_all_of(&self, new: &Encounter, unread: &[u64]) -> bool {
        let had = &self.checked.receipt.encounter.presented;
        !new.presented.is_empty()
            && new.presented.iter().all(|item| had.contains(item))
            && unread.iter().all(|digest| self.unread.contains(digest))
    }

    /// A clock that went back ends every encounter.
    pub(crate) fn is_recent(&self, now: Timestamp) -> bool {
        let since = now.duration_since(self.last_reading);
        !since.is_negative() && since <= ENCOUNTER
    }
}

/// Which kinds of evidence an encounter has.
pub(crate) struct Kinds {
    code: bool,
    document: bool,
    pass: bool,
}

impl Kinds {
    fn any(&self) -> bool {
        self.code || self.document || self.pass
    }

    /// Whether there is a boarding pass and nothing that says who somebody is.
    pub(crate) fn pass_alone(&self) -> bool {
        self.pass && !self.code && !self.document
    }

    /// Whether both have a document.
    pub(crate) fn both_have_documents(&self, other: &Self) -> bool {
        self.document && other.document
    }

    /// Whether each has something, and nothing of a kind that the other has.
    pub(crate) fn complements(&self, other: &Self) -> bool {
        let twice = (self.code && other.code)
            || (self.document && other.document)
            || (self.pass && other.pass);
        self.any() && other.any() && !twice
    }
}

/// `with_pass` is whether a boarding pass counts as something of a person.
pub(crate) fn kinds(encounter: &Encounter, with_pass: bool) -> Kinds {
    let has = |test: fn(&Presented) -> bool| encounter.presented.iter().any(test);
    Kinds {
        code: has(|presented| matches!(presented, Presented::Code(_))),
        document: has(|presented| matches!(presented, Presented::Document(_))),
        pass: with_pass && has(|presented| matches!(presented, Presented::BoardingPass { .. })),
    }
}
