//! The part of the document that no derive can say: an event is one of seventeen, told apart by its `type`. From the
//! flat forms and the table of details this makes one named schema for each type, and unions with a discriminator.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object that is written to adds the key")]

use serde_json::{Map, Value, json};

use crate::{
    designations::model::{EventType, fields},
    http::openapi::never_null,
};

/// Replaces the flat forms of events in the document's schemas by unions.
pub fn complete(schemas: &mut Map<String, Value>) {
    let common = schemas.remove("EventCommon").unwrap_or_default();
    let create = schemas.remove("EventCreateCommon").unwrap_or_default();
    let proposed = schemas.remove("ProposedEventCommon").unwrap_or_default();
    let details = schemas.remove("EventDetails").unwrap_or_default();
    // Each form names its type alone; what a history allows is told by the list of types.
    if let Some(allowed) =
        schemas.get_mut("Problem").and_then(|problem| problem.pointer_mut("/properties/allowed"))
    {
        allowed["items"] = reference("EventType");
    }
    // The journal keeps events as text, and knows no designation.
    for entry in ["JournalEntry", "HistoryEntry"] {
        if let Some(event) = schemas.get_mut(entry).and_then(|entry| entry.pointer_mut("/properties/event")) {
            *event = json!({
                "description": "The event that was recorded; null where the entry records none.",
                "oneOf": [reference("Event"), { "type": "null" }],
            });
        }
    }
    for event_type in EventType::ALL.iter().copied() {
        schemas.insert(name(event_type, "Details"), details_of(event_type, &details));
        schemas.insert(name(event_type, "Event"), recorded(event_type, &common));
        schemas.insert(name(event_type, "ProposedEvent"), awaited(event_type, &proposed));
        schemas.insert(name(event_type, "EventCreate"), stated(event_type, &create));
    }
    schemas
        .insert("Event".into(), union("Event", "An event, as it was recorded. Never edited, never deleted."));
    schemas.insert(
        "ProposedEvent".into(),
        union("ProposedEvent", "An event that waits for its confirmation, under the id that it will have."),
    );
    let mut create = union("EventCreate", "An event to record.");
    create["examples"] = [EventType::Stayed, EventType::OrderIssued].into_iter().map(example).collect();
    schemas.insert("EventCreate".into(), create);
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
        let description = "What happened: in this form always this word.";
        let word = json!({ "type": "string", "enum": [event_type.as_str()], "description": description });
        properties.insert("type".into(), word);
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

/// The form in which an event of this type is shown: every field is there, null where nothing is known.
fn recorded(event_type: EventType, flat: &Value) -> Value {
    shown(event_type, flat, "as it was recorded")
}

/// The same of one that waits for its confirmation.
fn awaited(event_type: EventType, flat: &Value) -> Value {
    shown(event_type, flat, "as it was proposed")
}

fn shown(event_type: EventType, flat: &Value, how: &str) -> Value {
    let mut schema = variant(event_type, flat);
    schema["description"] =
        json!(format!("{} An event of the type {event_type}, {how}.", event_type.meaning().trim()));
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    schema["required"] = fields.map(|(field, _)| field.as_str()).collect();
    schema
}

/// The form in which a client states an event of this type, with what the type must carry.
fn stated(event_type: EventType, flat: &Value) -> Value {
    let mut schema = variant(event_type, flat);
    schema["description"] =
        json!(format!("{} An event of the type {event_type}, to record.", event_type.meaning().trim()));
    schema["example"] = example(event_type);
    let carried = [
        ("sources", event_type.needs_source()),
        ("notified_on", event_type == EventType::NoticeIssued),
        ("note", event_type == EventType::Noted),
    ];
    for (field, _) in carried.iter().filter(|(_, needed)| *needed) {
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.push(json!(field));
        }
        if let Some(property) = schema.pointer_mut(&format!("/properties/{field}")) {
            *property = not_null(property.take());
        }
    }
    if event_type.needs_source() {
        schema["properties"]["sources"]["minItems"] = json!(1);
    }
    schema
}

/// A request that could be sent as it is, but for the ids.
fn example(event_type: EventType) -> Value {
    let id = "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77";
    let court = json!({ "authority_id": id, "case_number": "3:26-cv-01996" });
    let scopes = json!({ "scopes": [{ "environments": ["secret"], "actions": ["procure"] }] });
    let (details, source) = match event_type {
        EventType::ProposalRecorded => (scopes, "register_notice"),
        EventType::NoticeIssued => {
            let details = json!({ "scopes": [{ "actions": ["procure"] }], "response_due_on": "2026-04-25" });
            (details, "official_order")
        }
        EventType::ResponseReceived => (json!({ "received_on": "2026-03-26" }), "vendor_statement"),
        EventType::ResponseExtended => (json!({ "response_due_on": "2026-05-25" }), "official_order"),
        EventType::UrgentAction => {
            let details =
                json!({ "basis": "An intrusion is under way.", "scopes": [{}], "review_by": "2026-06-30" });
            (details, "official_order")
        }
        EventType::OrderIssued => (scopes, "official_order"),
        EventType::Amended => {
            (json!({ "dates": [{ "scope_id": id, "effective_to": "2026-12-31" }] }), "official_order")
        }
        EventType::Stayed => (court, "court_order"),
        EventType::StayLifted => (json!({ "lifts": id }), "court_order"),
        EventType::Vacated => {
            let mut details = court;
            details["retroactive"] = json!(false);
            (details, "court_order")
        }
        EventType::Rescinded | EventType::Delisted => {
            (json!({ "effective_on": "2026-04-01" }), "register_notice")
        }
        EventType::Superseded => (json!({ "successor_id": id }), "official_order"),
        EventType::Reinstated => (json!({ "authority_id": id, "reinstates": id }), "court_order"),
        EventType::ReviewAffirmed => (json!({ "next_review_on": "2027-03-26" }), "agency_statement"),
        EventType::Withdrawn => (json!({}), "agency_statement"),
        EventType::Noted => (json!({}), "court_order"),
    };
    let mut event = json!({
        "type": event_type.as_str(), "occurred_on": "2026-03-26", "details": details,
        "sources": [{ "kind": source, "title": "Document 117", "url": "https://www.example.com/117" }],
    });
    match event_type {
        EventType::NoticeIssued => event["notified_on"] = json!("2026-03-26"),
        EventType::Noted => event["note"] = json!("The court refused a stay."),
        _ => {}
    }
    event
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
        "description": format!("What an event of the type `{event_type}` carries besides what every event has."),
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
    never_null(&mut property);
    property
}
