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
                    self.passed(Check::Identity);
                    self.let_the_document_stand_in();
                }
                Match::Different => self.find(
                    Check::Identity,
                    Outcome::Failed(Reason::DifferentPersons),
                    Decision::Refuse,
                ),
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

    /// A document of the same person says everything that a code past its life would have
    /// said, so the age of the code no longer matters.
    fn let_the_document_stand_in(&mut self) {
        for finding in &mut self.findings {
            if finding.outcome == Outcome::Failed(Reason::Expired) {
                finding.outcome = Outcome::Noticed(Reason::Expired);
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
