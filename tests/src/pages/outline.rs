//! What a screen reader is given of each screen, kept beside the tests and compared.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::harness::artefact;

/// Compares the outlines of `surface` with those in `tests/snapshots/SURFACE.txt`. What was seen is
/// left as `outline-SURFACE.txt` among the artefacts, to be looked at and copied over when it is
/// right.
pub(super) fn compare(surface: &str, screens: &[(String, Vec<String>)]) -> Result<()> {
    let mut seen = String::new();
    let mut before = HashSet::new();
    for (screen, lines) in screens {
        ensure!(lines.len() > 5, "{screen} gives a screen reader next to nothing: {lines:?}");
        writeln!(seen, "== {screen}")?;
        tell_once(lines, 2, &mut before, &mut seen)?;
    }
    let left = artefact(&format!("outline-{surface}.txt"))?;
    std::fs::write(&left, &seen)?;
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(format!("{surface}.txt"));
    let kept = std::fs::read_to_string(&path)
        .with_context(|| format!("{}; the outline is in {}", path.display(), left.display()))?;
    if let Some(told) = difference(&kept, &seen) {
        bail!(
            "a screen reader is given something else of {surface}: {told}\nlook at {}, and copy it to {} if it is right",
            left.display(),
            path.display()
        );
    }
    Ok(())
}

/// Writes a screen; a part of it that an earlier one had too, such as its header, by its first line.
fn tell_once(
    lines: &[String],
    indent: usize,
    before: &mut HashSet<Vec<String>>,
    to: &mut String,
) -> Result<()> {
    let begins = |line: &String| line.len() - line.trim_start().len() <= indent;
    for part in lines.chunk_by(|_, next| !begins(next)) {
        let Some((first, rest)) = part.split_first() else { continue };
        if rest.len() < 2 {
            part.iter().try_for_each(|line| writeln!(to, "{line}"))?;
        } else if before.contains(part) {
            writeln!(to, "{first} (as before)")?;
        } else {
            before.insert(part.to_vec());
            writeln!(to, "{first}")?;
            if indent < 4 {
                tell_once(rest, indent + 2, before, to)?;
            } else {
                rest.iter().try_for_each(|line| writeln!(to, "{line}"))?;
            }
        }
    }
    Ok(())
}

/// The first place where two texts differ, with the screen it belongs to.
fn difference(kept: &str, seen: &str) -> Option<String> {
    let (mut kept, mut seen) = (kept.lines(), seen.lines());
    let mut screen = "";
    loop {
        match (kept.next(), seen.next()) {
            (None, None) => return None,
            (was, is) if was == is => {
                if let Some(name) = was.and_then(|line| line.strip_prefix("== ")) {
                    screen = name;
                }
            }
            (was, is) => return Some(format!("{screen}: it was {was:?} and is {is:?}")),
        }
    }
}

#[test]
fn the_first_difference_is_told_with_its_screen() {
    let kept = "== waiting\nmain\n  heading\n== log\nmain\n";
    assert_eq!(difference(kept, kept), None);
    let told = difference(kept, &kept.replace("log\nmain", "log\nregion")).unwrap();
    assert!(told.starts_with("log: it was Some(\"main\")"), "{told}");
    let told = difference(kept, &format!("{kept}  button\n")).unwrap();
    assert!(told.contains("it was None and is Some(\"  button\")"), "{told}");
}

#[test]
fn what_an_earlier_screen_had_too_is_told_by_its_first_line() {
    let screen = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let waiting = screen("document\n  banner\n    a\n    b\n  main\n    region\n      c\n      d");
    let log =
        screen("document\n  banner\n    a\n    b\n  main\n    e\n    region\n      c\n      d");
    let (mut before, mut told) = (HashSet::new(), String::new());
    tell_once(&waiting, 2, &mut before, &mut told).unwrap();
    assert_eq!(told.lines().collect::<Vec<_>>(), waiting, "the first is told whole");
    told.clear();
    tell_once(&log, 2, &mut before, &mut told).unwrap();
    assert_eq!(told, "document\n  banner (as before)\n  main\n    e\n    region (as before)\n",);
}
