//! `/docs/` in a real browser, used as a person would: signed in by the button, with operations tried out. Everything comes
//! from the registry, and nothing is against its content security policy.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    conventions::document::Operation,
    support::{Client, process::program_as_shipped, skip},
};

/// Where the browser's driver is installed; none, said aloud, where it or the browser is missing.
fn installed() -> Option<std::path::PathBuf> {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tools/docs");
    if !tools.join("node_modules/puppeteer-core").exists() {
        skip("scripts/node-for-tests tests/docs installs the browser's driver, with Node.js 20 or later");
        return None;
    }
    if Command::new("chromium").arg("--version").output().is_err() {
        skip("Chromium is not installed (Debian: apt-get install chromium)");
        return None;
    }
    Some(tools)
}

/// A program that is ended when this is dropped.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The example, served as it ships; the address, and the key of its auditor, who may read everything.
fn served(folder: &TempDir) -> (Running, String, String) {
    let mut command = program_as_shipped(&["serve", "--demo", "--listen", "127.0.0.1:0", "--database-url"]);
    command.arg(folder.path().join("registry.db")).stdout(Stdio::piped());
    command.env("RUST_LOG", "error");
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let running = Running(child);
    let (mut address, mut key) = (None, None);
    for line in lines {
        if let Some((_, rest)) = line.split_once("(documentation: http://") {
            address = rest.split('/').next().map(ToOwned::to_owned);
        }
        if let Some((_, token)) = line.trim().strip_prefix("auditor ").and_then(|rest| rest.split_once(": "))
        {
            key = Some(token.to_owned());
        }
        if let (Some(address), Some(key)) = (&address, &key) {
            return (running, address.clone(), key.clone());
        }
    }
    panic!("the program did not say where it serves, and to whom");
}

#[test]
fn the_documentation_is_used_in_a_browser() {
    let Some(tools) = installed() else { return };
    let folder = TempDir::new().unwrap();
    let (_running, address, key) = served(&folder);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/docs/walk.mjs");
    fs::copy(script, tools.join("walk.mjs")).unwrap();
    let output = Command::new("node")
        .args(["walk.mjs", &format!("http://{address}"), &key])
        .arg(folder.path().join("profile"))
        .current_dir(tools)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();

    let texts = |field: &str| -> Vec<String> {
        seen[field].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
    };
    let shown = texts("shown");
    let all = Operation::all();
    let missing: Vec<&String> =
        all.iter().map(|operation| &operation.id).filter(|id| !shown.contains(id)).collect();
    assert!(missing.is_empty() && shown.len() == all.len(), "not shown: {missing:?}");
    assert_eq!(texts("complaints"), Vec::<String>::new(), "of the console, the policy, or pages that failed");
    let foreign: Vec<String> =
        texts("requests").into_iter().filter(|url| !url.starts_with(&format!("http://{address}/"))).collect();
    assert_eq!(foreign, Vec::<String>::new(), "asked of others");
    assert_eq!((&seen["without_key"], &seen["with_key"]), (&Value::from("401"), &Value::from("200")));
    assert_eq!(seen["page"]["style"], "applied", "the page of a problem is plain: {}", seen["page"]);

    let tried = seen["tried"].as_array().unwrap();
    let failed: Vec<&Value> = tried.iter().filter(|tried| tried["status"] != "200").collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(texts("left"), Vec::<String>::new(), "can't be tried: a required parameter has no example");
    assert!(tried.len() >= 10, "{tried:?}");
    // Whoever signed out reads nothing.
    Client::new(address.parse().unwrap()).get("/v1/vendors").expect(401);
}
