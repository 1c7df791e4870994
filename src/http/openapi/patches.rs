//! Merge patches: what a patch of a record may change, made from what its creation takes.

use serde_json::{Map, Value, json};

use super::nullable::make_nullable;

/// `XPatch` has no required fields: what a creation may leave out may also be emptied with null. A patch that says itself
/// that it takes no other fields lists those that can be changed; any other is a placeholder for those of `XCreate`.
pub fn fill_patches(schemas: &mut Map<String, Value>, fixed: &[(&str, &str)]) {
    let names: Vec<String> =
        schemas.keys().filter_map(|name| name.strip_suffix("Patch")).map(Into::into).collect();
    for name in names {
        let itself =
            schemas.get(&format!("{name}Patch")).filter(|patch| patch.get("additionalProperties").is_some());
        let Some(create) = itself.or_else(|| schemas.get(&format!("{name}Create"))).cloned() else {
            continue;
        };
        let required = create.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut properties = create.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        properties.retain(|field, _| !fixed.contains(&(name.as_str(), field.as_str())));
        for (field, property) in &mut properties {
            if !required.contains(&json!(field)) {
                make_nullable(property);
            }
        }
        let Some(patch) = schemas.get_mut(&format!("{name}Patch")).and_then(Value::as_object_mut) else {
            continue;
        };
        let reactivates = patch.get("properties").is_some_and(|placeholder| {
            placeholder.pointer("/status/$ref") == Some(&json!("#/components/schemas/RecordStatus"))
        });
        if reactivates {
            let description = "`active` reactivates a retired record; to retire one, DELETE it.";
            properties.insert(
                "status".into(),
                json!({ "type": "string", "enum": ["active"], "description": description }),
            );
        }
        patch.insert("properties".into(), Value::Object(properties));
        patch.insert("additionalProperties".into(), json!(false));
        patch.remove("required");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(mut schemas: Value, fixed: &[(&str, &str)]) -> Value {
        fill_patches(schemas.as_object_mut().unwrap(), fixed);
        schemas
    }

    fn create() -> Value {
        json!({
            "type": "object",
            "required": ["name", "slug"],
            "properties": { "name": { "type": "string" }, "slug": { "type": "string" }, "note": { "type": "string" } },
        })
    }

    #[test]
    fn a_placeholder_takes_the_fields_of_the_creation_but_for_those_that_are_fixed() {
        let placeholder = json!({ "type": "object", "required": ["any"], "properties": { "any": {} } });
        let after = filled(
            json!({ "RegimeCreate": create(), "RegimePatch": placeholder }),
            &[("Regime", "slug"), ("Vendor", "name")],
        );
        assert_eq!(after["RegimeCreate"], create());
        assert_eq!(
            after["RegimePatch"],
            json!({
                "type": "object",
                "properties": { "name": { "type": "string" }, "note": { "type": ["string", "null"] } },
                "additionalProperties": false,
            })
        );
    }

    #[test]
    fn a_patch_of_what_can_be_retired_takes_active_as_its_status() {
        let status = |name: &str| json!({ "properties": { "status": { "$ref": format!("#/components/schemas/{name}") } } });
        let after = filled(
            json!({
                "VendorCreate": create(), "VendorPatch": status("RecordStatus"),
                "ReasonCreate": create(), "ReasonPatch": status("ReasonStatus"),
            }),
            &[],
        );
        assert_eq!(after["VendorPatch"]["properties"]["status"]["enum"], json!(["active"]));
        assert_eq!(after["ReasonPatch"]["properties"].get("status"), None);
    }

    #[test]
    fn a_patch_that_lists_its_fields_keeps_them() {
        let patch = json!({
            "additionalProperties": false,
            "required": ["name"],
            "properties": { "name": { "type": "string" }, "title": { "type": "string" } },
        });
        let after = filled(json!({ "VendorCreate": create(), "VendorPatch": patch }), &[]);
        assert_eq!(
            after["VendorPatch"],
            json!({
                "additionalProperties": false,
                "properties": { "name": { "type": "string" }, "title": { "type": ["string", "null"] } },
            })
        );
    }

    #[test]
    fn a_patch_of_what_nobody_creates_stays() {
        let schemas = json!({ "OtherPatch": { "required": ["a"] }, "Record": create() });
        assert_eq!(filled(schemas.clone(), &[]), schemas);
    }
}
