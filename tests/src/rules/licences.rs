//! Under which licences the house is built. `deny.toml` says the same to cargo-deny; this check
//! needs no tool.

use serde_json::Value;

use super::{cargo_metadata, report, root};

/// Licences that ask for no more than a notice.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages with another licence beside the allowed ones, and why that is fine.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("cssparser", "MPL-2.0", "of Tauri's page rewriting; used unchanged, MPL stays in its files"),
    ("cssparser-macros", "MPL-2.0", "as cssparser"),
    ("dtoa-short", "MPL-2.0", "as cssparser"),
    ("selectors", "MPL-2.0", "as cssparser"),
    ("option-ext", "MPL-2.0", "of directories; used unchanged"),
    ("webdriver", "MPL-2.0", "of fantoccini; tests only, not in what is shipped"),
    ("jpeg-encoder", "IJG", "tables of the Independent JPEG Group: a notice"),
    ("xxhash-rust", "BSL-1.0", "of backhand; asks for a notice with its source alone"),
    ("sqlcipher-src", "blessing", "SQLite's dedication to the public domain"),
    ("sqlcipher-src", "WTFPL", "asks for nothing"),
    ("webpki-root-certs", "CDLA-Permissive-2.0", "Mozilla's root certificates, data not code"),
    ("axe-core", "MPL-2.0", "looks at the pages; tests only, not in what is shipped"),
    ("lightningcss", "MPL-2.0", "of Vite; builds the pages, not in what is shipped"),
];

/// The words of a licence expression.
fn words(expression: &str) -> Vec<String> {
    expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        // The older way of writing OR.
        .replace('/', " OR ")
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// Whether `expression` can be met with licences that `fine` accepts. AND binds closer than OR.
fn met(expression: &str, fine: &dyn Fn(&str) -> bool) -> bool {
    let words = words(expression);
    let mut position = 0;
    let result = any(&words, &mut position, fine);
    result && position == words.len()
}

fn any(words: &[String], position: &mut usize, fine: &dyn Fn(&str) -> bool) -> bool {
    let mut result = all(words, position, fine);
    while words.get(*position).is_some_and(|word| word == "OR") {
        *position += 1;
        result |= all(words, position, fine);
    }
    result
}

fn all(words: &[String], position: &mut usize, fine: &dyn Fn(&str) -> bool) -> bool {
    let mut result = one(words, position, fine);
    while words.get(*position).is_some_and(|word| word == "AND") {
        *position += 1;
        result &= one(words, position, fine);
    }
    result
}

fn one(words: &[String], position: &mut usize, fine: &dyn Fn(&str) -> bool) -> bool {
    let Some(word) = words.get(*position) else {
        return false;
    };
    *position += 1;
    if word == "(" {
        let result = any(words, position, fine);
        *position += 1;
        return result;
    }
    // An exception after WITH only ever gives more rights.
    if words.get(*position).is_some_and(|word| word == "WITH") {
        *position += 2;
    }
    fine(word)
}

fn accepts(package: &str, licence: &str) -> bool {
    ALLOWED.contains(&licence)
        || EXCEPTIONS.iter().any(|(name, exception, _)| {
            *exception == licence && (package == *name || package.starts_with(&format!("{name}-")))
        })
}

fn complaint(package: &str, licence: Option<&str>) -> Option<String> {
    match licence {
        Some(expression) if met(expression, &|licence| accepts(package, licence)) => None,
        Some(expression) => Some(format!("{package}: {expression}")),
        None => Some(format!("{package}: names no licence")),
    }
}

#[test]
fn every_crate_is_under_an_allowed_licence() {
    let metadata = cargo_metadata(true);
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "dependencies are missing from the metadata");
    let complaints: Vec<String> = packages
        .iter()
        .filter_map(|package| {
            complaint(package["name"].as_str().unwrap_or_default(), package["license"].as_str())
        })
        .collect();
    report("these crates are under a licence that is not in the list", &complaints);
}

#[test]
fn every_package_of_the_pages_is_under_an_allowed_licence() {
    let lock = std::fs::read(root().join("ui/package-lock.json")).unwrap();
    let lock: Value = serde_json::from_slice(&lock).unwrap();
    let complaints: Vec<String> = lock["packages"]
        .as_object()
        .unwrap()
        .iter()
        // Ours are links into the workspace.
        .filter(|(path, package)| path.contains("node_modules/") && package["link"].is_null())
        .filter_map(|(path, package)| {
            let name = path.rsplit("node_modules/").next().unwrap_or_default();
            complaint(name, package["license"].as_str())
        })
        .collect();
    report("these npm packages are under a licence that is not in the list", &complaints);
}

#[test]
fn expressions_are_read_as_written() {
    let check = |expression: &str, expected: bool| {
        let fine = |licence: &str| licence == "MIT" || licence == "ISC";
        assert_eq!(met(expression, &fine), expected, "{expression}");
    };
    check("MIT", true);
    check("GPL-3.0-only", false);
    check("MIT OR GPL-3.0-only", true);
    check("GPL-3.0-only/MIT", true);
    check("MIT AND GPL-3.0-only", false);
    check("MIT AND ISC", true);
    check("(MIT OR GPL-3.0-only) AND ISC", true);
    check("(MIT OR ISC) AND GPL-3.0-only", false);
    check("GPL-3.0-only OR MIT AND ISC", true);
    check("MIT WITH LLVM-exception", true);
    check("", false);
    check("MIT MIT", false);
}

#[test]
fn an_exception_counts_for_its_package_only() {
    assert!(accepts("selectors", "MPL-2.0"));
    assert!(!accepts("selectors", "GPL-3.0-only"));
    assert!(!accepts("somebody-else", "MPL-2.0"));
}
