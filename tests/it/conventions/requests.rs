//! What holds whatever a request is for: ids, methods, paths and queries.

use serde_json::Value;

use super::{
    calls::NOWHERE,
    document::{Operation, Parameter, is_dated, resolved, sample, type_of},
    probe::walk,
    spoilt::odd,
};

#[test]
fn every_operation_can_be_called_and_answers_as_documented() {
    walk(|probe| {
        let call = probe.call();
        let request = probe.request(&call);
        let answer = probe.succeeds(&request, "the call of the table");
        let created = probe.operation.success() == 201;
        let location = answer.header("location").map(ToOwned::to_owned);
        probe.check(created == location.is_some(), &request, || format!("201 and Location: {location:?}"));
        if let Some(location) = location {
            let found = probe.client.get(&location);
            probe.check(found.status == 200, &request, || format!("Location {location} is not there"));
        }
    });
}

#[test]
fn every_operation_answers_with_the_id_of_the_request_or_makes_one() {
    walk(|probe| {
        let mut made = Vec::new();
        for given in ["trace-1/a", ""] {
            let request = probe.request(&probe.call()).header("x-request-id", given);
            let answer = probe.succeeds(&request, "with and without a request id");
            let id = answer.header("x-request-id").unwrap_or_default().to_owned();
            probe.check(given.is_empty() || id == given, &request, || format!("{given} became {id}"));
            made.push(id);
        }
        for unfit in ["two words", &"x".repeat(129)] {
            let request = probe.request(&probe.call()).header("x-request-id", unfit);
            let answer = probe.succeeds(&request, "with an unfit request id");
            made.push(answer.header("x-request-id").unwrap_or_default().to_owned());
            probe.check(made.last().unwrap() != unfit, &request, || "it was taken".into());
        }
        made.sort();
        made.dedup();
        probe.check(made.len() == 4, &probe.request(&probe.call()), || format!("ids repeat: {made:?}"));
    });
}

#[test]
fn every_operation_refuses_query_parameters_that_it_does_not_have() {
    walk(|probe| {
        let call = probe.call();
        for unknown in ["nonsense=1", "nonsense", "limit%00=1", "ID=1", "="] {
            let request = probe.request(&call).at(&call.target(unknown));
            probe.refuses(&request, 400, "invalid_query", unknown);
        }
    });
}

#[test]
fn every_query_parameter_is_refused_when_it_stands_twice_or_can_not_be_read() {
    walk(|probe| {
        let call = probe.call();
        for parameter in probe.operation.in_query.clone() {
            for bad in unreadable(&parameter) {
                let request = probe.request(&call).at(&call.target(&bad));
                probe.refuses(&request, 400, "", &bad);
            }
            if type_of(&parameter.schema) == "array" {
                let request = probe.request(&call).at(&call.target(&times(&parameter, 2)));
                let answer = probe.send(&request);
                let once = parameter.schema["uniqueItems"] == true;
                probe.check((answer.status == 400) == once, &request, || {
                    "an array takes several keys, and one whose items are unique takes each once".into()
                });
            }
        }
    });
}

/// The parameter so many times, with a value that it takes.
fn times(parameter: &Parameter, times: usize) -> String {
    let value = match sample(&parameter.schema) {
        Value::Array(items) => items[0].clone(),
        other => other,
    };
    let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let value = parameter.example.as_ref().map(|example| example.replace(' ', "%20")).unwrap_or(value);
    vec![format!("{}={value}", parameter.name); times].join("&")
}

fn unreadable(parameter: &Parameter) -> Vec<String> {
    let (name, schema) = (&parameter.name, &parameter.schema);
    let array = type_of(schema) == "array";
    let item = if array { resolved(&schema["items"]) } else { schema.clone() };
    let mut values: Vec<String> = match type_of(&item).as_str() {
        "integer" => {
            ["-1", "1.5", "abc", "99999999999999999999", "1e1", "0x1", "+", ""].map(Into::into).to_vec()
        }
        "boolean" => ["maybe", "1", ""].map(Into::into).to_vec(),
        _ => vec![String::new(), "%00".into(), "a%00b".into()],
    };
    let past = |bound: &str, by: i64| item[bound].as_i64().and_then(|bound| bound.checked_add(by));
    values.extend(past("minimum", -1).map(|number| number.to_string()));
    values.extend(past("maximum", 1).map(|number| number.to_string()));
    values.extend(past("maxLength", 1).map(|length| "x".repeat(usize::try_from(length).unwrap())));
    if type_of(&item) == "string" {
        let like = parameter.example.clone().or_else(|| sample(&item).as_str().map(ToOwned::to_owned));
        let odd = odd(&like.unwrap(), &item);
        values.extend(odd.iter().map(|text| url::form_urlencoded::byte_serialize(text.as_bytes()).collect()));
    }
    if item["enum"].is_array() || item["format"] == "uuid" {
        values.push("nonsense".into());
    }
    if is_dated(&item) {
        values.extend(["2026-02-30", "2026-13-01", "10000-01-01", "9999-12-31", "today"].map(Into::into));
        values.retain(|value| value != "9999-12-31" || item["format"] == "date");
        values.push(format!("2026-03-05T14:30:00.{}Z", "0".repeat(40)));
    }
    let mut queries: Vec<String> = values.iter().map(|value| format!("{name}={value}")).collect();
    if array {
        let most = schema["maxItems"].as_u64().expect("an array parameter says how many it takes");
        queries.push(times(parameter, usize::try_from(most).unwrap() + 1));
    } else {
        queries.push(times(parameter, 2));
    }
    queries
}

#[test]
fn every_path_refuses_the_methods_that_it_does_not_take_and_names_those_that_it_takes() {
    walk(|probe| {
        let (all, path) = (Operation::all(), probe.call().path);
        let of_path = all.iter().filter(|operation| operation.path == probe.operation.path);
        let mut taken: Vec<&str> = of_path.map(|operation| operation.method.as_str()).collect();
        if taken.contains(&"GET") {
            taken.push("HEAD");
        }
        taken.sort_unstable();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
            if taken.contains(&method) {
                continue;
            }
            let mut request = probe.request(&probe.call()).at(&path);
            (request.method, request.body) = (method.into(), None);
            let answer = probe.send_any(&request);
            let refused = answer.status == 405 && answer.header("allow") == Some(&taken.join(", "));
            let coded = method == "HEAD" || answer.text.contains("\"method_not_allowed\"");
            probe.check(refused && coded, &request, || format!("405 and Allow {taken:?}, not {answer:?}"));
        }
    });
}

#[test]
fn every_id_in_a_path_must_be_well_formed_and_known() {
    walk(|probe| {
        for parameter in probe.operation.in_path.clone() {
            let place = format!("{{{}}}", parameter.name);
            let position = probe.operation.path.split('/').position(|part| part == place).unwrap();
            let (unread, unknown): (Vec<&str>, Vec<&str>) = if parameter.schema["format"] == "uuid" {
                let simple = "0195a3c400007000800000000000000a";
                (
                    vec!["nonsense", "1", simple, "%7B0195a3c4-0000-7000-8000-000000000000%7D", "%00"],
                    vec![NOWHERE],
                )
            } else {
                (
                    vec!["nonsense", "-1", "1.5", "9007199254740992", "99999999999999999999", "%00"],
                    vec!["0", "4000000000", "9007199254740991"],
                )
            };
            let cases = unread.iter().map(|id| (*id, 400)).chain(unknown.iter().map(|id| (*id, 404)));
            for (id, status) in cases {
                let call = probe.call();
                let mut parts: Vec<&str> = call.path.split('/').collect();
                parts[position] = id;
                let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
                let request = probe.request(&call).at(&format!("{}{query}", parts.join("/")));
                probe.refuses(&request, status, "", id);
            }
        }
    });
}

#[test]
fn what_was_known_can_be_asked_for_up_to_the_head_and_in_one_way() {
    walk(|probe| {
        if !probe.operation.offers("known_seq") || !probe.operation.offers("known_at") {
            return;
        }
        let call = probe.call();
        let head = probe.client.head();
        let at_head = probe.request(&call).at(&call.target(&format!("known_seq={head}")));
        probe.succeeds(&at_head, "the head");
        for invalid in [
            format!("known_seq={}", head + 1),
            "known_seq=9007199254740991".into(),
            format!("known_seq={head}&known_at=2026-03-10"),
        ] {
            let request = probe.request(&call).at(&call.target(&invalid));
            probe.refuses(&request, 422, "invalid", &invalid);
        }
    });
}
