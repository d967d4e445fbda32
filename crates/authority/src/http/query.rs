//! What stands behind the `?` of an address.
//!
//! All of it is text, and only the field says what the text is to be: eight digits are a
//! member's id in one place and a number in another. So this deserialiser hands out text,
//! and a number where one is asked for. Like [`yanma_protocol::json`] it names the field that does
//! not fit and drops serde's words, which may quote the value.

use std::sync::Arc;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use aide::operation::{ParamLocation, add_parameters, parameters_from_schema};
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    Visitor,
};
use yanma_protocol::{ErrorCode, FieldError, FieldProblem};

use super::describe::refuses;
use super::error::Failure;
use crate::authority::Authority;

/// A query of one shape. An empty value is one that was left out.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Authority>> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Arc<Authority>,
    ) -> Result<Self, Failure> {
        let pairs: Result<Query<Vec<(String, String)>>, QueryRejection> =
            Query::from_request_parts(parts, authority).await;
        let Query(pairs) = pairs.map_err(|_| FieldError::new("query", FieldProblem::Form))?;
        Ok(Self(read(pairs)?))
    }
}

impl<T: JsonSchema> OperationInput for Asked<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = T::json_schema(&mut ctx.schema);
        let parameters = parameters_from_schema(ctx, schema, ParamLocation::Query);
        add_parameters(ctx, operation, parameters);
        refuses(operation, &[ErrorCode::BadField]);
    }
}

/// Reads names and values as a `T`.
///
/// # Errors
///
/// The first field that is missing or does not fit; `query` for one that is unknown or stands
/// there twice, because the sender's own word for a field may be anything.
fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, FieldError> {
    T::deserialize(Pairs { pairs: pairs.into_iter(), value: None }).map_err(|misfit| match misfit {
        Misfit::Missing(field) => FieldError::new(field, FieldProblem::Shape),
        Misfit::Field(field) => FieldError::new(field, FieldProblem::Form),
        Misfit::Query => FieldError::new("query", FieldProblem::Shape),
    })
}

/// Where the query does not fit.
#[derive(Debug)]
enum Misfit {
    /// A field is not there.
    Missing(&'static str),
    /// A field that the type knows has a value of another form.
    Field(String),
    /// Something else; in a value, until its field is known.
    Query,
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the query does not fit")
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: std::fmt::Display>(_words: T) -> Self {
        Self::Query
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

struct Pairs {
    pairs: std::vec::IntoIter<(String, String)>,
    value: Option<(String, String)>,
}

impl<'de> Deserializer<'de> for Pairs {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_map(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

impl<'de> MapAccess<'de> for Pairs {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        self.value = self.pairs.find(|(_, value)| !value.is_empty());
        let name = self.value.as_ref().map(|(name, _)| name.as_str().into_deserializer());
        name.map(|name: de::value::StrDeserializer<'_, Misfit>| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (name, value) = self.value.take().ok_or(Misfit::Query)?;
        // Only a name that the type knows gets this far, so it is safe to repeat.
        seed.deserialize(Written(value)).map_err(|_| Misfit::Field(name))
    }
}

/// A value as it was written.
struct Written(String);

impl Written {
    /// Visits a whole number that is written like one in JSON: no sign but a minus, no zeros
    /// before it.
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match (self.0.parse::<u64>(), self.0.parse::<i64>()) {
            (Ok(number), _) if number.to_string() == self.0 => visitor.visit_u64(number),
            (_, Ok(number)) if number.to_string() == self.0 => visitor.visit_i64(number),
            _ => Err(Misfit::Query),
        }
    }
}

macro_rules! numbers {
    ($($deserialize:ident)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            self.number(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Written {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
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
        visitor.visit_enum(self)
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    serde::forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// A variant without anything in it, by its name.
impl<'de> EnumAccess<'de> for Written {
    type Error = Misfit;
    type Variant = <StringDeserializer<Misfit> as EnumAccess<'de>>::Variant;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), Misfit> {
        StringDeserializer::new(self.0).variant_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use yanma_protocol::claims::MemberId;
    use yanma_protocol::papers::SheetSize;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Order {
        number: Option<u32>,
        change: Option<i64>,
        member: Option<MemberId>,
        size: Option<SheetSize>,
        words: Option<String>,
        at: Option<jiff::Timestamp>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Bound {
        words: String,
    }

    fn pairs(query: &str) -> Vec<(String, String)> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[track_caller]
    fn check_refused<T: DeserializeOwned + std::fmt::Debug>(
        query: &str,
        field: &str,
        problem: FieldProblem,
    ) {
        assert_eq!(
            read::<T>(pairs(query)).unwrap_err(),
            FieldError::new(field, problem),
            "{query}"
        );
    }

    #[test]
    fn digits_are_a_number_only_where_one_is_asked_for() {
        let order: Order = read(pairs(
            "number=120&change=-1&member=00000042&size=card&words=7&at=2020-07-01T00:00:00Z",
        ))
        .unwrap();
        let wanted = Order {
            number: Some(120),
            change: Some(-1),
            member: Some(MemberId(0x42)),
            size: Some(SheetSize::Card),
            words: Some("7".to_owned()),
            at: Some("2020-07-01T00:00:00Z".parse().unwrap()),
        };
        assert_eq!(order, wanted);
        let order: Order = read(pairs("member=12345678&number=&size=")).unwrap();
        assert_eq!(order, Order { member: Some(MemberId(0x1234_5678)), ..Order::default() });
    }

    #[test]
    fn what_is_not_written_as_a_number_is_none() {
        for text in ["007", "+1", "-1", "1e3", "1.0", " 1", "x", "4294967296", "1٣"] {
            check_refused::<Order>(&format!("number={text}"), "number", FieldProblem::Form);
        }
        for text in ["-0", "9223372036854775808", "99999999999999999999"] {
            check_refused::<Order>(&format!("change={text}"), "change", FieldProblem::Form);
        }
    }

    #[test]
    fn the_field_that_does_not_fit_is_named_and_a_made_up_one_is_not() {
        check_refused::<Order>("member=7", "member", FieldProblem::Form);
        check_refused::<Order>("size=a4", "size", FieldProblem::Form);
        check_refused::<Order>("at=yesterday", "at", FieldProblem::Form);
        check_refused::<Order>("350100199001010019=1", "query", FieldProblem::Shape);
        check_refused::<Order>("number=1&number=2", "query", FieldProblem::Shape);
        check_refused::<Bound>("words=", "words", FieldProblem::Shape);
    }
}
