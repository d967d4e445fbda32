//! Rules of the house that no compiler checks.

mod dependencies;
mod files;
mod licences;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The workspace's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What `cargo metadata` says, dependencies included or not.
fn cargo_metadata(with_dependencies: bool) -> Value {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--format-version", "1"]).current_dir(root());
    if !with_dependencies {
        command.arg("--no-deps");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every source file of ours with one of `endings`, and its text.
fn sources(endings: &[&str]) -> Vec<(String, String)> {
    fn walk(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
        // Made by tools, or somebody else's.
        const NOT_OURS: [&str; 5] = ["node_modules", "dist", "target", "gen", "artefacts"];
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && !NOT_OURS.contains(&name.as_str()) {
                walk(&path, endings, found);
            } else if path.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    for room in ["crates", "src-tauri", "tests", "ui", "xtask"] {
        walk(&root().join(room), endings, &mut found);
    }
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy();
            (name.replace('\\', "/"), std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// Fails with every complaint at once, so that one run shows all there is to mend.
fn report(rule: &str, complaints: &[String]) {
    assert!(complaints.is_empty(), "{rule}\n  {}", complaints.join("\n  "));
}
