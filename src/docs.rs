//! Pages of the documentation that are the registry's own: what each kind of problem means.

use actix_web::{
    HttpResponse, get,
    http::header::{CONTENT_TYPE, LOCATION},
    web::{self, ServiceConfig},
};

use crate::http::{Problem, problem};

#[get("/docs")]
async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// What a kind of problem means, and what to do.
#[get("/docs/problems/{code}")]
async fn problem_page(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Some(kind) = problem::KINDS.iter().find(|kind| kind.code == code.as_str()) else {
        return Err(Problem::new(&problem::NOT_FOUND, "there is no such kind of problem"));
    };
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{code}</title>\
         <h1>{title}</h1><p>Code <code>{code}</code>, HTTP status {status}.</p><p>{help}</p></html>\n",
        code = kind.code,
        title = kind.title,
        status = kind.status,
        help = kind.help,
    );
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(page))
}

/// Registers the pages.
pub fn configure(config: &mut ServiceConfig) {
    config.service(redirect).service(problem_page);
}
