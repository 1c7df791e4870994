//! The names of actors: when two are one person's, and which are the registry's own.

use crate::values::fold;

/// Names under which the registry itself writes in the journal. Whoever bore one could let their changes pass for its own.
const OWN_NAMES: [&str; 6] = ["catalogue", "command-line", "example", "local", "readiness", "risk-registry"];

/// Whether a name is the registry's own, however it is written.
#[must_use]
pub fn is_own_name(actor: &str) -> bool {
    OWN_NAMES.contains(&seen(actor).as_str())
}

/// Whether two names are taken for one person's. Case and accents tell nobody apart: who must not confirm their own must not
/// do so under another spelling either.
#[must_use]
pub fn is_same_person(one: &str, other: &str) -> bool {
    one == other || seen(one) == seen(other)
}

/// A name as a reader sees it: without case and accents, and without characters that show nothing.
fn seen(name: &str) -> String {
    let shows = |c: &char| {
        !matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
    };
    fold(&name.chars().filter(shows).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spelling_makes_no_other_person() {
        for (one, other) in [
            ("ana", "Ana"),
            ("Zo\u{eb}", "Zoe\u{308}"),
            ("ana@x.example", "ANA@X.example"),
            ("ana", "a\u{200b}na"),
        ] {
            assert!(is_same_person(one, other), "{one} {other}");
        }
        assert!(!is_same_person("ana", "anna"));
        assert!(is_own_name("local") && is_own_name("Local") && is_own_name("Risk-Registry"));
        assert!(!is_own_name("locale"));
    }
}
