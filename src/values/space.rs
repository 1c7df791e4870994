//! White space, as the patterns of the OpenAPI document mean it: the `\s` of ECMA-262, which is what JavaScript's own `trim`
//! takes away. Rust's `trim` has another list, and what is said would then differ from what is done.

/// Whether a character is white space or ends a line (ECMA-262, sections 12.2 and 12.3).
pub fn is_white_space(c: char) -> bool {
    matches!(
        c,
        '\t'..='\r'
            | ' '
            | '\u{A0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200A}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202F}'
            | '\u{205F}'
            | '\u{3000}'
            | '\u{FEFF}'
    )
}

/// For what has one form alone, in which white space has no place.
///
/// # Errors
/// When there is white space at either end.
pub fn refuse_around(text: &str) -> Result<(), &'static str> {
    if text.starts_with(is_white_space) || text.ends_with(is_white_space) {
        Err("must not begin or end with white space")
    } else {
        Ok(())
    }
}
