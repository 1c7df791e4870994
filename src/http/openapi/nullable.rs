//! Null: one form for what may be null, and none for what may not.

use serde_json::{Map, Value, json};

use super::simple::{is_simple, take_over};

/// `oneOf [null, X]` of a simple X becomes a type with null; a parameter of a query or a header is never null: it
/// is left out.
pub fn tidy_nullables(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(tidy_nullables);
            if let Some(simple) = nullable_simple(object) {
                object.remove("oneOf");
                take_over(object, &simple);
            }
            describe_choice(object);
            if matches!(object.get("in").and_then(Value::as_str), Some("query" | "header"))
                && let Some(schema) = object.get_mut("schema")
            {
                never_null(schema);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy_nullables),
        _ => {}
    }
}

/// What is said of the one form besides null is said of the choice: that is where a reader of a field looks.
fn describe_choice(object: &mut Map<String, Value>) {
    let own = object.get("description").cloned();
    let Some(Value::Array(choices)) = object.get_mut("oneOf") else { return };
    let mut forms = choices.iter_mut().filter(|form| !is_null_schema(form));
    let (Some(only), None) = (forms.next().and_then(Value::as_object_mut), forms.next()) else { return };
    if only.contains_key("$ref")
        && let Some(said) = only.get("description").cloned()
        && own.as_ref().is_none_or(|own| *own == said)
    {
        only.remove("description");
        object.insert("description".into(), said);
    }
}

fn nullable_simple(object: &Map<String, Value>) -> Option<Map<String, Value>> {
    let choices = object.get("oneOf")?;
    let [only] = besides_null(choices, is_null_schema)[..] else { return None };
    if choices.as_array()?.len() != 2 || !is_simple(only) {
        return None;
    }
    let mut simple = only.as_object()?.clone();
    let kind = simple.get("type").cloned()?;
    simple.insert("type".into(), json!([kind, "null"]));
    Some(simple)
}

/// What a choice or a list of types holds besides null.
fn besides_null(items: &Value, is_null: impl Fn(&Value) -> bool) -> Vec<&Value> {
    items.as_array().into_iter().flatten().filter(|item| !is_null(item)).collect()
}

/// Takes null out of a schema; a description beside a choice stays.
pub fn never_null(schema: &mut Value) {
    if let [only] = besides_null(&schema["type"], |name| name == "null")[..] {
        schema["type"] = only.clone();
    }
    if let [only] = besides_null(&schema["oneOf"], is_null_schema)[..] {
        let mut merged = Map::new();
        if let Some(description) = schema.get("description") {
            merged.insert("description".into(), description.clone());
        }
        if let Some(only) = only.as_object() {
            take_over(&mut merged, only);
        }
        *schema = Value::Object(merged);
    }
}

fn is_null_schema(schema: &Value) -> bool {
    schema.get("type") == Some(&json!("null"))
}

/// Lets a property be null.
pub fn make_nullable(property: &mut Value) {
    let nullable_already =
        property.get("type").is_some_and(Value::is_array) || property.get("oneOf").is_some();
    if nullable_already {
        return;
    }
    if let Some(kind) = property.get("type").cloned() {
        property["type"] = json!([kind, "null"]);
    } else {
        let description = property.get("description").cloned();
        *property = json!({ "oneOf": [{ "type": "null" }, property.clone()] });
        if let Some(description) = description {
            property["description"] = description;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn becomes(pass: fn(&mut Value), before: &Value, after: &Value) {
        let mut value = before.clone();
        pass(&mut value);
        assert_eq!(value, *after, "{before}");
    }

    #[test]
    fn a_choice_of_null_and_a_bare_type_becomes_a_type_with_null_and_no_other_does() {
        let nothing = json!({ "type": "null" });
        let text = json!({ "type": "string", "description": "Of the type", "maxLength": 9 });
        becomes(
            tidy_nullables,
            &json!({ "a": [{ "oneOf": [nothing, text], "description": "Of the field" }, { "oneOf": [text, nothing] }] }),
            &json!({ "a": [
                { "type": ["string", "null"], "description": "Of the field. Of the type", "maxLength": 9 },
                { "type": ["string", "null"], "description": "Of the type", "maxLength": 9 },
            ] }),
        );
        for stays in [
            json!({ "oneOf": [nothing, { "$ref": "#/components/schemas/Vendor" }] }),
            json!({ "oneOf": [nothing, { "type": "string", "enum": ["a"] }] }),
            json!({ "oneOf": [nothing, text, { "type": "integer" }] }),
            json!({ "oneOf": [nothing, nothing, text] }),
            json!({ "oneOf": [text] }),
            text.clone(),
        ] {
            becomes(tidy_nullables, &stays, &stays);
        }
    }

    #[test]
    fn what_is_said_of_the_one_form_besides_null_is_said_of_the_choice() {
        let (nothing, word) = (json!({ "type": "null" }), json!({ "$ref": "#/components/schemas/Word" }));
        let said = |text: &str| json!({ "$ref": "#/components/schemas/Word", "description": text });
        let described = json!({ "oneOf": [nothing, word], "description": "Which" });
        becomes(tidy_nullables, &json!({ "oneOf": [nothing, said("Which")] }), &described);
        becomes(
            tidy_nullables,
            &json!({ "oneOf": [nothing, said("Which")], "description": "Which" }),
            &described,
        );
        for stays in [
            json!({ "oneOf": [nothing, said("A")], "description": "B" }),
            json!({ "oneOf": [said("A"), said("B"), nothing] }),
        ] {
            becomes(tidy_nullables, &stays, &stays);
        }
    }

    #[test]
    fn a_parameter_of_a_query_or_a_header_is_never_null_and_one_of_a_path_is_left_alone() {
        let with = |place: &str, schema: Value| json!({ "in": place, "schema": schema });
        for place in ["query", "header"] {
            becomes(
                tidy_nullables,
                &with(place, json!({ "oneOf": [{ "type": "null" }, { "type": "string" }] })),
                &with(place, json!({ "type": "string" })),
            );
            becomes(tidy_nullables, &json!({ "in": place }), &json!({ "in": place }));
        }
        let in_a_path = with("path", json!({ "type": ["string", "null"] }));
        becomes(tidy_nullables, &in_a_path, &in_a_path);
    }

    #[test]
    fn null_is_taken_out_of_types_and_of_choices() {
        let (nothing, word) = (json!({ "type": "null" }), json!({ "$ref": "#/components/schemas/Word" }));
        becomes(never_null, &json!({ "type": ["null", "integer"] }), &json!({ "type": "integer" }));
        becomes(never_null, &json!({ "oneOf": [word, nothing] }), &word);
        becomes(
            never_null,
            &json!({ "oneOf": [nothing, word], "description": "Which" }),
            &json!({ "$ref": "#/components/schemas/Word", "description": "Which" }),
        );
        for stays in [
            json!({ "type": ["string", "integer", "null"] }),
            json!({ "oneOf": [word, nothing, { "type": "string" }] }),
        ] {
            becomes(never_null, &stays, &stays);
        }
    }

    #[test]
    fn a_property_can_be_null_in_one_way() {
        becomes(
            make_nullable,
            &json!({ "type": "string", "maxLength": 9 }),
            &json!({ "type": ["string", "null"], "maxLength": 9 }),
        );
        let word = json!({ "$ref": "#/components/schemas/Word" });
        becomes(make_nullable, &word, &json!({ "oneOf": [{ "type": "null" }, word] }));
        let described = json!({ "$ref": "#/components/schemas/Word", "description": "Which" });
        becomes(
            make_nullable,
            &described,
            &json!({ "oneOf": [{ "type": "null" }, described], "description": "Which" }),
        );
        for stays in [json!({ "type": ["string", "null"] }), json!({ "oneOf": [{ "type": "null" }, word] })] {
            becomes(make_nullable, &stays, &stays);
        }
    }
}
