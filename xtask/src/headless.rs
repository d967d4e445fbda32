//! The demo without a window: what is shown, what the desk says, and why.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::Value;
use xtask::card::ResidentCard;
use xtask::demo::{DemoAuthority, Holder};
use xtask::station::{DemoStation, Presented};

use crate::run::{Place, log_of};

/// One thing that somebody shows at the desk, and what the desk must say to it.
struct Case {
    shown: &'static str,
    by: Holder,
    things: Vec<Presented>,
    expected: Expected,
}

/// `None`: no verdict at all, only a message.
type Expected = Option<&'static str>;

const ADMIT: Expected = Some("admit");
const REFUSE: Expected = Some("refuse");
const REFER: Expected = Some("refer");

/// Presents everything, prints a table, and fails if a verdict is not the one that belongs there.
pub(crate) fn present_all(
    place: &Place,
    authority: &DemoAuthority,
    desk: &DemoStation,
) -> Result<ExitCode> {
    // The lists may be a minute old on a second start; a desk at work is in step.
    desk.sync()?;
    let words = words(place)?;
    let cases = cases(place, authority)?;
    println!("\n{:<34} {:<38} {:<13} {:>7}", "shown", "by", "verdict", "ms");
    let mut wrong = 0;
    for case in &cases {
        wrong += u32::from(!present(case, desk, &words)?);
    }
    println!("\n{} cases, {wrong} with another verdict than they must have", cases.len());
    println!(
        "entries        {} (read them: yanma --data {} log list)",
        desk.entries()?.len(),
        desk.folder().display()
    );
    println!("pictures       {}", place.pictures().display());
    println!("authority log  {}", log_of(authority).display());
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Presents one case and prints its lines; whether the verdict is as expected.
fn present(case: &Case, desk: &DemoStation, words: &Value) -> Result<bool> {
    let start = Instant::now();
    let answer = desk.try_verify(&case.things, false)?;
    let whole_ms = start.elapsed().as_millis();
    let verdict: Option<Value> = serde_json::from_slice(&answer.stdout).ok();
    let decision = verdict.as_ref().and_then(|verdict| verdict["verdict"].as_str());
    let said = match decision {
        Some("admit") => "ADMIT  放行  ",
        Some("refuse") => "REFUSE 不放行",
        Some("refer") => "REFER  人工  ",
        _ => "(no verdict) ",
    };
    // The verdict's own time; the program's start and the question to the authority come on top.
    let ms = verdict.as_ref().and_then(|verdict| verdict["ms"].as_f64());
    let ms = ms.map_or_else(|| format!("({whole_ms})"), |ms| format!("{ms:.1}"));
    let as_expected = decision == case.expected;
    let mark = if as_expected { "" } else { "  <- not as expected" };
    println!("{:<34} {:<38} {said} {ms:>8}{mark}", case.shown, case.by.label);
    match &verdict {
        Some(verdict) => {
            for code in codes(verdict) {
                let text = words[code]["en"]["text"].as_str().unwrap_or_default();
                println!("    {code:<8} {text}");
            }
        }
        None => {
            println!("    {}", String::from_utf8_lossy(&answer.stderr).trim().replace('\n', " "))
        }
    }
    Ok(as_expected)
}

/// Why: what was found, and what could not be checked.
fn codes(verdict: &Value) -> Vec<&str> {
    let mut codes: Vec<&str> = Vec::new();
    for list in ["reasons", "not_checked"] {
        let list = verdict[list].as_array().map(Vec::as_slice).unwrap_or_default();
        for code in list.iter().filter_map(Value::as_str) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    codes
}

fn words(place: &Place) -> Result<Value> {
    let path = place.words();
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_str(&text)?)
}

fn cases(place: &Place, authority: &DemoAuthority) -> Result<Vec<Case>> {
    let of = |label: &str| authority.holder(label);
    let picture = |name: &str, holder: &Holder, age: Option<&str>| -> Result<Presented> {
        let path = place.pictures().join(name);
        authority.show(holder, age, Some(&path))?;
        Ok(Presented::Picture(path))
    };
    let green = of("adult, green")?;
    let orange = of("adult, orange: fever clinic")?;
    let withdrawn = of("adult, code withdrawn")?;
    let without = of("elderly person without a code")?;
    let elderly = of("elderly person, green")?;
    let child = of("child, green")?;
    let stranger = of("adult, in no register")?;

    let fresh = authority.show(&green, None, None)?;
    let blank = place.pictures().join("blank.pgm");
    let half = fresh.get(..fresh.len() / 2).unwrap_or_default().to_owned();
    std::fs::write(&blank, "this is no picture")?;
    let misread = altered_digit(&child.number);
    let case =
        |shown, by: &Holder, things, expected| Case { shown, by: by.clone(), things, expected };
    Ok(vec![
        case("code on a phone", &green, vec![picture("green.png", &green, None)?], ADMIT),
        case("ID card on the reader", &elderly, vec![card(&elderly)], ADMIT),
        case("number of the ID card, scanned", &child, vec![number(&child)], ADMIT),
        case(
            "code and own ID card",
            &green,
            vec![Presented::Text(fresh.clone()), card(&green)],
            ADMIT,
        ),
        case("code on a phone", &orange, vec![picture("orange.png", &orange, None)?], REFUSE),
        case("ID card on the reader", &orange, vec![card(&orange)], REFUSE),
        case("ID card on the reader", &withdrawn, vec![card(&withdrawn)], REFUSE),
        case(
            "code, one digit altered",
            &green,
            vec![Presented::Text(altered_digit(&fresh))],
            REFUSE,
        ),
        case(
            "another issuer's code, unknown here",
            &stranger,
            vec![Presented::Text(foreign_code(place)?)],
            REFER,
        ),
        case(
            "code ten minutes old",
            &green,
            vec![picture("old.png", &green, Some("10m"))?],
            REFUSE,
        ),
        case(
            "code and another's ID card",
            &green,
            vec![Presented::Text(fresh), card(&elderly)],
            REFUSE,
        ),
        case("ID card on the reader", &without, vec![card(&without)], REFER),
        case("ID card on the reader", &stranger, vec![card(&stranger)], REFER),
        case("half a code from a scanner", &green, vec![Presented::Text(half)], REFER),
        case("number with a wrong check digit", &child, vec![Presented::Text(misread)], REFER),
        case(
            "something else: a poster",
            &green,
            vec![Presented::Text("https://example.org/menu".to_owned())],
            REFER,
        ),
        case("a file that is no picture", &green, vec![Presented::Picture(blank)], None),
    ])
}

/// A code whose issuer no trust list of the demo names, from the format's own vectors.
fn foreign_code(place: &Place) -> Result<String> {
    let path = place.code_vectors();
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let vectors: Value = serde_json::from_str(&text)?;
    let codes = vectors["codes"].as_array().context("the vectors have no codes")?;
    let foreign = codes.iter().find(|code| code["name"] == "unknown-issuer");
    let text = foreign.and_then(|code| code["text"].as_str());
    Ok(text.context("the vectors have no code of an unknown issuer")?.to_owned())
}

fn card(holder: &Holder) -> Presented {
    Presented::Card(ResidentCard { name: &holder.name, number: &holder.number }.hex())
}

fn number(holder: &Holder) -> Presented {
    Presented::Text(holder.number.clone())
}

/// `text` with its last character changed into another digit.
fn altered_digit(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    if let Some(last) = characters.last_mut() {
        *last = if *last == '3' { '4' } else { '3' };
    }
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_altered_text_differs_in_its_last_digit() {
        for (text, expected) in [("123", "124"), ("120", "123"), ("12X", "123"), ("", "")] {
            assert_eq!(altered_digit(text), expected);
        }
    }
}
