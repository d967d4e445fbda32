//! A colour scheme (码色制): which fact calls for which colour, and for how long.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use yanma_domain::trust::Words;
use yanma_domain::{AmberName, Colour};
use yanma_protocol::facts::FactKind;
use yanma_protocol::{FieldError, FieldProblem, json};

use crate::error::Error;

const FUJIAN_2020: &str = include_str!("../../../../assets/schemes/fujian-2020.json");
const NATIONAL_2021: &str = include_str!("../../../../assets/schemes/national-2021.json");

/// The schemes that come with the program, by name.
const BUILT_IN: [(&str, &str); 2] =
    [("fujian-2020", FUJIAN_2020), ("national-2021", NATIONAL_2021)];

/// Most rules of a scheme, and most stages of a rule.
const MOST: usize = 64;

/// Longest stage, in days: ten years.
const LONGEST_DAYS: u16 = 3_660;

/// The rules in force.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    text: String,
}

/// What one kind of fact does to a colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The kind of fact.
    pub kind: FactKind,
    /// The colours that it calls for, one after another. At least one.
    pub stages: Vec<Stage>,
    /// Kinds of later facts that end it, beside a clearance, which ends everything.
    pub ended_by: Vec<FactKind>,
    /// The negative tests without which the last stage does not end.
    pub negative_tests: Option<NegativeTests>,
    /// The condition in words.
    pub words: Words,
}

/// A colour for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Amber or red.
    pub colour: Colour,
    /// For how long; `None` until something ends it. Only the last stage may have none.
    pub length: Option<SignedDuration>,
}

/// Tests that must be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NegativeTests {
    /// How many: one or two.
    pub count: u8,
    /// How far apart two samples must lie at least, in hours.
    #[serde(default)]
    pub apart_hours: u16,
    /// How far apart two samples may lie at most, in days of 24 hours; any number when left
    /// out.
    #[serde(default)]
    pub within_days: Option<u16>,
    /// The day on which samples begin to count: day 1 is the 24 hours from the fact.
    #[serde(default = "first")]
    pub from_day: u16,
}

const fn first() -> u16 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemeFile {
    id: String,
    name: Words,
    amber_name: AmberName,
    source: String,
    rules: Vec<RuleFile>,
}

/// A rule as it is written: the first stage beside the kind, later ones in `then`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    kind: FactKind,
    colour: Colour,
    #[serde(default)]
    days: Option<u16>,
    #[serde(default)]
    hours: Option<u16>,
    #[serde(default)]
    then: Vec<StageFile>,
    #[serde(default)]
    ended_by: Vec<FactKind>,
    #[serde(default)]
    negative_tests: Option<NegativeTests>,
    words: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageFile {
    colour: Colour,
    #[serde(default)]
    days: Option<u16>,
    #[serde(default)]
    hours: Option<u16>,
}

impl Scheme {
    /// Green and orange, by the six conditions that Fujian published in 2020.
    ///
    /// # Errors
    ///
    /// [`Error::Scheme`] when the built-in file does not read, which a test rules out.
    pub fn fujian_2020() -> Result<Self, Error> {
        Self::parse(FUJIAN_2020)
    }

    /// A built-in scheme by its name, or else the one in a file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when there is no such file, [`Error::Scheme`] with the field at fault.
    pub fn open(name_or_file: &str) -> Result<Self, Error> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_file) {
            return Self::parse(text);
        }
        let path = Path::new(name_or_file);
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Reads a scheme.
    ///
    /// # Errors
    ///
    /// [`Error::Scheme`] with the field at fault, such as `rules[3].days`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let value = json::parse(text.as_bytes()).map_err(|misfit| {
            let at = format!("line {}, column {}", misfit.line(), misfit.column());
            Error::Scheme(FieldError::new(at, FieldProblem::Form))
        })?;
        let file: SchemeFile = json::read(value).map_err(Error::Scheme)?;
        file.checked(text).map_err(Error::Scheme)
    }

    /// The rule for a kind of fact; none for a clearance and for what the scheme ignores.
    pub fn rule(&self, kind: FactKind) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.kind == kind)
    }

    /// Every rule, in the order of the file.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The text that it was read from.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl SchemeFile {
    fn checked(self, text: &str) -> Result<Scheme, FieldError> {
        length("id", &self.id, 40)?;
        if !self.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return Err(FieldError::new("id", FieldProblem::Form));
        }
        both("name", &self.name)?;
        length("source", &self.source, 1_000)?;
        count("rules", self.rules.len(), 1)?;
        let mut rules: Vec<Rule> = Vec::with_capacity(self.rules.len());
        for (at, rule) in self.rules.into_iter().enumerate() {
            let rule = rule.checked().map_err(|misfit| misfit.inside("rules", at))?;
            if rules.iter().any(|before| before.kind == rule.kind) {
                return Err(FieldError::new("kind", FieldProblem::Form).inside("rules", at));
            }
            rules.push(rule);
        }
        for rule in of_home(&rules) {
            if rules.iter().all(|before| before.kind != rule.kind) {
                rules.push(rule);
            }
        }
        Ok(Scheme {
            id: self.id,
            name: self.name,
            amber_name: self.amber_name,
            source: self.source,
            rules,
            text: text.to_owned(),
        })
    }
}

/// What the colour at home does, unless a scheme says otherwise: no scheme forgets it by
/// accident. It calls for the same colour here; red is amber in a scheme without red. Its end
/// is that of the fact.
fn of_home(rules: &[Rule]) -> [Rule; 2] {
    let stages = rules.iter().flat_map(|rule| &rule.stages);
    let worst = stages.map(|stage| stage.colour).max().unwrap_or(Colour::Amber);
    let rule = |kind, colour: Colour, zh: &str, en: &str| Rule {
        kind,
        stages: vec![Stage { colour: colour.min(worst), length: None }],
        ended_by: Vec::new(),
        negative_tests: None,
        words: Words { zh: zh.to_owned(), en: en.to_owned() },
    };
    [
        rule(
            FactKind::HomeAmber,
            Colour::Amber,
            "来源地健康码为橙码或黄码",
            "The health code at home is orange or yellow",
        ),
        rule(
            FactKind::HomeRed,
            Colour::Red,
            "来源地健康码为红码",
            "The health code at home is red",
        ),
    ]
}

impl RuleFile {
    fn checked(self) -> Result<Rule, FieldError> {
        let form = |field: &str| Err(FieldError::new(field, FieldProblem::Form));
        // What ends a fact cannot be one that colours.
        if matches!(self.kind, FactKind::Cleared | FactKind::TestNegative | FactKind::Retraction) {
            return form("kind");
        }
        if self.ended_by.contains(&self.kind) {
            return form("ended_by");
        }
        count("then", self.then.len(), 0)?;
        let first = StageFile { colour: self.colour, days: self.days, hours: self.hours };
        let mut stages = vec![first.checked()?];
        for (at, stage) in self.then.into_iter().enumerate() {
            let inside = |misfit: FieldError| misfit.inside("then", at);
            let stage = stage.checked().map_err(inside)?;
            match stages.last() {
                Some(before) if before.length.is_none() => {
                    return match at.checked_sub(1) {
                        None => form("days"),
                        Some(at) => form("days").map_err(|m: FieldError| m.inside("then", at)),
                    };
                }
                Some(before) if before.colour == stage.colour => {
                    return form("colour").map_err(inside);
                }
                _ => stages.push(stage),
            }
        }
        if let Some(tests) = &self.negative_tests {
            tests.check()?;
        }
        both("words", &self.words)?;
        let Self { kind, ended_by, negative_tests, words, .. } = self;
        Ok(Rule { kind, stages, ended_by, negative_tests, words })
    }
}

impl StageFile {
    fn checked(self) -> Result<Stage, FieldError> {
        let form = |field: &str| Err(FieldError::new(field, FieldProblem::Form));
        if !matches!(self.colour, Colour::Amber | Colour::Red) {
            return form("colour");
        }
        let hours = match (self.days, self.hours) {
            (None, None) => None,
            (Some(days @ 1..=LONGEST_DAYS), None) => Some(24 * i64::from(days)),
            (Some(_), None) => return form("days"),
            (None, Some(hours @ 1..)) => Some(i64::from(hours)),
            (_, Some(_)) => return form("hours"),
        };
        Ok(Stage { colour: self.colour, length: hours.map(SignedDuration::from_hours) })
    }
}

impl NegativeTests {
    fn check(&self) -> Result<(), FieldError> {
        let form = |field: &str| Err(FieldError::new(field, FieldProblem::Form));
        let most_hours = self.within_days.map(|days| 24 * u32::from(days));
        match self {
            Self { count: 0 | 3.., .. } => form("negative_tests.count"),
            Self { from_day: 0, .. } => form("negative_tests.from_day"),
            _ if most_hours.is_some_and(|most| most < u32::from(self.apart_hours).max(1)) => {
                form("negative_tests.within_days")
            }
            _ => Ok(()),
        }
    }

    /// From when samples count, for a fact that happened at `occurred_at`.
    pub(super) fn earliest(&self, occurred_at: Timestamp) -> Timestamp {
        let days = i64::from(self.from_day) - 1;
        later(occurred_at, SignedDuration::from_hours(24 * days))
    }

    /// Whether two samples do not lie too near to each other.
    pub(super) fn is_apart(&self, first: Timestamp, second: Timestamp) -> bool {
        second.duration_since(first) >= SignedDuration::from_hours(i64::from(self.apart_hours))
    }

    /// Whether two samples lie neither too near nor too far from each other.
    pub(super) fn fit(&self, first: Timestamp, second: Timestamp) -> bool {
        let longest = self.within_days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
        self.is_apart(first, second)
            && longest.is_none_or(|longest| second.duration_since(first) <= longest)
    }
}

/// `instant` and `time` after it, or the end of time.
pub(super) fn later(instant: Timestamp, time: SignedDuration) -> Timestamp {
    instant.saturating_add(time).unwrap_or(Timestamp::MAX)
}

fn both(field: &str, words: &Words) -> Result<(), FieldError> {
    length(&format!("{field}.zh"), &words.zh, 200)?;
    length(&format!("{field}.en"), &words.en, 200)
}

fn length(field: &str, text: &str, max: usize) -> Result<(), FieldError> {
    let problem = FieldProblem::Length { min: 1, max };
    let fits = !text.trim().is_empty() && text.chars().take(max + 1).count() <= max;
    if fits { Ok(()) } else { Err(FieldError::new(field, problem)) }
}

fn count(field: &str, items: usize, min: usize) -> Result<(), FieldError> {
    let problem = FieldProblem::Count { min, max: MOST };
    if (min..=MOST).contains(&items) { Ok(()) } else { Err(FieldError::new(field, problem)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn the_built_in_schemes_read_under_their_names() {
        for (name, _) in BUILT_IN {
            assert_eq!(Scheme::open(name).unwrap().id, name);
        }
        assert!(matches!(Scheme::open("fujian-1920"), Err(Error::Io { .. })));
        let scheme = Scheme::fujian_2020().unwrap();
        assert_eq!(scheme.amber_name, AmberName::Orange);
        let stages = scheme.rules().iter().flat_map(|rule| &rule.stages);
        assert!(stages.into_iter().all(|stage| stage.colour == Colour::Amber), "no red in 2020");
    }

    #[track_caller]
    fn check(pointer: &str, value: Value, field: &str) {
        let mut file: Value = serde_json::from_str(NATIONAL_2021).unwrap();
        // Rule 5 is that of close contacts.
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let object = file.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        object.insert(name.to_owned(), value);
        let Err(Error::Scheme(misfit)) = Scheme::parse(&file.to_string()) else {
            panic!("{pointer} was taken");
        };
        assert_eq!(misfit.field, field, "{pointer}");
    }

    #[test]
    fn the_field_at_fault_is_named() {
        check("/rules/5/days", json!("7"), "rules[5].days");
        check("/rules/5/days", json!(0), "rules[5].days");
        check("/rules/5/days", json!(3661), "rules[5].days");
        check("/rules/5/days", json!(70_000), "rules[5].days");
        check("/rules/5/days", Value::Null, "rules[5].days");
        check("/rules/5/hours", json!(1), "rules[5].hours");
        check("/rules/5/colour", json!("green"), "rules[5].colour");
        check("/rules/5/colour", json!("orange"), "rules[5].colour");
        check("/rules/5/kind", json!("cleared"), "rules[5].kind");
        check("/rules/5/kind", json!("rumour"), "rules[5].kind");
        check("/rules/5/kind", json!("entrant"), "rules[7].kind");
        check("/rules/5/then", json!([{"colour": "red", "days": 1}]), "rules[5].then[0].colour");
        check("/rules/5/then", json!([{"colour": "amber", "days": 0}]), "rules[5].then[0].days");
        check("/rules/5/ended_by", json!(["close-contact"]), "rules[5].ended_by");
        check("/rules/5/words", json!({"zh": "密接"}), "rules[5].words.en");
        check("/rules/5/words/zh", json!(" "), "rules[5].words.zh");
        check("/rules/5/negative_tests/count", json!(3), "rules[5].negative_tests.count");
        check("/rules/5/negative_tests/from_day", json!(0), "rules[5].negative_tests.from_day");
        let tests = json!({"count": 2, "apart_hours": 25, "within_days": 1});
        check("/rules/5/negative_tests", tests, "rules[5].negative_tests.within_days");
        check("/rules/5/note", json!(1), "rules[5]");
        check("/rules", json!([]), "rules");
        check("/id", json!("National 2021"), "id");
        check("/amber_name", json!("brown"), "amber_name");
    }

    #[test]
    fn text_that_is_no_json_is_told_where() {
        let Err(Error::Scheme(misfit)) = Scheme::parse("{\n  \"id\": }") else {
            panic!("it was taken");
        };
        assert_eq!(misfit.field, "line 2, column 9");
    }
}
