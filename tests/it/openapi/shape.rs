//! The shape that generators need of schemas: bounded on all sides, strict where a client writes and open where it reads.

use std::collections::BTreeSet;

use risk_registry::access::{Operation, Role};
use serde_json::{Value, json};

use super::{everything, none};
use crate::conventions::document::{DOCUMENT, resolved, type_of};

/// The names of the schemas that a part of any operation leads to.
fn reached(part: &str) -> BTreeSet<String> {
    fn follow(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                if let Some(to) = object.get("$ref").and_then(Value::as_str) {
                    let new = match to.strip_prefix("#/components/schemas/") {
                        Some(name) => found.insert(name.to_owned()),
                        None => true,
                    };
                    if new {
                        follow(DOCUMENT.pointer(to.strip_prefix('#').unwrap()).unwrap(), found);
                    }
                }
                object.values().for_each(|part| follow(part, found));
            }
            Value::Array(items) => items.iter().for_each(|item| follow(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for item in DOCUMENT["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            follow(&operation[part], &mut found);
        }
    }
    found
}

#[test]
fn requests_refuse_unknown_fields_and_answers_say_nothing_of_them() {
    let (asked, answered) = (reached("requestBody"), reached("responses"));
    assert!(asked.len() > 60 && answered.len() > 100, "{} and {}", asked.len(), answered.len());
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let objects: Vec<(&String, &Value)> =
        schemas.iter().filter(|(_, schema)| schema["type"] == "object").collect();
    let lax = objects.iter().filter(|(name, s)| asked.contains(*name) && s["additionalProperties"] != false);
    none(lax.map(|(name, _)| (*name).clone()), "A schema of requests has additionalProperties: false");
    let shut =
        objects.iter().filter(|(name, s)| answered.contains(*name) && s["additionalProperties"] == false);
    none(shut.map(|(name, _)| (*name).clone()), "A schema of answers is open to fields that come later");
}

#[test]
fn every_number_list_and_text_says_how_much_it_may_be() {
    // A file is as long as what it holds.
    let is_schema = |at: &str| {
        !["/example", "/content/text~1", "/content/application~1x-ndjson"]
            .iter()
            .any(|part| at.contains(part))
    };
    // Whatever it holds is taken: where it is no id that fits, another one is made.
    let is_any = |at: &str| at == "/components/parameters/RequestId/schema";
    let unbounded = everything().into_iter().filter(|(at, part)| {
        is_schema(at)
            && !is_any(at)
            && match type_of(part).as_str() {
                "integer" | "number" => part["minimum"].is_null() || part["maximum"].is_null(),
                "array" => part["maxItems"].is_null(),
                "string" => {
                    ["maxLength", "enum", "const", "format"].iter().all(|bound| part[bound].is_null())
                }
                _ => false,
            }
    });
    none(unbounded.map(|(at, part)| format!("{at}: {part}")), "Whatever can grow has a limit");
}

#[test]
fn every_word_of_every_vocabulary_is_explained() {
    let mut words = 0;
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        let Some(listed) = schema["enum"].as_array() else { continue };
        let meanings = schema["x-enum-descriptions"].as_array().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(listed.len(), meanings.len(), "{name}");
        let description = schema["description"].as_str().unwrap();
        for (word, meaning) in listed.iter().zip(meanings) {
            let line = format!("- `{}`: {}", word.as_str().unwrap(), meaning.as_str().unwrap());
            assert!(description.lines().any(|said| said == line), "{name} has no line {line}");
            words += 1;
        }
    }
    assert!(words > 150, "{words}");
}

#[test]
fn every_object_has_a_name() {
    let unnamed = everything().into_iter().filter(|(at, part)| {
        let depth = at.matches('/').count();
        let is_named = at.starts_with("/components/schemas/") && depth == 3;
        let composed = ["oneOf", "anyOf", "allOf"].iter().any(|word| part[word].is_array());
        let only_null =
            part["oneOf"].as_array().is_some_and(|forms| forms.contains(&json!({ "type": "null" })));
        !at.contains("/example") && !is_named && (part["properties"].is_object() || (composed && !only_null))
    });
    none(unnamed.map(|(at, _)| at), "What a person would name has a schema of its own");
}

#[test]
fn a_header_is_never_null_and_a_parameter_neither() {
    let places = everything().into_iter().filter(|(at, part)| {
        part["in"].is_string() && part["schema"].is_object()
            || (at.starts_with("/components/headers/") && at.matches('/').count() == 3)
    });
    let null = places.filter(|(_, part)| part["schema"].to_string().contains("\"null\""));
    none(null.map(|(at, _)| at), "What is not known is left out of headers and queries");
}

/// Whether a schema says what it is: itself, or by what it refers to.
fn is_described(schema: &Value) -> bool {
    let said = schema["description"].as_str().is_some_and(|text| !text.trim().is_empty());
    let target = schema["$ref"].as_str().and_then(|to| DOCUMENT.pointer(to.strip_prefix('#')?));
    let parts = ["allOf", "anyOf", "oneOf"].iter().filter_map(|word| schema[word].as_array()).flatten();
    said || target.is_some_and(is_described) || parts.into_iter().any(is_described)
}

#[test]
fn every_field_says_what_it_holds() {
    let mut fields = Vec::new();
    for (at, part) in everything() {
        // Examples hold data, and a field may be called `properties`.
        if at.starts_with("/components/schemas/") && !at.contains("/example") && !at.ends_with("/properties")
        {
            let properties = part["properties"].as_object().into_iter().flatten();
            fields.extend(properties.map(|(name, property)| (format!("{at}/properties/{name}"), property)));
        }
    }
    assert!(fields.len() > 1000, "{}", fields.len());
    let silent = fields.iter().filter(|(_, property)| !is_described(property));
    none(silent.map(|(at, _)| at.clone()), "A field says its shape, its unit and what null means");
}

#[test]
fn every_operation_says_who_may_call_it() {
    let mut checked = 0;
    for item in DOCUMENT["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap_or_default();
            let Some(listed) = Operation::of_id(id) else { continue };
            let description = operation["description"].as_str().unwrap();
            let sentence = description.lines().last().unwrap();
            let is_open = sentence == "For everybody who signed in.";
            for role in Role::ALL.iter().copied() {
                let named = sentence.contains(&format!("{}s", role.as_str()));
                assert_eq!(is_open || named, listed.roles().contains(role), "{id}: {sentence}");
            }
            checked += 1;
        }
    }
    assert_eq!(checked, Operation::ALL.len());
}

#[test]
fn only_the_value_of_a_patch_can_be_anything() {
    // A class of any type is one that a generator cannot check, so whatever is added here has a reason.
    let says = ["type", "$ref", "oneOf", "const", "enum"];
    let mut properties = 0;
    let untyped: Vec<String> = everything()
        .into_iter()
        .filter(|(at, _)| at.starts_with("/components/schemas/") || at.contains("/schema/"))
        .filter(|(at, _)| !at.contains("/example"))
        .filter(|(at, _)| {
            let above = at.rsplit_once('/').map_or("", |(above, _)| above);
            above.ends_with("/properties") || at.ends_with("/items") && !above.ends_with("/properties")
        })
        .inspect(|_| properties += 1)
        .filter(|(_, schema)| says.iter().all(|word| schema.get(word).is_none()))
        .map(|(at, _)| at)
        .collect();
    assert!(properties > 800, "{properties}");
    assert_eq!(untyped, ["/components/schemas/JsonPatchStep/properties/value"]);
    let open = everything().into_iter().filter(|(_, part)| {
        part["type"] == "object" && part["properties"].is_null() || part["additionalProperties"] == true
    });
    let open: Vec<String> = open.map(|(at, _)| at).collect();
    assert_eq!(open, ["/components/schemas/RecordSnapshot"], "Objects whose fields are not listed");
}

#[test]
fn every_word_of_a_list_has_its_name_and_its_meaning() {
    let mut named = 0;
    for (at, part) in everything() {
        for beside in ["x-enum-varnames", "x-enum-descriptions"] {
            let Some(said) = part[beside].as_array() else {
                assert!(part.get(beside).is_none(), "{at}: {beside} is no list");
                continue;
            };
            let words = part["enum"].as_array().unwrap_or_else(|| panic!("{at} has {beside} and no enum"));
            assert_eq!(said.len(), words.len(), "{at}: {beside}");
            let texts: BTreeSet<&str> = said.iter().map(|text| text.as_str().unwrap()).collect();
            assert!(!texts.contains(""), "{at}: {beside}");
            if beside == "x-enum-varnames" {
                assert_eq!(texts.len(), words.len(), "{at}: two words have one name");
                named += 1;
            }
        }
    }
    assert!(named >= 5, "{named}");
}

#[test]
fn every_choice_header_and_parameter_says_what_it_is() {
    let says = |part: &Value| part["description"].as_str().is_some_and(|text| !text.trim().is_empty());
    let mut told = [0; 4];
    let mut silent = Vec::new();
    for (at, part) in everything() {
        if at.contains("/example") || part["$ref"].is_string() {
            continue;
        }
        let of_headers = at.rsplit_once('/').is_some_and(|(above, _)| above.ends_with("/headers"));
        let kind = if ["oneOf", "anyOf", "allOf"].iter().any(|word| part[word].is_array()) {
            0
        } else if part["in"].is_string() && part["name"].is_string() {
            1
        } else if of_headers && part["schema"].is_object() {
            2
        } else if part["enum"].is_array() {
            3
        } else {
            continue;
        };
        let listed = kind != 3 || part["x-enum-descriptions"].is_array();
        if says(part) && listed {
            told[kind] += 1;
        } else {
            silent.push(at);
        }
    }
    none(silent, "What a client chooses, sends or reads is described where it stands");
    assert!(told.iter().zip([25, 200, 10, 40]).all(|(told, least)| *told >= least), "{told:?}");
}

#[test]
fn every_parameter_says_what_is_taken() {
    let mut told = 0;
    for (at, parameter) in everything() {
        if !parameter["in"].is_string() || !parameter["schema"].is_object() || at.contains("/example") {
            continue;
        }
        // Whatever it holds is taken: where it is no id that fits, another one is made.
        if parameter["name"] == "X-Request-Id" {
            continue;
        }
        let schema = resolved(&parameter["schema"]);
        assert!(schema["type"] != "array" || schema["maxItems"].is_u64(), "{at}: {schema}");
        let item = if schema["type"] == "array" { resolved(&schema["items"]) } else { schema };
        let is_said = match type_of(&item).as_str() {
            "integer" => item["minimum"].is_number() && item["maximum"].is_number(),
            "boolean" => true,
            "string" => {
                let is_text = item["maxLength"].is_u64() && item["pattern"].is_string();
                is_text || ["enum", "const", "format"].iter().any(|word| !item[word].is_null())
            }
            _ => false,
        };
        assert!(is_said, "{at} does not say what it takes: {item}");
        told += 1;
    }
    assert!(told > 200, "{told}");
}

#[test]
fn answers_say_what_they_hold_and_not_what_is_taken() {
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let asked = reached("requestBody");
    let of_answers: Vec<(&String, String)> = schemas
        .iter()
        .filter(|(name, _)| !asked.contains(*name))
        .map(|(name, schema)| (name, schema.to_string()))
        .collect();
    assert!(of_answers.len() > 100, "{}", of_answers.len());
    for word in [r"^\\s*", "a-fA-F", "[A-Za-z]{2,3}", "accepted and normalised", "is trimmed"] {
        let others = of_answers.iter().filter(|(_, schema)| schema.contains(word));
        none(others.map(|(name, _)| (*name).clone()), &format!("{word} is for requests alone"));
    }
    assert_eq!(schemas["Vendor"]["properties"]["country"]["pattern"], "^[A-Z]{2}$");
    assert_eq!(schemas["VendorCreate"]["properties"]["country"]["pattern"], "^[A-Za-z]{2,3}$");
    assert_eq!(schemas["Source"]["properties"]["sha256"]["pattern"], "^[0-9a-f]{64}$");
    assert!(!DOCUMENT.to_string().contains("x-asked"));
}

#[test]
fn every_field_of_an_answer_that_may_be_null_says_what_null_means() {
    let asked = reached("requestBody");
    let mut nullable = 0;
    let mut silent = Vec::new();
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        if asked.contains(name) {
            continue;
        }
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let forms = property["oneOf"].as_array().into_iter().flatten().map(|form| &form["type"]);
            let types = property["type"].as_array().into_iter().flatten();
            if types.chain(forms).any(|kind| kind == "null") {
                nullable += 1;
                let said = property["description"].as_str().unwrap_or_default().to_lowercase();
                if !said.contains("null") {
                    silent.push(format!("{name}.{field}: {said}"));
                }
            }
        }
    }
    none(silent, "Of what may be null it is said what null means");
    assert!(nullable > 100, "{nullable}");
}
