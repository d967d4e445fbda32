//! JSON schemas: of what is asked, and of what is answered. They differ for one type: a field
//! that may be left out of a question is always in an answer.

use std::cell::RefCell;

use aide::generate::GenContext;
use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

thread_local! {
    static ANSWERS: RefCell<SchemaGenerator> = RefCell::new(generator(Contract::Serialize));
}

/// A generator that keeps named types where OpenAPI has them.
pub(super) fn generator(contract: Contract) -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        settings.contract = contract;
    });
    SchemaGenerator::new(settings)
}

/// The schema of what is read.
pub(in crate::http) fn question<T: JsonSchema>(ctx: &mut GenContext) -> Schema {
    ctx.schema.subschema_for::<T>()
}

/// The schema of what is written.
pub(in crate::http) fn answer<T: JsonSchema>() -> Schema {
    ANSWERS.with_borrow_mut(|answers| answers.subschema_for::<T>())
}

/// The named types of answers so far; the next ones begin anew.
pub(super) fn take_answers() -> Map<String, Value> {
    ANSWERS.replace(generator(Contract::Serialize)).take_definitions(true)
}
