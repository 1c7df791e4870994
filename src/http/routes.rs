//! What answers where no operation does: 405 with `Allow` where the path is known, else 404. It reads the paths off the
//! OpenAPI document, so it knows every operation that there is.

use actix_web::{HttpRequest, HttpResponse, dev::ResourceDef};
use serde_json::Value;

use super::{problem, problem::Problem};

/// The paths of the document and their methods.
pub struct Routes(Vec<(ResourceDef, String)>);

impl Routes {
    /// The routes of a document. `extra` are paths that the document leaves out, with what they allow.
    #[must_use]
    pub fn of(document: &Value, extra: &[(&str, &str)]) -> Self {
        let paths = document.get("paths").and_then(Value::as_object);
        let documented = paths.into_iter().flatten().map(|(path, item)| {
            let methods =
                item.as_object().into_iter().flatten().map(|(method, _)| method.to_ascii_uppercase());
            let mut methods: Vec<String> = methods.collect();
            if methods.iter().any(|method| method == "GET") {
                methods.push("HEAD".into());
            }
            methods.sort_unstable();
            (ResourceDef::new(path.as_str()), methods.join(", "))
        });
        let extra = extra.iter().map(|(path, allow)| (ResourceDef::new(*path), (*allow).to_owned()));
        Self(documented.chain(extra).collect())
    }
}

/// The problem of a path that nothing has; it says where all paths are listed.
#[must_use]
pub fn nothing_at(path: &str) -> Problem {
    Problem::new(&problem::NOT_FOUND, format!("there is nothing at {path}; /docs/ lists all that there is"))
}

/// The answer where no operation matches.
///
/// # Errors
/// Always: 405 or 404.
pub async fn unmatched(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let routes = request.app_data::<actix_web::web::Data<Routes>>();
    let allow = routes.and_then(|routes| {
        routes.0.iter().find(|(path, _)| path.is_match(request.path())).map(|(_, allow)| allow.clone())
    });
    Err(match allow {
        Some(allow) => {
            let detail = format!("{} does not take {}; it takes {allow}", request.path(), request.method());
            Problem::new(&problem::METHOD_NOT_ALLOWED, detail).with_allow(allow)
        }
        None => nothing_at(request.path()),
    })
}
