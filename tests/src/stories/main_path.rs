//! The main path of the design: shown, seen, judged, kept, received.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::harness::driver::Page;
use crate::harness::house::{House, at_the_window, enrol_in_the_window, use_pictures, verdict};
use crate::harness::screen::Screen;
use crate::harness::{artefact, eventually};
use crate::stories::citizen;

/// How long a guard waits for an answer without thinking that something is wrong.
const A_BLINK: Duration = Duration::from_secs(2);
/// How long background work (sync, upload) may take here, where it runs every second.
const SOON: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn a_code_on_a_phone_is_admitted_and_its_entry_reaches_the_authority() -> Result<()> {
    at_the_window("story-admit", House::open()?, admitted_and_received).await
}

async fn admitted_and_received(house: &mut House, screen: &Screen, window: &Page) -> Result<()> {
    enrol_in_the_window(house, window, "general").await?;
    use_pictures(window, &house.pictures()).await?;

    let phone = citizen::with_a_code(house).await?;
    let whole = house.folder().join("phone.png");
    phone.picture(&whole).await?;
    std::fs::copy(&whole, artefact("story-phone.png")?)?;
    // The camera sees the phone's screen from now on.
    std::fs::rename(&whole, house.pictures().join("phone.png"))?;
    let seen = Instant::now();
    let admitted = verdict(window, "admit", Duration::from_secs(20)).await;
    let took = seen.elapsed();
    let entry = admitted?;
    println!("from the picture to the verdict on screen: {} ms", took.as_millis());
    ensure!(took < A_BLINK, "the verdict took {} ms", took.as_millis());

    window.part("nav-log").await?.click().await?;
    window.find(&format!("[data-testid='log-row'][data-entry='{entry}']")).await?;
    screen.picture(&artefact("story-log.png")?)?;
    eventually("the entry at the authority", SOON, async || {
        Ok((house.times_received(&entry)? == 1).then_some(()))
    })
    .await?;
    let received = house.received()?;
    let entry = received.iter().find(|row| row["id"] == entry.as_str()).context("the entry")?;
    ensure!(entry["decision"] == "admit", "the authority reads {}", entry["decision"]);
    phone.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_authority_the_desk_goes_on_and_sends_the_entry_once() -> Result<()> {
    at_the_window("story-offline", House::enrolled("general")?, on_without_the_authority).await
}

async fn on_without_the_authority(house: &mut House, screen: &Screen, window: &Page) -> Result<()> {
    window.find("[data-testid='status-connection'][data-state='online']").await?;
    let holder = house.authority.holder("adult, green")?;
    let code = house.authority.show(&holder, None, None)?;
    house.authority.stop();

    screen.scan(&code)?;
    let entry = verdict(window, "admit", Duration::from_secs(20)).await?;
    let age = window.part("verdict-age").await?.text().await?;
    // "Judged on this desk's data", and how old that is.
    ensure!(age.contains("本台数据") && age.contains("更新"), "no age of the data in {age:?}");
    window.find_within("[data-testid='status-connection'][data-state='offline']", SOON).await?;

    house.restart_authority()?;
    let limit = Duration::from_secs(60);
    eventually("the entry at the authority", limit, async || {
        Ok((house.times_received(&entry)? > 0).then_some(()))
    })
    .await?;
    window.find_within("[data-testid='status-connection'][data-state='online']", SOON).await?;
    // Several rounds of upload later it is still there once.
    tokio::time::sleep(Duration::from_secs(4)).await;
    ensure!(house.times_received(&entry)? == 1, "the entry was received more than once");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_fact_turns_the_holder_orange_and_the_same_code_is_refused() -> Result<()> {
    at_the_window("story-orange", House::enrolled("general")?, orange_and_refused).await
}

async fn orange_and_refused(house: &mut House, screen: &Screen, window: &Page) -> Result<()> {
    window.find("[data-testid='status-connection'][data-state='online']").await?;
    let holder = house.authority.holder("adult, green")?;
    let code = house.authority.show(&holder, None, None)?;
    screen.scan(&code)?;
    verdict(window, "admit", Duration::from_secs(20)).await?;

    house.report_fever(&holder, "01976f5e-7a00-7000-8000-000000000001")?;
    // The next person's turn, then the same code again. One sync later the answer is another.
    let start = Instant::now();
    eventually("the same code refused", SOON, async || {
        screen.scan(&code)?;
        Ok(verdict(window, "refuse", Duration::from_secs(1)).await.ok())
    })
    .await?;
    println!("from the fact to the refusal: {} ms", start.elapsed().as_millis());
    let reasons = window.part("reasons").await?.text().await?;
    ensure!(reasons.contains("C-ORA"), "the reasons shown are {reasons:?}");
    let script = "return performance.getEntriesByName('verdict-painted').map((e) => e.duration)";
    let painted = window.client().execute(script, Vec::new()).await?;
    println!("from a scanned text to its painted verdict, ms: {painted}");
    ensure!(painted.as_array().is_some_and(|times| !times.is_empty()), "nothing was measured");

    // The list came by delta as well: without the authority the desk still knows.
    house.authority.stop();
    window.find_within("[data-testid='status-connection'][data-state='offline']", SOON).await?;
    let orange = house.authority.show(&holder, None, None)?;
    screen.scan(&orange)?;
    let local = eventually("a verdict on local data", SOON, async || {
        let age = window.part("verdict-age").await?.text().await?;
        Ok(age.contains("本台数据").then_some(()))
    });
    local.await?;
    verdict(window, "refuse", Duration::from_secs(1)).await?;
    Ok(())
}
