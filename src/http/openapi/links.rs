//! Links (OpenAPI 3.1, "Link Object"): from an answer that shows a record to what can be done with it, with the record's
//! id and ETag. They are read off the paths: what stands below `/v1/vendors/{id}` can be done with a vendor.
#![expect(clippy::indexing_slicing, reason = "an index into a JSON object that is written to adds the key")]

use serde_json::{Map, Value, json};

use super::walk::operations;

/// An operation that a link leads to.
struct Target {
    id: String,
    path: String,
    /// Whether it takes the record's ETag in If-Match.
    is_conditional: bool,
}

/// Adds the links of every record, each as a component, and names them where the record is shown.
pub fn links(document: &mut Value) {
    let targets = targets(document);
    let Some(paths) = document.get("paths").and_then(Value::as_object) else { return };
    let records: Vec<String> =
        paths.keys().filter(|path| path.starts_with("/v1/") && path.ends_with('}')).cloned().collect();
    let mut components = Map::new();
    for record in &records {
        for source in sources(document, record) {
            for target in targets.iter().filter(|target| is_of(&target.path, record)) {
                if source.operation == target.id {
                    continue;
                }
                components.entry(target.id.clone()).or_insert_with(|| link(target, record));
                let reference = format!("#/components/links/{}", target.id);
                if let Some(response) = document.pointer_mut(&source.pointer) {
                    response["links"][&target.id] = json!({ "$ref": reference });
                }
            }
        }
    }
    document["components"]["links"] = Value::Object(components);
}

fn targets(document: &Value) -> Vec<Target> {
    let conditional = ["#/components/parameters/IfMatch", "#/components/parameters/OptionalIfMatch"];
    let target = |(path, _, operation): (&str, &str, &Value)| {
        let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let mut references = parameters.filter_map(|parameter| parameter.get("$ref")?.as_str());
        let is_conditional = references.any(|reference| conditional.contains(&reference));
        let id = operation.get("operationId")?.as_str()?.to_owned();
        Some(Target { id, path: path.to_owned(), is_conditional })
    };
    operations(document).filter_map(target).collect()
}

/// An answer that shows a record.
struct Source {
    operation: String,
    /// Where in the document the response stands.
    pointer: String,
}

/// Where a record is shown: where it is read, where it is created, and for a review wherever a change waits for one.
fn sources(document: &Value, record: &str) -> Vec<Source> {
    let collection = record.rsplit_once('/').map_or(record, |(collection, _)| collection);
    let mut found = Vec::new();
    for (path, method, operation) in operations(document) {
        let shown_with = match method {
            "get" if path == record => "200",
            "post" if path == collection => "201",
            _ if collection.ends_with("/reviews") => "202",
            _ => continue,
        };
        let Some(response) = operation.pointer(&format!("/responses/{shown_with}")) else { continue };
        if response.get("$ref").is_none() && shows(document, response, field_of(last_parameter(record))) {
            let escaped = path.replace('~', "~0").replace('/', "~1");
            let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
            found.push(Source {
                operation: id.to_owned(),
                pointer: format!("/paths/{escaped}/{method}/responses/{shown_with}"),
            });
        }
    }
    found
}

/// Whether a path is a record's own, or below it without another record on the way.
fn is_of(path: &str, record: &str) -> bool {
    path.strip_prefix(record)
        .is_some_and(|below| below.is_empty() || (below.starts_with('/') && !below.contains('{')))
}

fn link(target: &Target, record: &str) -> Value {
    let last = last_parameter(record);
    let mut parameters = Map::new();
    for name in record.split('/').filter_map(parameter) {
        let value = if name == last {
            format!("$response.body#/{}", field_of(name))
        } else {
            format!("$request.path.{name}")
        };
        parameters.insert(format!("path.{name}"), json!(value));
    }
    if target.is_conditional {
        parameters.insert("header.If-Match".into(), json!("$response.header.ETag"));
    }
    json!({ "operationId": target.id, "parameters": parameters })
}

/// The name of a path parameter.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn last_parameter(record: &str) -> &str {
    record.split('/').filter_map(parameter).next_back().unwrap_or_default()
}

/// The field of a record that a path parameter stands for.
fn field_of(parameter: &str) -> &str {
    if parameter.ends_with("id") { "id" } else { parameter }
}

/// Whether the body of a response has a field.
fn shows(document: &Value, response: &Value, field: &str) -> bool {
    let schema = response.pointer("/content/application~1json/schema");
    let reference = schema.and_then(|schema| schema.get("$ref")?.as_str()?.strip_prefix('#'));
    let schema = reference.and_then(|pointer| document.pointer(pointer)).or(schema);
    schema.is_some_and(|schema| schema.pointer(&format!("/properties/{field}")).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(fields: &[&str]) -> Value {
        let properties: Map<String, Value> = fields.iter().map(|f| ((*f).to_owned(), json!({}))).collect();
        json!({ "content": { "application/json": { "schema": { "properties": properties } } } })
    }

    /// The links of a response, by name in order.
    fn named(document: &Value, path: &str, method: &str, status: &str) -> Vec<String> {
        let links = document["paths"][path][method]["responses"][status]["links"].as_object();
        links.into_iter().flat_map(Map::keys).cloned().collect()
    }

    fn linked(paths: &Value) -> Value {
        let vendor = json!({ "properties": { "id": { "type": "string" } } });
        let mut document = json!({ "paths": paths, "components": { "schemas": { "Vendor": vendor } } });
        links(&mut document);
        document
    }

    #[test]
    fn a_record_links_to_what_can_be_done_with_it_from_where_it_is_read_and_created() {
        let vendor = json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Vendor" } } } });
        let if_match =
            |name: &str| json!([{ "name": "a" }, { "$ref": format!("#/components/parameters/{name}") }]);
        let document = linked(&json!({
            "/v1/vendors": {
                "get": { "operationId": "list", "responses": { "200": shown(&["items"]) } },
                "post": { "operationId": "create", "responses": { "201": vendor } },
            },
            "/v1/vendors/{id}": {
                "get": { "operationId": "read", "responses": { "200": vendor } },
                "patch": { "operationId": "change", "parameters": if_match("IfMatch"), "responses": { "200": vendor } },
            },
            "/v1/vendors/{id}/reasons": {
                "post": { "operationId": "add", "parameters": if_match("OptionalIfMatch"), "responses": {} },
            },
            "/v1/vendors/{id}/names/{name_id}": {
                "get": { "operationId": "name", "parameters": if_match("Other"), "responses": { "200": shown(&["id"]) } },
                "put": { "operationId": "rename", "responses": {} },
            },
            "/v1/vendors/{id}extra": { "get": { "operationId": "near", "responses": {} } },
            "/health/{id}": { "get": { "operationId": "health", "responses": { "200": shown(&["id"]) } } },
        }));
        assert_eq!(named(&document, "/v1/vendors", "post", "201"), ["add", "change", "read"]);
        assert_eq!(named(&document, "/v1/vendors/{id}", "get", "200"), ["add", "change"], "not to itself");
        assert_eq!(named(&document, "/v1/vendors/{id}", "patch", "200"), [""; 0]);
        assert_eq!(named(&document, "/v1/vendors", "get", "200"), [""; 0]);
        assert_eq!(named(&document, "/health/{id}", "get", "200"), [""; 0]);
        assert_eq!(named(&document, "/v1/vendors/{id}/names/{name_id}", "get", "200"), ["rename"]);
        let id = json!({ "path.id": "$response.body#/id" });
        let with_etag =
            json!({ "path.id": "$response.body#/id", "header.If-Match": "$response.header.ETag" });
        assert_eq!(
            document["components"]["links"],
            json!({
                "add": { "operationId": "add", "parameters": with_etag },
                "change": { "operationId": "change", "parameters": with_etag },
                "read": { "operationId": "read", "parameters": id },
                "rename": { "operationId": "rename", "parameters": {
                    "path.id": "$request.path.id", "path.name_id": "$response.body#/id",
                } },
            })
        );
        assert_eq!(
            document["paths"]["/v1/vendors"]["post"]["responses"]["201"]["links"]["add"],
            json!({ "$ref": "#/components/links/add" })
        );
    }

    #[test]
    fn a_review_links_from_every_change_that_waits_for_one_and_a_field_is_named_as_its_parameter() {
        let document = linked(&json!({
            "/v1/reviews/{id}": { "get": { "operationId": "read_review", "responses": { "200": shown(&["id"]) } } },
            "/v1/events": { "post": { "operationId": "record", "responses": { "202": shown(&["id"]) } } },
            "/v1/feed/{seq}": {
                "get": { "operationId": "entry", "responses": { "200": shown(&["seq"]) } },
                "delete": { "operationId": "forget", "responses": {} },
            },
        }));
        assert_eq!(named(&document, "/v1/events", "post", "202"), ["read_review"]);
        assert_eq!(
            document["components"]["links"]["forget"]["parameters"],
            json!({ "path.seq": "$response.body#/seq" })
        );
    }

    #[test]
    fn what_shows_no_record_has_no_links() {
        let other = json!({ "operationId": "change", "responses": {} });
        for answer in [shown(&["name"]), json!({ "$ref": "#/components/responses/Any" }), json!({})] {
            let read = json!({ "operationId": "read", "responses": { "200": answer } });
            let document = linked(&json!({ "/v1/vendors/{id}": { "get": read, "patch": other } }));
            assert_eq!(document["components"]["links"], json!({}), "{answer}");
        }
        let mut without_paths = json!({ "components": {} });
        links(&mut without_paths);
        assert_eq!(without_paths, json!({ "components": {} }));
    }
}
