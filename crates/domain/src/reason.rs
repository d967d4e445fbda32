//! Reasons: short, stable codes that staff read out on the phone.
//!
//! The code is what logs and the wire carry; the words in every language are data
//! (`assets/words/reasons.json`).

use serde::{Deserialize, Serialize};

/// Why a check failed or could not be made.
///
/// The letter says where: F form, S signature, C colour, N number of a document,
/// I identity, D data on this desk, T time, A authority, X foreign certificate, P chip of a
/// passport or card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// Only a part of a code was read.
    #[serde(rename = "F-PART")]
    PartOfCode,
    /// A code that is not well formed.
    #[serde(rename = "F-FORM")]
    MalformedCode,
    /// A code of a version or signature profile that this program does not know.
    #[serde(rename = "F-VER")]
    UnknownVersion,
    /// Several people's codes in one: who of them is here is still to be said.
    #[serde(rename = "F-FAM")]
    Family,
    /// A text that is nothing known here.
    #[serde(rename = "F-UNK")]
    NotUnderstood,
    /// The code of a place, not of a person.
    #[serde(rename = "F-PLACE")]
    Place,
    /// Another system's code, which cannot be checked here.
    #[serde(rename = "F-OTHER")]
    OtherSystem,
    /// A zone, licence, boarding pass or certificate that was not read whole or not read right.
    #[serde(rename = "F-READ")]
    Damaged,
    /// A boarding pass, which says a name and identifies nobody.
    #[serde(rename = "F-PASS")]
    BoardingPass,
    /// The signature does not hold: forged or altered.
    #[serde(rename = "S-SIG")]
    Signature,
    /// The issuer is not in the trust list.
    #[serde(rename = "S-ISS")]
    UnknownIssuer,
    /// The issuer's key is not in the trust list.
    #[serde(rename = "S-KEY")]
    UnknownKey,
    /// The key was not in force when the code was issued.
    #[serde(rename = "S-KDT")]
    KeyNotInForce,
    /// The code was shown after the end of its life.
    #[serde(rename = "S-EXP")]
    Expired,
    /// The code was issued in the future.
    #[serde(rename = "S-FUT")]
    FromTheFuture,
    /// The code lives longer than the policy allows.
    #[serde(rename = "S-LIFE")]
    LivesTooLong,
    /// Orange.
    #[serde(rename = "C-ORA")]
    Orange,
    /// Yellow.
    #[serde(rename = "C-YEL")]
    Yellow,
    /// Red.
    #[serde(rename = "C-RED")]
    Red,
    /// Withdrawn.
    #[serde(rename = "C-WDR")]
    Withdrawn,
    /// The holder is not in the status list that this desk has.
    #[serde(rename = "C-UNK")]
    NotInList,
    /// There is no status list of this issuer on this desk.
    #[serde(rename = "C-ONL")]
    NoListOfIssuer,
    /// The check digit of a document number is wrong.
    #[serde(rename = "N-CHK")]
    CheckDigit,
    /// A document number that cannot exist.
    #[serde(rename = "N-FORM")]
    ImpossibleNumber,
    /// A number that several kinds of document could have.
    #[serde(rename = "N-AMB")]
    AmbiguousNumber,
    /// A number of 15 digits: no longer valid, good for look-up only.
    #[serde(rename = "N-OLD")]
    OldNumber,
    /// A document of a kind under which no codes are issued.
    #[serde(rename = "N-KIND")]
    OtherDocument,
    /// No code was issued for this document.
    #[serde(rename = "N-NONE")]
    NoCode,
    /// There is no directory on this desk to look documents up in.
    #[serde(rename = "N-DIR")]
    NoDirectory,
    /// Code and document belong to different persons.
    #[serde(rename = "I-MIS")]
    DifferentPersons,
    /// More than one person's code was shown at once.
    #[serde(rename = "I-TWO")]
    SeveralPersons,
    /// The scene wants a document beside the code.
    #[serde(rename = "I-REQ")]
    DocumentRequired,
    /// The boarding pass is in another person's name.
    #[serde(rename = "I-PASS")]
    PassOfAnother,
    /// The name on the boarding pass is written in a way that cannot be compared.
    #[serde(rename = "I-NAME")]
    NameNotCompared,
    /// The list is older than the limit.
    #[serde(rename = "D-STALE")]
    ListTooOld,
    /// The list is older than usual.
    #[serde(rename = "D-OLD")]
    ListOld,
    /// This desk has no list yet.
    #[serde(rename = "D-NONE")]
    NoList,
    /// This desk has no trust list yet.
    #[serde(rename = "D-TRUST")]
    NoTrustList,
    /// The clock of this desk cannot be trusted.
    #[serde(rename = "T-CLK")]
    Clock,
    /// The authority's answer, which came later, is worse.
    #[serde(rename = "A-WORSE")]
    WorseOnline,
    /// There is nothing on this desk to check a certificate of this kind against.
    #[serde(rename = "X-TRUST")]
    NoCertificateTrust,
    /// A certificate signed in a way that this program does not know.
    #[serde(rename = "X-ALG")]
    CertificateAlgorithm,
    /// The signer of a certificate is not among those that this desk knows.
    #[serde(rename = "X-KEY")]
    UnknownSigner,
    /// The signature of a certificate does not hold: forged or altered.
    #[serde(rename = "X-SIG")]
    CertificateSignature,
    /// The signer was not in force when it signed the certificate.
    #[serde(rename = "X-KDT")]
    SignerNotInForce,
    /// The signer may not sign certificates of this content.
    #[serde(rename = "X-USE")]
    SignerMayNot,
    /// A certificate whose time is over.
    #[serde(rename = "X-EXP")]
    CertificateExpired,
    /// A certificate whose time has not come.
    #[serde(rename = "X-FUT")]
    CertificateNotYet,
    /// A certificate that holds, with nothing beside it that it could support.
    #[serde(rename = "X-ONLY")]
    CertificateAlone,
    /// A certificate that was revoked.
    #[serde(rename = "X-REV")]
    CertificateRevoked,
    /// The list of what was revoked is too old to say that a certificate was not.
    #[serde(rename = "X-OLD")]
    RevocationListOld,
    /// A certificate that does not satisfy the rules for accepting it.
    #[serde(rename = "X-RULE")]
    CertificateRules,
    /// A rule for accepting a certificate could not be decided.
    #[serde(rename = "X-OPEN")]
    CertificateRulesOpen,
    /// One part of a certificate that comes in several.
    #[serde(rename = "X-PART")]
    CertificatePart,
    /// The name or the date of birth of a certificate is not that of the document.
    #[serde(rename = "X-NAME")]
    CertificateOfAnother,
    /// What the chip of a document holds is not what a country signed.
    #[serde(rename = "P-SIG")]
    ChipAltered,
    /// The chip of a document says something else than its page.
    #[serde(rename = "P-PAGE")]
    ChipOfAnotherPage,
    /// The chip of a document opened, and no country of this desk's trust data vouches for it.
    #[serde(rename = "P-OPEN")]
    ChipNotChecked,
}

impl Reason {
    /// Every reason, in the order of their codes' families.
    pub const ALL: [Self; 58] = [
        Self::PartOfCode,
        Self::MalformedCode,
        Self::UnknownVersion,
        Self::Family,
        Self::NotUnderstood,
        Self::Place,
        Self::OtherSystem,
        Self::Damaged,
        Self::BoardingPass,
        Self::Signature,
        Self::UnknownIssuer,
        Self::UnknownKey,
        Self::KeyNotInForce,
        Self::Expired,
        Self::FromTheFuture,
        Self::LivesTooLong,
        Self::Orange,
        Self::Yellow,
        Self::Red,
        Self::Withdrawn,
        Self::NotInList,
        Self::NoListOfIssuer,
        Self::CheckDigit,
        Self::ImpossibleNumber,
        Self::AmbiguousNumber,
        Self::OldNumber,
        Self::OtherDocument,
        Self::NoCode,
        Self::NoDirectory,
        Self::DifferentPersons,
        Self::SeveralPersons,
        Self::DocumentRequired,
        Self::PassOfAnother,
        Self::NameNotCompared,
        Self::ListTooOld,
        Self::ListOld,
        Self::NoList,
        Self::NoTrustList,
        Self::Clock,
        Self::WorseOnline,
        Self::NoCertificateTrust,
        Self::CertificateAlgorithm,
        Self::UnknownSigner,
        Self::CertificateSignature,
        Self::SignerNotInForce,
        Self::SignerMayNot,
        Self::CertificateExpired,
        Self::CertificateNotYet,
        Self::CertificateAlone,
        Self::CertificateRevoked,
        Self::RevocationListOld,
        Self::CertificateRules,
        Self::CertificateRulesOpen,
        Self::CertificatePart,
        Self::CertificateOfAnother,
        Self::ChipAltered,
        Self::ChipOfAnotherPage,
        Self::ChipNotChecked,
    ];

    /// The stable code, such as `S-EXP`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PartOfCode => "F-PART",
            Self::MalformedCode => "F-FORM",
            Self::UnknownVersion => "F-VER",
            Self::Family => "F-FAM",
            Self::NotUnderstood => "F-UNK",
            Self::Place => "F-PLACE",
            Self::OtherSystem => "F-OTHER",
            Self::Damaged => "F-READ",
            Self::BoardingPass => "F-PASS",
            Self::Signature => "S-SIG",
            Self::UnknownIssuer => "S-ISS",
            Self::UnknownKey => "S-KEY",
            Self::KeyNotInForce => "S-KDT",
            Self::Expired => "S-EXP",
            Self::FromTheFuture => "S-FUT",
            Self::LivesTooLong => "S-LIFE",
            Self::Orange => "C-ORA",
            Self::Yellow => "C-YEL",
            Self::Red => "C-RED",
            Self::Withdrawn => "C-WDR",
            Self::NotInList => "C-UNK",
            Self::NoListOfIssuer => "C-ONL",
            Self::CheckDigit => "N-CHK",
            Self::ImpossibleNumber => "N-FORM",
            Self::AmbiguousNumber => "N-AMB",
            Self::OldNumber => "N-OLD",
            Self::OtherDocument => "N-KIND",
            Self::NoCode => "N-NONE",
            Self::NoDirectory => "N-DIR",
            Self::DifferentPersons => "I-MIS",
            Self::SeveralPersons => "I-TWO",
            Self::DocumentRequired => "I-REQ",
            Self::PassOfAnother => "I-PASS",
            Self::NameNotCompared => "I-NAME",
            Self::ListTooOld => "D-STALE",
            Self::ListOld => "D-OLD",
            Self::NoList => "D-NONE",
            Self::NoTrustList => "D-TRUST",
            Self::Clock => "T-CLK",
            Self::WorseOnline => "A-WORSE",
            Self::NoCertificateTrust => "X-TRUST",
            Self::CertificateAlgorithm => "X-ALG",
            Self::UnknownSigner => "X-KEY",
            Self::CertificateSignature => "X-SIG",
            Self::SignerNotInForce => "X-KDT",
            Self::SignerMayNot => "X-USE",
            Self::CertificateExpired => "X-EXP",
            Self::CertificateNotYet => "X-FUT",
            Self::CertificateAlone => "X-ONLY",
            Self::CertificateRevoked => "X-REV",
            Self::RevocationListOld => "X-OLD",
            Self::CertificateRules => "X-RULE",
            Self::CertificateRulesOpen => "X-OPEN",
            Self::CertificatePart => "X-PART",
            Self::CertificateOfAnother => "X-NAME",
            Self::ChipAltered => "P-SIG",
            Self::ChipOfAnotherPage => "P-PAGE",
            Self::ChipNotChecked => "P-OPEN",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_on_the_wire_is_the_code_that_is_read_out() {
        for reason in Reason::ALL {
            let wire = serde_json::to_string(&reason).unwrap();
            assert_eq!(wire, format!("\"{}\"", reason.code()));
        }
    }
}
