//! What a record shows and no PATCH changes: refused by name, in the same words whatever the record is.

use serde_json::{Value, json};

use super::{
    document::resolved,
    probe::{Probe, walk},
};

/// The code with which a patch of one field alone is refused, beside the field's own pointer.
fn refusal(probe: &mut Probe<'_>, field: &str, value: &Value) -> String {
    let mut call = probe.call();
    call.body = Some(json!({ field: value }));
    let request = probe.request(&call);
    let answer = probe.refuses(&request, 422, "invalid", field);
    let errors = if answer.status == 422 { answer.json()["errors"].clone() } else { Value::Null };
    let at_field = errors[0]["pointer"] == format!("/{field}") && errors[1].is_null();
    probe.check(at_field, &request, || format!("{field}: not one error at the field: {errors}"));
    errors[0]["code"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_field_that_a_record_shows_and_no_patch_changes_is_refused_as_fixed() {
    walk(|probe| {
        if probe.operation.method != "PATCH" {
            return;
        }
        let shown = resolved(&probe.operation.responses["200"]["content"]["application/json"]["schema"]);
        let patch = resolved(probe.operation.body.as_ref().unwrap());
        let shown = shown["properties"].as_object().unwrap().clone();
        let fixed: Vec<&String> =
            shown.keys().filter(|field| patch["properties"].get(field.as_str()).is_none()).collect();
        assert!(fixed.iter().any(|field| *field == "id"), "{} shows {fixed:?}", probe.operation.id);
        for field in fixed {
            for value in [json!(null), json!("another"), json!([])] {
                let code = refusal(probe, field, &value);
                let request = probe.request(&probe.call());
                probe.check(code == "fixed_field", &request, || format!("{field} is refused as {code:?}"));
            }
        }
        let code = refusal(probe, "nonsense", &json!(1));
        let request = probe.request(&probe.call());
        probe.check(code == "unknown_field", &request, || format!("nonsense is refused as {code:?}"));
    });
}
