//! A whole shift at the desk without a mouse: set up, sign in, scan, answer, let in against a
//! refusal, hand over, report, sign out.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;

use crate::harness::driver::Page;
use crate::harness::eventually;
use crate::harness::house::{House, at_the_window, verdict};
use crate::harness::keyboard::Keyboard;
use crate::harness::screen::Screen;

/// How soon a desk has answered, on a busy machine.
const SOON: Duration = Duration::from_secs(15);
const PIN: &str = "739142";
const OTHER_PIN: &str = "9031";
/// Counts what only a mouse or a finger does.
const WATCH: &str = "window.pressed = 0;\
    for (const kind of ['pointerdown', 'mousedown', 'touchstart'])\
    window.addEventListener(kind, () => { window.pressed += 1 }, { capture: true })";

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_without_a_mouse_from_the_first_screen_to_the_last() -> Result<()> {
    at_the_window("shift-by-keys", House::open()?, work).await
}

async fn work(house: &mut House, screen: &Screen, window: &Page) -> Result<()> {
    let keys = Keyboard(window);
    window.part("enrol-url").await?;
    window.client().execute(WATCH, Vec::new()).await?;
    keys.write("[data-testid='enrol-url']", &house.authority.url()).await?;
    keys.write("[data-testid='enrol-code']", &house.authority.enrolment_code("hotel")?).await?;
    keys.write("[data-testid='enrol-name']", "一号台").await?;
    keys.key(Key::Enter).await?;
    window.find_within("[data-testid='status-connection'][data-state='online']", SOON).await?;

    set_up(&keys, "chen", "陈站长", PIN, "administrator").await.context("the first one")?;
    sign_in(&keys, "chen", PIN).await?;
    set_up(&keys, "wang", "王小兰", OTHER_PIN, "operator").await.context("the second one")?;
    hand_over(&keys, "wang", OTHER_PIN).await?;

    scan(house, screen, window, "adult, green", "refer").await?;
    keys.write_by_hand("[data-testid='finish-room']", "1208").await?;
    keys.write_by_hand("[data-testid='finish-nights']", "2").await?;
    keys.key(Key::Enter).await?;
    window.find_within("[data-testid='finished'][data-action='admitted']", SOON).await?;

    scan(house, screen, window, "adult, orange: fever clinic", "refuse").await?;
    keys.press("[data-testid='finish-override']").await?;
    keys.write_by_hand("[data-testid='override-pin']", PIN).await?;
    keys.write_by_hand("[data-testid='override-reason']", "急诊").await?;
    keys.write_by_hand("[data-testid='finish-room']", "1209").await?;
    keys.write_by_hand("[data-testid='finish-nights']", "1").await?;
    keys.press("[data-testid='override-allow']").await?;
    window.find_within("[data-testid='finished'][data-action='admitted']", SOON).await?;

    hand_over(&keys, "chen", PIN).await?;
    report(&keys).await?;
    keys.press("[data-testid='sign-out']").await?;
    window.find_within("[data-testid='sign-in']", SOON).await?;
    let pressed = window.client().execute("return window.pressed", Vec::new()).await?;
    ensure!(pressed == 0, "something was pressed with a mouse: {pressed}");
    Ok(())
}

async fn set_up(keys: &Keyboard<'_>, id: &str, name: &str, pin: &str, role: &str) -> Result<()> {
    keys.key(Key::F4).await?;
    for (field, text) in [("id", id), ("name", name)] {
        keys.write_by_hand(&format!("[data-testid='people-{field}']"), text).await?;
    }
    let select = keys.to("[data-testid='people-role']").await?;
    for _ in 0..2 {
        if select.prop("value").await?.as_deref() != Some(role) {
            keys.key(Key::Up).await?;
        }
    }
    let chosen = select.prop("value").await?;
    ensure!(chosen.as_deref() == Some(role), "the arrow keys chose {chosen:?}");
    keys.write_by_hand("[data-testid='people-pin']", pin).await?;
    keys.press("[data-testid='people-save']").await
}

async fn sign_in(keys: &Keyboard<'_>, id: &str, pin: &str) -> Result<()> {
    keys.press(&format!("[data-testid='sign-in-{id}']")).await?;
    keys.write_by_hand("[data-testid='sign-in-pin']", pin).await?;
    keys.key(Key::Enter).await?;
    keys.0.find_within("[data-testid='nav-check']", SOON).await?;
    Ok(())
}

async fn hand_over(keys: &Keyboard<'_>, to: &str, pin: &str) -> Result<()> {
    keys.key(Key::F5).await?;
    keys.press("[data-testid='sign-out']").await?;
    sign_in(keys, to, pin).await
}

async fn scan(
    house: &House,
    screen: &Screen,
    window: &Page,
    label: &str,
    expect: &str,
) -> Result<()> {
    let holder = house.authority.holder(label)?;
    screen.scan(&house.authority.show(&holder, None, None)?)?;
    verdict(window, expect, SOON).await.with_context(|| label.to_owned())?;
    Ok(())
}

/// Looks at the figures of the day and writes both reports.
async fn report(keys: &Keyboard<'_>) -> Result<()> {
    let window = keys.0;
    keys.key(Key::F5).await?;
    for (figure, count) in [("total", "2"), ("admit", "0"), ("refer", "1"), ("refuse", "1")] {
        let css = format!("[data-testid='shift-{figure}']");
        let shown = window.find(&css).await?.text().await?;
        ensure!(shown == count, "{figure}: {shown} and not {count}");
    }
    for (form, begin) in [("csv", &b"of,what,people,"[..]), ("pdf", b"%PDF-1.")] {
        keys.press(&format!("[data-testid='shift-{form}']")).await?;
        let ending = format!(".{form}");
        let path = eventually("the report's place", SOON, async || {
            let said = window.part("shift-written").await?.text().await?;
            Ok(said.split_whitespace().find(|word| word.ends_with(&ending)).map(str::to_owned))
        })
        .await?;
        let bytes = std::fs::read(&path).with_context(|| path.clone())?;
        ensure!(bytes.starts_with(begin), "{path} is no {form}");
        if form == "csv" {
            let text = String::from_utf8(bytes)?;
            ensure!(text.contains("\nact,override,1,"), "not that somebody was let in: {text}");
            ensure!(text.contains("\noperator,wang,2,"), "not whose shift it was: {text}");
        }
    }
    Ok(())
}
