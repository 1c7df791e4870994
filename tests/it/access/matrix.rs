//! The access matrix: every operation of the OpenAPI document is tried as nobody and as each role, with a request that
//! succeeds for whoever may make it.

use actix_web::{App as Application, HttpRequest, middleware::from_fn, test as in_process, web, web::Data};
use risk_registry::{
    access::{Door, FourEyes, Operation as Row, RateLimit, Rates, Role, guard},
    http::{Asker, frame::frame},
};
use serde_json::json;

use super::table;
use crate::{
    conventions::{
        calls::{Call, call},
        document::Operation,
    },
    support::{App, Client, Database, Office},
};

/// What a refused request is answered with: nobody must sign in, somebody may not.
const REFUSED: [u16; 2] = [401, 403];

/// One database under two servers: one that lets everybody do everything, for the records that calls need, and the office.
struct Matrix {
    open: App,
    office: Office,
    tried: usize,
    findings: Vec<String>,
}

impl Matrix {
    fn call(&self, operation: &Operation) -> Call {
        call(&self.open, operation).unwrap_or_else(|| {
            panic!("nothing tells how to call {}: add it to tests/it/conventions/calls.rs", operation.id)
        })
    }

    fn send(&self, client: &Client, operation: &Operation, method: &str) -> u16 {
        let call = self.call(operation);
        let body = call.body.as_ref().map(|body| body.to_string().into_bytes());
        let mut headers: Vec<(&str, &str)> = Vec::new();
        headers
            .extend(body.as_ref().map(|_| ("content-type", operation.media_types.last().unwrap().as_str())));
        headers.extend(call.etag.as_deref().map(|etag| ("if-match", etag)));
        let head = self.open.client.head();
        let answer = client.send(method, &call.target(""), &headers, body.as_deref());
        if REFUSED.contains(&answer.status) {
            assert_eq!(self.open.client.head(), head, "{} was refused and recorded", operation.id);
            assert_eq!(answer.header("www-authenticate").is_some(), answer.status == 401, "{answer:?}");
        }
        answer.status
    }

    fn must_be(&mut self, who: &str, operation: &Operation, (status, wanted): (u16, u16)) {
        self.tried += 1;
        if status != wanted {
            self.findings.push(format!("- {} as {who}: {status}, not {wanted}", operation.id));
        }
    }
}

#[test]
fn every_operation_is_for_the_roles_of_the_table_and_for_nobody_else() {
    let database = Database::fresh();
    let open = App::on(database.clone(), risk_registry::db::Sizes::default());
    let office = Office::on(database, FourEyes::Off);
    let mut matrix = Matrix { open, office, tried: 0, findings: Vec::new() };
    let documented = table::documented();
    let operations: Vec<Operation> = Operation::all().into_iter().filter(Operation::is_versioned).collect();
    for operation in &operations {
        let row = Row::of_id(&operation.id).unwrap_or_else(|| {
            panic!(
                "{} has no row in the table of who may do what, so nobody may do it. Add it to src/access/operation.rs \
                 with the roles that may, and to the table in docs/access.md",
                operation.id
            )
        });
        let of_document = documented.get(&operation.id).copied();
        let roles = of_document.unwrap_or_else(|| panic!("{} has no row in docs/access.md", operation.id));
        assert_eq!(row.roles(), roles, "{}: the code and docs/access.md differ", operation.id);
        let methods: &[&str] =
            if operation.method == "GET" { &["GET", "HEAD"] } else { &[operation.method.as_str()] };
        for method in methods {
            let nobody = matrix.office.nobody.clone();
            let status = matrix.send(&nobody, operation, method);
            matrix.must_be("nobody", operation, (status, 401));
            for role in Role::ALL {
                let person = matrix.office.of_role(*role).clone();
                let status = matrix.send(&person, operation, method);
                let wanted = if roles.contains(*role) { operation.success() } else { 403 };
                matrix.must_be(role.as_str(), operation, (status, wanted));
            }
        }
    }
    let Matrix { tried, findings, .. } = matrix;
    assert!(findings.is_empty(), "{} of {tried} are wrong:\n{}", findings.len(), findings.join("\n"));
    println!(
        "{} operations as nobody and as {} roles, reads also by HEAD: {tried} combinations, each as the table has it",
        operations.len(),
        Role::ALL.len()
    );
    assert_eq!(
        operations.len(),
        Row::ALL.len(),
        "the table has rows that the document has no operations for"
    );
}

#[test]
fn what_is_no_operation_leads_nobody_anywhere() {
    let office = Office::open();
    let people: Vec<&Client> = Role::ALL.iter().map(|role| office.of_role(*role)).collect();
    for path in
        ["/v1", "/v1/", "/v1/nothing", "/v1/vendors/", "/v1//vendors", "/v1/api-keys/x/y", "/v1/%76endors"]
    {
        // Nobody learns which paths there are.
        office.nobody.get(path).expect_problem(401, "unauthenticated");
        for person in &people {
            person.get(path).expect_problem(404, "not_found");
        }
    }
    for path in
        ["/V1/vendors", "//v1/vendors", "/%76%31/vendors", "/./v1/vendors", "/v2/vendors", "/x/../v1/vendors"]
    {
        let answer = office.nobody.get(path);
        assert!([400, 401, 404].contains(&answer.status), "{path}: {answer:?}");
    }
    for (method, path) in [
        ("PUT", "/v1/vendors"),
        ("DELETE", "/v1/vendors"),
        ("POST", "/v1/journal"),
        ("TRACE", "/v1/api-keys"),
    ] {
        office.nobody.send(method, path, &[], None).expect_problem(401, "unauthenticated");
        office.admin.send(method, path, &[], None).expect_problem(405, "method_not_allowed");
    }
    // A method in a header is no method.
    for header in ["x-http-method-override", "x-method-override", "x-original-url"] {
        let headers = [(header, "DELETE"), ("if-match", "*")];
        office.viewer.get_with("/v1/vendors", &headers).expect(200);
    }
}

#[test]
fn what_needs_nobody_s_key_is_what_says_nothing_of_the_records() {
    let app = App::secured();
    let open: Vec<Operation> =
        Operation::all().into_iter().filter(|operation| !operation.is_versioned()).collect();
    let paths: Vec<&str> = open.iter().map(|operation| operation.path.as_str()).collect();
    assert_eq!(
        paths,
        ["/healthz", "/metrics", "/readyz"],
        "whatever else is open to everybody must be meant to be"
    );
    for path in paths.iter().chain(&["/openapi.json", "/docs/"]) {
        app.client.get(path).expect(200);
    }
}

/// A handler that somebody added without a row in the table.
async fn ruleless(_: Asker, _: HttpRequest) -> &'static str {
    "done"
}

#[actix_web::test]
async fn an_operation_without_a_row_is_done_for_nobody_whatever_rights_they_have() {
    let document = json!({ "paths": { "/v1/odd": { "get": { "operationId": "get_odd" } } } });
    let application = in_process::init_service(
        Application::new()
            .wrap(from_fn(guard::guard))
            .wrap(from_fn(frame))
            .app_data(Data::new(Door::Open))
            .app_data(Data::new(Rates::new(RateLimit::Off, RateLimit::Off)))
            .app_data(Data::new(guard::Operations::of(&document)))
            .route("/v1/odd", web::get().to(ruleless)),
    )
    .await;
    let request =
        in_process::TestRequest::get().uri("/v1/odd").insert_header(("host", "localhost")).to_request();
    assert_eq!(in_process::call_service(&application, request).await.status().as_u16(), 404);
}
