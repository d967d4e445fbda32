//! A desk without a window rids itself of what it keeps no longer, and says so.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod support;

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use yanma_station::domain::policy::RetentionRules;
use yanma_station::{Clock, Desk, Input, Mode, Reading, StandingClock, SystemClock, Via};

use support::{said, yanma};

const PATIENCE: Duration = Duration::from_secs(30);

/// A desk that saw two people on each of two days: one long ago, and one today; all of it has
/// been sent, and the authority has signed the time of today.
fn put_desk(data: &Path) {
    let now = SystemClock.now();
    let days_ago = i64::from(RetentionRules::STANDARD.entries_days) + 2;
    let clock = Arc::new(StandingClock::at(now));
    clock.turn(-days_ago * 86_400);
    let desk = Desk::at(data, Mode::Work, clock.clone()).unwrap().desk;
    for turn in [9, days_ago * 86_400, 9, 0] {
        let input = Input::Text("11010519491231002X".to_owned());
        let checked = desk.present(&[Reading { input, via: Via::Keyboard }]).unwrap();
        desk.store().mark_sent(&[checked.entry]).unwrap();
        clock.turn(turn);
    }
    desk.store().see_authority_time(now).unwrap();
}

#[test]
fn a_day_goes_while_the_desk_watches_and_the_log_tells() {
    let folder = tempfile::tempdir().unwrap();
    let (data, pictures) = (folder.path().join("desk"), folder.path().join("pictures"));
    std::fs::create_dir_all(&pictures).unwrap();
    put_desk(&data);
    let days = || {
        let text = said(yanma(&data, &["log", "days", "--json"]).output().unwrap());
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect::<Vec<serde_json::Value>>()
    };
    let before = days();
    assert_eq!(before.len(), 2);
    assert_eq!((&before[0]["entries"], &before[0]["entries_kept"]), (&2.into(), &true.into()));

    let pictures = pictures.to_str().unwrap();
    let mut command = yanma(&data, &["watch", "--pictures", pictures, "--json"]);
    let mut watch = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while days()[0]["entries_kept"] == true && started.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(50));
    }
    watch.kill().unwrap();
    watch.wait().unwrap();

    let after = days();
    assert_eq!(after[0]["entries_kept"], false);
    assert_eq!(after[0]["head"], before[0]["head"]);
    assert_eq!(after[1], before[1], "today stays");
    let text = said(yanma(&data, &["log", "audit", "--json"]).output().unwrap());
    let rows = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let ended: Vec<_> = rows.filter(|row| row["act"] == "end-retention").collect();
    assert!(!ended.is_empty(), "what goes is written down: {text}");
    assert!(ended.iter().all(|row| row["by"].is_null()), "by nobody's word: {text}");
    let text = said(yanma(&data, &["log", "days"]).output().unwrap());
    assert!(text.lines().next().unwrap().contains("  1-2  deleted  "), "{text}");
    let text = said(yanma(&data, &["log", "check"]).output().unwrap());
    let expect = "2 entries, all as written; 2 more were deleted at the end of their retention";
    assert!(text.starts_with(expect), "{text}");
    let head = text.trim_end().rsplit(' ').next().unwrap();
    let with_head = |head: &str| yanma(&data, &["log", "check", "--head", head]).output().unwrap();
    assert_eq!(said(with_head(head)), text, "its own head is there");
    let other = with_head(&head.chars().rev().collect::<String>());
    assert!(other.status.success(), "it may have been of the day that is gone");
    let text = String::from_utf8(other.stdout).unwrap();
    assert!(text.contains("may have been of a day that is gone"), "{text}");
}
