//! What the document says of an answer that is many records in one text: the lines of NDJSON, the data of server-sent events.
//! OpenAPI 3.1 has no word for what each of them is, so `x-item-schema` says it.

use serde_json::json;
use utoipa::{ToSchema, openapi::extensions::Extensions};

/// Each line, or the data of each event, is such a record.
#[must_use]
pub fn records_of<T: ToSchema>() -> Extensions {
    let reference = json!({ "$ref": format!("#/components/schemas/{}", T::name()) });
    Extensions::builder().add("x-item-schema", reference).build()
}
