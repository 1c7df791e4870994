//! Dates: utoipa takes the project's own for a library's, by its name, and leaves out what its schema says.

use serde_json::{Map, Value};
use utoipa::PartialSchema;

use super::simple::take_over;
use crate::values::Date;

/// Says of every date what the schema of dates says: in which range they lie.
pub fn describe_dates(document: &mut Value) {
    let schema = serde_json::to_value(Date::schema()).unwrap_or_default();
    let said = schema.get("description").map(|said| ("description".to_owned(), said.clone()));
    describe(document, &said.into_iter().collect());
}

fn describe(value: &mut Value, said: &Map<String, Value>) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(|part| describe(part, said));
            if object.get("format").and_then(Value::as_str) == Some("date") {
                take_over(object, said);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| describe(item, said)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_date_says_its_range_and_nothing_else_does() {
        let mut document = json!({
            "on": { "type": "string", "format": "date", "description": "The day." },
            "list": [{ "type": ["string", "null"], "format": "date" }],
            "at": { "type": "string", "format": "date-time", "description": "The instant." },
        });
        describe_dates(&mut document);
        let said = |at: &str| document.pointer(at).and_then(Value::as_str);
        assert_eq!(said("/on/description"), Some("The day. Between 0001-01-01 and 9999-12-30."));
        assert_eq!(said("/list/0/description"), Some("Between 0001-01-01 and 9999-12-30."));
        assert_eq!(said("/at/description"), Some("The instant."));
    }
}
