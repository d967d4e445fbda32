//! JSON from outside: parsed, and read into types with the field named.
//!
//! serde_json's own errors are sentences: they say which field is missing only in their
//! words, and they may quote the value, which here is somebody's number or password. And serde
//! takes more than what a type's description says: a list of values for a structure, the
//! number of a variant for its name. What is read here is what was described, and nothing is
//! said twice.

mod once;
mod reader;

use serde::de::DeserializeOwned;
use serde_json::Value;

use self::reader::{Reader, Unknown};
use crate::field::{FieldError, FieldProblem};

/// Parses a text, in UTF-8 and at most 128 levels deep.
///
/// ```
/// use yanma_protocol::json;
/// assert!(json::parse(b"{\"limit\": 1}").is_ok());
/// assert!(json::parse(b"{\"limit\": 1, \"limit\": 2}").is_err());
/// ```
///
/// # Errors
/// A text that is no JSON, or in which an object has two fields of one name. The words of the
/// error may hold some of the text; its line and column do not.
pub fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(text).map(|once::Once(value)| value)
}

/// Reads what somebody asks as a `T`.
///
/// Structures are objects that have only fields which are known, and variants have names.
/// Inside an enum with a tag, serde gives no path: what does not fit there is told as the
/// enum's own field.
///
/// # Errors
/// The path of the first field that is missing, unknown, or of another type; `body` for the
/// value itself.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T, FieldError> {
    T::deserialize(Reader::new(value, Unknown::Refused)).map_err(|misfit| {
        let field = misfit.path.trim_start_matches('.');
        FieldError::new(if field.is_empty() { "body" } else { field }, FieldProblem::Shape)
    })
}

/// Reads what somebody answers or publishes as a `T`, if it is one. Fields that a newer
/// program added are passed over.
pub fn read_answer<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    answer(parse(text).ok()?)
}

/// The same of a value that was parsed already.
pub(crate) fn answer<T: DeserializeOwned>(value: Value) -> Option<T> {
    T::deserialize(Reader::new(value, Unknown::PassedOver)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        number: u32,
        at: jiff::Timestamp,
        note: Option<String>,
        lines: Vec<Line>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Line {
        Blank,
        Text { words: String },
        Code(String),
    }

    fn good() -> Value {
        json!({"number": 7, "at": "2020-07-01T00:00:00Z", "note": null,
            "lines": ["blank", {"text": {"words": "w"}}, {"code": "c"}]})
    }

    fn check(change: impl FnOnce(&mut Value), field: &str) {
        let mut value = good();
        change(&mut value);
        let error = read::<Order>(value).unwrap_err();
        assert_eq!(error.field, field);
        assert_eq!(error.problem, FieldProblem::Shape);
    }

    #[test]
    fn what_fits_is_read() {
        let order: Order = read(good()).unwrap();
        assert_eq!(order, serde_json::from_value(good()).unwrap());
        let mut without_note = good();
        without_note.as_object_mut().unwrap().remove("note");
        assert_eq!(read::<Order>(without_note).unwrap(), order);
    }

    #[test]
    fn the_field_that_does_not_fit_is_named() {
        check(|v| drop(v["number"].take()), "number");
        check(|v| v["number"] = json!(-1), "number");
        check(|v| v["number"] = json!(4_294_967_296u64), "number");
        check(|v| v["number"] = json!("7"), "number");
        check(|v| v["at"] = json!("yesterday"), "at");
        check(|v| v["note"] = json!(7), "note");
        check(|v| drop(v.as_object_mut().unwrap().remove("at")), "at");
        check(|v| v["lines"] = json!({}), "lines");
        check(|v| v["lines"][2] = json!({"code": 7}), "lines[2].code");
        check(|v| v["lines"][1] = json!({"text": {}}), "lines[1].text.words");
        check(|v| v["lines"][0] = json!("other"), "lines[0]");
        check(|v| *v = json!([]), "body");
    }

    #[test]
    fn a_name_that_the_sender_made_up_is_not_repeated() {
        check(|v| v["350100199001010019"] = json!(1), "body");
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Parcel {
        to: Place,
        size: Size,
        #[serde(default)]
        notes: Value,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
    enum Place {
        Shop,
        House { floors: Vec<u8> },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "unit", content = "value", rename_all = "lowercase")]
    enum Size {
        Metres(u8),
        Boxed { wide: u8 },
    }

    #[track_caller]
    fn check_parcel(parcel: Value, field: Option<&str>) {
        let read = read::<Parcel>(parcel.clone());
        assert_eq!(read.err().map(|misfit| misfit.field).as_deref(), field, "{parcel}");
    }

    #[test]
    fn a_structure_has_names_and_a_variant_has_one() {
        let size = json!({"unit": "metres", "value": 1});
        let to = |place: Value| json!({"to": place, "size": size});
        check_parcel(to(json!({"kind": "shop"})), None);
        check_parcel(to(json!({"floors": [1, 2], "kind": "house"})), None);
        check_parcel(to(json!({"kind": 0})), Some("to.kind"));
        check_parcel(to(json!({"kind": ["shop"]})), Some("to.kind"));
        check_parcel(to(json!(["shop"])), Some("to[0]"));
        check_parcel(to(json!(["house", [1]])), Some("to[0]"));
        check_parcel(to(json!("shop")), Some("to"));
        check_parcel(to(json!({})), Some("to.kind"));
        check_parcel(json!([{"kind": "shop"}, size]), Some("body"));

        let sized = |size: Value| json!({"to": {"kind": "shop"}, "size": size});
        check_parcel(sized(json!({"unit": "boxed", "value": {"wide": 1}})), None);
        check_parcel(sized(json!({"unit": 0, "value": 1})), Some("size.unit"));
        check_parcel(sized(json!({"value": 1, "unit": 0})), Some("size.unit"));
        check_parcel(sized(json!(["metres", 1])), Some("size"));
        check_parcel(sized(json!({"unit": "boxed", "value": [1]})), Some("size.value"));

        let mut noted = to(json!({"kind": "shop"}));
        noted["notes"] = json!([1, {"any": ["thing"]}]);
        check_parcel(noted, None);
        check(|v| v["lines"][1] = json!({"text": ["w"]}), "lines[1].text");
        let mut more = to(json!({"kind": "shop"}));
        more["more"] = json!(1);
        assert!(read_answer::<Parcel>(more.to_string().as_bytes()).is_some());
        check_parcel(more, Some("body"));
        check(|v| *v = json!([7, "2020-07-01T00:00:00Z", null, []]), "body");
    }

    #[test]
    fn an_id_is_a_text() {
        let id = json!("01730000-0000-7000-8000-000000000001");
        assert!(read::<uuid::Uuid>(id).is_ok());
        for wrong in [json!(vec![1; 16]), json!([1]), json!(1)] {
            assert_eq!(read::<uuid::Uuid>(wrong).unwrap_err().field, "body");
        }
    }

    #[test]
    fn what_is_said_twice_is_no_json() {
        for text in ["{}", "[{\"a\": 1}, {\"a\": 1}]", " {\"a\": {\"a\": -1.5e3}, \"b\": null}"] {
            let plain: Value = serde_json::from_str(text).unwrap();
            assert_eq!(parse(text.as_bytes()).unwrap(), plain);
        }
        for text in
            ["{\"a\": 1, \"a\": 1}", "[[{\"b\": 1, \"a\": 0, \"\\u0062\": 2}]]", "{", "", "1 1"]
        {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse(b"\"\xff\"").is_err(), "not UTF-8");
        assert!(parse("[".repeat(200).as_bytes()).is_err(), "too deep");
    }
}
