//! The pages that a problem's `type` leads to: each says what happened and what to do, and nothing is missing.

mod source;

use std::collections::BTreeSet;

use risk_registry::http::problem::{self, Code, KINDS, Kind};
use serde_json::{Value, json};

use crate::{
    conventions::{document::resolved, validation::violations},
    support::{App, Client},
};

/// What a page shows, without what only its form needs.
fn shown(html: &str) -> String {
    let (head, rest) = html.split_once("<style>").unwrap();
    let body = rest.split_once("</style>").unwrap().1;
    let mut text = String::new();
    for part in format!("{head}{body}").split('<').skip(1) {
        text.push_str(part.split_once('>').unwrap().1);
    }
    unescaped(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

fn links(html: &str) -> BTreeSet<String> {
    html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// Nothing of a page is loaded or run, and every link of it leads to a page.
fn must_stand_alone(client: &Client, path: &str, html: &str) {
    for foreign in [
        "://",
        "<script",
        "<link",
        "<img",
        "<iframe",
        "src=",
        "url(",
        "@import",
        " style=",
        " onclick=",
        " onload=",
    ] {
        assert!(!html.contains(foreign), "{path} has {foreign}: {html}");
    }
    for link in links(html) {
        assert!(link.starts_with("/docs/"), "{path} links to {link}");
        client.get(&link).expect(200);
    }
}

/// Whether a text says something, as a sentence.
fn is_said(text: &str) -> bool {
    text.ends_with('.') && text.split_whitespace().count() >= 3
}

fn codes(kind: &Kind) -> impl Iterator<Item = &'static Code> {
    problem::codes_of(kind).iter().chain(problem::field_codes_of(kind))
}

#[test]
fn every_kind_of_problem_has_a_page_that_says_what_happened_and_what_to_do() {
    let app = App::empty();
    let client = &app.client;
    let mut exact = 0;
    for kind in KINDS {
        let page = client.get(&kind.page()).expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let text = shown(&page.text);
        let status = kind.status.to_string();
        let mut wanted = vec![kind.code, kind.title, &status, kind.meaning, kind.remedy];
        assert!(
            is_said(kind.meaning) && is_said(kind.remedy) && kind.meaning != kind.remedy,
            "{}",
            kind.code
        );
        for code in codes(kind) {
            assert!(code.meaning.ends_with('.') && code.remedy.ends_with('.'), "{}", code.code);
            wanted.extend([code.code, code.meaning, code.remedy]);
            exact += 1;
        }
        for said in wanted {
            let said = said.replace('`', "");
            assert!(text.contains(&said), "{} does not say {said:?}: {text}", kind.page());
        }
        assert!(page.text.starts_with("<!doctype html>\n<html lang=\"en\">"), "{}", page.text);
        must_stand_alone(client, kind.page().as_str(), &page.text);
        let head = client.send("HEAD", &kind.page(), &[], None).expect(200);
        assert_eq!(head.header("content-type"), page.header("content-type"));

        let example = page.text.split_once("<pre").unwrap().1.split_once("<code>").unwrap().1;
        let example: Value =
            serde_json::from_str(&unescaped(example.split_once("</code>").unwrap().0)).unwrap();
        assert_eq!((&example["type"], &example["status"]), (&json!(kind.page()), &json!(kind.status)));
        let schema = resolved(&json!({ "$ref": "#/components/schemas/Problem" }));
        assert_eq!(violations(&example, &schema), Vec::<String>::new(), "{example}");
        let known: Vec<&str> = codes(kind).map(|code| code.code).chain([kind.code]).collect();
        for code in
            example["errors"].as_array().unwrap().iter().chain([&example]).map(|holder| &holder["code"])
        {
            assert!(known.contains(&code.as_str().unwrap()), "{example}");
        }
    }
    println!("{} pages with {exact} codes", KINDS.len());
}

#[test]
fn the_index_links_every_kind() {
    let app = App::empty();
    let index = app.client.get("/docs/problems/").expect(200);
    assert_eq!(index.text, app.client.get("/docs/problems").expect(200).text);
    app.client.send("HEAD", "/docs/problems/", &[], None).expect(200);
    let wanted: BTreeSet<String> = KINDS.iter().map(Kind::page).collect();
    let mut linked = links(&index.text);
    linked.retain(|link| link.starts_with("/docs/problems/") && link != "/docs/problems/");
    assert_eq!(linked, wanted);
    must_stand_alone(&app.client, "/docs/problems/", &index.text);
    for nothing in ["none", "Invalid", "invalid/", "identifier_taken", "%3Cscript%3E"] {
        let answer = app.client.get(&format!("/docs/problems/{nothing}"));
        assert!(answer.status == 404 && !answer.text.contains("<script"), "{nothing}: {answer:?}");
    }
    app.client.get("/docs/problems/none").expect_problem(404, "not_found");
    app.client.post("/docs/problems/", &json!({})).expect_problem(405, "method_not_allowed");
}

#[test]
fn a_code_means_one_thing() {
    let kinds: BTreeSet<&str> = KINDS.iter().map(|kind| kind.code).collect();
    assert_eq!(kinds.len(), KINDS.len());
    let specific: Vec<&str> = KINDS.iter().flat_map(problem::codes_of).map(|code| code.code).collect();
    assert_eq!(specific.iter().collect::<BTreeSet<_>>().len(), specific.len(), "{specific:?}");
    assert!(specific.iter().all(|code| !kinds.contains(code)), "{specific:?}");
}

#[test]
fn every_code_in_the_source_is_explained_and_no_other() {
    let used = source::codes();
    let listed = |of: fn(&Kind) -> &'static [Code]| -> BTreeSet<String> {
        KINDS.iter().flat_map(of).map(|code| code.code.to_owned()).collect()
    };
    let (problems, fields) = (listed(problem::codes_of), listed(problem::field_codes_of));
    assert!(problems.len() > 15 && fields.len() > 15, "{problems:?} {fields:?}");
    assert_eq!(used.problems, problems, "left: in src, right: in http/problem/codes.rs");
    assert_eq!(used.fields, fields, "left: in src, right: in http/problem/codes.rs");
    println!("{} codes of problems and {} of fields are explained", problems.len(), fields.len());
}
