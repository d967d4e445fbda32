//! Whether everything that was presented belongs to one person.

use super::{Judgement, Person};
use crate::reason::Reason;
use crate::verdict::{Check, Decision, Outcome};

/// What comparing two pieces of evidence can tell.
enum Match {
    Same,
    Different,
    CannotTell,
}

impl Judgement<'_> {
    pub(super) fn check_identity(&mut self) {
        let code = self.persons.iter().find(|person| person.is_code);
        let document = self.persons.iter().find(|person| !person.is_code);
        match (code, document) {
            (Some(code), Some(document)) => match compare(code, document) {
                Match::Same => {
                    let doubts = [code.doubt, document.doubt];
                    self.passed(Check::Identity);
                    self.settle(doubts);
                }
                Match::Different => self.find(
                    Check::Identity,
                    Outcome::Failed(Reason::DifferentPersons),
                    Decision::Refuse,
                ),
                Match::CannotTell if code.holder.is_some() && document.holder.is_some() => {
                    self.not_checked(Check::Identity, Reason::SeveralPersons);
                }
                Match::CannotTell if self.policy.identity.document_with_code => {
                    self.not_checked(Check::Identity, Reason::DocumentRequired);
                }
                Match::CannotTell => {
                    self.find(Check::Identity, Outcome::default(), Decision::Admit);
                }
            },
            (Some(_), None) if self.policy.identity.document_with_code => {
                self.not_checked(Check::Identity, Reason::DocumentRequired);
            }
            (Some(_), None) => self.find(Check::Identity, Outcome::default(), Decision::Admit),
            (None, _) => {}
        }
        if several_persons(&self.persons) {
            self.not_checked(Check::Identity, Reason::SeveralPersons);
        }
    }

    /// Code and document of one person answer for each other. The document says everything
    /// that a code past its life would have said; the code's signature says whose the
    /// document is when the directory is missing, or older than the claim.
    fn settle(&mut self, doubts: [Option<usize>; 2]) {
        for at in doubts.into_iter().flatten() {
            let Some(finding) = self.findings.get_mut(at) else { continue };
            if let Some(reason) = finding.outcome.reason() {
                finding.outcome = Outcome::Noticed(reason);
                finding.leads_to = Decision::Admit;
            }
        }
    }
}

/// A holder may have several documents: only the same kind, or the directory, can tell.
fn compare(code: &Person, document: &Person) -> Match {
    if code.hash.is_some() && code.hash == document.hash {
        return Match::Same;
    }
    match (code.holder, document.holder) {
        (Some(one), Some(other)) if one == other => Match::Same,
        (Some((issuer, _)), Some((other, _))) if issuer == other => Match::Different,
        // Each issuer hashes under a key of its own, so the hashes of two say nothing.
        (Some(_), Some(_)) => Match::CannotTell,
        _ if document.hash.is_some() && code.document_type == document.document_type => {
            Match::Different
        }
        _ => Match::CannotTell,
    }
}

/// Two codes, or two documents, of different holders.
fn several_persons(persons: &[Person]) -> bool {
    let differ = |is_code: bool| {
        let mut same_kind = persons.iter().filter(|person| person.is_code == is_code);
        same_kind.next().is_some_and(|first| {
            same_kind.any(|other| {
                let holders_differ = first.holder != other.holder;
                let hashes_differ = first.hash != other.hash;
                holders_differ && hashes_differ
            })
        })
    };
    differ(true) || differ(false)
}
