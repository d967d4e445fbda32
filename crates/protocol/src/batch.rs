//! Lists of items that succeed or fail one by one.
//!
//! An upload of five hundred entries must not be lost because one of them is odd: the
//! receiving side reads the list item by item and answers each on its own. The sending
//! side writes the plain request type.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::field::{self, FieldError, FieldProblem};
use crate::json;

/// An item of a list that is not of its shape or misses a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedItem {
    /// The item's `id`, when that much could be read.
    pub id: Option<Uuid>,
    /// What is wrong; at `body` when the item as a whole has not its shape.
    pub error: FieldError,
}

/// Something that arrives in lists and knows its own limits.
pub trait Item: DeserializeOwned {
    /// The field of the request that holds the list, such as `entries`.
    const LIST: &'static str;
    /// Most items in one request.
    const MAX: usize;

    /// Checks the limits that the types do not.
    ///
    /// # Errors
    /// The first field that misses them.
    fn check(&self) -> Result<(), FieldError>;
}

/// Reads a request body `{"<list>": [item, …]}`.
///
/// # Errors
/// `body` when it is no object with that one field, the list when it is none, is empty or is
/// too long. Items with errors are in the result, in their places.
pub fn read_items<T: Item>(body: Value) -> Result<Vec<Result<T, RefusedItem>>, FieldError> {
    let misfit = |field, problem| FieldError::new(field, problem);
    let Value::Object(mut body) = body else {
        return Err(misfit("body", FieldProblem::Shape));
    };
    let Some(Value::Array(items)) = body.remove(T::LIST) else {
        return Err(misfit(T::LIST, FieldProblem::Shape));
    };
    if !body.is_empty() {
        return Err(misfit("body", FieldProblem::Shape));
    }
    field::count(T::LIST, items.len(), 1, T::MAX)?;
    Ok(items.into_iter().map(read_item).collect())
}

fn read_item<T: Item>(value: Value) -> Result<T, RefusedItem> {
    let id = value.get("id").and_then(|id| Uuid::deserialize(id).ok());
    let item: T = json::read(value).map_err(|error| RefusedItem { id, error })?;
    item.check().map_err(|error| RefusedItem { id, error })?;
    Ok(item)
}

/// Checks every item of a list and the list's length, for a sender.
pub(crate) fn check_all<T: Item>(items: &[T]) -> Result<(), FieldError> {
    field::count(T::LIST, items.len(), 1, T::MAX)?;
    items
        .iter()
        .enumerate()
        .try_for_each(|(at, item)| item.check().map_err(|error| error.inside(T::LIST, at)))
}

/// What became of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ItemOutcome {
    /// Taken in now.
    Accepted,
    /// Taken in before under the same id; nothing was done. As good as accepted.
    Duplicate,
    /// Not taken in, and sending it again changes nothing.
    Rejected,
}
