//! What the OpenAPI document says of values that are taken in more forms than they are given back in.

use serde_json::Value;
use utoipa::openapi::extensions::Extensions;

/// The key, in a schema, of what requests take; the rest of the schema says what answers hold.
pub const ASKED: &str = "x-asked";

/// What is said otherwise of such a value in requests.
pub fn asked(said: Value) -> Extensions {
    Extensions::builder().add(ASKED, said).build()
}
