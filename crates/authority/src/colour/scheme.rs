//! A colour scheme (码色制): which fact calls for which colour, and for how long.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use yanma_domain::trust::Words;
use yanma_domain::{AmberName, Colour};
use yanma_protocol::facts::FactKind;

use crate::error::Error;

const FUJIAN_2020: &str = include_str!("../../../../assets/schemes/fujian-2020.json");

/// The rules in force.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// Its name for programs.
    pub id: String,
    /// Its name for people.
    pub name: Words,
    /// What amber is called.
    pub amber_name: AmberName,
    /// Where the rules come from.
    pub source: String,
    rules: Vec<Rule>,
}

/// What one kind of fact does to a colour.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The kind of fact.
    pub kind: FactKind,
    /// The colour that it calls for.
    pub colour: Colour,
    /// For how many days of 24 hours after it happened; `None` until cleared.
    pub days: Option<u16>,
    /// The condition in words.
    pub words: Words,
}

impl Scheme {
    /// Green and orange, by the six conditions that Fujian published in 2020.
    ///
    /// # Errors
    ///
    /// [`Error::Asset`] when the built-in file does not read, which a test rules out.
    pub fn fujian_2020() -> Result<Self, Error> {
        let scheme: Self =
            serde_json::from_str(FUJIAN_2020).map_err(|_| Error::Asset("schemes/fujian-2020"))?;
        let mut kinds: Vec<_> = scheme.rules.iter().map(|rule| rule.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() == scheme.rules.len() && !kinds.contains(&FactKind::Cleared.as_str()) {
            Ok(scheme)
        } else {
            Err(Error::Asset("schemes/fujian-2020"))
        }
    }

    /// The rule for a kind of fact; none for a clearance and for what the scheme ignores.
    pub fn rule(&self, kind: FactKind) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.kind == kind)
    }
}

impl Rule {
    /// When a fact that happened at `occurred_at` ends by itself.
    pub fn until(&self, occurred_at: Timestamp) -> Option<Timestamp> {
        let days = SignedDuration::from_hours(24 * i64::from(self.days?));
        Some(occurred_at.saturating_add(days).unwrap_or(Timestamp::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_scheme_reads_and_knows_no_red() {
        let scheme = Scheme::fujian_2020().unwrap();
        assert_eq!(scheme.amber_name, AmberName::Orange);
        assert!(scheme.rules.iter().all(|rule| rule.colour == Colour::Amber));
    }
}
