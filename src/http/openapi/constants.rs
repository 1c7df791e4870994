//! A word that can't be another is a constant: of a list of one, generators make a class with one member.

use serde_json::Value;

/// Writes lists of one word as constants. Vocabularies, which explain their words, stay as they are.
pub fn single_words(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let only = match object.get("enum").and_then(Value::as_array).map(Vec::as_slice) {
                Some([only]) if !object.contains_key("x-enum-descriptions") => Some(only.clone()),
                _ => None,
            };
            if let Some(only) = only {
                object.remove("enum");
                object.insert("const".into(), only);
            }
            object.values_mut().for_each(single_words);
        }
        Value::Array(items) => items.iter_mut().for_each(single_words),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_word_is_a_constant_and_several_are_a_list() {
        let mut schema = json!({ "a": { "enum": ["x"] }, "b": [{ "enum": ["x", "y"] }] });
        single_words(&mut schema);
        assert_eq!(schema, json!({ "a": { "const": "x" }, "b": [{ "enum": ["x", "y"] }] }));
    }
}
