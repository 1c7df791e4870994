//! Pages of the documentation that are the registry's own: what each kind of problem means, and what to do about it. The
//! rest of `/docs` is Swagger UI.

mod problems;

use actix_web::{
    HttpResponse, get,
    http::header::{CONTENT_TYPE, LOCATION},
    routes,
    web::{self, ServiceConfig},
};

use crate::http::{Problem, problem};

#[get("/docs")]
async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
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
    config.service(redirect).service(problem_index).service(problem_page);
}
