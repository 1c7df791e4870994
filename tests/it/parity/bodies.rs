//! Bodies at random, most of which a registry takes.

use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};

use super::world::{Known, World, day, name, one, word};
use crate::support::samples::{EVENT_TYPES, details, event, order, reason, source};

/// A body for an operation that needs one.
pub fn body(operation: &str, world: &World, rng: &mut StdRng, known: Option<&Known>) -> Option<Value> {
    Some(match operation {
        "create_vendor" => vendor(rng),
        "update_vendor" => part_of(vendor(rng), rng),
        "create_authority" => authority(rng),
        "update_authority" => part_of(authority(rng), rng),
        "create_regime" => regime(world, rng),
        "update_regime" => {
            let mut patch = part_of(regime(world, rng), rng);
            patch.as_object_mut().unwrap().remove("slug");
            patch
        }
        "create_designation" => designation(world, rng),
        "update_designation" => {
            let whole = json!({
                "title": name(rng), "summary": name(rng), "reference": word(rng), "visibility": "restricted",
                "links": [{ "kind": "implements", "designation_id": one(rng, &world.designations).id }],
            });
            part_of(whole, rng)
        }
        "record_event" => any_event(world, rng, known?),
        "add_reason" => a_reason(rng),
        "update_reason" => part_of(a_reason(rng), rng),
        "create_api_key" => api_key(rng),
        "confirm_review" if rng.random_bool(0.3) => json!({}),
        "confirm_review" | "reject_review" => json!({ "comment": name(rng) }),
        "check_standing" | "export_standing_checks" => check(world, rng),
        _ => return None,
    })
}

fn vendor(rng: &mut StdRng) -> Value {
    let mut names = Vec::new();
    for _ in 0..rng.random_range(0..3) {
        names.push(json!({ "name": name(rng), "kind": "alias" }));
    }
    let mut vendor = json!({
        "legal_name": name(rng), "kind": *one(rng, &["company", "individual", "vessel", "other"]), "names": names,
        "roles": [word(rng)], "tags": [word(rng), word(rng)], "description": name(rng),
    });
    if rng.random_bool(0.5) {
        vendor["country"] = json!(*one(rng, &["FR", "DEU", "us", "CN", "JP"]));
    }
    if rng.random_bool(0.4) {
        let value = format!("{} {}", word(rng), rng.random_range(0..200));
        let scheme = *one(rng, &["national", "other", "vat"]);
        vendor["identifiers"] = json!([{ "scheme": scheme, "value": value, "jurisdiction": "FR" }]);
    }
    vendor
}

fn authority(rng: &mut StdRng) -> Value {
    json!({
        "name": name(rng), "kind": *one(rng, &["government", "court", "internal", "other"]), "country": "US",
        "aliases": [{ "name": name(rng), "from": "2001-01-01", "to": day(rng) }, { "name": name(rng) }],
    })
}

fn regime(world: &World, rng: &mut StdRng) -> Value {
    json!({
        "slug": format!("law-{}-{}", one(rng, &["a", "b", "z", "10", "9"]), rng.random_range(0..400)), "title": name(rng),
        "citation": name(rng), "jurisdiction": *one(rng, &["US", "EU", "é", "Z", "b"]), "description": name(rng),
        "effect": *one(rng, &["prohibited", "restricted", "reportable", "advisory"]), "prior_notice_required": rng.random_bool(0.5),
        "authority_id": if rng.random_bool(0.3) { json!(one(rng, &world.authorities)) } else { Value::Null },
        "response_days": 30, "review_interval_days": 365,
    })
}

fn api_key(rng: &mut StdRng) -> Value {
    json!({
        "actor": name(rng), "name": name(rng), "role": *one(rng, &["viewer", "analyst", "approver", "auditor", "admin"]),
        "expires_at": if rng.random_bool(0.5) { json!("2999-01-31T00:00:00+01:00") } else { Value::Null },
    })
}

fn scope(world: &World, rng: &mut StdRng) -> Value {
    let mut scope = json!({});
    if rng.random_bool(0.5) {
        scope["environments"] = json!([one(rng, &["cui", "secret", "sci", "unclassified"])]);
    }
    if rng.random_bool(0.3) {
        scope["actions"] = json!(["use", "procure"]);
    }
    if rng.random_bool(0.3) {
        scope["agencies"] = json!([one(rng, &world.authorities)]);
    }
    if rng.random_bool(0.2) {
        (scope["effective_from"], scope["note"]) = (json!(day(rng)), json!(name(rng)));
    }
    scope
}

fn a_reason(rng: &mut StdRng) -> Value {
    let mut reason = reason();
    reason["statement"] = json!(name(rng));
    reason["code"] = json!(*one(rng, &["vulnerability", "sanctions", "undisclosed", "fraud_or_corruption"]));
    reason["sources"] = json!([{
        "kind": "press", "title": name(rng), "retrieved_at": "2026-03-05T14:30:00.123456+02:00", "published_on": day(rng),
        "url": "https://www.example.com/ä?b=1",
    }]);
    reason
}

fn designation(world: &World, rng: &mut StdRng) -> Value {
    let kind =
        *one(rng, &["order_issued", "order_issued", "proposal_recorded", "urgent_action", "notice_issued"]);
    let mut first = event(kind, &day(rng), &details(kind, "", ""));
    first["details"]["scopes"] = json!([scope(world, rng), scope(world, rng)]);
    let mut body = json!({
        "regime_id": one(rng, &world.regimes), "authority_id": one(rng, &world.authorities), "title": name(rng),
        "summary": name(rng), "instrument": "determination", "origin": *one(rng, &["official", "reported", "internal"]),
        "basis_disclosure": "public", "reasons": [a_reason(rng), a_reason(rng)], "event": first,
    });
    if rng.random_bool(0.8) {
        body["vendor_id"] = json!(one(rng, &world.vendors));
    } else {
        body["category"] = json!(name(rng));
    }
    body
}

fn any_event(world: &World, rng: &mut StdRng, known: &Known) -> Value {
    let kind = *EVENT_TYPES.choose(rng).unwrap();
    let successor = one(rng, &world.designations).id.clone();
    let mut event = if kind == "order_issued" {
        order(&day(rng), &json!([]))
    } else {
        let authority: &String = one(rng, &world.authorities);
        event(kind, &day(rng), &details(kind, authority, &successor))
    };
    event["note"] = json!(name(rng));
    if rng.random_bool(0.2) && !known.scopes.is_empty() {
        event["scope_ids"] = json!([one(rng, &known.scopes)]);
    }
    if rng.random_bool(0.2) && !known.events.is_empty() {
        event["corrects"] = json!(one(rng, &known.events));
    }
    if matches!(kind, "order_issued" | "notice_issued" | "proposal_recorded") && rng.random_bool(0.5) {
        event["details"]["scopes"] = json!([scope(world, rng)]);
    }
    event["sources"] = json!([source()]);
    event
}

fn check(world: &World, rng: &mut StdRng) -> Value {
    let mut vendors = Vec::new();
    for _ in 0..rng.random_range(0..8) {
        vendors.push(match rng.random_range(0..5) {
            0 => json!({ "vendor_id": crate::conventions::calls::NOWHERE }),
            1 if !world.identifiers.is_empty() => {
                let (scheme, value) = one(rng, &world.identifiers);
                json!({ "scheme": scheme, "value": value })
            }
            _ => json!({ "vendor_id": one(rng, &world.vendors) }),
        });
    }
    let mut check = json!({ "vendors": vendors, "environment": ["secret"] });
    if rng.random_bool(0.5) {
        check["known_seq"] = json!(rng.random_range(0..=world.head));
    }
    if rng.random_bool(0.5) {
        check["on"] = json!(day(rng));
    }
    if rng.random_bool(0.3) {
        check["agency"] = json!(["none", one(rng, &world.authorities)]);
    }
    check
}

/// Some of the fields, for a patch; now and then one that is emptied.
fn part_of(whole: Value, rng: &mut StdRng) -> Value {
    let mut patch = json!({});
    for (field, value) in whole.as_object().unwrap() {
        match rng.random_range(0..10) {
            0..4 => patch[field] = value.clone(),
            4 if matches!(field.as_str(), "description" | "country" | "summary" | "reference") => {
                patch[field] = Value::Null;
            }
            _ => {}
        }
    }
    if rng.random_bool(0.1) {
        patch["status"] = json!("active");
    }
    patch
}
