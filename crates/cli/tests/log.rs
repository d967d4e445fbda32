//! Looking back at the terminal: with the rights of whoever has signed in, and written down, also
//! beside the program that works with the desk.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod support;

use std::sync::Arc;

use yanma_station::rights::Role;
use yanma_station::{Desk, Input, Mode, Reading, SystemClock, Via};

use support::{said, yanma};

#[test]
fn the_terminal_asks_for_the_same_right_as_the_window_and_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    // The program that works with the desk stays open all the while.
    let desk = Desk::at(data, Mode::Work, Arc::new(SystemClock)).unwrap().desk;
    let input = Input::Text("11010519491231002X".to_owned());
    desk.present(&[Reading { input, via: Via::Keyboard }]).unwrap();
    let by = |act: &str| {
        let rows = desk.store().audit_rows(None, 100).unwrap();
        let newest = rows.into_iter().find(|row| row.act == act);
        newest.and_then(|row| row.operator).unwrap_or_default()
    };
    let listed = said(yanma(data, &["log", "list"]).output().unwrap());
    assert_eq!(listed.lines().count(), 1);
    assert!(by("read-log").starts_with("terminal:"), "a desk of nobody's, too: {}", by("read-log"));

    desk.set_operator("chen", "陈站长", Role::Administrator, Some("739142")).unwrap();
    desk.sign_in("chen", "739142").unwrap();
    desk.set_operator("wang", "王小兰", Role::Operator, Some("9031")).unwrap();
    desk.sign_out().unwrap();
    let tried = |arguments: &[&str]| {
        let lines = desk.store().audit_rows(None, 100).unwrap().len();
        let output = yanma(data, arguments).output().unwrap();
        let written = desk.store().audit_rows(None, 100).unwrap().len() - lines;
        if !output.status.success() {
            assert_eq!(output.stdout, b"", "nothing is shown before it is refused");
        }
        (output.status.success(), written)
    };
    for nobody in [["log", "list"], ["log", "export"], ["log", "audit"]] {
        assert_eq!(tried(&nobody), (false, 0), "{nobody:?}: nobody has signed in");
    }
    desk.sign_in("wang", "9031").unwrap();
    assert_eq!(tried(&["log", "list", "--text", "110"]), (true, 1));
    assert!(by("search-log").starts_with("terminal:"), "the terminal's, not {}", by("search-log"));
    assert_eq!(tried(&["log", "export"]), (false, 0), "not an operator's right");
    desk.sign_in("chen", "739142").unwrap();
    assert_eq!(tried(&["log", "export"]), (true, 1));
    assert_eq!(tried(&["log", "audit"]), (true, 0));
    desk.store().check_audit().unwrap();
}
