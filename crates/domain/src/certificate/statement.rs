//! What a certificate says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::PartialDate;

/// One thing that a certificate says of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A vaccination.
    Vaccination {
        /// Which dose of a series; `None` where it is not said.
        dose: Option<u32>,
        /// How many doses the series has.
        of: Option<u32>,
        /// When.
        on: Option<PartialDate>,
    },
    /// A test.
    Test {
        /// What it found.
        result: TestResult,
        /// When the sample was taken.
        at: Option<Timestamp>,
    },
    /// A recovery.
    Recovery {
        /// When it was first found.
        first_positive: Option<PartialDate>,
        /// The last day that the issuer vouches for.
        until: Option<PartialDate>,
    },
    /// A pass: that its holder met what the issuer asked for, without saying what.
    Pass,
}

/// What kind of statement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatementKind {
    /// [`Statement::Vaccination`].
    Vaccination,
    /// [`Statement::Test`].
    Test,
    /// [`Statement::Recovery`].
    Recovery,
    /// [`Statement::Pass`].
    Pass,
}

/// What a test found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestResult {
    /// Nothing.
    Negative,
    /// The virus.
    Positive,
    /// It is not said, or in a code that is not known here.
    Unknown,
}

impl Statement {
    /// Its kind.
    pub const fn kind(&self) -> StatementKind {
        match self {
            Self::Vaccination { .. } => StatementKind::Vaccination,
            Self::Test { .. } => StatementKind::Test,
            Self::Recovery { .. } => StatementKind::Recovery,
            Self::Pass => StatementKind::Pass,
        }
    }
}

/// SNOMED CT: "not detected" or "negative", "detected" or "positive".
pub(super) fn snomed_result(code: Option<&str>) -> TestResult {
    match code {
        Some("260415000" | "260385009") => TestResult::Negative,
        Some("260373001" | "10828004") => TestResult::Positive,
        _ => TestResult::Unknown,
    }
}
