//! The links of the document: they lead to operations, with parameters that these take, and followed they arrive.

use serde_json::Value;

use crate::{
    conventions::document::{DOCUMENT, Operation, resolved},
    support::App,
};

/// Every operation with the links of each of its answers: its id, the status, and the operation that a link leads to.
fn links() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for operation in Operation::all() {
        for (status, response) in &operation.responses {
            for (name, link) in response["links"].as_object().into_iter().flatten() {
                assert_eq!(
                    resolved(link)["operationId"],
                    name.as_str(),
                    "a link is called as where it leads"
                );
                found.push((operation.id.clone(), status.clone(), name.clone()));
            }
        }
    }
    found
}

fn declared(operation: &Operation) -> Vec<String> {
    let method = operation.method.to_lowercase();
    let parameters = DOCUMENT["paths"][&operation.path][&method]["parameters"].as_array().unwrap();
    let name = |parameter: Value| {
        format!("{}.{}", parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap())
    };
    parameters.iter().map(|parameter| name(resolved(parameter))).collect()
}

#[test]
fn every_link_gives_the_path_parameters_of_where_it_leads_and_the_etag_where_one_is_taken() {
    let operations = Operation::all();
    for (from, _, to) in links() {
        let target = operations.iter().find(|operation| operation.id == to).unwrap();
        let taken = declared(target);
        let link = &DOCUMENT["components"]["links"][&to];
        let given: Vec<&String> = link["parameters"].as_object().unwrap().keys().collect();
        for name in &given {
            assert!(taken.contains(name), "{from} to {to}: {name} is none of {taken:?}");
        }
        for name in taken.iter().filter(|name| name.starts_with("path.") || *name == "header.If-Match") {
            assert!(given.contains(&name), "{from} to {to}: {name} is missing");
        }
    }
}

#[test]
fn what_is_created_links_to_what_can_be_done_with_it() {
    let links = links();
    for (from, status, to) in [
        ("create_vendor", "201", "update_vendor"),
        ("create_vendor", "201", "get_vendor_standing"),
        ("get_vendor", "200", "retire_vendor"),
        ("create_designation", "201", "record_event"),
        ("create_designation", "202", "confirm_review"),
        ("void_designation", "202", "confirm_review"),
        ("add_reason", "201", "remove_reason"),
        ("create_api_key", "201", "revoke_api_key"),
    ] {
        assert!(
            links.contains(&(from.into(), status.into(), to.into())),
            "{from} {status} does not link to {to}"
        );
    }
    let app = App::empty();
    let client = &app.client;
    let created =
        client.post("/v1/authorities", &serde_json::json!({ "name": "Court", "kind": "court" })).expect(201);
    let (id, etag) = (created.text_at("/id"), created.header("etag").unwrap_or_default().to_owned());
    client
        .patch(&format!("/v1/authorities/{id}"), &etag, &serde_json::json!({ "name": "A court" }))
        .expect(200);
}
