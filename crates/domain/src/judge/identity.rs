//! Whether everything that was presented belongs to one person.

use super::{Judgement, Person};
use crate::encounter::Hashed;
use crate::name_match::NameMatch;
use crate::reason::Reason;
use crate::verdict::{Check, Decision, Outcome};

/// What comparing two pieces of evidence can tell.
#[derive(PartialEq)]
enum Match {
    Same,
    Different,
    CannotTell,
}

impl Judgement<'_> {
    /// Compares everything with everything, so that the order of showing changes nothing.
    pub(super) fn check_identity(&mut self) {
        let (codes, documents): (Vec<_>, Vec<_>) =
            self.persons.iter().partition(|person| person.is_code);
        let hashed = self.view.hashed;
        let compare = |code: &Person, document: &Person| compare(code, document, hashed);
        let pairs = || codes.iter().flat_map(|code| documents.iter().map(move |d| (*code, *d)));
        let any = |found: Match| pairs().any(|(code, document)| compare(code, document) == found);
        let (same, different) = (any(Match::Same), any(Match::Different));
        let two_holders = pairs().any(|(code, document)| {
            let both_known = code.holder.is_some() && document.holder.is_some();
            both_known && compare(code, document) == Match::CannotTell
        });
        let several = (same && different)
            || two_holders
            || several_persons(&codes)
            || several_persons(&documents);
        let of_one = || pairs().filter(|(code, document)| compare(code, document) == Match::Same);
        // Whoever has a picture of an old code has the number as well: with nothing but that, a
        // person looks.
        let (bare, shown): (Vec<_>, Vec<_>) = of_one()
            .filter_map(|(code, document)| Some((code.doubt?, document.bare)))
            .partition(|(_, is_bare)| *is_bare);
        let bare: Vec<_> = bare.into_iter().map(|(doubt, _)| doubt).collect();
        let settled = shown.into_iter().map(|(doubt, _)| doubt);
        let settled: Vec<_> =
            settled.chain(of_one().filter_map(|(_, document)| document.doubt)).collect();
        let code_shown = !codes.is_empty();

        if same {
            self.passed(Check::Identity);
        } else if different {
            let mismatch = Outcome::Failed(Reason::DifferentPersons);
            self.find(Check::Identity, mismatch, Decision::Refuse);
        } else if code_shown && self.policy.identity.document_with_code && !two_holders {
            self.not_checked(Check::Identity, Reason::DocumentRequired);
        } else if code_shown {
            self.find(Check::Identity, Outcome::default(), Decision::Admit);
        }
        if several {
            self.not_checked(Check::Identity, Reason::SeveralPersons);
        }
        self.leave_to_a_person(&bare);
        self.settle(&settled);
    }

    /// A pass in another name is looked at by a person, and refuses nobody: how a name is
    /// written in other letters is no proof.
    pub(super) fn check_names(&mut self, names: Option<NameMatch>) {
        match names.filter(|_| !self.persons.is_empty()) {
            None => {}
            Some(NameMatch::Same) => self.passed(Check::Name),
            Some(NameMatch::Different) => {
                let another = Outcome::Failed(Reason::PassOfAnother);
                self.find(Check::Name, another, Decision::Refer);
            }
            Some(NameMatch::CannotTell) => {
                let open = Outcome::Noticed(Reason::NameNotCompared);
                self.find(Check::Name, open, Decision::Admit);
            }
        }
    }

    /// What refuses by itself is looked at by a person.
    fn leave_to_a_person(&mut self, doubts: &[usize]) {
        for at in doubts {
            if let Some(finding) = self.findings.get_mut(*at) {
                finding.leads_to = finding.leads_to.min(Decision::Refer);
            }
        }
    }

    /// Code and document of one person answer for each other. A card or a page says everything
    /// that a code past its life would have said; the code's signature says whose the document is
    /// when the directory is missing, or older than the claim.
    fn settle(&mut self, doubts: &[usize]) {
        for at in doubts {
            let Some(finding) = self.findings.get_mut(*at) else { continue };
            if let Some(reason) = finding.outcome.reason() {
                finding.outcome = Outcome::Noticed(reason);
                finding.leads_to = Decision::Admit;
            }
        }
    }
}

/// A holder may have several documents: only the same kind, or the directory, can tell.
fn compare(code: &Person, document: &Person, hashed: Option<Hashed>) -> Match {
    let mut hashes = document.hash.iter().chain(&document.earlier);
    if code.hash.is_some_and(|hash| hashes.any(|other| *other == hash)) {
        return Match::Same;
    }
    match (code.holder, document.holder) {
        (Some(one), Some(other)) if one == other => Match::Same,
        // Made under a key that the desk does not have: another hash is no other person, and
        // a code on paper has a place of its own in the list.
        _ if hashed.is_some_and(|hashed| !is_comparable(code, hashed)) => Match::CannotTell,
        (Some((issuer, _)), Some((other, _))) if issuer == other => Match::Different,
        // Each issuer hashes under a key of its own, so the hashes of two say nothing.
        (Some(_), Some(_)) => Match::CannotTell,
        _ if document.hash.is_some() && code.document_type == document.document_type => {
            Match::Different
        }
        _ => Match::CannotTell,
    }
}

/// Whether the hash in a code is under one of the keys that the desk's documents are hashed
/// under.
fn is_comparable(code: &Person, hashed: Hashed) -> bool {
    let Some(((issuer, _), (_, signed_at))) = code.holder.zip(code.at_issue) else { return true };
    issuer == hashed.issuer && hashed.until.is_none_or(|until| signed_at <= until)
}

/// Two codes, or two documents, of different holders.
fn several_persons(persons: &[&Person]) -> bool {
    let differ =
        |one: &Person, other: &Person| one.holder != other.holder && one.hash != other.hash;
    persons
        .iter()
        .enumerate()
        .any(|(at, one)| persons.iter().skip(at + 1).any(|other| differ(one, other)))
}
