//! CertLogic 1.3: the language of European rules, a subset of JsonLogic with dates.
//!
//! Evaluating never panics and always ends: an expression is data, every step goes down in
//! it, and steps are counted.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use serde_json::{Map, Value};

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

/// A date, of which day and month may be missing and are then taken as late as possible, or
/// an instant; without a zone it is in UTC, and decimals after the third are dropped.
fn instant(text: &str) -> Result<Timestamp, LogicError> {
    let Some((date, time)) = text.split_once('T') else {
        return Ok(at_midnight(last_day(text).ok_or(LogicError::Kind)?));
    };
    let date = last_day(date).filter(|_| date.len() == 10).ok_or(LogicError::Kind)?;
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(zone_at).ok_or(LogicError::Kind)?;
    let (clock, decimals) = clock.split_once('.').unwrap_or((clock, ""));
    if !decimals.bytes().all(|digit| digit.is_ascii_digit()) || clock.len() != 8 {
        return Err(LogicError::Kind);
    }
    let millis: String = decimals.chars().chain("000".chars()).take(3).collect();
    let millis: i64 = millis.parse().map_err(|_| LogicError::Kind)?;
    let clock: jiff::civil::Time = clock.parse().map_err(|_| LogicError::Kind)?;
    let offset = offset_minutes(zone).ok_or(LogicError::Kind)?;
    let utc = DateTime::from_parts(date, clock).to_zoned(TimeZone::UTC);
    let utc = utc.map_err(|_| LogicError::Kind)?.timestamp();
    utc.checked_sub(SignedDuration::from_mins(offset))
        .and_then(|utc| utc.checked_add(SignedDuration::from_millis(millis)))
        .map_err(|_| LogicError::Kind)
}

/// `Z`, nothing, or `±h`, `±hh`, `±hmm`, `±hhmm`, `±h:mm`, `±hh:mm`.
fn offset_minutes(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next() {
        None => return Some(0),
        Some('Z') => return (zone == "Z").then_some(0),
        Some('+') => 1,
        Some(_) => -1,
    };
    let digits = zone.get(1..)?.replacen(':', "", 1);
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|digit| digit.is_ascii_digit())
    {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let minutes = if digits.len() <= 2 { number * 60 } else { number / 100 * 60 + number % 100 };
    Some(sign * minutes)
}

/// A date, or the last day of a month or of a year.
fn last_day(text: &str) -> Option<Date> {
    let date = super::PartialDate::parse(text)?;
    match (date.month, date.day) {
        (Some(month), Some(day)) => Date::new(date.year, month, day).ok(),
        (Some(month), None) => Date::new(date.year, month, 1).ok().map(|date| date.last_of_month()),
        _ => Date::new(date.year, 12, 31).ok(),
    }
}

fn at_midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

/// Moves an instant as ECMAScript does: a day that a month does not have runs over into the
/// next month.
fn plus(time: Timestamp, amount: i64, unit: &str) -> Result<Timestamp, LogicError> {
    let far = |_| LogicError::Kind;
    match unit {
        "hour" => {
            let hours = SignedDuration::try_from_hours(amount).ok_or(LogicError::Kind)?;
            time.checked_add(hours).map_err(far)
        }
        "day" => {
            let hours = amount.checked_mul(24).ok_or(LogicError::Kind)?;
            let hours = SignedDuration::try_from_hours(hours).ok_or(LogicError::Kind)?;
            time.checked_add(hours).map_err(far)
        }
        "month" | "year" => {
            let months = amount.checked_mul(if unit == "year" { 12 } else { 1 });
            let zoned = time.to_zoned(TimeZone::UTC);
            let day = zoned.day();
            let first = zoned.first_of_month().map_err(far)?;
            let span = 0.days().try_months(months.ok_or(LogicError::Kind)?).map_err(far)?;
            let moved = first.checked_add(span).map_err(far)?;
            let moved = moved.checked_add((i32::from(day) - 1).days()).map_err(far)?;
            Ok(moved.timestamp())
        }
        _ => Err(LogicError::Form),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(expression: &Value, data: &Value, expect: Result<Value, LogicError>) {
        assert_eq!(evaluate(expression, data), expect, "{expression} with {data}");
    }

    #[test]
    fn each_operation_does_what_the_specification_says() {
        let it = json!({ "var": "" });
        for (expression, data, expect) in [
            (json!({ "var": "a.1.b" }), json!({ "a": [0, { "b": "x" }] }), json!("x")),
            (json!({ "var": "a.2.b" }), json!({ "a": [0] }), json!(null)),
            (json!({ "var": "a.b" }), json!({ "a": "text" }), json!(null)),
            (json!({ "if": [&it, "yes", "no"] }), json!([0]), json!("yes")),
            (json!({ "if": [&it, "yes", "no"] }), json!(""), json!("no")),
            (json!({ "and": [&it, 5] }), json!(0), json!(0)),
            (json!({ "and": [&it, 5] }), json!(1), json!(5)),
            (json!({ "and": [false, { "unknown": [] }] }), json!(null), json!(false)),
            (json!({ "!": [&it] }), json!({}), json!(true)),
            (json!({ "===": [&it, "a"] }), json!("a"), json!(true)),
            (json!({ "===": [&it, 1] }), json!("1"), json!(false)),
            (json!({ "in": [&it, ["a", "b"]] }), json!("b"), json!(true)),
            (json!({ "in": [&it, []] }), json!(null), json!(false)),
            (json!({ "+": [&it, -3] }), json!(5), json!(2)),
            (json!({ "<": [1, &it, 3] }), json!(2), json!(true)),
            (json!({ "<": [1, &it, 3] }), json!(3), json!(false)),
            (json!({ ">=": [&it, 2] }), json!(2), json!(true)),
            (
                json!({ "reduce": [&it, { "+": [{ "var": "accumulator" }, 1] }, 0] }),
                json!(["a", "b"]),
                json!(2),
            ),
            (json!({ "reduce": [&it, { "var": "current" }, 7] }), json!(null), json!(7)),
            (
                json!({ "reduce": [{ "var": "a" }, { "var": "data.b" }, 0] }),
                json!({ "a": [1], "b": 9 }),
                json!(9),
            ),
            (json!({ "extractFromUVCI": [&it, 1] }), json!("URN:UVCI:01:AT:X#Y"), json!("AT")),
            (json!({ "extractFromUVCI": [&it, 3] }), json!("a::c/#/f"), json!("")),
            (json!({ "extractFromUVCI": [&it, 6] }), json!("a::c/#/f"), json!(null)),
            (json!({ "extractFromUVCI": [&it, -1] }), json!("a"), json!(null)),
            (json!({ "extractFromUVCI": [&it, 0] }), json!(null), json!(null)),
        ] {
            check(&expression, &data, Ok(expect));
        }
    }

    #[test]
    fn dates_are_moved_as_ecmascript_moves_them() {
        for (date, amount, unit, expect) in [
            ("2020-02-29", 1, "day", "2020-03-01T00:00:00.000Z"),
            ("2020-02-29", 1, "month", "2020-03-29T00:00:00.000Z"),
            ("2020-02-29", 1, "year", "2021-03-01T00:00:00.000Z"),
            ("2021-01-31", 1, "month", "2021-03-03T00:00:00.000Z"),
            ("2021-03-31", -1, "month", "2021-03-03T00:00:00.000Z"),
            ("2021-06-01T00:00:00+00:00", 40, "hour", "2021-06-02T16:00:00.000Z"),
            ("2021-05-04T13:37:42+0200", 0, "day", "2021-05-04T11:37:42.000Z"),
            ("2021-05-04T13:37:42-1", 0, "day", "2021-05-04T14:37:42.000Z"),
            ("2021-05-04T13:37:42.123999Z", 0, "day", "2021-05-04T13:37:42.123Z"),
            ("2021-05-04T13:37:42.5", 0, "day", "2021-05-04T13:37:42.500Z"),
            ("2021", 0, "day", "2021-12-31T00:00:00.000Z"),
            ("2021-02", 0, "day", "2021-02-28T00:00:00.000Z"),
        ] {
            let expression = json!({ "plusTime": [{ "var": "" }, amount, unit] });
            check(&expression, &json!(date), Ok(json!(expect)));
        }
        let before = json!({ "before": [
            { "dccDateOfBirth": [{ "var": "" }] }, { "plusTime": ["2000-01-01", 0, "day"] },
        ] });
        check(&before, &json!("1999"), Ok(json!(true)));
        check(&before, &json!("2000-01-01"), Ok(json!(false)));
    }

    #[test]
    fn what_is_no_expression_has_no_value() {
        for (expression, error) in [
            (json!(null), LogicError::Form),
            (json!(1.5), LogicError::Form),
            (json!({}), LogicError::Form),
            (json!({ "magic": [] }), LogicError::Form),
            (json!({ "and": [true] }), LogicError::Form),
            (json!({ "if": [true, 1] }), LogicError::Form),
            (json!({ "in": ["a", "abc"] }), LogicError::Kind),
            (json!({ "<": ["a", "b"] }), LogicError::Kind),
            (json!({ "after": ["2020-01-01", "2020-01-01"] }), LogicError::Kind),
            (json!({ "plusTime": ["2022-13", 0, "day"] }), LogicError::Kind),
            (json!({ "plusTime": ["2022-12-01T25:00:00Z", 0, "day"] }), LogicError::Kind),
            (json!({ "plusTime": ["2022-12-01", i64::MAX, "day"] }), LogicError::Kind),
            (json!({ "plusTime": ["2022-12-01", i64::MIN, "year"] }), LogicError::Kind),
            (json!({ "plusTime": ["2022-12-01", 0, "week"] }), LogicError::Form),
            (json!({ "+": [i64::MAX, 1] }), LogicError::Kind),
        ] {
            check(&expression, &json!({}), Err(error));
        }
        let mut deep = json!(true);
        for _ in 0..100 {
            deep = json!({ "!": [deep] });
        }
        check(&deep, &json!({}), Err(LogicError::TooLong));
        let list: Vec<_> = (0..300).collect();
        let inner = json!({ "reduce": [list, { "var": "current" }, 0] });
        let outer = json!({ "reduce": [list, inner, 0] });
        check(&outer, &json!({}), Err(LogicError::TooLong));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[0-9T:Z+.-]{0,24}".prop_map(Value::from),
            Just(json!({ "var": "" })),
            Just(json!({ "var": "0.accumulator" })),
        ];
        let names = [
            "if",
            "and",
            "!",
            "===",
            "in",
            "+",
            "<",
            "after",
            "plusTime",
            "dccDateOfBirth",
            "reduce",
            "extractFromUVCI",
            "var",
        ];
        leaf.prop_recursive(5, 64, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                (proptest::sample::select(names.to_vec()), proptest::collection::vec(inner, 0..4))
                    .prop_map(|(name, operands)| json!({ name: operands })),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_expression_ends(expression in value(), data in value()) {
            let first = evaluate(&expression, &data);
            prop_assert_eq!(first, evaluate(&expression, &data));
        }
    }
}
