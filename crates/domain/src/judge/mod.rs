//! The verdict as a pure function.
//!
//! Every check runs and every answer is kept: a code that is expired *and* orange says
//! both. What could not be checked leads to REFER, with the reason; it is never a yes and
//! never a no. The verdict is the worst that any finding leads to, and it is ADMIT only
//! when a colour was looked up and is green.

mod certificate;
mod chip;
mod code;
mod colour;
mod identity;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::code::CodeError;
use crate::colour::{AmberName, Colour};
use crate::document::{DocumentHash, DocumentType};
use crate::encounter::{
    DocumentFact, Encounter, Marks, Presented, PresentedDocument, Source, View,
};
use crate::ids::{IssuerId, KeyId, StatusIndex};
use crate::name::MaskedName;
use crate::policy::Policy;
use crate::reason::Reason;
use crate::verdict::{
    Basis, Check, Decision, FeedPosition, Finding, Outcome, Subject, Tier, Verdict,
};

/// Judges one person by what was presented, what the desk knows, and the scene's policy.
///
/// The same arguments give the same verdict for ever: an entry keeps them.
pub fn judge(encounter: &Encounter, view: &View, policy: &Policy, now: Timestamp) -> Verdict {
    let mut judgement = Judgement::new(view, policy, now);
    // That a document was altered is told before whatever else is amiss with it.
    let is_chip = |presented: &&Presented| matches!(presented, Presented::Chip(_));
    let (chips, others): (Vec<_>, Vec<_>) = encounter.presented.iter().partition(is_chip);
    for presented in chips.into_iter().chain(others) {
        judgement.take(presented);
    }
    judgement.check_identity();
    judgement.check_names(encounter.names);
    judgement.check_colours();
    judgement.conclude()
}

/// A verdict in the making.
struct Judgement<'a> {
    view: &'a View,
    policy: &'a Policy,
    now: Timestamp,
    findings: Vec<Finding>,
    persons: Vec<Person>,
    /// Whom the certificates that hold are about.
    certified: Vec<Marks>,
    key: Option<KeyId>,
    colour: Option<Colour>,
    amber: AmberName,
    data: Option<Data>,
}

/// Whom one piece of evidence stands for.
struct Person {
    is_code: bool,
    holder: Option<(IssuerId, StatusIndex)>,
    document_type: DocumentType,
    hash: Option<DocumentHash>,
    /// The hashes of a document under the keys before.
    earlier: Vec<DocumentHash>,
    /// A document of which nothing but the number was shown.
    bare: bool,
    name: Option<MaskedName>,
    masked: Option<String>,
    /// Whom a document is about.
    marks: Marks,
    /// What the code said of its colour, and when it was said.
    at_issue: Option<(Colour, Timestamp)>,
    /// The finding that other evidence of the same person settles, by its place: a code
    /// past its life, or a document that the directory does not know.
    doubt: Option<usize>,
}

/// The data that a colour was read from.
#[derive(Clone, Copy)]
struct Data {
    online: bool,
    position: FeedPosition,
    as_of: Timestamp,
    tier: Tier,
}

impl<'a> Judgement<'a> {
    fn new(view: &'a View, policy: &'a Policy, now: Timestamp) -> Self {
        Self {
            view,
            policy,
            now,
            findings: Vec::new(),
            persons: Vec::new(),
            certified: Vec::new(),
            key: None,
            colour: None,
            amber: AmberName::default(),
            data: None,
        }
    }

    fn take(&mut self, presented: &Presented) {
        match presented {
            Presented::Code(code) => self.take_code(code),
            Presented::Family { .. } => self.not_understood(Reason::Family),
            Presented::BrokenCode(error) => self.not_understood(match error {
                CodeError::Incomplete => Reason::PartOfCode,
                CodeError::Malformed(_) => Reason::MalformedCode,
                CodeError::Version(_) | CodeError::Profile(_) => Reason::UnknownVersion,
            }),
            Presented::Document(document) => self.take_document(document),
            Presented::AmbiguousNumber => self.not_understood(Reason::AmbiguousNumber),
            Presented::BrokenNumber { check_digit: true, .. } => {
                self.not_understood(Reason::CheckDigit);
            }
            Presented::BrokenNumber { check_digit: false, .. } => {
                self.not_understood(Reason::ImpossibleNumber);
            }
            Presented::OtherDocument { .. } => self.not_understood(Reason::OtherDocument),
            Presented::BoardingPass { .. } => self.not_understood(Reason::BoardingPass),
            Presented::Certificate(certificate) => self.take_certificate(certificate),
            Presented::Chip(chip) => self.take_chip(*chip),
            Presented::CertificatePart { .. } => self.not_understood(Reason::CertificatePart),
            Presented::Damaged { check_digit: true } => self.not_understood(Reason::CheckDigit),
            Presented::Damaged { check_digit: false } => self.not_understood(Reason::Damaged),
            Presented::OtherSystem(_) => self.not_understood(Reason::OtherSystem),
            Presented::Place => self.not_understood(Reason::Place),
            Presented::Unknown(_) => self.not_understood(Reason::NotUnderstood),
        }
    }

    fn take_document(&mut self, document: &PresentedDocument) {
        self.passed(Check::Form);
        if document.old_number {
            self.find(Check::Form, Outcome::Noticed(Reason::OldNumber), Decision::Admit);
        }
        let fact = document.hash.and_then(|hash| self.whose_it_is(hash));
        let here = self.findings.len();
        match fact {
            None => self.not_checked(Check::Colour, Reason::NoDirectory),
            Some(fact) if fact.holder.is_none() => {
                let no_code = self.policy.identity.no_code;
                self.find(Check::Colour, Outcome::Failed(Reason::NoCode), no_code);
            }
            Some(_) => {}
        }
        let doubt = (self.findings.len() > here).then_some(here);
        self.persons.push(Person {
            is_code: false,
            holder: fact.and_then(|fact| fact.holder),
            document_type: document.document_type,
            hash: document.hash,
            earlier: document.earlier.clone(),
            bare: document.bare,
            name: document.name.clone(),
            masked: Some(document.masked.clone()),
            marks: document.marks,
            at_issue: None,
            doubt,
        });
    }

    /// The newest that is known of a document. The authority's own answer is not signed: it never
    /// takes a document from whom a signed directory gives it to.
    fn whose_it_is(&self, hash: DocumentHash) -> Option<&'a DocumentFact> {
        let facts = self.view.documents.iter().filter(|fact| fact.hash == hash);
        let is_signed = |fact: &&DocumentFact| matches!(fact.source, Source::Feed(_));
        let listed = facts.clone().filter(is_signed).max_by_key(|fact| fact.as_of);
        listed.filter(|fact| fact.holder.is_some()).or(facts.max_by_key(|fact| fact.as_of))
    }

    /// Something was shown that says nothing about anybody.
    fn not_understood(&mut self, reason: Reason) {
        self.not_checked(Check::Form, reason);
    }

    fn passed(&mut self, check: Check) {
        self.find(check, Outcome::Passed, Decision::Admit);
    }

    fn not_checked(&mut self, check: Check, reason: Reason) {
        self.find(check, Outcome::NotChecked(Some(reason)), Decision::Refer);
    }

    fn find(&mut self, check: Check, outcome: Outcome, leads_to: Decision) {
        self.findings.push(Finding { check, outcome, leads_to });
    }

    fn conclude(mut self) -> Verdict {
        self.weigh_certificates();
        self.forgive_what_is_beside_the_point();
        let worst = self.findings.iter().map(|finding| finding.leads_to).max();
        let green = self
            .findings
            .iter()
            .any(|finding| finding.check == Check::Colour && finding.outcome == Outcome::Passed);
        let different = self
            .findings
            .iter()
            .any(|finding| finding.outcome == Outcome::Failed(Reason::DifferentPersons));
        // The last guard: whatever the findings say, nobody is admitted on no colour.
        let decision = match worst {
            Some(Decision::Admit) if green => Decision::Admit,
            Some(Decision::Refuse) => Decision::Refuse,
            _ => Decision::Refer,
        };
        let basis = Basis {
            online: self.data.is_some_and(|data| data.online),
            status: self.data.map(|data| data.position),
            as_of: self.data.map(|data| data.as_of),
            age_seconds: self.data.map(|data| age_seconds(data.as_of, self.now)),
            tier: self.data.map_or(Tier::None, |data| data.tier),
            key: self.key,
            policy: self.policy.reference(),
            clock: self.view.clock,
        };
        Verdict {
            decision,
            subject: subject_of(&self.persons, different),
            findings: self.findings,
            colour: self.colour,
            amber: self.amber,
            basis,
        }
    }

    /// A bad scan never blocks a good one: once somebody is known, what was not understood
    /// beside it is only worth a notice.
    fn forgive_what_is_beside_the_point(&mut self) {
        if self.persons.is_empty() {
            return;
        }
        // A pass that was compared with them has said all that it can.
        let pass_counts = self.findings.iter().any(|finding| finding.check == Check::Name);
        for finding in &mut self.findings {
            let (Check::Form, Outcome::NotChecked(Some(reason))) = (finding.check, finding.outcome)
            else {
                continue;
            };
            let is_compared = pass_counts && reason == Reason::BoardingPass;
            finding.outcome = if is_compared { Outcome::Passed } else { Outcome::Noticed(reason) };
            finding.leads_to = Decision::Admit;
        }
    }
}

/// The age in whole seconds; zero for data from the future, which the clock explains.
fn age_seconds(as_of: Timestamp, now: Timestamp) -> i64 {
    (now.as_second() - as_of.as_second()).max(0)
}

/// Puts together what is known of the person: the code's word first, then the document's,
/// whatever was shown first. Of another person's document nothing is kept: the entry is not
/// that person's.
fn subject_of(persons: &[Person], different: bool) -> Subject {
    let (codes, documents): (Vec<_>, Vec<_>) = persons.iter().partition(|person| person.is_code);
    let documents = if different { Vec::new() } else { documents };
    let both = || codes.iter().chain(&documents);
    let holder = both().find_map(|person| person.holder);
    Subject {
        issuer: holder.map(|(issuer, _)| issuer),
        index: holder.map(|(_, index)| index),
        name: both().find_map(|person| person.name.clone()),
        document_type: documents.first().or(codes.first()).map(|person| person.document_type),
        document: both().find_map(|person| person.masked.clone()),
    }
}
