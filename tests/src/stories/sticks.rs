//! A desk that has never had a network gets its lists from a stick, and its log goes back on it,
//! all in the real window.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use fantoccini::Locator;
use serde_json::{Value, json};
use xtask::demo::output;
use xtask::station::DemoStation;

use crate::harness::driver::Page;
use crate::harness::eventually;
use crate::harness::house::{House, at_the_window, invoke};
use crate::harness::screen::Screen;

const SOON: Duration = Duration::from_secs(30);
/// The id of a fact.
const FEVER: &str = "01730000-0000-7000-8000-000000000001";

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_on_a_stick_and_the_log_goes_back_on_it() -> Result<()> {
    let mut house = House::enrolled("general")?;
    house.authority.stop();
    house.authority.serve_with(&["--publish-seconds=1"], &[]);
    house.restart_authority()?;
    let before = house.desk.sync()?["head"].clone();
    house.report_fever(&house.authority.holder("adult, green")?, FEVER)?;
    // Somebody with a network puts the lists of after that onto the stick.
    let elsewhere = DemoStation::new(&house.programs(), &house.folder().join("elsewhere"));
    elsewhere.enrol(&house.authority, &house.authority.url(), "general", "Elsewhere")?;
    let lists = house.stick().join("yanma-feeds");
    eventually("newer lists on the stick", SOON, async || {
        let mut export = elsewhere.command()?;
        let said = output(export.args(["feed", "export", "--json"]).arg(&lists))?;
        let exported: Value = serde_json::from_str(&said)?;
        // One may have been under way when the fact was reported.
        Ok((exported["head"].as_u64() > before.as_u64().map(|head| head + 1)).then_some(()))
    })
    .await?;
    house.authority.stop();
    at_the_window("story-sticks", house, there_and_back).await
}

async fn there_and_back(house: &mut House, _screen: &Screen, window: &Page) -> Result<()> {
    window.find("[data-testid='status-connection'][data-state='offline']").await?;
    window.press("nav-devices").await?;
    window.press("stick-take").await?;
    eventually("the lists in force", SOON, async || {
        let said = window.part("stick-said").await?.text().await?;
        let offered = window.client().find_all(Locator::Css("[data-testid='stick-take']")).await?;
        Ok((!said.is_empty() && offered.is_empty()).then_some(()))
    })
    .await?;

    // What was reported elsewhere is known here by them.
    let holder = house.authority.holder("adult, green")?;
    let shown = json!({"documentType": holder.document_type, "number": holder.number});
    let verdict = invoke(window, "present_number", shown).await?;
    ensure!(verdict["decision"] == "refuse", "{verdict}");
    window.press("nav-devices").await?;
    window.press("stick-seal").await?;
    let stick = house.stick();
    let sealed = eventually("the sealed log", SOON, async || {
        let said = window.part("stick-said").await?.text().await?;
        Ok(if said.contains(".yanmalog") { sealed_on(&stick) } else { None })
    })
    .await?;
    let mut take_in = house.authority.command()?;
    let taken = output(take_in.args(["sealed-log", "take-in"]).arg(&sealed))?;
    let taken: Value = serde_json::from_str(&taken)?;
    ensure!(taken["accepted"].as_u64() >= Some(1), "{taken}");

    // With a network, the lists go onto it.
    std::fs::remove_dir_all(stick.join("yanma-feeds"))?;
    house.restart_authority()?;
    window.find_within("[data-testid='stick-write']", SOON).await?;
    window.press("stick-write").await?;
    let head = stick.join("yanma-feeds/head.yf");
    eventually("the lists on the stick", SOON, async || Ok(head.exists().then_some(()))).await
}

fn sealed_on(stick: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(stick).ok()?;
    let mut paths = files.filter_map(|file| Some(file.ok()?.path()));
    paths.find(|path| path.extension().is_some_and(|ending| ending == "yanmalog"))
}
