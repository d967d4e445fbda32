//! What was filled in, checked against the scene.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Action, Celsius, Field, FieldKind, Scene};

/// What was filled in: field → answer, in the scene's own form (an option's name, a number
/// without leading noughts, `37.3`). Made by [`Scene::fill`] only; its `Debug` shows which
/// fields, and no answer.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, String>);

/// Why what was filled in cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct AnswerError {
    /// The field's name for programs.
    pub field: String,
    /// What is wrong.
    pub problem: AnswerProblem,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    /// It must be filled in.
    #[error("must be filled in")]
    Missing,
    /// The scene has no such field.
    #[error("there is no such field in this scene")]
    NoSuchField,
    /// It is none of the options.
    #[error("none of the options")]
    NoSuchOption,
    /// It is longer than the scene allows, or of more than one line.
    #[error("too long, or more than one line")]
    Text,
    /// It is no whole number, or not within the scene's bounds.
    #[error("not a whole number within the bounds")]
    Number,
    /// It is no body temperature.
    #[error("not a body temperature such as 36.8")]
    Temperature,
}

impl Scene {
    /// Takes what was filled in for an action.
    ///
    /// Blank answers count as none.
    ///
    /// # Errors
    /// The first field, in the scene's order, whose answer is missing or cannot be taken.
    pub fn fill(
        &self,
        action: Action,
        given: &BTreeMap<String, String>,
    ) -> Result<Answers, AnswerError> {
        let error = |field: &str, problem| AnswerError { field: field.to_owned(), problem };
        if let Some(unknown) = given.keys().find(|id| self.field(id).is_none()) {
            return Err(error(unknown, AnswerProblem::NoSuchField));
        }
        let mut answers = BTreeMap::new();
        for field in &self.fields {
            let text = given.get(&field.id).map(|text| text.trim()).unwrap_or_default();
            if !text.is_empty() {
                let answer = field.take(text).map_err(|problem| error(&field.id, problem))?;
                answers.insert(field.id.clone(), answer);
            } else if field.is_required(action, given) {
                return Err(error(&field.id, AnswerProblem::Missing));
            }
        }
        Ok(Answers(answers))
    }

    /// Whether a temperature among the answers is a fever by this scene.
    pub fn is_fever(&self, answers: &Answers) -> bool {
        self.fields.iter().any(|field| match field.takes {
            FieldKind::Temperature { fever_from } => answers
                .get(&field.id)
                .and_then(|text| text.parse::<Celsius>().ok())
                .is_some_and(|measured| measured >= fever_from),
            _ => false,
        })
    }
}

impl Field {
    /// Whether it must be filled in after this action, with the other answers as they are.
    fn is_required(&self, action: Action, given: &BTreeMap<String, String>) -> bool {
        let answered = |(id, wanted): (&String, &Vec<String>)| {
            given.get(id).is_some_and(|answer| wanted.iter().any(|one| one == answer.trim()))
        };
        self.required_when.contains(&action) && self.required_with.iter().all(answered)
    }

    fn take(&self, text: &str) -> Result<String, AnswerProblem> {
        match &self.takes {
            FieldKind::Choice { options } => options
                .iter()
                .find(|option| option.id == text)
                .map(|option| option.id.clone())
                .ok_or(AnswerProblem::NoSuchOption),
            FieldKind::Text { longest, .. } => {
                let fits = text.chars().count() <= usize::from(*longest);
                let one_line = !text.chars().any(char::is_control);
                if fits && one_line { Ok(text.to_owned()) } else { Err(AnswerProblem::Text) }
            }
            FieldKind::Number { least, most } => {
                let number: u32 = text.parse().map_err(|_| AnswerProblem::Number)?;
                let fits = (*least..=*most).contains(&number);
                if fits { Ok(number.to_string()) } else { Err(AnswerProblem::Number) }
            }
            FieldKind::Temperature { .. } => {
                let measured: Celsius = text.parse().map_err(|_| AnswerProblem::Temperature)?;
                Ok(measured.to_string())
            }
        }
    }
}

impl Answers {
    /// The answer to a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// Whether nothing was filled in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Field and answer, in the order of the fields' names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, answer)| (field.as_str(), answer.as_str()))
    }

    /// Those that say nothing of the person, and may be counted for as long as the log is
    /// kept.
    #[must_use]
    pub fn impersonal(&self, scene: &Scene) -> Self {
        let may_stay = |id: &str| scene.field(id).is_some_and(|field| !field.personal);
        let kept = self.0.iter().filter(|(id, _)| may_stay(id));
        Self(kept.map(|(id, answer)| (id.clone(), answer.clone())).collect())
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
