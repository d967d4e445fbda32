//! What a source file may hold.

use super::{report, sources};

/// Longer files, and why they are one question all the same.
const LONG_FOR_A_REASON: &[(&str, &str)] =
    &[("ui/station/src/platform/bindings.ts", "generated from src-tauri's types")];

const LONGEST: usize = 600;

/// The only files that read the clock of the day; everywhere else time is an argument.
const CLOCKS: &[&str] = &["crates/station/src/clock.rs", "crates/authority/src/clock.rs"];

/// Rooms that work on values: no clock of any kind, no file, no network, no environment.
const PURE: &[&str] = &["crates/domain/src/", "crates/protocol/src/", "crates/barcode/src/"];

/// Words that stand for work left undone, put together here so that this file holds none.
fn unfinished() -> Vec<String> {
    [
        ("todo", "!("),
        ("unimplemented", "!("),
        ("#[ig", "nore"),
        ("FIX", "ME"),
        ("XX", "X:"),
        (".ski", "p(\""),
        ("it.on", "ly("),
        ("describe.on", "ly("),
        ("test.on", "ly("),
    ]
    .iter()
    .map(|(start, end)| format!("{start}{end}"))
    .collect()
}

fn lines_with<'a>(
    files: &'a [(String, String)],
    needles: &'a [String],
) -> impl Iterator<Item = (&'a str, String)> {
    files.iter().flat_map(move |(path, text)| {
        text.lines().enumerate().filter_map(move |(number, line)| {
            let code = line.split("//").next().unwrap_or_default();
            needles
                .iter()
                .find(|needle| code.contains(needle.as_str()))
                .map(|needle| (path.as_str(), format!("{path}:{}: {needle}", number + 1)))
        })
    })
}

#[test]
fn a_file_answers_one_question() {
    let files = sources(&[".rs", ".ts", ".svelte", ".js", ".css"]);
    assert!(files.len() > 20, "the walk found hardly a file");
    let complaints: Vec<String> = files
        .iter()
        .filter(|(path, _)| !LONG_FOR_A_REASON.iter().any(|(long, _)| long == path))
        .filter_map(|(path, text)| {
            let lines = text.lines().count();
            (lines > LONGEST).then(|| format!("{path}: {lines} lines"))
        })
        .collect();
    report("these files are longer than 600 lines", &complaints);
}

#[test]
fn nothing_is_left_undone_or_switched_off() {
    let files = sources(&[".rs", ".ts", ".svelte"]);
    let complaints: Vec<String> =
        lines_with(&files, &unfinished()).map(|(_, complaint)| complaint).collect();
    report("these lines stand for work left undone", &complaints);
}

#[test]
fn only_the_clocks_read_the_clock() {
    let files = sources(&[".rs"]);
    let clocks = ["SystemTime", "Timestamp", "Zoned"].map(|clock| format!("{clock}::{}", "now"));
    let complaints: Vec<String> = lines_with(&files, &clocks)
        .filter(|(path, _)| !CLOCKS.contains(path))
        .map(|(_, complaint)| complaint)
        .collect();
    report("time is an argument; only the two clocks read it", &complaints);
}

#[test]
fn rooms_of_values_touch_nothing_else() {
    let files = sources(&[".rs"]);
    let outside =
        ["Instant::now", "std::fs", "std::net", "std::env", "std::process"].map(str::to_owned);
    let complaints: Vec<String> = lines_with(&files, &outside)
        .filter(|(path, _)| PURE.iter().any(|room| path.starts_with(room)))
        // Reading a picture ends by its budget, and a stopwatch tells when: no time of day.
        .filter(|(path, line)| {
            !(path.starts_with("crates/barcode/") && line.ends_with("Instant::now"))
        })
        // Tests of these rooms may read vectors from files.
        .filter(|(path, _)| !path.ends_with("tests.rs") && !path.contains("/tests/"))
        .map(|(_, complaint)| complaint)
        .collect();
    report("these rooms work on values alone", &complaints);
}

#[test]
fn the_rules_see_what_they_forbid() {
    let file = |text: &str| vec![("a.rs".to_owned(), text.to_owned())];
    let count = |text: &str| lines_with(&file(text), &unfinished()).count();
    assert_eq!(count(&format!("let a = 1;\n    {}!(\"later\")", "todo")), 1);
    assert_eq!(count(&format!("#[{}]", "ignore")), 1);
    assert_eq!(count("let todo = 1; // FIXED"), 0);
}

#[test]
fn the_window_asks_the_desk_and_not_its_file() {
    let window: Vec<_> = sources(&[".rs"])
        .into_iter()
        .filter(|(path, _)| path.starts_with("src-tauri/src/"))
        .collect();
    assert!(window.len() > 5, "the walk found hardly a file");
    let past = ["store()".to_owned()];
    let complaints: Vec<_> = lines_with(&window, &past).map(|(_, line)| line).collect();
    report("past the desk nobody asks for a right", &complaints);
}
