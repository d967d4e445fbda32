//! Foreign certificates: supporting evidence, never a colour and never a person.

use super::Judgement;
use crate::encounter::PresentedCertificate;
use crate::reason::Reason;
use crate::verdict::{Check, Decision, Outcome};

impl Judgement<'_> {
    /// A certificate by itself decides nothing, whatever it says and however well it holds.
    pub(super) fn take_certificate(&mut self, certificate: &PresentedCertificate) {
        self.find(Check::Certificate, certificate.standing, Decision::Refer);
    }

    /// Beside somebody who is known, a certificate that holds adds nothing to decide, and one
    /// that could not be checked or is out of date is worth a notice. One that was forged or
    /// altered is looked at by a person, whoever it was that showed it.
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
                Outcome::Failed(Reason::CertificateSignature) => {}
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
    }
}
