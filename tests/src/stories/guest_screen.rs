//! The guest's window on a monitor of its own, which is pulled out and plugged in again.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::harness::driver::Page;
use crate::harness::house::{House, invoke, use_pictures, verdict};
use crate::harness::monitors::{Rectangle, SECOND};
use crate::harness::screen::Screen;

/// How soon a desk has answered, on a busy machine.
const SOON: Duration = Duration::from_secs(10);
/// What only the title of the guest's window has.
const GUEST: &str = "来客";
/// What only the title of the operator's window is.
const DESK: &str = "^Yanma 验码$";
const SECOND_MONITOR: Rectangle = Rectangle { x: 1280, y: 0, width: 1024, height: 768 };

#[tokio::test(flavor = "multi_thread")]
async fn the_guests_window_fills_the_second_monitor_and_never_covers_the_operators() -> Result<()> {
    // As in a container: Xorg opens the computer's console, also for monitors that are not there.
    if !std::path::Path::new("/dev/tty0").exists() {
        eprintln!("not run: there is no console for Xorg (/dev/tty0)");
        return Ok(());
    }
    let house = House::enrolled("general")?;
    let screen = Screen::with_two_monitors(house.folder())?;
    let window = house.window(&screen).await?;
    let told = plugged_in_and_out(&house, &screen, &window).await;
    screen.picture(&crate::harness::artefact("story-guest-screen.png")?)?;
    window.close().await?;
    told?;
    // Where a monitor was chosen it opens with the desk.
    let window = house.window(&screen).await?;
    let again = screen.window_is(GUEST, Some(SECOND_MONITOR)).await;
    window.close().await?;
    again
}

async fn plugged_in_and_out(house: &House, screen: &Screen, window: &Page) -> Result<()> {
    use_pictures(window, &house.pictures()).await?;
    window.part("nav-devices").await?.click().await?;
    window.part("open-guest").await?.click().await?;
    screen.window_is(GUEST, Some(SECOND_MONITOR)).await?;
    let desk = screen.window_at(DESK)?.context("the operator's window")?;
    ensure!(!desk.meets(SECOND_MONITOR), "{desk:?}");

    // The operator's window works on while the guest's has nowhere to be, and it is back by itself.
    screen.pull_out()?;
    screen.window_is(GUEST, None).await?;
    window.part("nav-check").await?.click().await?;
    let green = house.authority.holder("adult, green")?;
    house.authority.show(&green, None, Some(&house.pictures().join("a.png")))?;
    verdict(window, "admit", SOON).await?;
    screen.plug_in()?;
    screen.window_is(GUEST, Some(SECOND_MONITOR)).await?;

    // Which monitors there are is told, and one that was chosen is remembered while it is away.
    let screens = invoke(window, "screens", json!({})).await?;
    let named =
        |name: &str| screens.as_array().into_iter().flatten().find(|one| one["name"] == name);
    ensure!(named(SECOND).is_some_and(|one| one["operators"] == false), "{screens}");
    window.part("nav-devices").await?.click().await?;
    let choice = window.part("devices-guest-screen").await?;
    choice.select_by_value(SECOND).await?;
    screen.pull_out()?;
    screen.window_is(GUEST, None).await?;
    window.part("nav-check").await?.click().await?;
    window.part("nav-devices").await?.click().await?;
    let choice = window.part("devices-guest-screen").await?;
    ensure!(choice.prop("value").await?.as_deref() == Some(SECOND), "it stays chosen");

    // Whoever wants it without a second monitor has it as a window.
    window.part("open-guest").await?.click().await?;
    crate::harness::eventually("a window", SOON, async || screen.window_at(GUEST)).await?;
    screen.plug_in()?;
    screen.window_is(GUEST, Some(SECOND_MONITOR)).await?;
    crate::harness::eventually("it is there to be chosen again", SOON, async || {
        let choices = window.part("devices-guest-screen").await?.text().await?;
        Ok(choices.contains("1024×768").then_some(()))
    })
    .await?;
    window.part("nav-check").await?.click().await?;
    Ok(())
}
