//! Query strings, read strictly: what can't be meant is refused, and said in the words of whoever asks.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

use super::{problem, problem::Problem};
use crate::error::FieldError;

/// A query string; parameters that the type does not have are refused, and so is one that stands twice or is empty.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(query(request.query_string()).map(Self))
    }
}

fn query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    // The form reader would turn bytes that are no UTF-8 into U+FFFD, and a search for that finds nothing.
    if percent_encoding::percent_decode_str(text).decode_utf8().is_err() {
        return Err(Problem::new(&problem::INVALID_QUERY, "the query is no UTF-8"));
    }
    // The fault does not say which parameter it is about, so each is read on its own: all of them may be left out.
    let alone = |kept: &[(&str, &str)]| {
        let text =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept.iter().copied()).finish();
        serde_html_form::from_str::<T>(&text).err().map(|fault| fault.to_string())
    };
    for (name, value) in &pairs {
        // An unfilled variable of a template must not turn a question about the past into one about today.
        if value.is_empty() {
            // A name that is none is said first.
            let fault = alone(&[(name, "?")]).filter(|fault| fault.starts_with(UNKNOWN_FIELD));
            let fault = fault.map(|fault| plain(name, &fault));
            return Err(invalid(
                name,
                fault.as_deref().unwrap_or("is empty; give it a value or leave it out"),
            ));
        }
        // A form's checkbox is `on`; here a truth has one name.
        if value == "on" && alone(&[(name, "?")]).is_some_and(|fault| fault.ends_with(EXPECTED_TRUTH)) {
            return Err(invalid(name, TRUTH));
        }
    }
    let fault = match serde_html_form::from_str::<T>(text) {
        Ok(query) => return Ok(query),
        Err(fault) => fault.to_string(),
    };
    for (name, value) in &pairs {
        if let Some(fault) = alone(&[(name, value)]) {
            return Err(invalid(name, &plain(name, &fault)));
        }
    }
    for (name, _) in &pairs {
        let same: Vec<(&str, &str)> = pairs
            .iter()
            .filter(|(other, _)| other == name)
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        if same.len() > 1
            && let Some(fault) = alone(&same)
        {
            let detail =
                if fault.contains("at most") { plain(name, &fault) } else { "stands more than once".into() };
            return Err(invalid(name, &detail));
        }
    }
    Err(Problem::new(&problem::INVALID_QUERY, format!("the query can't be read: {fault}")))
}

fn invalid(parameter: &str, detail: &str) -> Problem {
    let error = FieldError::new(parameter, "invalid_parameter", detail);
    Problem::new(&problem::INVALID_QUERY, format!("{parameter} {detail}")).with_errors(vec![error])
}

const UNKNOWN_FIELD: &str = "unknown field ";
const UNKNOWN_WORD: &str = "unknown variant ";
const EXPECTED_TRUTH: &str = "expected \"true\", \"on\" or \"false\"";
const TRUTH: &str = "must be true or false";

/// What is wrong with a parameter, without the words of programs.
fn plain(name: &str, fault: &str) -> String {
    // What stands in backquotes after the first: what is expected.
    let expected = || fault.split('`').skip(3).step_by(2).collect::<Vec<_>>().join(", ");
    if fault.starts_with(UNKNOWN_FIELD) {
        let known = expected();
        let takes = if known.is_empty() { "no parameters" } else { &known };
        return format!("is no parameter of this operation, which takes {takes}");
    }
    if fault.starts_with(UNKNOWN_WORD) {
        return format!("must be one of {}", expected());
    }
    if fault.ends_with(EXPECTED_TRUTH) {
        return TRUTH.to_owned();
    }
    if fault.starts_with("invalid digit") || fault.starts_with("number too large") {
        return "must be a whole number from 0 to 9007199254740991".to_owned();
    }
    // The types' own words begin with the name that they commonly have.
    let own = fault.strip_prefix(name).and_then(|rest| rest.strip_prefix(' '));
    own.unwrap_or(fault).to_owned()
}

/// The query of an operation that takes no parameter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NoQuery {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Seq;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        Blue,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Wanted {
        colour: Option<Colour>,
        after: Option<Seq>,
        is_new: Option<bool>,
    }

    #[test]
    fn what_is_refused_is_refused_in_plain_words() {
        let number = "must be a whole number from 0 to 9007199254740991";
        for (text, parameter, detail) in [
            ("color=red", "color", "is no parameter of this operation, which takes colour, after, is_new"),
            ("color", "color", "is no parameter of this operation, which takes colour, after, is_new"),
            ("colour=", "colour", "is empty; give it a value or leave it out"),
            ("colour=green", "colour", "must be one of red, blue"),
            ("after=-1", "after", number),
            ("after=x", "after", number),
            ("after=99999999999999999999", "after", number),
            ("is_new=1", "is_new", "must be true or false"),
            ("is_new=on", "is_new", "must be true or false"),
            ("after=1&is_new=true&after=2", "after", "stands more than once"),
        ] {
            let problem = query::<Wanted>(text).unwrap_err();
            let document = serde_json::to_value(problem.document()).unwrap();
            assert_eq!(document["errors"][0]["pointer"], parameter, "{text}");
            assert_eq!(document["errors"][0]["detail"], detail, "{text}");
            assert_eq!(document["detail"], format!("{parameter} {detail}"), "{text}");
        }
        assert!(query::<Wanted>("colour=red&after=1&is_new=false").is_ok());
        let none = query::<NoQuery>("x=1").unwrap_err();
        assert!(none.document().detail.ends_with("which takes no parameters"), "{}", none.document().detail);
    }
}
