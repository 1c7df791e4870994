//! The part of the OpenAPI document that no derive can say: a proposal is one of six, told apart by its `change`.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object that is written to adds the key")]

use serde_json::{Map, Value, json};

use super::model::ReviewChange;

/// Makes the union of proposals of their schemas.
pub fn complete(schemas: &mut Map<String, Value>) {
    // Each form names its change alone; the list of changes stays for the filter.
    let mut mapping = Map::new();
    for change in ReviewChange::ALL.iter().copied() {
        let name = name(change);
        if let Some(schema) = schemas.get_mut(&name) {
            let description = "What is proposed: in this form always this word.";
            schema["properties"]["change"] =
                json!({ "type": "string", "enum": [change.as_str()], "description": description });
            if let Some(required) = schema["required"].as_array_mut() {
                required.push(json!("change"));
            }
        }
        mapping.insert(change.as_str().to_owned(), json!(format!("#/components/schemas/{name}")));
    }
    let forms: Vec<Value> = mapping.values().map(|target| json!({ "$ref": target })).collect();
    schemas.insert(
        "Proposal".into(),
        json!({
            "description": "What a review proposes, to the byte: every id is made already, and a confirmation records \
                            just this.",
            "oneOf": forms,
            "discriminator": { "propertyName": "change", "mapping": mapping },
        }),
    );
}

/// `record_event` makes `RecordEventProposal`.
fn name(change: ReviewChange) -> String {
    let words = change.as_str().split('_').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<String>() + "Proposal"
}
