//! Scenes (场景): what a place asks of a person, and what follows each verdict, as data.
//!
//! Hospital, hotel, airport and a plain gate are the same desk with another [`Scene`]. It
//! names the [policy](crate::policy) that judges, and has no say in the verdict itself: what
//! it adds is what the operator fills in and does afterwards.

mod answers;
mod celsius;
mod scanned;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::answers::{AnswerError, AnswerProblem, Answers};
pub use self::celsius::{Celsius, CelsiusError};
use crate::trust::Words;
use crate::verdict::Decision;

/// Most fields of a scene: more than a queue has patience for.
const MOST_FIELDS: usize = 16;
/// Most options of one field.
const MOST_OPTIONS: usize = 60;
/// The longest text a field may ask for, in characters.
const LONGEST_TEXT: u16 = 120;

/// What a place asks, and what it does with each verdict.
///
/// Written as TOML in `assets/scenes/`; a site may edit them and add its own. Unknown keys
/// are refused, so that a misspelt rule is never a rule left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// Its name for programs, and in entries: 1 to 32 of a–z, 0–9 and `-`.
    pub id: String,
    /// Rises with every change of its content.
    pub version: u32,
    /// Its name on screen.
    pub name: Words,
    /// The policy that judges here.
    pub policy: String,
    /// Whether the guest's screen keeps the colour to itself.
    #[serde(default)]
    pub dignity: bool,
    /// Whether people are counted out again, so that the desk knows who is inside.
    #[serde(default)]
    pub counts_inside: bool,
    /// Whether the way stays closed to somebody who is inside already: their code or card was
    /// handed back to another. Only where people are counted.
    #[serde(default)]
    pub anti_passback: bool,
    /// Whether those let in are written into the legal register of guests.
    #[serde(default)]
    pub guest_register: bool,
    /// Whether boarding passes are shown with code and document: a pass is then of whoever is
    /// at the desk, and people are counted by their flight.
    #[serde(default)]
    pub boarding_pass: bool,
    /// What follows each verdict.
    pub paths: Paths,
    /// What is filled in, in this order.
    #[serde(default)]
    pub fields: Vec<Field>,
}

/// What follows each verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// After ADMIT.
    pub admit: Path,
    /// After REFER.
    pub refer: Path,
    /// After REFUSE.
    pub refuse: Path,
}

/// What follows one verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// What the operator does now.
    pub operator: Words,
    /// What the guest is told.
    pub guest: Words,
    /// Where the guest is sent, for [`Action::Sent`].
    #[serde(default)]
    pub to: Option<Words>,
    /// What the operator may say was done; the first is the usual one.
    pub actions: Vec<Action>,
    /// Whether a slip is printed for whoever is sent on or turned away: where to go, and when
    /// that was said.
    #[serde(default)]
    pub slip: bool,
    /// Whether one is printed for whoever is let in: a visitor's label.
    #[serde(default)]
    pub visitor_slip: bool,
    /// What the slip says beside that, such as whom to call.
    #[serde(default)]
    pub slip_note: Option<Words>,
}

/// What a guest sees of a verdict. No name, no number, no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestSees<'a> {
    /// What they are asked to do.
    pub words: &'a Words,
    /// Where they may be sent; the words say whether.
    pub to: Option<&'a Words>,
    /// The verdict for its colour; `None` where it is kept from the screen.
    pub decision: Option<Decision>,
}

/// What was done with a person, which is not always what should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Let in.
    Admitted,
    /// Sent on to another place, such as the fever clinic.
    Sent,
    /// Not let in.
    TurnedAway,
    /// Went out again.
    Left,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 4] = [Self::Admitted, Self::Sent, Self::TurnedAway, Self::Left];

    /// The word in entries: `admitted`, `sent`, `turned-away`, `left`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Sent => "sent",
            Self::TurnedAway => "turned-away",
            Self::Left => "left",
        }
    }

    /// Whether doing this after such a verdict goes against it, so that a supervisor must
    /// give a reason. A REFER is decided by the operator: that is what it asks for.
    pub const fn overrides(self, decision: Decision) -> bool {
        matches!((self, decision), (Self::Admitted, Decision::Refuse))
    }
}

/// One thing that is filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name for programs: as [`Scene::id`].
    pub id: String,
    /// Its name on screen.
    pub label: Words,
    /// What it takes.
    pub takes: FieldKind,
    /// After which actions it must be filled in; empty: never.
    #[serde(default)]
    pub required_when: Vec<Action>,
    /// It must be filled in only where other fields have one of these answers: field → options.
    /// A carer's patient, and nobody else's.
    #[serde(default)]
    pub required_with: BTreeMap<String, Vec<String>>,
    /// Whether it says something of the person. Such answers lie with the entry's details
    /// and go with them; the others may be counted.
    #[serde(default = "personal")]
    pub personal: bool,
}

const fn personal() -> bool {
    true
}

/// What a field takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FieldKind {
    /// One of a few.
    Choice {
        /// Them, in the order in which they are shown.
        options: Vec<Choice>,
    },
    /// A text of one line.
    Text {
        /// At most so many characters.
        longest: u16,
        /// Whether a barcode may fill it, such as an appointment's number.
        #[serde(default)]
        scanned: bool,
    },
    /// A whole number.
    Number {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// A body temperature.
    Temperature {
        /// From this on it is a fever.
        fever_from: Celsius,
    },
}

/// One option of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its name for programs: as [`Scene::id`].
    pub id: String,
    /// Its name on screen.
    pub label: Words,
}

/// Why a scene cannot be used: the field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SceneError {
    /// The path of the field, such as `fields[2].takes.options`.
    pub field: String,
    /// What is wrong.
    pub problem: SceneProblem,
}

/// What is wrong with a field of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SceneProblem {
    /// A name for programs that is none.
    #[error("1 to 32 of a–z, 0–9 and '-'")]
    Id,
    /// The same name twice.
    #[error("the same name twice")]
    Twice,
    /// Nothing in it.
    #[error("nothing in it")]
    Empty,
    /// More than a desk can show.
    #[error("too many")]
    TooMany,
    /// A length of nought, or longer than a desk keeps.
    #[error("1 to 120 characters")]
    Length,
    /// The least is more than the most.
    #[error("the least is more than the most")]
    Range,
    /// Nobody may be let in against a REFUSE as a matter of course.
    #[error("a refusal does not let in by itself")]
    AdmitsRefused,
    /// Somebody may be sent on, and it is not said where to.
    #[error("say where to")]
    SentNowhere,
    /// No choice of this scene, or none of its options.
    #[error("a choice of this scene and its options")]
    With,
    /// Nobody knows who is inside where nobody is counted.
    #[error("only with counts_inside")]
    NotCounted,
    /// A temperature at which everybody has a fever, or nobody.
    #[error("between 36.0 and 40.0")]
    Fever,
}

impl Scene {
    /// What follows a verdict.
    pub const fn path(&self, decision: Decision) -> &Path {
        match decision {
            Decision::Admit => &self.paths.admit,
            Decision::Refer => &self.paths.refer,
            Decision::Refuse => &self.paths.refuse,
        }
    }

    /// What the guest's own screen shows after a verdict. Where the scene keeps their dignity
    /// it is words alone: whoever stands behind them learns nothing.
    pub fn shown_to_guest(&self, decision: Decision) -> GuestSees<'_> {
        let path = self.path(decision);
        let decision = (!self.dignity).then_some(decision);
        GuestSees { words: &path.guest, to: path.to.as_ref(), decision }
    }

    /// Whether the way opens by itself after a verdict: it is ADMIT, letting in is what is
    /// usually done after it, and nothing has to be filled in for that.
    pub fn opens_by_itself(&self, decision: Decision) -> bool {
        let usual = self.path(decision).actions.first();
        let asks = self.fields.iter().any(|field| field.required_when.contains(&Action::Admitted));
        decision == Decision::Admit && usual == Some(&Action::Admitted) && !asks
    }

    /// The field of this name.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// Whether the choice of this name has all of these options.
    fn offers(&self, id: &str, wanted: &[String]) -> bool {
        let Some(FieldKind::Choice { options }) = self.field(id).map(|field| &field.takes) else {
            return false;
        };
        !wanted.is_empty()
            && wanted.iter().all(|wanted| options.iter().any(|option| option.id == *wanted))
    }

    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first thing that is wrong, naming its field.
    pub fn check(&self) -> Result<(), SceneError> {
        id("id", &self.id)?;
        id("policy", &self.policy)?;
        words("name", &self.name)?;
        self.paths.admit.check("paths.admit")?;
        self.paths.refer.check("paths.refer")?;
        self.paths.refuse.check("paths.refuse")?;
        let refused = &self.paths.refuse.actions;
        holds("paths.refuse.actions", SceneProblem::AdmitsRefused, {
            !refused.contains(&Action::Admitted)
        })?;
        let is_counted = self.counts_inside || !self.anti_passback;
        holds("anti_passback", SceneProblem::NotCounted, is_counted)?;
        holds("fields", SceneProblem::TooMany, self.fields.len() <= MOST_FIELDS)?;
        let ids: Vec<_> = self.fields.iter().map(|field| field.id.as_str()).collect();
        holds("fields", SceneProblem::Twice, all_differ(&ids))?;
        for (i, field) in self.fields.iter().enumerate() {
            field.check(&format!("fields[{i}]"))?;
            let with = field.required_with.iter().all(|(id, wanted)| self.offers(id, wanted));
            holds(&format!("fields[{i}].required_with"), SceneProblem::With, with)?;
        }
        Ok(())
    }
}

impl Path {
    /// Whether a slip is printed when this was done.
    pub const fn prints_after(&self, action: Action) -> bool {
        match action {
            Action::Admitted => self.visitor_slip,
            Action::Sent | Action::TurnedAway => self.slip,
            Action::Left => false,
        }
    }

    fn check(&self, at: &str) -> Result<(), SceneError> {
        words(&format!("{at}.operator"), &self.operator)?;
        words(&format!("{at}.guest"), &self.guest)?;
        if let Some(to) = &self.to {
            words(&format!("{at}.to"), to)?;
        }
        if let Some(note) = &self.slip_note {
            words(&format!("{at}.slip_note"), note)?;
        }
        let actions = format!("{at}.actions");
        holds(&actions, SceneProblem::Empty, !self.actions.is_empty())?;
        holds(&actions, SceneProblem::Twice, all_differ(&self.actions))?;
        let somewhere = self.to.is_some() || !self.actions.contains(&Action::Sent);
        holds(&format!("{at}.to"), SceneProblem::SentNowhere, somewhere)
    }
}

impl Field {
    fn check(&self, at: &str) -> Result<(), SceneError> {
        id(&format!("{at}.id"), &self.id)?;
        words(&format!("{at}.label"), &self.label)?;
        match &self.takes {
            FieldKind::Choice { options } => {
                let at = format!("{at}.takes.options");
                holds(&at, SceneProblem::Empty, !options.is_empty())?;
                holds(&at, SceneProblem::TooMany, options.len() <= MOST_OPTIONS)?;
                let ids: Vec<_> = options.iter().map(|option| option.id.as_str()).collect();
                holds(&at, SceneProblem::Twice, all_differ(&ids))?;
                for (i, option) in options.iter().enumerate() {
                    id(&format!("{at}[{i}].id"), &option.id)?;
                    words(&format!("{at}[{i}].label"), &option.label)?;
                }
                Ok(())
            }
            FieldKind::Text { longest, .. } => {
                let fits = (1..=LONGEST_TEXT).contains(longest);
                holds(&format!("{at}.takes.longest"), SceneProblem::Length, fits)
            }
            FieldKind::Number { least, most } => {
                holds(&format!("{at}.takes.least"), SceneProblem::Range, least <= most)
            }
            FieldKind::Temperature { fever_from } => {
                let sensible = (Celsius::NORMAL..=Celsius::HIGH).contains(fever_from);
                holds(&format!("{at}.takes.fever_from"), SceneProblem::Fever, sensible)
            }
        }
    }
}

fn holds(field: &str, problem: SceneProblem, holds: bool) -> Result<(), SceneError> {
    if holds { Ok(()) } else { Err(SceneError { field: field.to_owned(), problem }) }
}

fn id(field: &str, id: &str) -> Result<(), SceneError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    holds(field, SceneProblem::Id, (1..=32).contains(&id.len()) && id.chars().all(fits))
}

fn words(field: &str, words: &Words) -> Result<(), SceneError> {
    let empty = words.zh.trim().is_empty() || words.en.trim().is_empty();
    holds(field, SceneProblem::Empty, !empty)
}

fn all_differ<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().all(|(i, item)| !items.iter().take(i).any(|before| before == item))
}
