//! What the registry counts, it counts in numbers that JSON's readers hold exactly in every language.

use serde_json::{Value, json};

use crate::values::GREATEST;

/// Gives every 64-bit number without a most the greatest that is exact. Requests have limits of their own, in their types.
pub fn bound_counts(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("format").is_some_and(|format| format == "int64") {
                object.entry("maximum").or_insert_with(|| json!(GREATEST));
            }
            object.values_mut().for_each(bound_counts);
        }
        Value::Array(items) => items.iter_mut().for_each(bound_counts),
        _ => {}
    }
}
