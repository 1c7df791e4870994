//! The routes that actix serves, held against the paths of the document, both ways.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use actix_web::{
    dev::Service,
    test::{TestRequest, init_service},
};

use super::*;

/// Every pattern that is registered, as actix's own map of resources has it. The map shows itself for debugging alone, so
/// its patterns are read from there; where that ever shows something else, nothing is found and the test fails.
async fn served() -> BTreeSet<String> {
    let seen = Rc::new(RefCell::new(String::new()));
    let seeing = Rc::clone(&seen);
    let app = App::new()
        .wrap_fn(move |request, service| {
            *seeing.borrow_mut() = format!("{:?}", request.resource_map());
            service.call(request)
        })
        .into_utoipa_app()
        .configure(configure)
        .into_app()
        .configure(configure_documentation);
    init_service(app).await.call(TestRequest::get().uri("/openapi.json").to_request()).await.unwrap();
    let shown = seen.borrow();
    let patterns = shown.split("patterns: ").skip(1).flat_map(|rest| {
        let of_one = rest.split("is_prefix").next().unwrap_or_default();
        of_one.split('"').skip(1).step_by(2).map(ToOwned::to_owned).collect::<Vec<_>>()
    });
    patterns.filter(|pattern| !pattern.is_empty()).collect()
}

#[actix_web::test]
async fn what_is_served_is_what_the_document_has_and_nothing_else() {
    let served = served().await;
    assert!(served.len() > 40, "{served:?}");
    let documented: BTreeSet<String> =
        DOCUMENT["paths"].as_object().unwrap().keys().map(ToOwned::to_owned).collect();
    let undocumented: BTreeSet<String> = [
        "/openapi.json",
        "/docs",
        "/docs/",
        "/docs/index.html",
        "/docs/{file:.*}",
        "/docs/problems",
        "/docs/problems/",
        "/docs/problems/{code}",
    ]
    .map(ToOwned::to_owned)
    .into();
    let hidden: Vec<_> =
        served.difference(&documented).filter(|path| !undocumented.contains(*path)).collect();
    assert!(
        hidden.is_empty(),
        "served, and not in the document: {hidden:?}. Register handlers by .service(), with their whole path"
    );
    let unserved: Vec<_> = documented.difference(&served).collect();
    assert!(unserved.is_empty(), "in the document, and not served: {unserved:?}");
}
