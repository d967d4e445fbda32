//! A kiosk whose window falls.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use xtask::children::Running;
use xtask::demo::output;

use crate::harness::eventually;
use crate::harness::house::House;
use crate::harness::processes::{family, name_of, stat};
use crate::harness::screen::Screen;

/// How long a window may take to be there and take a scan, on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_kiosk_comes_back_when_its_window_or_its_page_falls_and_goes_with_its_watcher()
-> Result<()> {
    let house = House::enrolled("general")?;
    let screen = Screen::open()?;
    let mut kiosk = house.programs().command("yanma-desk")?;
    kiosk.arg("--kiosk").env("YANMA_DATA", house.desk.folder()).env("DISPLAY", screen.display());
    kiosk.stdout(Stdio::null()).stderr(Stdio::null());
    let kiosk = Running::start("yanma-desk", &mut kiosk)?;

    takes_scans(&house, &screen, "11010519491231002X", "at the start").await?;
    let first = window_of(kiosk.id()).context("the watcher has a window")?;
    kill(first)?;
    takes_scans(&house, &screen, "E12345678", "after the window fell").await?;
    let second = window_of(kiosk.id()).context("the window came back")?;
    assert_ne!(second, first);

    let page = family(second).into_iter().find(|id| name_of(*id).starts_with("WebKitWebProc"));
    kill(page.context("the page has a process of its own")?)?;
    takes_scans(&house, &screen, "E87654321", "after the page fell").await?;
    assert_eq!(window_of(kiosk.id()), Some(second), "only the page came back");

    kill(kiosk.id())?;
    eventually("the window goes with its watcher", LIMIT, async || {
        Ok(stat(second)
            .is_none_or(|stat| stat.first().is_some_and(|state| state == "Z"))
            .then_some(()))
    })
    .await
}

/// The window's process.
fn window_of(watcher: u32) -> Option<u32> {
    family(watcher).into_iter().skip(1).find(|id| name_of(*id) == "yanma-desk")
}

fn kill(id: u32) -> Result<()> {
    output(Command::new("kill").args(["-9", &id.to_string()]))?;
    Ok(())
}

/// Scans until there is one entry more. The number must be another than before: who is still
/// standing there gets no second entry.
async fn takes_scans(house: &House, screen: &Screen, number: &str, when: &str) -> Result<()> {
    let before = house.desk.entries()?.len();
    eventually(&format!("a scan is taken {when}"), LIMIT, async || {
        if screen.focus()? {
            screen.scan(number)?;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok((house.desk.entries()?.len() > before).then_some(()))
    })
    .await
}
