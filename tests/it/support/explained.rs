//! Every problem that any test is answered with is one that the documentation explains: its `type` is a page of a kind, and
//! its codes stand on it.

use risk_registry::http::problem::{self, CONFLICT, KINDS, PROBLEM_JSON};
use serde_json::Value;

use super::Answer;

/// Checks an answer, if it is a problem.
///
/// # Panics
/// When it is one that no page explains.
#[track_caller]
pub fn must_be_explained(answer: &Answer) {
    if answer.header("content-type") != Some(PROBLEM_JSON) || answer.text.is_empty() {
        return;
    }
    let problem = answer.json();
    let kind = KINDS.iter().find(|kind| problem["type"] == kind.page());
    let kind =
        kind.unwrap_or_else(|| panic!("no page explains {problem}: add its kind to http/problem/kinds.rs"));
    assert_eq!(
        (&problem["title"], &problem["status"]),
        (&kind.title.into(), &kind.status.into()),
        "{problem}"
    );
    let code = problem["code"].as_str().unwrap_or_default();
    let known = problem::codes_of(kind).iter().any(|known| known.code == code);
    assert!(
        known || (code == kind.code && code != CONFLICT.code),
        "{} does not explain the code {code}: add it to http/problem/codes.rs",
        kind.page()
    );
    let errors: &[Value] = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    for error in errors {
        assert!(
            problem::field_codes_of(kind).iter().any(|known| error["code"] == known.code),
            "{} does not explain the code of {error}: add it to http/problem/codes.rs",
            kind.page()
        );
    }
}
