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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_64_bit_number_has_a_most_and_keeps_one_of_its_own() {
        let mut document = json!({
            "a": [{ "format": "int64" }, { "format": "int64", "maximum": 7 }],
            "b": { "format": "int32" },
            "format": { "type": "string" },
        });
        bound_counts(&mut document);
        assert_eq!(
            document,
            json!({
                "a": [{ "format": "int64", "maximum": GREATEST }, { "format": "int64", "maximum": 7 }],
                "b": { "format": "int32" },
                "format": { "type": "string" },
            })
        );
        assert_eq!(GREATEST, (1 << 53) - 1);
    }
}
