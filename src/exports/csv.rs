//! CSV that a spreadsheet opens rightly: RFC 4180, UTF-8 with a byte order mark, and no cell that is taken for a formula.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

use crate::error::{Error, Result};

/// Without it Excel takes a file for one in the code page of the machine.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes the mark and the names of the columns.
pub(super) fn begin(file: &mut Vec<u8>, columns: &[&str]) -> Result<()> {
    file.extend_from_slice(BYTE_ORDER_MARK);
    line(file, columns.iter().map(|name| name.as_bytes()))
}

/// Writes a row of cells, none of which is a formula.
pub(super) fn write(file: &mut Vec<u8>, cells: &[String]) -> Result<()> {
    let safe: Vec<Cow<'_, str>> = cells.iter().map(|cell| defused(cell)).collect();
    line(file, safe.iter().map(|cell| cell.as_bytes()))
}

fn line<'c>(file: &mut Vec<u8>, cells: impl Iterator<Item = &'c [u8]>) -> Result<()> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(file);
    let written = writer.write_record(cells).and_then(|()| Ok(writer.flush()?));
    written.map_err(|failure| Error::internal(format!("write CSV: {failure}")))
}

/// What begins a formula in some spreadsheet, and its twins of other widths, which Asian editions of spreadsheets take for it.
fn begins_formula(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '−')
}

/// What a spreadsheet may pass over, or drop, before it looks what a cell begins with: quotation marks, white space and
/// characters that show nothing.
fn is_passed_over(c: char) -> bool {
    let shows_nothing = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    shows_nothing
        || c.is_whitespace()
        || c.is_control()
        || matches!(c, '"' | '\'' | '“' | '”' | '„' | '‘' | '’')
}

/// What a spreadsheet that is set to another separator takes for the end of a cell, quoted or not.
fn ends_cell(c: char) -> bool {
    matches!(c, ';' | '\t' | '\r' | '\n')
}

/// A cell with an apostrophe wherever a spreadsheet could see the beginning of a formula: at its beginning and, for a program
/// that cuts at semicolons, tabs or line ends, after each of those; spaces are passed over. So that whoever reads the file by
/// program can take away exactly what was added, an apostrophe that stands in such a place gets another one.
pub(super) fn defused(cell: &str) -> Cow<'_, str> {
    let mut safe: Option<String> = None;
    let (mut at_beginning, mut before) = (true, None);
    for (place, c) in cell.char_indices() {
        // A line end of two characters is one, and nothing stands inside it.
        let is_inside = before == Some('\r') && c == '\n';
        if at_beginning && c != ' ' && !is_inside {
            let rest = cell.get(place..).unwrap_or_default();
            let first = rest.chars().find(|c| !is_passed_over(*c));
            // Tabs and line ends at the very beginning are dangerous in themselves.
            let is_dangerous = c == '\'' || (place == 0 && ends_cell(c)) || first.is_some_and(begins_formula);
            if is_dangerous {
                safe.get_or_insert_with(|| cell.get(..place).unwrap_or_default().to_owned()).push('\'');
            }
        }
        if let Some(safe) = &mut safe {
            safe.push(c);
        }
        at_beginning = ends_cell(c) || (at_beginning && c == ' ');
        before = Some(c);
    }
    safe.map_or(Cow::Borrowed(cell), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};

    use super::*;

    /// What docs/exports.md tells readers to do: one apostrophe is taken away at the beginning of a cell, and after each
    /// semicolon, tab or line end, spaces passed over.
    fn restored(cell: &str) -> String {
        let (mut text, mut at_beginning) = (String::new(), true);
        for c in cell.chars() {
            if at_beginning && c == '\'' {
                at_beginning = false;
                continue;
            }
            at_beginning = ends_cell(c) || (at_beginning && c == ' ');
            text.push(c);
        }
        text
    }

    #[test]
    fn what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1+1", "'＝1+1"),
            ("\t=1", "'\t'=1"),
            ("\rx", "'\rx"),
            ("  =1", "  '=1"),
            ("\"=1", "'\"=1"),
            ("\u{200b}=1", "'\u{200b}=1"),
            ("'twas", "''twas"),
            ("a; =1", "a; '=1"),
            ("a\r\n-b", "a\r\n'-b"),
        ] {
            assert_eq!(defused(cell), safe, "{cell:?}");
        }
    }

    #[test]
    fn what_is_none_stays_as_it_is() {
        for cell in
            ["", "Acme", "3.5", "2026-01-02", "a-b", "a = b", "O'Neil", "x, -y", "lei:1; cik:2", "Ünïcødé 😀"]
        {
            assert_eq!(defused(cell), cell);
        }
    }

    #[test]
    fn what_was_added_can_be_taken_away_again() {
        let mut rng = StdRng::seed_from_u64(1);
        let parts = ['=', '-', '\'', '"', ' ', ';', '\t', '\r', '\n', 'a', ',', '\u{200b}', '＝', 'é'];
        for _ in 0..100_000 {
            let length = rng.random_range(0..12);
            let cell: String = (0..length).filter_map(|_| parts.choose(&mut rng)).collect();
            assert_eq!(restored(&defused(&cell)), cell, "{cell:?} as {:?}", defused(&cell));
        }
    }

    #[test]
    fn rows_are_read_back_as_they_were_written() {
        let cells =
            ["a\"b", "x,y", "line\r\nend", "", " spaces ", "ש״ל", &"ü".repeat(10_000)].map(ToOwned::to_owned);
        let mut file = Vec::new();
        begin(&mut file, &["1", "2", "3", "4", "5", "6", "7"]).unwrap();
        write(&mut file, &cells).unwrap();
        assert!(file.starts_with(b"\xef\xbb\xbf1,2,3,4,5,6,7\r\n") && file.ends_with(b"\r\n"));
        let mut rows = csv::Reader::from_reader(file.as_slice()).into_records();
        assert_eq!(rows.next().unwrap().unwrap(), cells.to_vec());
        assert!(rows.next().is_none());
    }
}
