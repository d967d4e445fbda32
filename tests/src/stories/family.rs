//! A family of three shows one code at the real window: who is here is said, and each of them has
//! a verdict and an entry of their own.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::harness::driver::Page;
use crate::harness::eventually;
use crate::harness::house::{House, at_the_window, invoke};
use crate::harness::screen::Screen;

const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn of_a_familys_code_those_are_checked_who_are_here() -> Result<()> {
    at_the_window("story-family", House::enrolled("general")?, one_code_for_three).await
}

async fn one_code_for_three(house: &mut House, _screen: &Screen, window: &Page) -> Result<()> {
    window.find("[data-testid='status-connection'][data-state='online']").await?;
    let code = |label: &str| house.authority.show(&house.authority.holder(label)?, None, None);
    let green = code("adult, green")?;
    let orange = code("adult, orange: fever clinic")?;
    let child = code("child, green")?;
    let digits = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    let text = format!("{green}/{}/{}", digits(&orange), digits(&child));

    // Nothing is said of anybody before it is said who is here.
    let said = invoke(window, "present_text", json!({"text": text, "source": "wedge"})).await?;
    ensure!(said == Value::Null, "{said}");
    window.part("family").await?;
    ensure!(house.received()?.is_empty(), "nobody has an entry yet");
    window.press("family-here-0").await?;
    window.press("family-here-1").await?;
    window.press("family-check").await?;
    for decision in ["admit", "refuse"] {
        let row = format!("[data-testid='family-member'][data-decision='{decision}']");
        window.find_within(&row, SOON).await?;
    }
    let entries = eventually("the entries of two people", SOON, async || {
        let received = house.received()?;
        Ok((received.len() >= 2).then_some(received))
    })
    .await?;
    let mut colours: Vec<_> = entries.iter().filter_map(|entry| entry["colour"].as_str()).collect();
    colours.sort_unstable();
    ensure!(colours == ["amber", "green"], "one entry each: {entries:?}");

    // One of them is gone on with, and the list is still there afterwards.
    window.press("family-open").await?;
    window.find("[data-testid='verdict']").await?;
    let escape = char::from(Key::Escape).to_string();
    window.find("body").await?.send_keys(&escape).await?;
    window.part("family").await?;

    // A part of it is nobody's, and says so.
    let part = text.get(..text.len() - 40).context("a part")?;
    let said = invoke(window, "present_text", json!({"text": part, "source": "wedge"})).await?;
    ensure!(said["reasons"][0]["code"] == "F-PART", "{said}");
    Ok(())
}
