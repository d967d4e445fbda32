//! What stands behind the `?` of an address.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use yanma_protocol::{FieldError, FieldProblem};

use super::error::Failure;
use super::read::read;
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
        let misfit = |problem| Failure::from(FieldError::new("query", problem));
        let Query(pairs) = pairs.map_err(|_| misfit(FieldProblem::Form))?;
        let mut object = Map::new();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            if object.insert(name, scalar(value)).is_some() {
                return Err(misfit(FieldProblem::Shape));
            }
        }
        Ok(Self(read(Value::Object(object))?))
    }
}

/// A number where it is written as one, and text otherwise.
fn scalar(text: String) -> Value {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => Value::from(number),
        _ => Value::String(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_is_written_as_one() {
        assert_eq!(scalar("120".into()), Value::from(120));
        assert_eq!(scalar("-1".into()), Value::from(-1));
        for text in ["007", "+1", "1e3", "x", "99999999999999999999"] {
            assert_eq!(scalar(text.into()), Value::from(text));
        }
    }
}
