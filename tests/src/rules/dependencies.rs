//! Who may use whom.

use serde_json::Value;

use super::{cargo_metadata, report, root, sources};

/// Every allowed edge between members of the workspace. A room that is not named here uses none
/// of ours. Development dependencies obey the same table: a test that reaches over an edge that
/// the code may not use tests the wrong thing.
const MAY_USE: &[(&str, &[&str])] = &[
    ("yanma-domain", &[]),
    ("yanma-zxing", &[]),
    ("yanma-barcode", &["yanma-zxing"]),
    ("yanma-print", &[]),
    ("yanma-protocol", &["yanma-domain"]),
    ("yanma-store", &["yanma-domain"]),
    ("yanma-station", &["yanma-store", "yanma-protocol", "yanma-domain", "yanma-print"]),
    ("yanma-devices", &["yanma-barcode"]),
    ("yanma-local", &["yanma-station"]),
    ("yanma-nearby", &["yanma-station"]),
    ("yanma-updates", &["yanma-station"]),
    ("yanma-appimage", &[]),
    (
        "yanma-cli",
        &[
            "yanma-station",
            "yanma-local",
            "yanma-nearby",
            "yanma-updates",
            "yanma-devices",
            "yanma-barcode",
        ],
    ),
    (
        "yanma-desk",
        &["yanma-station", "yanma-devices", "yanma-local", "yanma-nearby", "yanma-updates"],
    ),
    ("yanma-authority", &["yanma-protocol", "yanma-domain", "yanma-barcode", "yanma-print"]),
    ("yanma-tests", &["xtask"]),
    ("xtask", &[]),
];

/// Crates that read clocks, files, networks or run tasks: not for rooms of pure values.
const NOT_FOR_PURE_ROOMS: &[&str] =
    &["axum", "fd-lock", "getrandom", "reqwest", "rusqlite", "tokio"];
const PURE_ROOMS: &[&str] = &["yanma-domain", "yanma-protocol", "yanma-barcode"];

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn members(metadata: &Value) -> &Vec<Value> {
    metadata["packages"].as_array().unwrap()
}

/// The edges of `metadata` that are not in the table.
fn forbidden_edges(metadata: &Value) -> Vec<String> {
    let ours: Vec<&str> = members(metadata).iter().map(|package| text(package, "name")).collect();
    let mut complaints = Vec::new();
    for package in members(metadata) {
        let name = text(package, "name");
        let Some((_, allowed)) = MAY_USE.iter().find(|(room, _)| *room == name) else {
            complaints.push(format!("{name} is not in the table: say whom it may use"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let other = text(dependency, "name");
            if ours.contains(&other) && !allowed.contains(&other) {
                let kind = dependency["kind"].as_str().unwrap_or("normal");
                complaints.push(format!("{name} -> {other} ({kind} dependency)"));
            }
        }
    }
    complaints
}

#[test]
fn every_edge_between_rooms_is_in_the_table() {
    report(
        "these edges are not in the table of who may use whom (docs/ARCHITECTURE.md)",
        &forbidden_edges(&cargo_metadata(false)),
    );
}

#[test]
fn the_rule_sees_a_forbidden_edge() {
    let metadata = serde_json::json!({"packages": [
        {"name": "yanma-domain", "dependencies": [{"name": "yanma-store", "kind": "dev"}]},
        {"name": "yanma-store", "dependencies": [{"name": "yanma-domain", "kind": null}]},
        {"name": "yanma-utils", "dependencies": []},
    ]});
    let complaints = forbidden_edges(&metadata);
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    assert!(complaints[0].contains("yanma-domain -> yanma-store (dev"));
    assert!(complaints[1].contains("yanma-utils"));
}

#[test]
fn only_the_window_names_tauri() {
    let metadata = cargo_metadata(false);
    let mut complaints = Vec::new();
    for package in members(&metadata) {
        let name = text(package, "name");
        for dependency in package["dependencies"].as_array().unwrap() {
            let other = text(dependency, "name");
            let shell = other.starts_with("tauri") || matches!(other, "wry" | "tao" | "webkit2gtk");
            if shell && name != "yanma-desk" {
                complaints.push(format!("{name} -> {other}"));
            }
        }
    }
    report("only src-tauri may use tauri", &complaints);
}

#[test]
fn rooms_of_pure_values_use_no_clock_file_or_network() {
    let metadata = cargo_metadata(false);
    let mut complaints = Vec::new();
    for package in members(&metadata) {
        let name = text(package, "name");
        if !PURE_ROOMS.contains(&name) {
            continue;
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            let other = text(dependency, "name");
            if dependency["kind"].is_null() && NOT_FOR_PURE_ROOMS.contains(&other) {
                complaints.push(format!("{name} -> {other}"));
            }
        }
    }
    report("these rooms work on values alone", &complaints);
}

#[test]
fn only_the_platform_folder_of_the_ui_names_tauri() {
    let complaints: Vec<String> = sources(&[".ts", ".js", ".svelte"])
        .into_iter()
        .filter(|(path, text)| {
            path.starts_with("ui/")
                && !path.starts_with("ui/station/src/platform/")
                && text.contains("@tauri-apps")
        })
        .map(|(path, _)| path)
        .collect();
    report("only ui/station/src/platform may import @tauri-apps", &complaints);
}

#[test]
fn versions_are_in_the_workspace_table_only() {
    let mut complaints = Vec::new();
    for package in members(&cargo_metadata(false)) {
        let path = text(package, "manifest_path");
        let manifest = std::fs::read_to_string(path).unwrap();
        let mut among_dependencies = false;
        for (number, line) in manifest.lines().enumerate() {
            let line = line.trim();
            if line.starts_with('[') {
                among_dependencies = line.contains("dependencies");
            } else if among_dependencies
                && !line.is_empty()
                && !line.starts_with('#')
                && line.contains('=')
                && !line.contains("workspace")
            {
                complaints.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    report("a version stands in the workspace's table", &complaints);
    assert!(root().join("Cargo.toml").is_file());
}
