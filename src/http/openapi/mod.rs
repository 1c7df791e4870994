//! Passes over the OpenAPI document: what holds for every operation is said here once, by rule, so that no operation
//! can be added without it; and schemas are put into the form that client generators take.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object that is written to adds the key")]

mod asked;
mod components;
mod constants;
mod dates;
mod deprecation;
mod examples;
mod inputs;
mod links;
mod nullable;
mod numbers;
mod operations;
mod patches;
mod sequences;
mod simple;
mod walk;

use serde_json::{Map, Value, json};

pub use nullable::never_null;
pub use sequences::records_of;
pub use walk::operations;

use self::{
    asked::more_is_taken_than_given,
    components::components,
    constants::single_words,
    dates::describe_dates,
    deprecation::deprecated_operations,
    examples::{show_answers, show_examples},
    inputs::separate_inputs,
    links::links,
    nullable::tidy_nullables,
    numbers::bound_counts,
    operations::every_operation,
    patches::fill_patches,
    simple::{inline_simple_references, simple_schemas_inline},
};

/// What the rules can't know of the slices' operations and schemas.
pub struct Particulars {
    /// Operations that only read although they are POST, because their question is large.
    pub reads_by_post: &'static [&'static str],
    /// Operations that add a part to a record or decide about it, and keep an If-Match of the record where they are given
    /// one.
    pub adds_to_a_record: &'static [&'static str],
    /// Operations by POST whose answers are not kept, so that they take no Idempotency-Key.
    pub keeps_no_answer: &'static [&'static str],
    /// Operations that answer with a stream, which is no state that a client could have.
    pub streams: &'static [&'static str],
    /// Fields of a kind of record that are fixed at creation, and so no part of its patch.
    pub fixed_fields: &'static [(&'static str, &'static str)],
    /// Schemas whose answers leave out what their requests left out; the others show every field, null where nothing is
    /// known.
    pub answered_as_asked: &'static [&'static str],
    /// Fields of a schema, in requests and answers alike, that a request may leave out and no answer does.
    pub always_answered: &'static [(&'static str, &'static str)],
    /// Who may call the operation of an id, in a sentence; none of an operation that needs no sign-in.
    pub who_may: fn(&str) -> Option<String>,
    /// An example of each operation, as JSON: by its id what is asked and what is answered.
    pub examples: &'static str,
    /// Examples of other answers, as JSON: by operation, status and media type.
    pub answers: &'static str,
    /// Schemas that a slice makes by itself.
    pub complete_schemas: fn(&mut Map<String, Value>),
}

impl Particulars {
    /// None: of a document that has none of it.
    pub const NONE: Self = Self {
        reads_by_post: &[],
        adds_to_a_record: &[],
        keeps_no_answer: &[],
        streams: &[],
        fixed_fields: &[],
        answered_as_asked: &[],
        always_answered: &[],
        who_may: |_| None,
        examples: "{}",
        answers: "{}",
        complete_schemas: |_| {},
    };

    fn examples(&self) -> Value {
        serde_json::from_str(self.examples).unwrap_or_default()
    }

    fn answers(&self) -> Value {
        serde_json::from_str(self.answers).unwrap_or_default()
    }
}

/// Completes a document that utoipa collected.
#[must_use]
pub fn complete(mut document: Value, particulars: &Particulars) -> Value {
    document["openapi"] = json!("3.1.0");
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        simple_schemas_inline(schemas);
        (particulars.complete_schemas)(schemas);
        fill_patches(schemas, particulars.fixed_fields);
    }
    inline_simple_references(&mut document);
    tidy_nullables(&mut document);
    describe_dates(&mut document);
    separate_inputs(&mut document, particulars);
    more_is_taken_than_given(&mut document);
    bound_counts(&mut document);
    single_words(&mut document);
    every_operation(&mut document, particulars);
    components(&mut document);
    links(&mut document);
    show_examples(&mut document, &particulars.examples());
    show_answers(&mut document, &particulars.answers());
    deprecated_operations(&mut document);
    document
}
