//! The real window with devices that a kernel believes in: a webcam, and a scanner on USB that types
//! and that has a serial port.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::harness::driver::Page;
use crate::harness::guest::{Guest, kept};
use crate::harness::house::{House, type_by_hand, verdict};
use crate::harness::screen::Screen;

/// How soon a desk has answered, where one processor does everything.
const SOON: Duration = Duration::from_secs(30);
/// How soon it is said that a device is gone.
const TOLD: Duration = Duration::from_secs(2);
/// How soon one that is there again is used again.
const BACK: Duration = Duration::from_secs(3);

/// How soon another camera is used in the place of one that stays away.
const ANOTHER: Duration = Duration::from_secs(20);

const PORT: &str = "/dev/ttyACM0";
const LOG_SEARCH: &str = "[data-testid='log-search']";

#[tokio::test(flavor = "multi_thread")]
async fn a_webcam_and_a_scanner_are_read_frozen_pulled_out_and_come_back() -> Result<()> {
    let house = House::enrolled("hospital")?;
    let guest = Guest::new(house.folder().join("frames"));
    let screen = Screen::of_guest()?;
    let window = house.window(&screen).await?;
    let told = async {
        // First: beside a webcam one processor makes pauses that no scanner makes.
        keyboard(&house, &guest, &screen, &window).await.context("keyboard")?;
        webcam(&house, &guest, &window).await.context("webcam")?;
        screen.picture(&kept("webcam.png")?)?;
        serial(&house, &guest, &window).await.context("serial port")
    };
    let told = told.await;
    screen.picture(&kept("end.png")?)?;
    window.close().await?;
    told
}

/// One that is plugged in at a running desk is used, and again after it froze or was pulled out.
async fn webcam(house: &House, guest: &Guest, window: &Page) -> Result<()> {
    window.press("nav-check").await?;
    window.find(&camera("off")).await.context("no camera is there")?;
    guest.plug(&picture(house, "adult, green")?)?;
    window.find_within(&camera("working"), SOON).await?;
    verdict(window, "admit", SOON).await?;

    guest.freeze()?;
    within(window, &camera("lost"), TOLD).await?;
    guest.freeze()?;
    within(window, &camera("working"), BACK).await?;

    guest.unplug()?;
    within(window, &camera("lost"), TOLD).await?;
    guest.plug(&picture(house, "adult, orange")?)?;
    within(window, &camera("working"), BACK).await?;
    verdict(window, "refer", SOON).await?;

    guest.unplug()?;
    within(window, &camera("lost"), TOLD).await?;
    guest.plug_another()?;
    within(window, &camera("working"), ANOTHER).await.context("one that nobody chose is replaced")
}

/// What a scanner types is read wherever the keyboard is, and lands nowhere.
async fn keyboard(house: &House, guest: &Guest, screen: &Screen, window: &Page) -> Result<()> {
    window.find_within("[data-testid='status-connection'][data-state='online']", SOON).await?;
    ensure!(screen.focus()?, "the window has the keyboard");
    window.press("nav-log").await?;
    window.find(LOG_SEARCH).await?.click().await?;
    guest.types(&code(house, "adult, green")?)?;
    verdict(window, "admit", SOON).await?;
    window.press("nav-log").await?;
    let landed = window.find(LOG_SEARCH).await?.prop("value").await?;
    ensure!(landed.as_deref() == Some(""), "{landed:?} landed in the field");
    Ok(())
}

async fn serial(house: &House, guest: &Guest, window: &Page) -> Result<()> {
    window.press("nav-devices").await?;
    type_by_hand(window, "[data-testid='serial-port']", PORT).await?;
    window.press("serial-use").await?;
    let scanner = |state: &str| {
        format!("[data-testid='device'][data-id='serial:{PORT}'][data-state='{state}']")
    };
    window.find_within(&scanner("working"), SOON).await?;
    guest.unplug_scanner()?;
    within(window, &scanner("lost"), TOLD).await?;
    guest.plug_scanner()?;
    within(window, &scanner("working"), BACK).await?;
    window.press("nav-check").await?;
    guest.sends(&code(house, "adult, orange")?)?;
    verdict(window, "refer", SOON).await?;
    Ok(())
}

/// The element comes within a time, which is printed.
async fn within(window: &Page, css: &str, limit: Duration) -> Result<()> {
    let since = Instant::now();
    window.find_within(css, limit).await?;
    println!("    {css} after {} ms", since.elapsed().as_millis());
    Ok(())
}

fn camera(state: &str) -> String {
    format!("[data-testid='camera'][data-state='{state}']")
}

fn code(house: &House, label: &str) -> Result<String> {
    let holder = house.authority.holder(label)?;
    Ok(house.authority.show(&holder, None, None)?.trim().to_owned())
}

/// A folder with a picture of a fresh code.
fn picture(house: &House, label: &str) -> Result<PathBuf> {
    let folder = house.folder().join("before-the-webcam");
    std::fs::create_dir_all(&folder)?;
    let holder = house.authority.holder(label)?;
    house.authority.show(&holder, None, Some(&folder.join("code.png")))?;
    Ok(folder)
}
