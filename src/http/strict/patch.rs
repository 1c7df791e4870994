//! Merge patches: what a client may change of a record, and what it only shows.

use serde::{
    Deserializer,
    de::{self, DeserializeOwned, Visitor},
    forward_to_deserialize_any,
};
use serde_json::Value;

use super::{Fault, escaped, read};
use crate::error::{Error, FieldError, Result as Outcome};

/// Applies a JSON merge patch (RFC 7396) to the fields `T` of a record `R` that a client may set, and reads the result.
///
/// # Errors
/// A field that the record shows and no patch changes, one that it does not have (also where the patch would remove them),
/// or a result that does not fit.
pub fn merge<R: DeserializeOwned, T: DeserializeOwned>(
    mut current: Value,
    patch: Value,
) -> Result<T, FieldError> {
    let Value::Object(changes) = patch else {
        return Err(FieldError::new("", "invalid_type", "must be an object with the fields to change"));
    };
    let known = field_names::<T>();
    if let Some(other) = changes.keys().find(|key| !known.contains(&key.as_str())) {
        let (at, fields) = (format!("/{}", escaped(other)), known.join(", "));
        return Err(if field_names::<R>().contains(&other.as_str()) {
            let detail = format!("can't be changed by PATCH; fields that can: {fields}");
            FieldError::new(at, "fixed_field", detail)
        } else {
            let detail = format!("is no field of this record; fields that can be changed: {fields}");
            FieldError::new(at, "unknown_field", detail)
        });
    }
    json_patch::merge(&mut current, &Value::Object(changes));
    read(current)
}

/// Takes `"status": "active"` out of a patch: the one change of status that a patch can make. To retire or void a record
/// is what DELETE is for.
///
/// # Errors
/// Any other status.
pub fn take_reactivation(patch: &mut Value) -> Outcome<bool> {
    match patch.as_object_mut().and_then(|fields| fields.remove("status")) {
        None => Ok(false),
        Some(Value::String(status)) if status == "active" => Ok(true),
        Some(_) => {
            let detail = "can only be set to \"active\", which reactivates the record; DELETE retires it";
            Err(Error::invalid("/status", "invalid_value", detail))
        }
    }
}

/// The names of a struct's fields, as serde knows them.
fn field_names<T: DeserializeOwned>() -> &'static [&'static str] {
    struct Probe<'a>(&'a mut &'static [&'static str]);
    impl<'de> Deserializer<'de> for Probe<'_> {
        type Error = Fault;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
            Err(de::Error::custom("only structs have fields"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Fault> {
            *self.0 = fields;
            Err(de::Error::custom("the names are all that was asked for"))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
            tuple tuple_struct map identifier ignored_any option newtype_struct enum
        }
    }
    let mut names: &'static [&'static str] = &[];
    drop(T::deserialize(Probe(&mut names)));
    names
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::{
        super::tests::{Inner, Outer},
        *,
    };

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its fields count")]
    struct Record {
        id: u32,
        name: String,
        inner: Vec<Inner>,
    }

    #[test]
    fn a_patch_changes_and_removes_and_refuses_what_is_not_there() {
        let current = || json!({"name": "x", "inner": [{"count": 1}]});
        let patched: Outer = merge::<Record, _>(current(), json!({"inner": null})).unwrap();
        assert_eq!(patched, Outer { name: "x".into(), inner: Vec::new() });
        assert_eq!(
            merge::<Record, Outer>(current(), json!({"other": null})).unwrap_err().code,
            "unknown_field"
        );
        assert_eq!(
            merge::<Record, Outer>(current(), json!({"name": null})).unwrap_err().code,
            "missing_field"
        );
        assert_eq!(merge::<Record, Outer>(current(), json!([])).unwrap_err().code, "invalid_type");
    }
}
