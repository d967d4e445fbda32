//! A scanner and a thermometer, each on a serial port of its own, both heard at once.

use std::time::Duration;

use anyhow::{Result, ensure};
use fantoccini::key::Key;

use crate::harness::driver::Page;
use crate::harness::house::{House, at_the_window, type_by_hand, verdict};
use crate::harness::reader::Simulated;
use crate::harness::screen::Screen;

/// How soon a desk has answered, on a busy machine.
const SOON: Duration = Duration::from_secs(10);
/// How soon it is said that a device is gone.
const TOLD: Duration = SOON;
/// How soon a device that is there again is used again.
const BACK: Duration = SOON;

/// A device that is plugged in under a name of its own.
fn plugged_in(house: &House, name: &str) -> Result<Simulated> {
    let folder = house.folder().join(name);
    std::fs::create_dir_all(&folder)?;
    Simulated::plugged_in(&house.desk, &folder, "serial", &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thermometer_beside_a_serial_scanner_and_one_unplugged_while_the_other_goes_on()
-> Result<()> {
    at_the_window("story-serial", House::enrolled("hospital")?, two_devices).await
}

async fn two_devices(house: &mut House, screen: &Screen, window: &Page) -> Result<()> {
    let mut scanner = plugged_in(house, "scanner")?;
    let mut thermometer = plugged_in(house, "thermometer")?;
    window.part("nav-devices").await?.click().await?;
    let field = "[data-testid='serial-port']";
    for device in [&scanner, &thermometer] {
        type_by_hand(window, field, &device.place()).await?;
        window.find(field).await?.send_keys(&char::from(Key::Enter).to_string()).await?;
        let name = format!("[data-testid='serial-kept'][data-line='{}']", device.place());
        window.find_within(&name, SOON).await?;
    }
    let is = |device: &Simulated, state: &str| {
        let place = device.place();
        format!("[data-testid='device'][data-id='serial:{place}'][data-state='{state}']")
    };
    for device in [&scanner, &thermometer] {
        window.find_within(&is(device, "working"), SOON).await?;
    }
    screen.picture(&crate::harness::artefact("story-serial-devices.png")?)?;

    window.part("nav-check").await?.click().await?;
    let code = |label: &str| -> Result<String> {
        let holder = house.authority.holder(label)?;
        Ok(house.authority.show(&holder, None, None)?.trim().to_owned())
    };
    scanner.does(&format!("say {}", code("adult, orange")?))?;
    verdict(window, "refer", SOON).await?;
    thermometer.does("say 36.8")?;
    let degrees = "[data-testid='finish-temperature']";
    let filled = async || window.find(degrees).await?.prop("value").await.map_err(Into::into);
    let measured = crate::harness::eventually("the degrees in their field", SOON, async || {
        let value: Result<Option<String>> = filled().await;
        Ok(value?.filter(|value| !value.is_empty()))
    });
    ensure!(measured.await? == "36.8", "as they were measured");

    thermometer.does("unplug")?;
    window.part("nav-devices").await?.click().await?;
    window.find_within(&is(&thermometer, "lost"), TOLD).await?;
    window.find(&is(&scanner, "working")).await?;
    window.part("nav-check").await?.click().await?;
    scanner.does(&format!("say {}", code("adult, green")?))?;
    verdict(window, "admit", SOON).await?;
    window.part("nav-devices").await?.click().await?;
    thermometer.does("plug")?;
    window.find_within(&is(&thermometer, "working"), BACK).await?;
    scanner.does("unplug")?;
    window.find_within(&is(&scanner, "lost"), TOLD).await?;
    window.find(&is(&thermometer, "working")).await?;

    // No more used, it is no more there; the other stays.
    let first = "[data-testid='serial-kept']:first-child [data-testid='serial-remove']";
    window.find(first).await?.click().await?;
    let gone =
        format!("[data-testid='serial-kept'][data-line='{}']:only-child", thermometer.place());
    window.find_within(&gone, SOON).await?;
    let waited_for = window.find_within(&is(&scanner, "lost"), Duration::from_millis(500)).await;
    ensure!(waited_for.is_err(), "nobody waits for it");
    window.find(&is(&thermometer, "working")).await?;
    window.part("nav-check").await?.click().await?;
    Ok(())
}
