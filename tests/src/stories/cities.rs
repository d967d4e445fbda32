//! A desk for people of chosen cities, in the real window: it has their directories and not the
//! whole one, and whoever is of another city is not taken for unknown.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::harness::driver::Page;
use crate::harness::eventually;
use crate::harness::house::{House, at_the_window, invoke};
use crate::harness::screen::Screen;

const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_has_the_directories_of_the_cities_that_are_chosen() -> Result<()> {
    at_the_window("story-cities", House::enrolled("general")?, chosen).await
}

async fn chosen(house: &mut House, _screen: &Screen, window: &Page) -> Result<()> {
    eventually("the names of the cities", SOON, async || {
        let lists = invoke(window, "subscription", json!({})).await?;
        Ok((lists["cities"].as_array().map(Vec::len) == Some(10)).then_some(()))
    })
    .await?;
    let holder = house.authority.holder("adult, green")?;
    ensure!(holder.number.starts_with("3501"), "of Fuzhou, by the number");
    let shown = json!({"documentType": holder.document_type, "number": holder.number});

    choose(window, 3505).await?;
    house.authority.stop();
    let verdict = invoke(window, "present_number", shown.clone()).await?;
    ensure!(verdict["decision"] == "refer", "{verdict}");
    ensure!(verdict.to_string().contains("N-DIR"), "not checked, and not unknown: {verdict}");

    house.restart_authority()?;
    choose(window, 3501).await?;
    house.authority.stop();
    eventually("the colour of somebody of a chosen city", SOON, async || {
        let verdict = invoke(window, "present_number", shown.clone()).await?;
        Ok((verdict["decision"] == "admit").then_some(()))
    })
    .await
}

/// Chooses a city in the settings, and waits until Devices says that its directory is there.
async fn choose(window: &Page, code: u16) -> Result<()> {
    window.press("nav-settings").await?;
    window.find_within(&format!("[data-testid='lists-city-{code}']"), SOON).await?;
    window.press(&format!("lists-city-{code}")).await?;
    window.press("nav-devices").await?;
    window.find_within(&format!("[data-testid='city'][data-code='{code}']"), SOON).await?;
    let is_there = |city: &Value| city["code"] == code && city["ageSeconds"].is_number();
    eventually("the directory of the city", SOON, async || {
        let station = invoke(window, "station", json!({})).await?;
        let cities = station["cities"].as_array().cloned().unwrap_or_default();
        Ok(cities.iter().any(is_there).then_some(()))
    })
    .await
}
