//! The entity tags that If-Match and If-None-Match name (RFC 9110, section 8.8.3). What is said of both headers in the
//! OpenAPI document is what is read here.

use actix_web::{
    HttpRequest,
    http::header::{HeaderName, HeaderValue},
};

use super::{problem, problem::Problem};

/// The most characters of such a header.
pub const LIMIT: usize = 500;

/// The form of such a header.
pub const PATTERN: &str = r#"^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$"#;

/// What a header names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// `*`: whatever there is.
    Any,
    Named(Vec<Tag>),
}

/// One entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub is_weak: bool,
    /// What stands between the quotation marks.
    pub opaque: String,
}

impl Tags {
    /// What a header of a request names; `None` where it is not there. One that stands several times is one list.
    ///
    /// # Errors
    /// 400 where it can't be read.
    pub fn of(request: &HttpRequest, header: &HeaderName) -> Result<Option<Self>, Problem> {
        let values: Vec<&HeaderValue> = request.headers().get_all(header).collect();
        if values.is_empty() {
            return Ok(None);
        }
        let texts: Option<Vec<&str>> = values.into_iter().map(|value| value.to_str().ok()).collect();
        let read = texts.map(|texts| texts.join(", ")).filter(|text| text.len() <= LIMIT);
        match read.and_then(|text| parse(&text)) {
            Some(tags) => Ok(Some(tags)),
            None => Err(Problem::new(&problem::MALFORMED, unreadable(header))),
        }
    }
}

fn unreadable(header: &HeaderName) -> String {
    let name = if header == actix_web::http::header::IF_MATCH { "If-Match" } else { "If-None-Match" };
    format!(
        "{name} must hold the ETag as the registry gave it, with its quotation marks; \
         several have commas between them, in at most {LIMIT} characters"
    )
}

fn parse(text: &str) -> Option<Tags> {
    if text == "*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    let mut rest = text;
    loop {
        let strong = rest.strip_prefix("W/");
        let (opaque, after) = strong.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        if !opaque.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        tags.push(Tag { is_weak: strong.is_some(), opaque: opaque.to_owned() });
        let after = after.trim_start_matches([' ', '\t']);
        if after.is_empty() {
            return Some(Tags::Named(tags));
        }
        rest = after.strip_prefix(',')?.trim_start_matches([' ', '\t']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_whatever_stands_in_them_and_between_them() {
        let tag = |is_weak, opaque: &str| Tag { is_weak, opaque: opaque.into() };
        assert_eq!(parse("*"), Some(Tags::Any));
        assert_eq!(parse("\"1\""), Some(Tags::Named(vec![tag(false, "1")])));
        let two = Some(Tags::Named(vec![tag(true, "a,b"), tag(false, "")]));
        assert_eq!(parse("W/\"a,b\" ,\t\"\""), two);
    }

    #[test]
    fn what_is_no_list_of_tags_is_not_read() {
        for text in
            ["", "1", "\"1", "w/\"1\"", "W/1", "\"1\" \"2\"", "\"1\",", ",\"1\"", "\"a b\"", "\"é\"", "*, *"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
