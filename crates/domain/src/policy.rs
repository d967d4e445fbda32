//! Policy: what a scene makes of each finding, as data.

use serde::{Deserialize, Serialize};

use crate::trust::Words;
use crate::verdict::{Decision, Tier};

const SECONDS_A_MINUTE: i64 = 60;

/// What one scene asks for, and what it does about each finding.
///
/// Written as TOML in `assets/policies/`, delivered as JSON in the policy feed. Unknown
/// keys are refused, so that a misspelt rule is never a rule left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The scene it is for, and its name in entries: `general`, `hospital`, …
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1, max = 32), regex(pattern = "^[a-z0-9-]*$"))
    )]
    pub id: String,
    /// Rises with every change of its content.
    pub version: u32,
    /// The scene's name on screen.
    #[cfg_attr(feature = "schema", schemars(schema_with = "labels"))]
    pub name: Words,
    /// What the age of the data does to a verdict.
    pub freshness: FreshnessRules,
    /// What the code itself must satisfy.
    pub code: CodeRules,
    /// What each colour leads to.
    pub colours: ColourRules,
    /// Who must prove what.
    pub identity: IdentityRules,
    /// How long a desk keeps what happened.
    #[serde(default, skip_serializing_if = "RetentionRules::is_standard")]
    pub retention: RetentionRules,
}

/// A name that people use, in each language: 1 to 60 characters when a policy is put in force.
#[cfg(feature = "schema")]
fn labels(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "object",
        "properties": {
            "zh": {"type": "string", "minLength": 1, "maxLength": 60},
            "en": {"type": "string", "minLength": 1, "maxLength": 60},
        },
        "required": ["zh", "en"],
        "additionalProperties": false,
    })
}

/// The tiers of age, each in minutes since the data was issued; they rise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FreshnessRules {
    /// Up to this age the data is called live.
    pub live_minutes: u32,
    /// Up to this age it is normal.
    pub normal_minutes: u32,
    /// Up to this age it is old but usable; past it a green cannot be decided.
    pub limit_minutes: u32,
    /// What a green leads to while the data is old: `admit` (with a notice) or `refer`.
    pub old_green: Decision,
}

impl FreshnessRules {
    /// The tier of data that is so many seconds old.
    pub fn tier(&self, age_seconds: i64) -> Tier {
        let within = |minutes: u32| age_seconds <= i64::from(minutes) * SECONDS_A_MINUTE;
        if within(self.live_minutes) {
            Tier::Live
        } else if within(self.normal_minutes) {
            Tier::Normal
        } else if within(self.limit_minutes) {
            Tier::Old
        } else {
            Tier::TooOld
        }
    }
}

/// Rules for the code as such.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CodeRules {
    /// How far clocks may be apart before a code is "from the future", in seconds.
    pub skew_seconds: u32,
    /// How long past its end a code is still taken, in seconds: the time it takes to hold
    /// a phone in front of a camera.
    pub grace_seconds: u32,
    /// The longest life that is accepted, in days: paper codes live long.
    pub longest_life_days: u32,
    /// What a code past its life leads to.
    pub expired: Decision,
}

/// What each colour leads to; green admits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ColourRules {
    /// Yellow or orange.
    pub amber: Decision,
    /// Red.
    pub red: Decision,
    /// Withdrawn.
    pub withdrawn: Decision,
}

/// Rules for documents beside codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdentityRules {
    /// Whether a code alone is not enough: its holder must also show the document.
    pub document_with_code: bool,
    /// What a document without a code leads to. "No code" must not by itself mean "no".
    pub no_code: Decision,
}

/// For how many days, after a day is over, a desk keeps its entries. A day that has entries of
/// several policies is kept as the longest of them says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetentionRules {
    /// The entries: verdict, reasons, the holder's index and the document's keyed hash. 1 to
    /// 1095.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1095)))]
    pub entries_days: u32,
    /// Their personal parts: masked names and numbers, what was filled in, and all that an entry
    /// is judged again from. 0 is the end of the day; never more than `entries_days`.
    #[cfg_attr(feature = "schema", schemars(range(max = 1095)))]
    pub personal_days: u32,
}

impl RetentionRules {
    /// Of a policy that does not say: personal parts for two incubation periods, as the
    /// authority keeps what names a holder, and the bare entries for as long again. No statute
    /// has a number.
    pub const STANDARD: Self = Self { entries_days: 60, personal_days: 30 };
    /// The longest that entries may be kept.
    pub const MOST_DAYS: u32 = 1095;

    fn is_standard(&self) -> bool {
        *self == Self::STANDARD
    }

    /// The shorter of two, each part by itself.
    #[must_use]
    pub fn shortest(self, other: Self) -> Self {
        Self {
            entries_days: self.entries_days.min(other.entries_days),
            personal_days: self.personal_days.min(other.personal_days),
        }
    }

    /// The longer of two, each part by itself.
    #[must_use]
    pub fn longest(self, other: Self) -> Self {
        Self {
            entries_days: self.entries_days.max(other.entries_days),
            personal_days: self.personal_days.max(other.personal_days),
        }
    }
}

impl Default for RetentionRules {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Why a policy cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The ages are not rising.
    #[error("freshness: live_minutes, normal_minutes and limit_minutes must rise")]
    AgesDoNotRise,
    /// An old green that refuses, or a bad colour that admits, would turn the meaning of
    /// the words round.
    #[error("{0}: this decision is not allowed here")]
    Decision(&'static str),
    /// A worse colour would be taken more lightly than a lesser one.
    #[error("{0}: this may not be milder than {1}")]
    Milder(&'static str, &'static str),
    /// Entries would be kept for no day, or for years.
    #[error("retention.entries_days: 1 to {}", RetentionRules::MOST_DAYS)]
    EntriesDays,
    /// Personal parts would outlive their entries.
    #[error("retention.personal_days: at most retention.entries_days")]
    PersonalDays,
    /// The id is empty, too long, or not lower-case letters, digits and hyphens.
    #[error("id: 1 to 32 of a–z, 0–9 and '-'")]
    Id,
}

impl PolicyError {
    /// The path of the field at fault, such as `colours.red`.
    pub const fn field(self) -> &'static str {
        match self {
            Self::AgesDoNotRise => "freshness",
            Self::Decision(field) | Self::Milder(field, _) => field,
            Self::EntriesDays => "retention.entries_days",
            Self::PersonalDays => "retention.personal_days",
            Self::Id => "id",
        }
    }
}

impl Policy {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first rule that does not hold, naming the field.
    pub fn check(&self) -> Result<(), PolicyError> {
        let id_fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=32).contains(&self.id.len()) || !self.id.chars().all(id_fits) {
            return Err(PolicyError::Id);
        }
        let age = &self.freshness;
        if !(age.live_minutes <= age.normal_minutes && age.normal_minutes <= age.limit_minutes) {
            return Err(PolicyError::AgesDoNotRise);
        }
        if age.old_green == Decision::Refuse {
            return Err(PolicyError::Decision("freshness.old_green"));
        }
        for (decision, field) in [
            (self.code.expired, "code.expired"),
            (self.colours.amber, "colours.amber"),
            (self.colours.red, "colours.red"),
            (self.colours.withdrawn, "colours.withdrawn"),
            (self.identity.no_code, "identity.no_code"),
        ] {
            if decision == Decision::Admit {
                return Err(PolicyError::Decision(field));
            }
        }
        if self.colours.red < self.colours.amber {
            return Err(PolicyError::Milder("colours.red", "colours.amber"));
        }
        if self.colours.withdrawn < self.colours.red {
            return Err(PolicyError::Milder("colours.withdrawn", "colours.red"));
        }
        let kept = &self.retention;
        if !(1..=RetentionRules::MOST_DAYS).contains(&kept.entries_days) {
            return Err(PolicyError::EntriesDays);
        }
        if kept.personal_days > kept.entries_days {
            return Err(PolicyError::PersonalDays);
        }
        Ok(())
    }

    /// What an entry keeps of it.
    pub fn reference(&self) -> PolicyRef {
        PolicyRef { id: self.id.clone(), version: self.version }
    }
}

/// Which policy a verdict was judged by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PolicyRef {
    /// [`Policy::id`].
    pub id: String,
    /// [`Policy::version`].
    pub version: u32,
}

impl std::fmt::Display for PolicyRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.id, self.version)
    }
}
