//! The page that shows the document: it is the product's own, it loads nothing from outside, and whoever is lost is sent there.

use crate::support::App;

/// What a page loads or links to.
fn addresses(page: &str) -> Vec<&str> {
    ["src=\"", "href=\""]
        .iter()
        .flat_map(|attribute| page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()))
        .collect()
}

#[test]
fn the_page_is_named_after_the_product_and_all_that_it_loads_is_here() {
    let app = App::empty();
    let page = app.client.get("/docs/").expect(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text.contains("<title>Risk Registry: the API</title>"), "{}", page.text);
    assert!(!page.text.contains("Swagger UI</title>"));
    assert_eq!(app.client.get("/docs/index.html").expect(200).text, page.text);
    let loaded = addresses(&page.text);
    assert!(loaded.len() > 4, "{loaded:?}");
    for address in loaded {
        let name = address.strip_prefix("./").unwrap_or_else(|| panic!("{address} lies elsewhere"));
        app.client.send("HEAD", &format!("/docs/{name}"), &[], None).expect(200);
    }
    let settings = app.client.get("/docs/swagger-initializer.js").expect(200).text;
    assert!(settings.contains("\"/openapi.json\"") && !settings.contains("://"), "{settings}");
}

#[test]
fn whoever_finds_nothing_is_told_where_to_look() {
    let app = App::empty();
    for path in ["/", "/nowhere", "/v1", "/v1/nothing", "/docs/nothing", "/docs//", "/%76endors"] {
        let problem = app.client.get(path).expect(404).json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.ends_with("; /docs/ lists all that there is"), "{path}: {detail}");
    }
}
