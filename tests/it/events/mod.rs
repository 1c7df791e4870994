//! Events over HTTP: what each must carry, which states allow it, corrections, and what follows from them.

mod carry;
mod corrections;
mod reviews;
mod revision;
mod table;

use serde_json::Value;

use super::support::Client;

const UNKNOWN: &str = "019b76da-a801-7b11-aee7-d79cd37d93b3";

fn events_of(designation: &str) -> String {
    format!("/v1/designations/{designation}/events")
}

/// The periods of each scope: state, first day, day after the last.
fn periods(client: &Client, designation: &str, query: &str) -> Vec<Vec<(String, String, Option<String>)>> {
    let timeline = client.get(&format!("/v1/designations/{designation}/timeline?{query}")).expect(200).json();
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let scopes = timeline["scopes"].as_array().unwrap().iter();
    scopes
        .map(|scope| {
            let periods = scope["periods"].as_array().unwrap().iter();
            periods
                .map(|period| {
                    (text(&period["state"]).unwrap(), text(&period["from"]).unwrap(), text(&period["to"]))
                })
                .collect()
        })
        .collect()
}

/// The state of the only scope on a day.
fn state_on(client: &Client, designation: &str, day: &str) -> Option<String> {
    let periods = periods(client, designation, "").remove(0);
    let holds = |(_, from, to): &&(String, String, Option<String>)| {
        from.as_str() <= day && to.as_deref().is_none_or(|to| day < to)
    };
    periods.iter().find(holds).map(|(state, ..)| state.clone())
}
