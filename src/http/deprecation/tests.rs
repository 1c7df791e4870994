use actix_web::{
    App, HttpResponse, get,
    http::header::HeaderMap,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service},
    web::{self, Data},
};
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::*;
use crate::http::{
    Problem,
    frame::{Surroundings, frame},
    openapi, problem,
};

/// A handler as it is written; its annotation is all that says that it will go away.
#[utoipa::path(
    tag = "Old things",
    responses((status = 200, description = "The old thing")),
    extensions(
        ("x-deprecated-on" = json!("2026-11-22")),
        ("x-sunset" = json!("2027-06-30")),
        ("x-successor" = json!("/v1/things/{id}")),
    ),
)]
#[get("/v1/old-things/{id}")]
async fn get_old_thing(id: web::Path<String>) -> Result<HttpResponse, Problem> {
    match id.as_str() {
        "none" => Err(Problem::new(&problem::NOT_FOUND, "there is no such thing")),
        _ => Ok(HttpResponse::Ok().insert_header((LINK, "<https://example.com>; rel=\"author\"")).body("{}")),
    }
}

#[utoipa::path(tag = "Things", responses((status = 200, description = "The thing")))]
#[get("/v1/things/{id}")]
async fn get_thing(_: web::Path<String>) -> HttpResponse {
    HttpResponse::Ok().body("{}")
}

#[derive(OpenApi)]
#[openapi(paths(get_old_thing, get_thing))]
struct Collected;

fn document() -> Value {
    let particulars = openapi::Particulars::NONE;
    openapi::complete(serde_json::to_value(Collected::openapi()).unwrap(), &particulars)
}

async fn answer(method: Method, path: &str) -> (u16, HeaderMap) {
    let deprecations = Data::new(Deprecations::of(&document()).unwrap());
    let surroundings = Surroundings {
        origins: ["https://dashboard.example".to_owned()].into_iter().collect(),
        ..Surroundings::default()
    };
    let app = App::new()
        .app_data(deprecations)
        .app_data(Data::new(surroundings))
        .wrap(from_fn(frame))
        .service(get_old_thing)
        .service(get_thing);
    let service = init_service(app).await;
    let request = TestRequest::default()
        .method(method)
        .uri(path)
        .insert_header(("origin", "https://dashboard.example"));
    let response = call_service(&service, request.to_request()).await;
    (response.status().as_u16(), response.headers().clone())
}

fn all<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    headers.get_all(name).map(|value| value.to_str().unwrap()).collect()
}

#[actix_web::test]
async fn every_answer_of_a_deprecated_operation_says_so() {
    for (method, path, wanted) in [
        (Method::GET, "/v1/old-things/7", 200),
        (Method::HEAD, "/v1/old-things/7", 200),
        (Method::GET, "/v1/old-things/none", 404),
        (Method::HEAD, "/v1/old-things/none", 404),
    ] {
        let (status, headers) = answer(method.clone(), path).await;
        assert_eq!(status, wanted, "{method} {path}");
        assert_eq!(all(&headers, "deprecation"), ["@1795305600"], "{method} {path}");
        assert_eq!(all(&headers, "sunset"), ["Wed, 30 Jun 2027 23:59:59 GMT"], "{method} {path}");
        let id = path.rsplit('/').next().unwrap();
        let wanted = format!(
            "</v1/things/{id}>; rel=\"successor-version\", \
             </docs/#/Old%20things/get_old_thing>; rel=\"deprecation\"; type=\"text/html\""
        );
        let links = all(&headers, "link");
        assert_eq!(links.last(), Some(&wanted.as_str()), "{method} {path}");
        assert_eq!(links.len(), if status == 200 { 2 } else { 1 }, "the handler's own link stays: {links:?}");
        let exposed = all(&headers, "access-control-expose-headers").join("");
        for name in ["deprecation", "sunset", "link"] {
            assert!(exposed.contains(name), "{name} is not exposed: {exposed}");
        }
    }
}

#[actix_web::test]
async fn a_successors_path_is_a_path_whatever_was_asked_for() {
    let (_, headers) = answer(Method::GET, "/v1/old-things/a%3E%20b%C3%A9").await;
    assert!(all(&headers, "link")[1].starts_with("</v1/things/a%3E%20b%C3%A9>; rel=\"successor-version\", "));
}

#[actix_web::test]
async fn other_operations_say_nothing_of_it() {
    for (method, path) in
        [(Method::GET, "/v1/things/7"), (Method::POST, "/v1/old-things/7"), (Method::GET, "/v1")]
    {
        let (_, headers) = answer(method.clone(), path).await;
        for name in ["deprecation", "sunset", "link"] {
            assert!(!headers.contains_key(name), "{method} {path}: {headers:?}");
        }
    }
}

#[test]
fn the_document_says_so_and_describes_the_headers() {
    let document = document();
    let old = &document["paths"]["/v1/old-things/{id}"]["get"];
    assert_eq!(old["deprecated"], true);
    let description = old["description"].as_str().unwrap();
    for said in ["Deprecated since 2026-11-22", "its last day is 2027-06-30", "`/v1/things/{id}`"] {
        assert!(description.contains(said), "{said}: {description}");
    }
    let responses = old["responses"].as_object().unwrap();
    assert!(responses.len() > 5, "{responses:?}");
    for (status, response) in responses {
        assert!(response.get("description").is_some(), "{status} is not whole: {response}");
        for name in ["Deprecation", "Sunset", "Link"] {
            let header = &response["headers"][name];
            assert!(
                header["description"].is_string() && header["schema"]["type"] == "string",
                "{status}: {response}"
            );
        }
        assert!(
            response["headers"].get("X-Request-Id").is_some(),
            "{status} lost its other headers: {response}"
        );
    }
    let other = &document["paths"]["/v1/things/{id}"]["get"];
    assert_eq!(other.get("deprecated"), None);
    assert_eq!(other["responses"]["404"], json!({ "$ref": "#/components/responses/NotFound" }));
    let shared = &document["components"]["responses"]["NotFound"];
    assert_eq!(shared["headers"].get("Deprecation"), None, "others share it");
}

#[test]
fn an_annotation_that_cannot_be_is_refused() {
    let of = |annotation: Value| {
        let mut document = json!({ "paths": {
            "/v1/a/{id}": { "get": annotation }, "/v1/b/{id}": { "get": {} }, "/v1/c/{other}": { "get": {} },
        } });
        document["paths"]["/v1/a/{id}"]["get"]["operationId"] = json!("get_a");
        Deprecations::of(&document).map(|found| found.0.len())
    };
    assert_eq!(of(json!({})), Ok(0));
    assert_eq!(of(json!({ "x-deprecated-on": "2026-11-22" })), Ok(1));
    assert_eq!(of(json!({ "x-deprecated-on": "2026-11-22", "x-sunset": "2026-11-22" })), Ok(1));
    assert_eq!(of(json!({ "x-deprecated-on": "2026-11-22", "x-successor": "/v1/b/{id}" })), Ok(1));
    for (annotation, told) in [
        (json!({ "x-deprecated-on": "2026-02-30" }), "x-deprecated-on must be a date"),
        (json!({ "x-deprecated-on": 20_261_122 }), "x-deprecated-on must be a date"),
        (json!({ "x-deprecated-on": "2026-11-22", "x-sunset": "soon" }), "x-sunset must be a date"),
        (json!({ "x-deprecated-on": "2026-11-22", "x-sunset": "2026-11-21" }), "x-sunset lies before"),
        (json!({ "x-sunset": "2027-06-30" }), "x-sunset needs x-deprecated-on"),
        (json!({ "x-successor": "/v1/b/{id}" }), "x-successor needs x-deprecated-on"),
        (json!({ "deprecated": true }), "deprecated needs x-deprecated-on"),
        (json!({ "x-deprecated-on": "2026-11-22", "x-successor": "/v1/nowhere" }), "another path"),
        (json!({ "x-deprecated-on": "2026-11-22", "x-successor": "/v1/a/{id}" }), "another path"),
        (json!({ "x-deprecated-on": "2026-11-22", "x-successor": "/v1/c/{other}" }), "has a parameter"),
    ] {
        let refused = of(annotation.clone()).unwrap_err();
        assert!(refused.starts_with("get_a: ") && refused.contains(told), "{annotation}: {refused}");
    }
}
