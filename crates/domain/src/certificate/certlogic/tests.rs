//! The language by tables, and any expression by chance.

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
