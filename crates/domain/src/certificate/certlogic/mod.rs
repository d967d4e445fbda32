//! CertLogic 1.3: the language of European rules, a subset of JsonLogic with dates.
//!
//! Evaluating never panics and always ends: an expression is data, every step goes down in
//! it, and steps are counted.

mod dates;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde_json::{Map, Value};

use self::dates::{instant, plus};

/// Most steps of one evaluation. Rules take some hundred; a reduction within a reduction
/// could take as many as there are in the world.
const STEPS: u32 = 50_000;

/// Most levels of one expression.
const DEPTH: u32 = 64;

/// Why an expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LogicError {
    /// It is not of the language.
    #[error("this is no CertLogic expression")]
    Form,
    /// A value is of another kind than the operation takes.
    #[error("a value is of another kind than the operation takes")]
    Kind,
    /// It goes deeper, or on for longer, than any rule does.
    #[error("the expression is too deep or takes too long")]
    TooLong,
}

/// The value of an expression with this data. A date becomes its text.
pub(super) fn evaluate(expression: &Value, data: &Value) -> Result<Value, LogicError> {
    Evaluation { steps: STEPS }.of(expression, data, DEPTH).map(Term::into_json)
}

/// A value on the way: JSON, or a date that an operation made.
#[derive(Clone, Debug, PartialEq)]
enum Term {
    Json(Value),
    Time(Timestamp),
}

struct Evaluation {
    steps: u32,
}

type Found = Result<Term, LogicError>;

impl Evaluation {
    fn of(&mut self, expression: &Value, data: &Value, depth: u32) -> Found {
        self.steps = self.steps.checked_sub(1).ok_or(LogicError::TooLong)?;
        let depth = depth.checked_sub(1).ok_or(LogicError::TooLong)?;
        match expression {
            Value::Array(items) => {
                let items = items.iter().map(|item| self.of(item, data, depth));
                let items = items.map(|item| item.map(Term::into_json));
                Ok(Term::Json(Value::Array(items.collect::<Result<_, _>>()?)))
            }
            Value::Object(operation) => self.operation(operation, data, depth),
            Value::Bool(_) | Value::String(_) => Ok(Term::Json(expression.clone())),
            Value::Number(number) if number.is_i64() => Ok(Term::Json(expression.clone())),
            Value::Number(_) | Value::Null => Err(LogicError::Form),
        }
    }

    fn operation(&mut self, operation: &Map<String, Value>, data: &Value, depth: u32) -> Found {
        let mut fields = operation.iter();
        let (Some((name, operands)), None) = (fields.next(), fields.next()) else {
            return Err(LogicError::Form);
        };
        if name == "var" {
            return variable(operands, data).map(Term::Json);
        }
        let operands = operands.as_array().ok_or(LogicError::Form)?.as_slice();
        match (name.as_str(), operands) {
            ("if", [guard, yes, no]) => {
                let guard = self.of(guard, data, depth)?.truth()?;
                self.of(if guard { yes } else { no }, data, depth)
            }
            ("and", [_, _, ..]) => self.and(operands, data, depth),
            ("!", [operand]) => Ok(Term::truth_of(!self.of(operand, data, depth)?.truth()?)),
            ("===", [one, other]) => {
                let (one, other) = (self.of(one, data, depth)?, self.of(other, data, depth)?);
                Ok(Term::truth_of(one == other))
            }
            ("in", [one, all]) => {
                let one = self.of(one, data, depth)?.into_json();
                match self.of(all, data, depth)? {
                    Term::Json(Value::Array(all)) => Ok(Term::truth_of(all.contains(&one))),
                    _ => Err(LogicError::Kind),
                }
            }
            ("+", [one, other]) => {
                let (one, other) = (self.whole(one, data, depth)?, self.whole(other, data, depth)?);
                let sum = one.checked_add(other).ok_or(LogicError::Kind)?;
                Ok(Term::Json(Value::from(sum)))
            }
            ("<" | ">" | "<=" | ">=", [_, _] | [_, _, _]) => {
                let numbers = operands.iter().map(|operand| self.whole(operand, data, depth));
                let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
                Ok(Term::truth_of(rising(&numbers, name)))
            }
            ("after" | "before" | "not-after" | "not-before", [_, _] | [_, _, _]) => {
                let times = operands.iter().map(|operand| self.of(operand, data, depth));
                let times = times.map(|time| match time? {
                    Term::Time(time) => Ok(time),
                    Term::Json(_) => Err(LogicError::Kind),
                });
                Ok(Term::truth_of(rising(&times.collect::<Result<Vec<_>, _>>()?, name)))
            }
            ("plusTime", [time, amount, unit]) => self.plus_time(time, amount, unit, data, depth),
            ("dccDateOfBirth", [date]) => match self.of(date, data, depth)? {
                Term::Json(Value::String(date)) if date.len() <= 10 => {
                    instant(&date).map(Term::Time)
                }
                _ => Err(LogicError::Kind),
            },
            ("reduce", [list, step, first]) => self.reduce(list, step, first, data, depth),
            ("extractFromUVCI", [identifier, index]) => {
                let index = index.as_i64().ok_or(LogicError::Form)?;
                match self.of(identifier, data, depth)? {
                    Term::Json(Value::Null) => Ok(Term::Json(Value::Null)),
                    Term::Json(Value::String(identifier)) => Ok(fragment(&identifier, index)),
                    _ => Err(LogicError::Kind),
                }
            }
            _ => Err(LogicError::Form),
        }
    }

    /// The first operand that is not true, or else the last one; no more than that is looked
    /// at.
    fn and(&mut self, operands: &[Value], data: &Value, depth: u32) -> Found {
        let mut last = Term::truth_of(true);
        for operand in operands {
            last = self.of(operand, data, depth)?;
            if !last.truth()? {
                break;
            }
        }
        Ok(last)
    }

    fn whole(&mut self, operand: &Value, data: &Value, depth: u32) -> Result<i64, LogicError> {
        match self.of(operand, data, depth)? {
            Term::Json(value) => value.as_i64().ok_or(LogicError::Kind),
            Term::Time(_) => Err(LogicError::Kind),
        }
    }

    fn plus_time(
        &mut self,
        time: &Value,
        amount: &Value,
        unit: &Value,
        data: &Value,
        depth: u32,
    ) -> Found {
        let amount = amount.as_i64().ok_or(LogicError::Form)?;
        let unit = unit.as_str().ok_or(LogicError::Form)?;
        match self.of(time, data, depth)? {
            Term::Json(Value::String(time)) => plus(instant(&time)?, amount, unit).map(Term::Time),
            _ => Err(LogicError::Kind),
        }
    }

    fn reduce(
        &mut self,
        list: &Value,
        step: &Value,
        first: &Value,
        data: &Value,
        depth: u32,
    ) -> Found {
        let first = self.of(first, data, depth)?;
        let list = match self.of(list, data, depth)? {
            Term::Json(Value::Array(list)) => list,
            Term::Json(Value::Null) => Vec::new(),
            _ => return Err(LogicError::Kind),
        };
        let mut inner = serde_json::json!({ "data": data });
        list.into_iter().try_fold(first, |sum, current| {
            inner["accumulator"] = sum.into_json();
            inner["current"] = current;
            self.of(step, &inner, depth)
        })
    }
}

impl Term {
    const fn truth_of(truth: bool) -> Self {
        Self::Json(Value::Bool(truth))
    }

    /// Whether it counts as true. Some values count as neither.
    fn truth(&self) -> Result<bool, LogicError> {
        match self {
            Self::Time(_) => Ok(true),
            Self::Json(Value::Bool(truth)) => Ok(*truth),
            Self::Json(Value::Null) => Ok(false),
            Self::Json(Value::String(text)) => Ok(!text.is_empty()),
            Self::Json(Value::Array(items)) => Ok(!items.is_empty()),
            Self::Json(Value::Object(fields)) => Ok(!fields.is_empty()),
            Self::Json(Value::Number(number)) => {
                number.as_i64().map(|number| number != 0).ok_or(LogicError::Kind)
            }
        }
    }

    fn into_json(self) -> Value {
        match self {
            Self::Json(value) => value,
            // Three decimals, as ECMAScript writes a date.
            Self::Time(time) => Value::String(format!("{time:.3}")),
        }
    }
}

/// Whether each stands to the next as the operation says.
fn rising<T: Ord>(values: &[T], operation: &str) -> bool {
    values.windows(2).all(|pair| match pair {
        [one, next] => match operation {
            "<" | "before" => one < next,
            ">" | "after" => one > next,
            "<=" | "not-after" => one <= next,
            _ => one >= next,
        },
        _ => false,
    })
}

/// Goes down into the data by a path of names and indexes; nothing is there where it ends.
fn variable(path: &Value, data: &Value) -> Result<Value, LogicError> {
    let path = path.as_str().ok_or(LogicError::Form)?;
    if path.is_empty() {
        return Ok(data.clone());
    }
    let found = path.split('.').try_fold(data, |data, part| match data {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => data.get(part),
    });
    Ok(found.cloned().unwrap_or(Value::Null))
}

/// A part of a certificate's identifier, between `/`, `#` and `:`.
fn fragment(identifier: &str, index: i64) -> Term {
    let plain = identifier.strip_prefix("URN:UVCI:").unwrap_or(identifier);
    let part = usize::try_from(index).ok().and_then(|at| plain.split(['/', '#', ':']).nth(at));
    Term::Json(part.map_or(Value::Null, Value::from))
}
