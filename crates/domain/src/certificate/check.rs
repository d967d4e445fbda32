//! Whether what a certificate says holds.

use jiff::{SignedDuration, Timestamp};

use super::x509::{self, Vouching};
use super::{
    Algorithm, Certificate, CertificateTrust, Seal, SealedBy, Statement, revocation, rules,
};
use crate::reason::Reason;
use crate::states::are_one;
use crate::verdict::Outcome;

/// How far clocks may be apart before a certificate is "from the future".
const SKEW: SignedDuration = SignedDuration::from_secs(60);

impl Certificate {
    /// Holds the certificate against the trust material, at this instant.
    ///
    /// The first of these that is not good is the answer: whether there is trust material for
    /// its kind, its algorithm, its signer, its signature, the signer's dates and purposes,
    /// its own dates, whether it was revoked, and the rules. What could not be checked is
    /// [`Outcome::NotChecked`] and never counts as good.
    pub fn check(&self, trust: &CertificateTrust, now: Timestamp) -> Outcome {
        self.check_all(trust, now).err().unwrap_or(Outcome::Passed)
    }

    fn check_all(&self, trust: &CertificateTrust, now: Timestamp) -> Result<(), Outcome> {
        if !trust.covers(self.format) {
            return Err(not_checked(Reason::NoCertificateTrust));
        }
        let algorithm = self.seal.algorithm;
        let algorithm = algorithm.ok_or(not_checked(Reason::CertificateAlgorithm))?;
        match &self.seal.by {
            SealedBy::Key(key) => self.check_signer(trust, key, algorithm, now)?,
            SealedBy::Certificate(der) => self.check_chain(trust, der, algorithm, now)?,
        }
        self.check_dates(now).map_err(Outcome::Failed)?;
        revocation::check(self, trust, now)?;
        rules::check(self, trust, now)
    }

    /// A signer whose key is in the trust data. Two keys may have one name, so each is tried.
    fn check_signer(
        &self,
        trust: &CertificateTrust,
        key: &str,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<(), Outcome> {
        let Seal { message, signature, .. } = &self.seal;
        let mut known = trust.signers_of(self.format, &self.issuer, key).peekable();
        if known.peek().is_none() {
            return Err(not_checked(Reason::UnknownSigner));
        }
        let mut signed =
            known.filter(|signer| signer.key.signed(algorithm, message, signature)).peekable();
        if signed.peek().is_none() {
            return Err(Outcome::Failed(Reason::CertificateSignature));
        }
        // A key whose time is over may have signed a certificate while it was not.
        let when = self.valid_from.filter(|from| *from <= now).unwrap_or(now);
        let signer = signed.find(|signer| signer.in_force(when));
        let signer = signer.ok_or(Outcome::Failed(Reason::SignerNotInForce))?;
        if signer.may_sign(self.statements.iter().map(Statement::kind)) {
            Ok(())
        } else {
            Err(Outcome::Failed(Reason::SignerMayNot))
        }
    }

    /// A signer whose certificate came along: an anchor must have signed that, and both be of the
    /// state that the certificate names.
    fn check_chain(
        &self,
        trust: &CertificateTrust,
        der: &[u8],
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<(), Outcome> {
        let Seal { message, signature, .. } = &self.seal;
        let anchors = trust.anchors.iter().filter(|anchor| anchor.format == self.format);
        let anchors = anchors.map(|anchor| anchor.certificate.der());
        let carried = x509::Carried::read(der).map_err(|_| not_checked(Reason::UnknownSigner))?;
        let key = carried.key().map_err(|_| not_checked(Reason::UnknownSigner))?;
        let vouching = carried.vouched_for_by(anchors, now);
        // A signature that does not hold is that, whoever the signer says to be.
        if !key.signed(algorithm, message, signature) {
            return Err(Outcome::Failed(Reason::CertificateSignature));
        }
        vouched(vouching)?;
        // Whoever is certified by one state must not seal for another.
        let states = carried.countries();
        let is_own = |state: &Option<&str>| state.is_some_and(|state| are_one(state, &self.issuer));
        if states.iter().all(is_own) { Ok(()) } else { Err(Outcome::Failed(Reason::SignerMayNot)) }
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

/// What it means for a signer's certificate whether an anchor vouches for it.
pub(super) const fn vouched(vouching: Vouching) -> Result<(), Outcome> {
    match vouching {
        Vouching::Holds => Ok(()),
        Vouching::NoAnchor => Err(not_checked(Reason::UnknownSigner)),
        Vouching::Algorithm => Err(not_checked(Reason::CertificateAlgorithm)),
        Vouching::Signature => Err(Outcome::Failed(Reason::CertificateSignature)),
        Vouching::Dates => Err(Outcome::Failed(Reason::SignerNotInForce)),
    }
}

pub(super) const fn not_checked(reason: Reason) -> Outcome {
    Outcome::NotChecked(Some(reason))
}
