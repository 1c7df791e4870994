//! The pages about problems, as HTML. They load nothing and run nothing: one style sheet stands in the page, and the
//! content security policy allows it by its digest.

use crate::http::problem::{self, Code, Kind};

/// The style sheet of every page.
const STYLE: &str = include_str!("page.css");

/// The page of one kind.
pub fn page(kind: &Kind) -> String {
    let example = serde_json::to_string_pretty(&problem::example(kind)).unwrap_or_default();
    let mut body = format!(
        "<p>HTTP status {status}, <code>type</code> <code>{page}</code>.</p>\n\
         <h2>What happened</h2>\n<p>{meaning}</p>\n\
         <h2>What to do</h2>\n<p>{remedy}</p>\n",
        status = kind.status,
        page = escaped(&kind.page()),
        meaning = prose(kind.meaning),
        remedy = prose(kind.remedy),
    );
    let codes = problem::codes_of(kind);
    body.push_str("<h2>Its code</h2>\n");
    let own = format!("<code>{}</code>", escaped(kind.code));
    body.push_str(&match (codes, kind.code == problem::CONFLICT.code) {
        ([], _) => format!("<p><code>code</code> is {own}.</p>\n"),
        (_, false) => format!("<p><code>code</code> is {own}, or one that says more:</p>\n"),
        (_, true) => "<p><code>code</code> says which of these it is:</p>\n".to_owned(),
    });
    body.push_str(&table(codes));
    let fields = problem::field_codes_of(kind);
    if !fields.is_empty() {
        body.push_str("<h2>Codes in <code>errors</code></h2>\n");
        body.push_str(&table(fields));
    }
    body.push_str(&format!(
        "<h2>An example</h2>\n<p>As the API sends it, with the media type <code>{}</code>:</p>\n\
         <pre tabindex=\"0\" aria-label=\"Example of a problem document\"><code>{}</code></pre>\n",
        problem::PROBLEM_JSON,
        escaped(&example),
    ));
    document(kind.title, &body)
}

/// The list of all kinds.
pub fn index() -> String {
    let rows: Vec<String> = problem::KINDS
        .iter()
        .map(|kind| {
            format!(
                "<tr><td>{}</td><th scope=\"row\"><a href=\"{}\"><code>{}</code></a></th><td>{}</td></tr>\n",
                kind.status,
                escaped(&kind.page()),
                escaped(kind.code),
                escaped(kind.title),
            )
        })
        .collect();
    let body = format!(
        "<p>Where a request is not answered, the answer is a problem document (RFC 9457). Its <code>type</code> is one of these \
         pages, and its <code>code</code> is the word for programs.</p>\n\
         <table>\n<thead><tr><th scope=\"col\">Status</th><th scope=\"col\">Kind</th><th scope=\"col\">What happened</th></tr>\
         </thead>\n<tbody>\n{}</tbody>\n</table>\n",
        rows.concat(),
    );
    document("Problems", &body)
}

fn table(codes: &[Code]) -> String {
    if codes.is_empty() {
        return String::new();
    }
    let rows: Vec<String> = codes
        .iter()
        .map(|code| {
            format!(
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td></tr>\n",
                escaped(code.code),
                prose(code.meaning),
                prose(code.remedy),
            )
        })
        .collect();
    format!(
        "<table>\n<thead><tr><th scope=\"col\">Code</th><th scope=\"col\">What happened</th><th scope=\"col\">What to do</th></tr>\
         </thead>\n<tbody>\n{}</tbody>\n</table>\n",
        rows.concat(),
    )
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} | Risk Registry</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <nav aria-label=\"Documentation\"><ul><li><a href=\"/docs/\">All operations</a></li>\
         <li><a href=\"/docs/problems/\">All problems</a></li></ul></nav>\n\
         <main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n",
        title = escaped(title),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// Escaped text in which what stands between backticks is code.
fn prose(text: &str) -> String {
    let parts = escaped(text);
    let parts = parts.split('`').enumerate();
    parts
        .map(|(index, part)| if index % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::http::headers;

    #[test]
    fn the_policy_allows_the_style_sheet_and_no_other() {
        let digest = BASE64_STANDARD.encode(Sha256::digest(STYLE));
        let wanted = format!("style-src 'sha256-{digest}'");
        assert!(
            headers::PAGE.ends_with(&wanted),
            "page.css has changed: write {wanted} into http/headers.rs"
        );
        assert!(!STYLE.contains("url(") && !STYLE.contains('@'), "the style sheet loads something");
    }

    #[test]
    fn what_a_page_shows_is_text() {
        assert_eq!(escaped("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
        assert_eq!(prose("Send `If-Match` < 1"), "Send <code>If-Match</code> &lt; 1");
    }
}
