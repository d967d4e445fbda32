//! Reads JSON into request types and names the field that does not fit.
//!
//! serde_json's own errors are sentences: they say which field is missing only in their
//! words, and they may quote the value, which here is somebody's number or password. This
//! deserialiser walks a parsed [`Value`] and keeps the path instead.

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde_json::{Map, Value};
use yanma_protocol::{FieldError, FieldProblem};

/// Reads `value` as a `T`.
///
/// # Errors
///
/// The path of the first field that is missing, unknown, or of another type.
pub(crate) fn read<T: DeserializeOwned>(value: Value) -> Result<T, FieldError> {
    T::deserialize(Reader(value)).map_err(|misfit| {
        let field = misfit.path.trim_start_matches('.');
        FieldError::new(if field.is_empty() { "body" } else { field }, FieldProblem::Shape)
    })
}

/// Where the shape broke. The words that serde would add are dropped on purpose.
#[derive(Debug, Default)]
struct Misfit {
    path: String,
}

impl Misfit {
    fn inside(mut self, name: &str) -> Self {
        self.path.insert_str(0, name);
        self.path.insert(0, '.');
        self
    }

    fn at(mut self, index: usize) -> Self {
        self.path.insert_str(0, &format!("[{index}]"));
        self
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: std::fmt::Display>(_words: T) -> Self {
        Self::default()
    }

    fn missing_field(field: &'static str) -> Self {
        Self::default().inside(field)
    }

    fn unknown_field(_field: &str, _expected: &'static [&'static str]) -> Self {
        // The sender's own word for a field may be anything, so it is not repeated.
        Self::default()
    }
}

struct Reader(Value);

impl<'de> de::Deserializer<'de> for Reader {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), _, _) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (_, _, Some(value)) => visitor.visit_f64(value),
                _ => Err(Misfit::default()),
            },
            Value::String(value) => visitor.visit_string(value),
            Value::Array(items) => {
                visitor.visit_seq(Items { items: items.into_iter().enumerate() })
            }
            Value::Object(map) => visitor.visit_map(Fields::new(map)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant { name, value: None }),
            Value::Object(map) if map.len() == 1 => match map.into_iter().next() {
                Some((name, value)) => visitor.visit_enum(Variant { name, value: Some(value) }),
                None => Err(Misfit::default()),
            },
            _ => Err(de::Error::invalid_type(Unexpected::Other("value"), &"enum")),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items {
    items: std::iter::Enumerate<std::vec::IntoIter<Value>>,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        self.items
            .next()
            .map(|(at, item)| seed.deserialize(Reader(item)).map_err(|misfit| misfit.at(at)))
            .transpose()
    }
}

struct Fields {
    fields: serde_json::map::IntoIter,
    current: Option<(String, Value)>,
}

impl Fields {
    fn new(map: Map<String, Value>) -> Self {
        Self { fields: map.into_iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        self.current = self.fields.next();
        match &self.current {
            None => Ok(None),
            Some((name, _)) => {
                let name: StrDeserializer<'_, Misfit> = name.as_str().into_deserializer();
                seed.deserialize(name).map(Some)
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (name, value) = self.current.take().ok_or_else(Misfit::default)?;
        // Only a name that the type knows gets this far, so it is safe to repeat; a type
        // that skips unknown fields never fails on one.
        seed.deserialize(Reader(value)).map_err(|misfit| misfit.inside(&name))
    }
}

struct Variant {
    name: String,
    value: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Misfit;
    type Variant = Content;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content), Misfit> {
        let name: StrDeserializer<'_, Misfit> = self.name.as_str().into_deserializer();
        let variant = seed.deserialize(name)?;
        Ok((variant, Content(self.name, self.value)))
    }
}

struct Content(String, Option<Value>);

impl<'de> VariantAccess<'de> for Content {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.1 {
            None => Ok(()),
            Some(_) => Err(Misfit::default().inside(&self.0)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        let value = self.1.ok_or_else(Misfit::default)?;
        seed.deserialize(Reader(value)).map_err(|misfit| misfit.inside(&self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.struct_variant(&[], visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let value = self.1.ok_or_else(Misfit::default)?;
        de::Deserializer::deserialize_any(Reader(value), visitor)
            .map_err(|misfit| misfit.inside(&self.0))
    }
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
}
