//! The part of the document that no derive can say: an event is one of seventeen, told apart by its `type`. From the
//! flat forms and the table of details this makes one named schema for each type, and unions with a discriminator.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object that is written to adds the key")]

use serde_json::{Map, Value, json};

use crate::designations::model::{EventType, fields};

/// Replaces the flat forms of events in the document's schemas by unions.
pub fn complete(schemas: &mut Map<String, Value>) {
    let common = schemas.remove("EventCommon").unwrap_or_default();
    let create = schemas.remove("EventCreateCommon").unwrap_or_default();
    let details = schemas.remove("EventDetails").unwrap_or_default();
    for event_type in EventType::ALL.iter().copied() {
        schemas.insert(name(event_type, "Details"), details_of(event_type, &details));
        schemas.insert(name(event_type, "Event"), variant(event_type, &common));
        schemas.insert(name(event_type, "EventCreate"), variant(event_type, &create));
    }
    schemas
        .insert("Event".into(), union("Event", "An event, as it was recorded. Never edited, never deleted."));
    schemas.insert("EventCreate".into(), union("EventCreate", "An event to record."));
}

/// `order_issued` and `Event` make `OrderIssuedEvent`.
fn name(event_type: EventType, suffix: &str) -> String {
    let words = event_type.as_str().split('_').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<String>() + suffix
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn union(suffix: &str, description: &str) -> Value {
    let of = |event_type: &EventType| reference(&name(*event_type, suffix));
    let mapping: Map<String, Value> = EventType::ALL
        .iter()
        .map(|event_type| {
            let target = format!("#/components/schemas/{}", name(*event_type, suffix));
            (event_type.as_str().to_owned(), Value::String(target))
        })
        .collect();
    json!({
        "description": description,
        "oneOf": EventType::ALL.iter().map(of).collect::<Vec<_>>(),
        "discriminator": { "propertyName": "type", "mapping": mapping },
    })
}

fn variant(event_type: EventType, flat: &Value) -> Value {
    let mut schema = flat.clone();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("type".into(), json!({ "type": "string", "enum": [event_type.as_str()] }));
        properties.insert("details".into(), reference(&name(event_type, "Details")));
    }
    let needs_details = fields(event_type).iter().any(|(_, required)| *required);
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut)
        && needs_details
        && !required.contains(&json!("details"))
    {
        required.push(json!("details"));
    }
    schema
}

fn details_of(event_type: EventType, flat: &Value) -> Value {
    let mut properties = Map::new();
    for (field, _) in fields(event_type) {
        let property = flat.pointer(&format!("/properties/{field}")).cloned().unwrap_or_default();
        properties.insert((*field).to_owned(), not_null(property));
    }
    let required: Vec<&str> =
        fields(event_type).iter().filter(|(_, required)| *required).map(|(f, _)| *f).collect();
    let mut schema = json!({
        "type": "object",
        "description": format!("What only {event_type} carries."),
        "properties": properties,
        "additionalProperties": false,
    });
    if let Some(object) = schema.as_object_mut().filter(|_| !required.is_empty()) {
        object.insert("required".into(), json!(required));
    }
    schema
}

/// A field of details is given or left out; the derive makes it nullable, for it is an `Option`.
fn not_null(mut property: Value) -> Value {
    if let Some(types) = property.get("type").and_then(Value::as_array) {
        let others: Vec<Value> = types.iter().filter(|name| *name != "null").cloned().collect();
        if let [only] = others.as_slice() {
            property["type"] = only.clone();
        }
    }
    let Some(choices) = property.get("oneOf").and_then(Value::as_array) else { return property };
    let others: Vec<Value> =
        choices.iter().filter(|choice| choice.get("type") != Some(&json!("null"))).cloned().collect();
    match others.as_slice() {
        [only] => {
            let mut only = only.clone();
            if let (Some(object), Some(description)) = (only.as_object_mut(), property.get("description")) {
                object.insert("description".into(), description.clone());
            }
            only
        }
        _ => property,
    }
}
