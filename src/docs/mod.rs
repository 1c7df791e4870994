//! The documentation: the page of all operations, which Swagger UI draws from the document, and the pages about problems:
//! what each kind means, and what to do about it. All of it stands in the program.

mod problems;

use std::sync::{Arc, LazyLock};

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CONTENT_TYPE, ContentEncoding, LOCATION},
    routes,
    web::{self, ServiceConfig},
};

use utoipa_swagger_ui::Config;

use crate::{
    error::Error,
    http::{Problem, problem, routes},
};

#[get("/docs")]
async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// The page of all operations.
#[routes]
#[get("/docs/")]
#[get("/docs/index.html")]
async fn operations() -> HttpResponse {
    html(include_str!("index.html").to_owned())
}

/// Without a validator: a public one would be told where this document is.
static SETTINGS: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::new(["/openapi.json"]).validator_url("none").use_base_layout()));

/// What the page of all operations loads.
#[get("/docs/{file:.*}")]
async fn swagger_file(request: HttpRequest, file: web::Path<String>) -> Result<HttpResponse, Problem> {
    // For `/` Swagger UI has a page of its own.
    if file.starts_with('/') {
        return Err(routes::nothing_at(request.path()));
    }
    let found = utoipa_swagger_ui::serve(&file, SETTINGS.clone());
    let found = found.map_err(|failure| Error::internal(failure.to_string()))?;
    let file = found.ok_or_else(|| routes::nothing_at(request.path()))?;
    let mut answer = HttpResponse::Ok();
    if file.gzpipped {
        answer.insert_header(ContentEncoding::Gzip);
    }
    Ok(answer.content_type(file.content_type).body(file.bytes.into_owned()))
}

/// All kinds of problem.
#[routes]
#[get("/docs/problems")]
#[get("/docs/problems/")]
async fn problem_index() -> HttpResponse {
    html(problems::index())
}

/// What a kind of problem means, and what to do.
#[get("/docs/problems/{code}")]
async fn problem_page(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    match problem::KINDS.iter().find(|kind| kind.code == code.as_str()) {
        Some(kind) => Ok(html(problems::page(kind))),
        None => Err(Problem::new(
            &problem::NOT_FOUND,
            "there is no such kind of problem; /docs/problems/ lists those that there are",
        )),
    }
}

fn html(page: String) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(page)
}

/// Registers the pages.
pub fn configure(config: &mut ServiceConfig) {
    config.service(redirect).service(operations).service(problem_index).service(problem_page);
    // The last: its path fits the problems' too.
    config.service(swagger_file);
}
