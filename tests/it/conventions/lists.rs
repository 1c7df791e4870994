//! What holds for every list: limits, pages and cursors.

use serde_json::Value;

use super::{
    calls::{Call, call},
    document::{Operation, sample},
    probe::{Probe, Request, walk},
};

fn walk_lists(check: impl Fn(&mut Probe<'_>, &Call, &Request)) {
    walk(|probe| {
        if probe.operation.lists() {
            // Two calls make records enough for a list of everything to have several.
            drop(probe.call());
            let call = probe.call();
            check(probe, &call, &probe.request(&call));
        }
    });
}

/// The cursor after the first item.
fn cursor_of(probe: &mut Probe<'_>, call: &Call, request: &Request) -> String {
    let page = probe.succeeds(&request.clone().at(&call.target("limit=1")), "a page of one");
    let page: Value = serde_json::from_str(&page.text).unwrap_or_default();
    page["next_cursor"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_list_takes_limits_from_1_to_500_and_no_others() {
    walk_lists(|probe, call, request| {
        for limit in ["0", "501", "-1", "1.5", "abc", "99999999999999999999", "", "%31%00", "5e1", " 5"] {
            let request = request.clone().at(&call.target(&format!("limit={}", limit.replace(' ', "%20"))));
            probe.refuses(&request, 400, "invalid_query", limit);
        }
        for limit in ["1", "500"] {
            probe.succeeds(&request.clone().at(&call.target(&format!("limit={limit}"))), limit);
        }
    });
}

#[test]
fn every_list_gives_the_same_items_in_the_same_order_page_by_page() {
    walk_lists(|probe, call, request| {
        let of_sort = probe.operation.in_query.iter().find(|parameter| parameter.name == "sort");
        let words = of_sort.and_then(|sort| sort.schema["enum"].as_array().cloned()).unwrap_or_default();
        let orders = words.iter().filter_map(Value::as_str).map(|word| format!("sort={word}"));
        for order in orders.chain([String::new()]) {
            let whole = probe.client.get(&call.target(&format!("limit=500&{order}"))).expect(200).json();
            let whole = whole["items"].as_array().unwrap().clone();
            probe.check(whole.len() >= 2, request, || {
                format!("a list of {} shows nothing: make more in tests/it/conventions/calls.rs", whole.len())
            });
            for limit in ["limit=1", "limit=2"] {
                let pages = probe.client.all(&call.target(&format!("{limit}&{order}")));
                probe.check(pages == whole, request, || {
                    format!("{limit}&{order}: pages of {} for {}", pages.len(), whole.len())
                });
            }
            let mut ids: Vec<String> = whole.iter().map(Value::to_string).collect();
            ids.sort();
            ids.dedup();
            probe.check(ids.len() == whole.len(), request, || format!("{order}: an item comes twice"));
        }
    });
}

#[test]
fn every_list_refuses_cursors_that_are_broken_or_of_another_list_or_of_other_filters() {
    walk_lists(|probe, call, request| {
        let cursor = cursor_of(probe, call, request);
        probe.check(!cursor.is_empty(), request, || "one item of several leaves no cursor".into());
        let continued = request.clone().at(&call.target(&format!("cursor={cursor}")));
        probe.succeeds(&continued, "its own cursor");
        let other_limit = request.clone().at(&call.target(&format!("limit=7&cursor={cursor}")));
        probe.succeeds(&other_limit, "its own cursor with another limit");
        let half = &cursor[..cursor.len() / 2];
        for broken in
            ["x", "%21%21", "AAAA", "e30", half, &format!("{cursor}A"), &cursor.to_lowercase(), "bnVsbA"]
        {
            let request = request.clone().at(&call.target(&format!("cursor={broken}")));
            probe.refuses(&request, 400, "invalid_cursor", broken);
        }
        for filter in probe.operation.in_query.clone() {
            // How many, where from and how long to wait for them is no filter.
            if matches!(filter.name.as_str(), "limit" | "cursor" | "wait") {
                continue;
            }
            let value = match sample(&filter.schema) {
                Value::Array(items) => items[0].clone(),
                value => value,
            };
            let value =
                filter.example.clone().unwrap_or(value.as_str().map_or(value.to_string(), ToOwned::to_owned));
            let request =
                request.clone().at(&call.target(&format!("{}={value}&cursor={cursor}", filter.name)));
            probe.refuses(&request, 400, "invalid_cursor", &format!("a cursor without {}", filter.name));
        }
        for other in Operation::all().into_iter().filter(Operation::lists) {
            let call_of_other = call_of(probe, &other);
            if other.path == call.path {
                continue;
            }
            let page = probe.client.get(&call_of_other.target("limit=1")).expect(200).json();
            let foreign = page["next_cursor"].as_str().unwrap();
            let request = request.clone().at(&call.target(&format!("cursor={foreign}")));
            probe.refuses(&request, 400, "invalid_cursor", &format!("a cursor of {}", call_of_other.path));
        }
    });
}

/// A call of another list, of which one page is not all.
fn call_of(probe: &Probe<'_>, other: &Operation) -> Call {
    drop(call(probe.app, other));
    call(probe.app, other).unwrap()
}
