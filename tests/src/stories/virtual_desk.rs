//! The real window with devices that a kernel believes in: a webcam, and a scanner on USB that types
//! and that has a serial port.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::harness::driver::Page;
use crate::harness::eventually;
use crate::harness::guest::{Guest, kept};
use crate::harness::house::{House, type_by_hand, verdict};
use crate::harness::screen::Screen;

/// How soon a desk has answered, where one processor does everything.
const SOON: Duration = Duration::from_secs(30);
/// How soon the page says that a device is gone: two seconds, which the tests of the devices hold
/// exactly, and what one processor for everything adds.
const TOLD: Duration = Duration::from_secs(3);
/// How soon one that is there again is used again, likewise.
const BACK: Duration = Duration::from_secs(4);

/// After so long a desk takes another camera in the place of one that does not work.
const GIVEN_UP: Duration = Duration::from_secs(12);
/// How soon another camera is used then.
const ANOTHER: Duration = Duration::from_secs(10);

const PORT: &str = "/dev/ttyACM0";
const PORT_FIELD: &str = "[data-testid='serial-port']";

/// What a person shows within this time is one encounter (docs/decisions/0003), and a little more.
const ENCOUNTER: Duration = Duration::from_secs(9);

#[tokio::test(flavor = "multi_thread")]
async fn a_webcam_and_a_scanner_are_read_frozen_pulled_out_and_come_back() -> Result<()> {
    let house = House::enrolled("hospital")?;
    let guest = Guest::new(house.folder().join("frames"));
    let screen = Screen::of_guest()?;
    let window = house.window(&screen).await?;
    let told = async {
        // First: beside a webcam one processor makes pauses that no scanner makes.
        let typed = keyboard(&house, &guest, &screen, &window).await.context("keyboard")?;
        let seen = webcam(&house, &guest, &window, &typed).await.context("webcam")?;
        screen.picture(&kept("webcam.png")?)?;
        another_webcam(&guest, &window).await.context("another webcam")?;
        serial(&house, &guest, &window, &seen).await.context("serial port")
    };
    let told = told.await;
    screen.picture(&kept("end.png")?)?;
    window.close().await?;
    told
}

/// What a scanner types is read wherever the keyboard is, and lands nowhere. Gives its entry.
async fn keyboard(house: &House, guest: &Guest, screen: &Screen, window: &Page) -> Result<String> {
    window.find_within("[data-testid='status-connection'][data-state='online']", SOON).await?;
    ensure!(screen.focus()?, "the window has the keyboard");
    // A screen that stays, and its field with it, when somebody is checked.
    window.press("nav-devices").await?;
    window.find(PORT_FIELD).await?.click().await?;
    guest.types(&code(house, "adult, green")?)?;
    window.find_within("[data-testid='verdict-strip']", SOON).await?;
    let landed = window.find(PORT_FIELD).await?.prop("value").await?;
    ensure!(landed.as_deref() == Some(""), "{landed:?} landed in the field");
    window.press("nav-check").await?;
    let entry = verdict(window, "admit", SOON).await?;
    Ok(entry)
}

/// One that is plugged in at a running desk is used, and again after it froze or was pulled out.
/// Gives its last entry.
async fn webcam(house: &House, guest: &Guest, window: &Page, before: &str) -> Result<String> {
    window.press("nav-check").await?;
    window.find(&camera("off")).await.context("no camera is there")?;
    guest.plug(&picture(house, "adult, green")?)?;
    window.find_within(&camera("working"), SOON).await?;
    let entry = next_verdict(window, "admit", before).await?;

    // Longer than what belongs to one person may take: again, it would be another entry.
    tokio::time::sleep(ENCOUNTER).await;
    guest.freeze()?;
    within(window, &camera("lost"), TOLD).await?;
    guest.freeze()?;
    within(window, &camera("working"), BACK).await?;
    tokio::time::sleep(BACK).await;
    let stands = verdict(window, "admit", SOON).await?;
    ensure!(stands == entry, "who stayed before a camera that froze was counted again");

    guest.unplug()?;
    within(window, &camera("lost"), TOLD).await?;
    guest.plug(&picture(house, "adult, orange")?)?;
    within(window, &camera("working"), BACK).await?;
    next_verdict(window, "refer", &entry).await
}

/// One that nobody chose is waited for, and another that is there is used in its place.
async fn another_webcam(guest: &Guest, window: &Page) -> Result<()> {
    guest.unplug()?;
    within(window, &camera("lost"), TOLD).await?;
    tokio::time::sleep(GIVEN_UP).await;
    within(window, &camera("lost"), TOLD)
        .await
        .context("it is still the camera that is waited for")?;
    guest.plug_another()?;
    within(window, &camera("working"), ANOTHER).await
}

async fn serial(house: &House, guest: &Guest, window: &Page, before: &str) -> Result<()> {
    window.press("nav-devices").await?;
    type_by_hand(window, PORT_FIELD, PORT).await?;
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
    guest.sends(&code(house, "adult, green")?)?;
    next_verdict(window, "admit", before).await?;
    Ok(())
}

/// Waits for the verdict on another entry than the one before.
async fn next_verdict(window: &Page, decision: &str, before: &str) -> Result<String> {
    eventually("another verdict", SOON, async || {
        let entry = verdict(window, decision, SOON).await?;
        Ok((entry != before).then_some(entry))
    })
    .await
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
