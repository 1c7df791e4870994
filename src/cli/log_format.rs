//! How the log is written: one line a record, whatever is in it. A name that a client chose must not be able to end a line
//! and begin another, nor to make a terminal do something.

use std::{
    fmt::{self, Write as _},
    io::Write as _,
};

/// Starts the log, by `RUST_LOG`.
pub(super) fn init() {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"))
        // It repeats paths that can't be read, in which somebody may have put a key.
        .filter_module("actix_web::types::path", log::LevelFilter::Off)
        .format(|out, record| {
            let mut text = OneLine(String::new());
            write!(text, "{}", record.args()).map_err(std::io::Error::other)?;
            writeln!(out, "[{} {:<5} {}] {}", out.timestamp(), record.level(), record.target(), text.0)
        })
        .init();
}

/// A text in which nothing ends a line, moves a cursor or turns the direction of writing.
struct OneLine(String);

impl fmt::Write for OneLine {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if is_unsafe(character) {
                self.0.extend(character.escape_default());
            } else {
                self.0.push(character);
            }
        }
        Ok(())
    }
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::OneLine;

    #[test]
    fn nothing_ends_the_line_or_reaches_the_terminal() {
        let mut text = OneLine(String::new());
        write!(text, "Zürich\r\n[2026] INFO\u{1b}[31m\0\u{85}\u{2028}\u{202e}x\ty").unwrap();
        assert_eq!(text.0, "Zürich\\r\\n[2026] INFO\\u{1b}[31m\\u{0}\\u{85}\\u{2028}\\u{202e}x\\ty");
    }
}
