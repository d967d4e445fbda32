//! Foreign health certificates: what they say, who sealed it, and whether that holds.
//!
//! A certificate is **supporting evidence only**. It is never a colour and never a person: its
//! name and its date of birth are something to compare with a document, and what it says of a
//! vaccination or a test is something for a person to read. [`Certificate::read`] understands
//! one without believing it; [`Certificate::check`] holds it against the trust material that a
//! feed delivered. A desk without such material cannot check any certificate, and says so.
//!
//! ```
//! use yanma_domain::certificate::{Certificate, CertificateError};
//!
//! assert!(Certificate::looks_like_one("HC1:6BF"));
//! assert_eq!(Certificate::read("HC1:6BF").unwrap_err(), CertificateError::Packed);
//! assert_eq!(Certificate::read("HC1:6?F").unwrap_err(), CertificateError::Text);
//! ```

mod certlogic;
mod check;
mod chip;
mod cose;
mod dcc;
mod error;
mod key;
mod nz_pass;
mod parts;
mod revocation;
mod rules;
mod smart_health_card;
mod statement;
mod subject;
mod trust;
mod unpack;
mod vds_nc;
mod x509;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use chip::{Chip, check_chip};
pub use error::CertificateError;
pub use key::{Algorithm, SignerKey, SignerKeyError};
pub use parts::{CardPart, CardParts};
pub use rules::{Rule, RuleKind};
pub use statement::{Statement, StatementKind, TestResult};
pub(crate) use subject::latin_words;
pub use subject::{PartialDate, Subject};
pub use trust::{
    Anchor, AnchorCertificate, AnchorError, CertificateTrust, Country, RevocationList, RevokedBy,
    Signer,
};
pub use x509::SignerCertificateError;

/// The kinds of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// The Digital COVID Certificate of the European Union (`HC1:`).
    EuDcc,
    /// The SMART Health Card of North America and elsewhere (`shc:/`).
    SmartHealthCard,
    /// The COVID Pass of New Zealand (`NZCP:/1/`).
    NzPass,
    /// The Visible Digital Seal for Non-Constrained environments of ICAO (JSON).
    VdsNc,
}

impl Format {
    /// Its name, as its bearers know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EuDcc => "EU Digital COVID Certificate",
            Self::SmartHealthCard => "SMART Health Card",
            Self::NzPass => "NZ COVID Pass",
            Self::VdsNc => "ICAO VDS-NC",
        }
    }

    /// The word for it on the command line, on the wire and in feeds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EuDcc => "eu-dcc",
            Self::SmartHealthCard => "smart-health-card",
            Self::NzPass => "nz-pass",
            Self::VdsNc => "vds-nc",
        }
    }
}

/// A certificate, understood and not believed. `Debug` shows its format and issuer only.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What kind of certificate it is.
    pub format: Format,
    /// Who says to have issued it: a country, an address, a name.
    pub issuer: String,
    /// Whom it is about.
    pub subject: Subject,
    /// What it says, in its order.
    pub statements: Vec<Statement>,
    /// First instant at which it counts, where it names one.
    pub valid_from: Option<Timestamp>,
    /// First instant at which it no longer counts, where it names one.
    pub valid_until: Option<Timestamp>,
    /// Its content as JSON, which is what rules are written for.
    content: Value,
    seal: Seal,
}

/// A signature and what it is over.
#[derive(Clone, PartialEq, Eq)]
struct Seal {
    /// `None`: an algorithm that is not known here.
    algorithm: Option<Algorithm>,
    /// What leads to the key.
    by: SealedBy,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// What leads to the key of a seal.
#[derive(Clone, PartialEq, Eq)]
enum SealedBy {
    /// The name of a key of the trust data; for the European certificate its base64.
    Key(String),
    /// The signer's own certificate, which travels with the seal.
    Certificate(Vec<u8>),
}

impl Certificate {
    /// Whether a text begins like one.
    #[must_use]
    pub fn looks_like_one(text: &str) -> bool {
        let text = text.trim_start();
        dcc::looks_like_one(text)
            || nz_pass::looks_like_one(text)
            || vds_nc::looks_like_one(text)
            || smart_health_card::looks_like_one(text)
    }

    /// Takes a certificate apart. Nothing it says is believed yet.
    ///
    /// # Errors
    /// [`CertificateError`]: text first, then what was packed, then the envelope, then what
    /// is in it.
    pub fn read(text: &str) -> Result<Self, CertificateError> {
        // A base45 text may end in a space, so only line ends are taken off.
        let text = text.trim_start().trim_end_matches(['\r', '\n', '\t']);
        if dcc::looks_like_one(text) {
            dcc::read(text)
        } else if nz_pass::looks_like_one(text) {
            nz_pass::read(text)
        } else if vds_nc::looks_like_one(text) {
            vds_nc::read(text)
        } else {
            smart_health_card::read(text)
        }
    }

    /// The name of the key that it names, as in the trust material; `None` where the signer's
    /// certificate travels with it.
    pub fn key(&self) -> Option<&str> {
        match &self.seal.by {
            SealedBy::Key(key) => Some(key),
            SealedBy::Certificate(_) => None,
        }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, {})", self.format.as_str(), self.issuer)
    }
}
