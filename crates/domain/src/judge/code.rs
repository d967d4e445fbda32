//! Signature and freshness of a health code.

use super::{Judgement, Person};
use crate::code::{CodeBody, DecodedCode, VerifyError};
use crate::encounter::Marks;
use crate::reason::Reason;
use crate::verdict::{Check, ClockState, Decision, Outcome};

const SECONDS_A_DAY: u64 = 86_400;

impl Judgement<'_> {
    pub(super) fn take_code(&mut self, code: &DecodedCode) {
        self.passed(Check::Form);
        let Some(trust) = &self.view.trust else {
            self.not_checked(Check::Signature, Reason::NoTrustList);
            return;
        };
        let refused = Decision::Refuse;
        match code.verify(trust) {
            Ok(verified) => {
                self.passed(Check::Signature);
                let body = verified.body();
                self.key = Some(body.key);
                let doubt = self.check_freshness(body);
                self.persons.push(Person {
                    is_code: true,
                    holder: Some((body.key.issuer, body.index)),
                    document_type: body.document_type,
                    hash: Some(body.document),
                    earlier: Vec::new(),
                    bare: false,
                    name: Some(body.name.clone()),
                    masked: None,
                    marks: Marks::default(),
                    at_issue: Some((body.colour, body.issued_at)),
                    doubt,
                });
            }
            Err(VerifyError::UnknownIssuer) => {
                self.not_checked(Check::Signature, Reason::UnknownIssuer);
            }
            Err(VerifyError::UnknownKey) => {
                self.not_checked(Check::Signature, Reason::UnknownKey);
            }
            Err(VerifyError::Signature) => {
                self.find(Check::Signature, Outcome::Failed(Reason::Signature), refused);
            }
            Err(VerifyError::KeyNotInForce) => {
                self.find(Check::Signature, Outcome::Failed(Reason::KeyNotInForce), refused);
            }
        }
    }

    /// Tells the place of the finding that a document of the same person would settle.
    fn check_freshness(&mut self, body: &CodeBody) -> Option<usize> {
        let rules = &self.policy.code;
        let longest = u64::from(rules.longest_life_days) * SECONDS_A_DAY;
        if body.lifetime.duration().as_secs() > longest {
            self.find(Check::Freshness, Outcome::Failed(Reason::LivesTooLong), Decision::Refuse);
            return None;
        }
        if self.view.clock == ClockState::SetBack {
            self.not_checked(Check::Freshness, Reason::Clock);
            return None;
        }
        let now = self.now.as_second();
        if body.issued_at.as_second() > now + i64::from(rules.skew_seconds) {
            self.not_checked(Check::Freshness, Reason::FromTheFuture);
        } else if now >= body.expires_at().as_second() + i64::from(rules.grace_seconds) {
            let expired = Outcome::Failed(Reason::Expired);
            self.find(Check::Freshness, expired, rules.expired);
            return Some(self.findings.len() - 1);
        } else {
            self.passed(Check::Freshness);
        }
        None
    }
}
