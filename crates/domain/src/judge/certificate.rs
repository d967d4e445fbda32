//! Foreign certificates: supporting evidence, never a colour and never a person.

use super::Judgement;
use crate::document::DocumentHash;
use crate::encounter::PresentedCertificate;
use crate::reason::Reason;
use crate::verdict::{Check, Decision, Outcome};

impl Judgement<'_> {
    /// A certificate by itself decides nothing, whatever it says and however well it holds.
    pub(super) fn take_certificate(&mut self, certificate: &PresentedCertificate) {
        self.find(Check::Certificate, certificate.standing, Decision::Refer);
        if certificate.standing == Outcome::Passed {
            self.certified.push(certificate.marks);
        }
    }

    /// Beside somebody who is known, a certificate that holds adds nothing to decide, and one
    /// that could not be checked or is out of date is worth a notice. One that was forged,
    /// altered or revoked is looked at by a person, whoever it was that showed it.
    pub(super) fn weigh_certificates(&mut self) {
        let somebody = !self.persons.is_empty();
        let mut alone = false;
        for finding in &mut self.findings {
            if finding.check != Check::Certificate {
                continue;
            }
            match finding.outcome {
                Outcome::Passed => {
                    finding.leads_to = Decision::Admit;
                    alone |= !somebody;
                }
                Outcome::Failed(Reason::CertificateSignature | Reason::CertificateRevoked) => {}
                Outcome::Failed(reason) | Outcome::NotChecked(Some(reason)) if somebody => {
                    finding.outcome = Outcome::Noticed(reason);
                    finding.leads_to = Decision::Admit;
                }
                _ => {}
            }
        }
        if alone {
            self.not_checked(Check::Certificate, Reason::CertificateAlone);
        }
        self.compare_with_documents();
    }

    /// A certificate of another date of birth is somebody else's: a person looks. A name that
    /// differs may be cut or written in another way: that is worth a notice.
    fn compare_with_documents(&mut self) {
        let pairs = || {
            self.certified.iter().flat_map(|certified| {
                self.persons.iter().map(move |person| (certified, &person.marks))
            })
        };
        let differ = |one: Option<DocumentHash>, other: Option<DocumentHash>| {
            one.is_some() && other.is_some() && one != other
        };
        let birth = pairs().any(|(one, other)| differ(one.birth, other.birth));
        let name = pairs().any(|(one, other)| differ(one.name, other.name));
        let another = Reason::CertificateOfAnother;
        if birth {
            self.not_checked(Check::Certificate, another);
        } else if name {
            self.find(Check::Certificate, Outcome::Noticed(another), Decision::Admit);
        }
    }
}
