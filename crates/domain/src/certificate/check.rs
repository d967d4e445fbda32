//! Whether what a certificate says holds.

use jiff::{SignedDuration, Timestamp};

use super::{Certificate, CertificateTrust, Signer, Statement};
use crate::reason::Reason;
use crate::verdict::Outcome;

/// How far clocks may be apart before a certificate is "from the future".
const SKEW: SignedDuration = SignedDuration::from_secs(60);

impl Certificate {
    /// Holds the certificate against the trust material, at this instant.
    ///
    /// The first of these that is not good is the answer: whether there is trust material for
    /// its kind, its algorithm, its signer, its signature, the signer's dates and purposes,
    /// and its own dates. What could not be checked is [`Outcome::NotChecked`] and never
    /// counts as good.
    pub fn check(&self, trust: &CertificateTrust, now: Timestamp) -> Outcome {
        self.check_all(trust, now).err().unwrap_or(Outcome::Passed)
    }

    fn check_all(&self, trust: &CertificateTrust, now: Timestamp) -> Result<(), Outcome> {
        let not_checked = |reason| Outcome::NotChecked(Some(reason));
        if !trust.covers(self.format) {
            return Err(not_checked(Reason::NoCertificateTrust));
        }
        let signer = self.signer(trust, now)?;
        if !signer.may_sign(self.statements.iter().map(Statement::kind)) {
            return Err(Outcome::Failed(Reason::SignerMayNot));
        }
        self.check_dates(now).map_err(Outcome::Failed)
    }

    /// Who signed it. Two keys may have one name, so each is tried.
    fn signer<'a>(
        &self,
        trust: &'a CertificateTrust,
        now: Timestamp,
    ) -> Result<&'a Signer, Outcome> {
        let not_checked = |reason| Outcome::NotChecked(Some(reason));
        let seal = &self.seal;
        let algorithm = seal.algorithm.ok_or(not_checked(Reason::CertificateAlgorithm))?;
        let mut known = trust.signers_of(self.format, &seal.key).peekable();
        if known.peek().is_none() {
            return Err(not_checked(Reason::UnknownSigner));
        }
        let mut signed = known
            .filter(|signer| signer.key.signed(algorithm, &seal.message, &seal.signature))
            .peekable();
        if signed.peek().is_none() {
            return Err(Outcome::Failed(Reason::CertificateSignature));
        }
        // A key whose time is over may have signed a certificate while it was not.
        let when = self.valid_from.filter(|from| *from <= now).unwrap_or(now);
        signed.find(|signer| signer.in_force(when)).ok_or(Outcome::Failed(Reason::SignerNotInForce))
    }

    fn check_dates(&self, now: Timestamp) -> Result<(), Reason> {
        let latest = now.checked_add(SKEW).unwrap_or(Timestamp::MAX);
        if self.valid_from.is_some_and(|from| from > latest) {
            Err(Reason::CertificateNotYet)
        } else if self.valid_until.is_some_and(|until| until <= now) {
            Err(Reason::CertificateExpired)
        } else {
            Ok(())
        }
    }
}
