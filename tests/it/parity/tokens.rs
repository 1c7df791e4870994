//! What is a server's own in an answer: ids, instants of the run, cursors, digests. Each is given a name
//! by its order of first appearance, so that equal things stay equal, and order shows.

use std::collections::HashMap;

/// One side's own things by the names that both sides share, and the names by the things.
#[derive(Default)]
pub struct Tokens {
    names: HashMap<String, String>,
    values: HashMap<String, String>,
    named: HashMap<char, usize>,
    /// Instants from here on are the run's own; earlier ones were sent, and must come back as they were.
    begun: String,
}

const CURSOR: &str = "\"next_cursor\":\"";

/// A cursor in what was asked, as the access log keeps it.
const ASKED_FOR: &str = "cursor=";

impl Tokens {
    pub fn from(begun: String) -> Self {
        Self { begun, ..Self::default() }
    }

    /// The shared name of a thing of this kind.
    pub fn name(&mut self, kind: char, value: &str) -> String {
        if let Some(name) = self.names.get(value) {
            return name.clone();
        }
        let count = self.named.entry(kind).or_default();
        *count += 1;
        let name = format!("<<{kind}{count}>>");
        self.names.insert(value.to_owned(), name.clone());
        self.values.insert(name.clone(), value.to_owned());
        name
    }

    /// A text with names for all that is this side's own.
    pub fn named(&mut self, text: &str) -> String {
        let (mut said, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(next) = rest.chars().next() {
            let own = if is_uuid(rest) {
                Some(('u', 36))
            } else if is_key(rest) {
                Some(('k', KEY))
            } else if is_instant(rest) && rest[..27] >= *self.begun {
                Some(('t', 27))
            } else if is_digest(rest) {
                Some(('d', 64))
            } else {
                None
            };
            if let Some((kind, length)) = own {
                said += &self.name(kind, &rest[..length]);
                rest = &rest[length..];
            } else if let Some(cursor) = rest.strip_prefix(CURSOR) {
                let length = cursor.find('"').unwrap();
                said += &format!("{CURSOR}{}", self.name('c', &cursor[..length]));
                rest = &cursor[length..];
            } else if let Some(cursor) = rest.strip_prefix(ASKED_FOR) {
                let own = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                let length = cursor.bytes().position(|byte| !own(byte)).unwrap_or(cursor.len());
                said += ASKED_FOR;
                // One that nobody was given is what the client made up.
                said += match self.names.get(&cursor[..length]) {
                    Some(name) => name,
                    None => &cursor[..length],
                };
                rest = &cursor[length..];
            } else {
                said.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        said
    }

    /// An ETag: revisions and dates are shared, digests are a side's own.
    pub fn etag(&mut self, etag: &str) -> String {
        let inner = etag.trim_matches('"');
        if inner.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')) {
            return etag.to_owned();
        }
        self.name('e', etag)
    }

    /// A text with this side's own things for their names.
    pub fn expanded(&self, text: &str) -> String {
        let (mut said, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find("<<") {
            let (before, from) = rest.split_at(at);
            said += before;
            let value = from.find(">>").and_then(|end| Some((end + 2, self.values.get(&from[..end + 2])?)));
            match value {
                Some((length, value)) => {
                    said += value;
                    rest = &from[length..];
                }
                None => {
                    said += "<<";
                    rest = &from[2..];
                }
            }
        }
        said + rest
    }
}

/// How long an API key is.
const KEY: usize = "rr_live_".len() + 22 + 1 + 43 + 6;

fn is_key(text: &str) -> bool {
    let key = text.get(..KEY).unwrap_or_default();
    key.starts_with("rr_live_") && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_uuid(text: &str) -> bool {
    text.len() >= 36
        && text.bytes().take(36).enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// A SHA-256 of what was answered, in which ids and instants are.
fn is_digest(text: &str) -> bool {
    text.len() >= 64
        && text.bytes().take(64).all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && !text[64..].starts_with(|next: char| next.is_ascii_hexdigit())
}

fn is_instant(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00.000000Z";
    let fits = |(byte, shape): (u8, &u8)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == *shape };
    text.len() >= SHAPE.len() && text.bytes().zip(SHAPE).all(fits)
}
