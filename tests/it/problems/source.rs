//! The codes that the source gives to problems and to fields, read off its text.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Folders of what only the command line runs, which has no pages.
const COMMAND_LINE: [&str; 3] = ["src/cli", "src/backup", "src/copy"];

/// Files in which a code is handed on and so is no literal: the constructors themselves, an example, and what keeps the code
/// that it is given.
const HANDED_ON: [&str; 4] = [
    "src/designations/model/draft.rs",
    "src/error.rs",
    "src/http/problem/examples.rs",
    "src/reviews/service.rs",
];

/// What makes a code, which of its arguments the code is, and whether it is a problem's.
const MAKERS: [(&str, usize, bool); 5] = [
    ("Error::conflict(", 0, true),
    ("Error::forbidden(", 0, true),
    ("Error::invalid(", 1, false),
    ("FieldError::new(", 1, false),
    ("Fault::new(", 0, false),
];

/// The codes of what answers over HTTP.
#[derive(Default)]
pub struct Codes {
    pub problems: BTreeSet<String>,
    /// Of the entries of `errors`.
    pub fields: BTreeSet<String>,
}

pub fn codes() -> Codes {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Codes::default();
    let mut handed_on = BTreeSet::new();
    for file in files(&root.join("src")) {
        let name = file.strip_prefix(root).unwrap().display().to_string();
        if COMMAND_LINE.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        // There a fault makes itself.
        let own = (name == "src/http/strict.rs").then_some(("Self::new(", 0, false));
        for (maker, place, of_problem) in MAKERS.into_iter().chain(own) {
            for (at, _) in text.match_indices(maker) {
                match literal(&text[at + maker.len()..], place) {
                    Some(code) if of_problem => drop(found.problems.insert(code)),
                    Some(code) => drop(found.fields.insert(code)),
                    None => drop(handed_on.insert(name.clone())),
                }
            }
        }
        // A code that a function of the file chooses.
        if name == "src/designations/model/draft.rs" {
            found.fields.extend(["missing_field", "invalid_value"].map(String::from));
        }
    }
    let known: BTreeSet<String> = HANDED_ON.iter().map(ToString::to_string).collect();
    assert_eq!(
        handed_on, known,
        "left: files whose codes are no literals, so that this test can't read them"
    );
    found
}

/// The argument at this place, if it is a plain literal; what it is given begins after the bracket.
fn literal(text: &str, place: usize) -> Option<String> {
    let (mut depth, mut arguments, mut is_text, mut is_escaped) = (0, vec![String::new()], false, false);
    for letter in text.chars() {
        if is_text {
            is_text = letter != '"' || is_escaped;
            is_escaped = letter == '\\' && !is_escaped;
        } else {
            match letter {
                '"' => is_text = true,
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth == 0 => break,
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 => {
                    arguments.push(String::new());
                    continue;
                }
                _ => {}
            }
        }
        arguments.last_mut().unwrap().push(letter);
    }
    let argument = arguments.get(place)?.trim();
    let word = argument.strip_prefix('"')?.strip_suffix('"')?;
    word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_').then(|| word.to_owned())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") && path.file_name().unwrap() != "tests.rs" {
            found.push(path);
        }
    }
    found.sort();
    found
}
