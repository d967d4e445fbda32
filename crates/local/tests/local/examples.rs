//! The examples of `docs/desk-api.md`, run as they stand there.

use std::process::Command;

use serde_json::Value;

use crate::caller::Served;

/// The fenced blocks of a page, with the words after their fence.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(kind), None) => open = Some((kind, String::new())),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some((kind, text))) => open = Some((kind, format!("{text}{line}\n"))),
            (None, None) => {}
        }
    }
    blocks
}

/// The same fields, and the same values where they do not depend on the moment.
fn alike(shown: &Value, given: &Value, path: &str) {
    const OF_THE_MOMENT: [&str; 10] = [
        "entry",
        "at",
        "timestamp",
        "judged_at",
        "receipt",
        "list_age_seconds",
        "kid",
        "x",
        "station",
        "version",
    ];
    match (shown, given) {
        (Value::Object(shown), Value::Object(given)) => {
            let names =
                |it: &serde_json::Map<String, Value>| it.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(shown), names(given), "the fields of {path}");
            for (name, value) in shown {
                if !OF_THE_MOMENT.contains(&name.as_str()) {
                    alike(value, &given[name], &format!("{path}.{name}"));
                }
            }
        }
        (shown, given) => assert_eq!(shown, given, "{path}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_page_do_what_it_says() {
    let served = Served::at_work().await;
    let page = include_str!("../../../../docs/desk-api.md");
    let blocks = blocks(page);
    let mut run = 0;
    for (position, (kind, script)) in blocks.iter().enumerate() {
        if *kind != "sh" {
            continue;
        }
        let output = Command::new("sh")
            .args(["-ec", script])
            .env("DESK", format!("http://127.0.0.1:{}", served.port))
            .env("TOKEN", &served.token)
            .output()
            .expect("a shell");
        let (_, shown) = blocks.get(position + 1).filter(|(kind, _)| *kind == "json").unwrap();
        let given = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        let given = serde_json::from_str(&given)
            .unwrap_or_else(|_| panic!("{script}\nsaid {given} {errors}"));
        alike(&serde_json::from_str(shown).unwrap(), &given, "answer");
        run += 1;
    }
    assert_eq!(run, 5, "every example was run");
}
