//! The deserialiser behind [`super::read`]: it walks a parsed [`Value`] and keeps the path.

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde_json::{Map, Value};

/// Where the shape broke. The words that serde would add are dropped on purpose.
#[derive(Debug, Default)]
pub(super) struct Misfit {
    pub(super) path: String,
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

/// What becomes of a field that a structure does not know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    Refused,
    /// Unless the type itself denies it.
    PassedOver,
}

/// A value, and whether it is one of a list's.
pub(super) struct Reader {
    value: Value,
    listed: bool,
    unknown: Unknown,
}

impl Reader {
    pub(super) const fn new(value: Value, unknown: Unknown) -> Self {
        Self { value, listed: false, unknown }
    }
}

impl<'de> de::Deserializer<'de> for Reader {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), _, _) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (_, _, Some(value)) => visitor.visit_f64(value),
                _ => Err(Misfit::default()),
            },
            Value::String(value) => visitor.visit_string(value),
            Value::Array(items) => visitor.visit_seq(Items::new(items, self.unknown)),
            Value::Object(map) => visitor.visit_map(Fields::new(map, None, self.unknown)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
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
        let variant = |name, value| Variant { name, value, unknown: self.unknown };
        match self.value {
            Value::String(name) => visitor.visit_enum(variant(name, None)),
            Value::Object(map) if map.len() == 1 => match map.into_iter().next() {
                Some((name, value)) => visitor.visit_enum(variant(name, Some(value))),
                None => Err(Misfit::default()),
            },
            _ => Err(de::Error::invalid_type(Unexpected::Other("value"), &"enum")),
        }
    }

    /// To serde the values of a structure in a list, without their names, would do as well.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Object(map) => visitor.visit_map(Fields::new(map, Some(fields), self.unknown)),
            _ => Err(Misfit::default()),
        }
    }

    /// This is how the tag of an enum is read. To serde the number of a variant would do as
    /// well as its name, and the first of a list as well as the field that is called so.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::String(name) if !self.listed => visitor.visit_string(name),
            _ => Err(Misfit::default()),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    /// An id that is asked for as a text would do as a list of sixteen numbers as well.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::String(text) => visitor.visit_string(text),
            _ => Err(Misfit::default()),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf
        unit unit_struct seq tuple tuple_struct map ignored_any
    }
}

struct Items {
    items: std::iter::Enumerate<std::vec::IntoIter<Value>>,
    unknown: Unknown,
}

impl Items {
    fn new(items: Vec<Value>, unknown: Unknown) -> Self {
        Self { items: items.into_iter().enumerate(), unknown }
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        let unknown = self.unknown;
        self.items
            .next()
            .map(|(at, value)| {
                let item = Reader { value, listed: true, unknown };
                seed.deserialize(item).map_err(|misfit| misfit.at(at))
            })
            .transpose()
    }
}

struct Fields {
    fields: serde_json::map::IntoIter,
    /// The names that the type has, where it is a structure.
    known: Option<&'static [&'static str]>,
    current: Option<(String, Value)>,
    unknown: Unknown,
}

impl Fields {
    fn new(
        map: Map<String, Value>,
        known: Option<&'static [&'static str]>,
        unknown: Unknown,
    ) -> Self {
        Self { fields: map.into_iter(), known, current: None, unknown }
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        self.current = self.fields.next();
        let is_known = |name: &str| self.known.is_none_or(|known| known.contains(&name));
        match &self.current {
            None => Ok(None),
            Some((name, _)) if self.unknown == Unknown::Refused && !is_known(name) => {
                Err(Misfit::default())
            }
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
        let value = Reader::new(value, self.unknown);
        seed.deserialize(value).map_err(|misfit| misfit.inside(&name))
    }
}

struct Variant {
    name: String,
    value: Option<Value>,
    unknown: Unknown,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let name: StrDeserializer<'_, Misfit> = self.name.as_str().into_deserializer();
        let variant = seed.deserialize(name)?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.value {
            None => Ok(()),
            Some(_) => Err(Misfit::default().inside(&self.name)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        let value = Reader::new(self.value.ok_or_else(Misfit::default)?, self.unknown);
        seed.deserialize(value).map_err(|misfit| misfit.inside(&self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Some(Value::Array(items)) => visitor.visit_seq(Items::new(items, self.unknown)),
            _ => Err(Misfit::default()),
        }
        .map_err(|misfit| misfit.inside(&self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.value {
            Some(Value::Object(map)) => {
                visitor.visit_map(Fields::new(map, Some(fields), self.unknown))
            }
            _ => Err(Misfit::default()),
        }
        .map_err(|misfit| misfit.inside(&self.name))
    }
}
