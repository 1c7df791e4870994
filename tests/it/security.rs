//! SECURITY.md names the test that holds each item: every one that it names is there.

use std::{fs, path::Path};

/// The texts in back quotes of a line that look like the path of a test.
fn named(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).filter(|text| text.contains("::") && !text.contains(' '))
}

/// Whether a file of this project declares a test of this name.
fn declares(file: &Path, test: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|text| {
        let declaration = format!("fn {test}()");
        let before = text.split(&declaration).next().unwrap_or_default();
        let before = before.trim_end().trim_end_matches("async").trim_end();
        text.contains(&declaration) && before.ends_with("test]")
    })
}

#[test]
fn every_test_that_security_md_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let table = text.lines().filter(|line| line.starts_with("| ") && line.matches('|').count() == 4);
    let (mut items, mut tests) = (0, 0);
    for line in table {
        for path in named(line) {
            let (module, test) = path.rsplit_once("::").unwrap();
            let files = if module.starts_with("src/") {
                vec![root.join(module)]
            } else {
                let folder = root.join("tests/it").join(module.replace("::", "/"));
                vec![folder.with_extension("rs"), folder.join("mod.rs")]
            };
            assert!(
                files.iter().any(|file| declares(file, test)),
                "SECURITY.md names {path}, which is nowhere"
            );
            tests += 1;
        }
        items += 1;
    }
    println!("{items} lines, {tests} tests named");
    assert!(items > 30 && tests > 40, "{items} lines, {tests} tests: was the table found?");
}
