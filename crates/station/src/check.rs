//! From readings to a verdict and a durable entry.

use std::hash::BuildHasher;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;
use yanma_domain::document::{DirectoryKey, DocumentHash};
use yanma_domain::encounter::{Against, DocumentFact, Encounter, Hashed, Presented, Source, View};
use yanma_domain::judge::judge;
use yanma_domain::name_match::{ShownName, compare_names};
use yanma_domain::policy::Policy;
use yanma_domain::scene::Action;
use yanma_domain::trust::TrustList;
use yanma_domain::verdict::{Check, Outcome, Verdict};
use yanma_domain::{IssuerId, StatusIndex};
use yanma_protocol::city_list::CityCode;
use yanma_store::StoreError;

use crate::at_the_desk::{OpenEncounter, kinds};
use crate::desk::{Desk, ENROLMENT_KEY};
use crate::enrolment::Enrolment;
use crate::error::DeskError;
use crate::guests::Papers;
use crate::knowledge::Knowledge;
use crate::reading::{Method, Reading};
use crate::record::{Amends, Circumstances, EntryBody, Prepared, Receipt};
use crate::rights::Right;
use crate::told::Asked;

/// A verdict and its entry.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The entry.
    pub entry: Uuid,
    /// Whether the entry is on the disk. When it is not, the disk is full or broken; the
    /// verdict stands, and the entry is written as soon as that is possible.
    pub recorded: bool,
    /// When the verdict was made.
    pub at: Timestamp,
    /// The verdict.
    pub verdict: Verdict,
    /// How the evidence came, each once.
    pub methods: Vec<Method>,
    /// The earlier entry of the same encounter that this one puts right.
    pub amends: Option<Amends>,
    /// How long it took, from the reading to the durable entry.
    pub elapsed: Duration,
    /// What had been done with the person before this word on them came.
    pub done: Option<Action>,
    pub(crate) receipt: Receipt,
}

impl Checked {
    /// Whether it replaces an earlier verdict of the same encounter with a worse one.
    pub fn overturns(&self) -> bool {
        self.amends.is_some_and(|amends| self.verdict.decision > amends.decision)
    }
}

impl Desk {
    /// Takes the readings of one person, judges them, and writes the entry.
    ///
    /// A document that follows a code within eight seconds, or a code a document, belongs
    /// to the same encounter when it is the same person's, or when the scene wants both.
    /// The same thing read twice, by camera and scanner, is one entry.
    ///
    /// # Errors
    /// When the scene has no policy, nobody has signed in on a desk that asks for it, the desk
    /// has locked itself, or the store is read-only. A full disk is no error
    /// here: see [`Checked::recorded`].
    pub fn present(&self, readings: &[Reading]) -> Result<Checked, DeskError> {
        self.present_asked(readings, None)
    }

    /// The same for another program: what it said is kept with the entry, and with those that
    /// later evidence of the same person makes.
    ///
    /// # Errors
    /// As [`Desk::present`].
    pub fn present_asked(
        &self,
        readings: &[Reading],
        asked: Option<Asked>,
    ) -> Result<Checked, DeskError> {
        let started = Instant::now();
        self.allow(Right::Check)?;
        self.must_be_open()?;
        let policy = self.policy()?;
        let _same_key = self.keep_key();
        let mut methods = Vec::new();
        let mut presented = Vec::new();
        let mut unread = Vec::new();
        let mut names = Vec::new();
        let mut names_somebody = false;
        let held = self.held_now();
        let (against, now) = (held.against(), held.now);
        let mut before = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for reading in readings {
            let evidence = before.put_together(reading.evidence(), now);
            note(&mut methods, reading.method(&evidence));
            let is_somebodys = evidence.names_somebody();
            names_somebody |= is_somebodys;
            if let Some(text) = reading.text().filter(|_| !is_somebodys) {
                unread.push(before.digests.hash_one(text));
            }
            names.extend(ShownName::of(&evidence));
            presented.push(Presented::held_against(evidence, against));
        }
        let encounter = Encounter { presented, names: compare_names(&names) };
        let papers = Papers::of(readings, now);
        if papers.is_some() {
            before.papers.clone_from(&papers);
        }
        let with_pass = self.scene_in_force().boarding_pass;
        let open = before.place_of(&encounter, &unread, with_pass, now);
        let earlier = open.take().filter(|open| open.is_recent(now));
        if let Some(same) = earlier.as_ref().and_then(|earlier| {
            (earlier.has_all_of(&encounter, &unread) && self.is_judged_alike(earlier, &policy, now))
                .then(|| earlier.checked.clone())
        }) {
            let names = earlier.map_or(names, |earlier| earlier.names);
            let checked = same.clone();
            *open = Some(OpenEncounter { checked, unread, last_reading: now, names });
            return Ok(Checked { elapsed: started.elapsed(), ..same });
        }
        let _one_word = self.one_word_at_a_time();
        let asked_before =
            earlier.as_ref().and_then(|earlier| earlier.checked.receipt.asked.clone());
        let joined = match &earlier {
            Some(earlier) => self.join(earlier, &encounter, &names, &policy, now)?,
            None => None,
        };
        if let Some(earlier) = earlier.filter(|_| joined.is_some()) {
            unread.extend(earlier.unread);
            names.extend(earlier.names);
        }
        let asked = asked.or_else(|| asked_before.filter(|_| joined.is_some()));
        let (mut judged, amends) = match joined {
            Some((judged, amends, earlier_methods)) => {
                earlier_methods.into_iter().for_each(|method| note(&mut methods, method));
                (judged, Some(amends))
            }
            None => (self.judge_now(encounter, &policy, now, None), None),
        };
        let by_program = asked.is_some();
        judged.receipt.asked = asked;
        // A program that asks says nothing of who stands at the desk.
        let is_another = amends.is_none() && names_somebody && !by_program;
        let checked = self.record(judged, methods, amends, None, started)?;
        let entry = checked.clone();
        *open = Some(OpenEncounter { checked: entry, unread, last_reading: now, names });
        if is_another {
            // What the person before showed is not this one's.
            before.papers = papers;
        }
        Ok(checked)
    }

    /// What the verdict on these readings would be, by themselves. Nothing is written and
    /// nobody's encounter begins or ends: for practice, and for a desk that may only look.
    ///
    /// # Errors
    /// When the scene has no policy, or the desk has locked itself.
    pub fn judge_only(&self, readings: &[Reading]) -> Result<Verdict, DeskError> {
        self.judge_by(readings, &self.policy()?)
    }

    /// The same by a policy that is not the scene's.
    ///
    /// # Errors
    /// When the desk has locked itself: it tells nobody's colour then.
    pub(crate) fn judge_by(
        &self,
        readings: &[Reading],
        policy: &Policy,
    ) -> Result<Verdict, DeskError> {
        self.must_be_open()?;
        let _same_key = self.keep_key();
        let held = self.held_now();
        let (against, now) = (held.against(), held.now);
        let evidence: Vec<_> = readings.iter().map(Reading::evidence).collect();
        let names: Vec<_> = evidence.iter().filter_map(ShownName::of).collect();
        let presented = evidence
            .into_iter()
            .map(|evidence| Presented::held_against(evidence, against))
            .collect();
        let encounter = Encounter { presented, names: compare_names(&names) };
        Ok(self.judge_now(encounter, policy, now, None).verdict)
    }

    /// Judges one encounter by what the desk knows now, and by what the authority said of
    /// it in `earlier`: its word, once given, holds for as long as the person stands there.
    pub(crate) fn judge_now(
        &self,
        encounter: Encounter,
        policy: &Policy,
        now: Timestamp,
        earlier: Option<&View>,
    ) -> Judged {
        let mut view = self.view_of(&encounter);
        if let Some(earlier) = earlier {
            let said = |source| matches!(source, Source::Authority(_));
            view.colours.extend(earlier.colours.iter().filter(|fact| said(fact.source)).cloned());
            let documents = earlier.documents.iter().filter(|fact| said(fact.source));
            view.documents.extend(documents.cloned());
            self.knowledge().add_colours(&mut view);
        }
        let verdict = judge(&encounter, &view, policy, now);
        Judged { receipt: Receipt::new(encounter, view), verdict, at: now }
    }

    /// Whether the whole encounter is still judged as it was.
    fn is_judged_alike(&self, earlier: &OpenEncounter, policy: &Policy, now: Timestamp) -> bool {
        let Receipt { encounter, view, .. } = &earlier.checked.receipt;
        let before = &earlier.checked.verdict;
        let again = self.judge_now(encounter.clone(), policy, now, Some(view)).verdict;
        again.decision == before.decision && again.colour == before.colour
    }

    /// Takes the earlier evidence and the new together, if they are one person's and nothing
    /// was done with that person yet. A boarding pass is whoever's is there; a foreign certificate
    /// is theirs whose document names the same person.
    fn join(
        &self,
        earlier: &OpenEncounter,
        new: &Encounter,
        names: &[ShownName],
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Option<(Judged, Amends, Vec<Method>)>, DeskError> {
        let before = &earlier.checked;
        let with_pass = self.scene_in_force().boarding_pass;
        let (was, is) = (kinds(&before.receipt.encounter, with_pass), kinds(new, with_pass));
        let certified = !was.both_have_documents(&is)
            && before.receipt.encounter.shares_a_certificate_with(new);
        if !certified && !was.complements(&is) {
            return Ok(None);
        }
        let Some((amends, receipt)) = self.last_word_on(before)? else { return Ok(None) };
        let mut presented = receipt.encounter.presented;
        presented.extend(new.presented.iter().cloned());
        let names: Vec<_> = earlier.names.iter().chain(names).cloned().collect();
        let encounter = Encounter { presented, names: compare_names(&names) };
        let together = self.judge_now(encounter, policy, now, Some(&receipt.view));
        let same_person =
            together.verdict.findings.iter().any(|finding| {
                finding.check == Check::Identity && finding.outcome == Outcome::Passed
            });
        let pass_alone = was.pass_alone() || is.pass_alone();
        Ok((same_person || certified || pass_alone || policy.identity.document_with_code)
            .then(|| (together, amends, before.methods.clone())))
    }

    /// What further evidence of the same encounter would amend, with what it was judged from;
    /// `None` once something was done with the person.
    pub(crate) fn last_word_on(
        &self,
        before: &Checked,
    ) -> Result<Option<(Amends, Receipt)>, DeskError> {
        // The authority's word may have been written down in this very instant.
        let (entry, decision, receipt) = match self.said_since(before.entry)? {
            None => (before.entry, before.verdict.decision, before.receipt.clone()),
            Some((body, _)) if body.is_done() => return Ok(None),
            Some((body, receipt)) => (body.id, body.decision, receipt),
        };
        Ok(Some((Amends { entry, decision, by_authority: false }, receipt)))
    }

    /// Writes the entry of a verdict; `done` is an entry that says what had been done with
    /// the person before. Whoever amends holds [`Desk::one_word_at_a_time`].
    pub(crate) fn record(
        &self,
        judged: Judged,
        methods: Vec<Method>,
        amends: Option<Amends>,
        done: Option<&EntryBody>,
        started: Instant,
    ) -> Result<Checked, DeskError> {
        let Judged { verdict, receipt, at } = judged;
        let enrolment = self.enrolment();
        let circumstances = Circumstances {
            id: new_id(at)?,
            at,
            day: at.to_zoned(TimeZone::system()).date(),
            station: enrolment.as_ref().map(|enrolment| enrolment.station.clone()),
            site: enrolment.as_ref().map(|enrolment| enrolment.site.id.clone()),
            operator: self.duty().operator,
            scene: self.scene(),
            methods: methods.clone(),
            amends,
        };
        let entry = circumstances.id;
        let prepared = match done {
            Some(done) => Prepared::after(circumstances, &verdict, &receipt, done)?,
            None => Prepared::new(circumstances, &verdict, &receipt)?,
        };
        let recorded = self.write_entry(prepared)?;
        self.wake.notify_one();
        Ok(Checked {
            entry,
            recorded,
            at,
            verdict,
            methods,
            amends,
            elapsed: started.elapsed(),
            done: done.and_then(EntryBody::done),
            receipt,
        })
    }

    /// The key under which documents are looked up, and those before it that codes may still
    /// have been made under.
    pub(crate) fn directory_keys(&self) -> (Option<DirectoryKey>, Vec<DirectoryKey>) {
        let Some(enrolment) = self.enrolment() else { return (None, Vec::new()) };
        (enrolment.directory_key(), enrolment.earlier_keys(self.now()))
    }

    /// What evidence is held against now; whoever asks keeps the key meanwhile.
    pub(crate) fn held_now(&self) -> Held {
        let (key, earlier) = self.directory_keys();
        Held { key, earlier, knowledge: self.knowledge(), now: self.now() }
    }

    /// Gathers what the desk knows that bears on an encounter, and nothing else: an entry
    /// keeps it.
    fn view_of(&self, encounter: &Encounter) -> View {
        let knowledge = self.knowledge();
        let mut view = View::empty(self.clock_state());
        view.hashed = self.enrolment().map(|enrolment| Hashed {
            issuer: enrolment.issuer,
            generation: enrolment.directory_key_generation(),
            // All that are at hand are under this key.
            until: knowledge.directories().map(|directory| directory.as_of).max().map_or(
                // Without one nothing says that this key is still the newest: no code is held
                // to be under it.
                Some(Timestamp::UNIX_EPOCH),
                |as_of| as_of.checked_add(DirectoryKey::OVERLAP).ok(),
            ),
        });
        let mut holders = Vec::new();
        for presented in &encounter.presented {
            match presented {
                Presented::Code(code) => holders.push((code.body().key.issuer, code.body().index)),
                Presented::Document(document) => {
                    let fact = document.hash.and_then(|hash| self.look_up(hash, &knowledge));
                    holders.extend(fact.as_ref().and_then(|fact| fact.holder));
                    view.documents.extend(fact);
                }
                _ => {}
            }
        }
        view.trust = knowledge.trust.as_ref().map(|trust| only(trust, &holders));
        holders.dedup();
        view.colours = holders
            .iter()
            .filter_map(|(issuer, index)| knowledge.colour_of(*issuer, *index))
            .collect();
        view
    }

    /// Whether whoever this is about stands at the desk, as far as it can know: nobody was said to
    /// have gone on, and nobody else has shown anything since.
    pub fn is_before(&self, checked: &Checked) -> bool {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).is_last(checked.entry)
    }

    /// What the last person showed.
    pub(crate) fn papers(&self) -> Option<Papers> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).papers.clone()
    }

    /// Forgets what the last person showed.
    pub(crate) fn forget_papers(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).papers = None;
    }

    /// Whoever is at the desk is met anew.
    pub(crate) fn end_encounters(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).end_all();
    }

    pub(crate) fn end_encounter(&self, entry: Uuid) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).end(entry);
    }

    /// Whether the directory in the store is still under the key of this program: the one that
    /// works beside it may have followed a rotation.
    fn has_key_of_store(&self) -> bool {
        let stored = self.store.setting::<Enrolment>(ENROLMENT_KEY);
        let (Ok(Some(stored)), Some(ours)) = (stored, self.enrolment()) else { return false };
        stored.hashes_as(&ours)
    }

    /// What the directory says of a document. A directory that cannot be read is one that
    /// this desk does not have: the document is then not checked, and never "unknown". So is
    /// one that is in none of the chosen cities, since it may be in another.
    fn look_up(&self, hash: DocumentHash, knowledge: &Knowledge) -> Option<DocumentFact> {
        knowledge.directories().next()?;
        let found = self.store.find(hash).inspect_err(|error| {
            tracing::error!(%error, "the directory cannot be read");
            if let StoreError::DirectoryDamaged { of } = error {
                self.give_up_directory(*of);
            }
        });
        let found = found.ok()?;
        if self.store.is_read_only() && !self.has_key_of_store() {
            return None;
        }
        // Whoever moved is in two cities while one of them is behind: the younger one knows.
        let known = found.iter().filter_map(|(of, index)| {
            let directory = match of.city {
                None => knowledge.directory.as_ref(),
                Some(city) => knowledge.cities.get(&CityCode(city)),
            };
            Some((directory?, (of.issuer, *index)))
        });
        let (directory, holder) = match known.max_by_key(|(directory, _)| directory.as_of) {
            Some((directory, holder)) => (directory, Some(holder)),
            // Whoever claimed after the directory at hand is in the one that could not be taken.
            None if knowledge.directory_is_behind() => return None,
            None => (knowledge.directory.as_ref()?, None),
        };
        Some(DocumentFact {
            hash,
            holder,
            source: Source::Feed(directory.position),
            as_of: directory.as_of,
        })
    }
}

/// What the desk holds evidence against, at one instant.
pub(crate) struct Held {
    key: Option<DirectoryKey>,
    earlier: Vec<DirectoryKey>,
    knowledge: Arc<Knowledge>,
    pub(crate) now: Timestamp,
}

impl Held {
    pub(crate) fn against(&self) -> Against<'_> {
        Against {
            key: self.key.as_ref(),
            earlier: &self.earlier,
            certificates: &self.knowledge.certificates,
            now: self.now,
        }
    }
}

/// A verdict with what it was judged from, not yet written down.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub verdict: Verdict,
    pub receipt: Receipt,
    pub at: Timestamp,
}

/// The trust list cut down to the issuers in question.
fn only(trust: &TrustList, holders: &[(IssuerId, StatusIndex)]) -> TrustList {
    let mut cut = trust.clone();
    cut.issuers.retain(|issuer| holders.iter().any(|(id, _)| *id == issuer.id));
    cut
}

pub(crate) fn note(methods: &mut Vec<Method>, method: Method) {
    if !methods.contains(&method) {
        methods.push(method);
    }
}

/// A UUID of version 7 for this instant.
pub(crate) fn new_id(at: Timestamp) -> Result<Uuid, DeskError> {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
    let random = random::<10>()?;
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

/// Bytes from the operating system's generator.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], DeskError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| DeskError::NoRandomness)?;
    Ok(bytes)
}
