//! The desk's window, in each scene, with a real authority behind it.

use std::time::Duration;

use anyhow::{Context, Result};
use fantoccini::Locator;
use serde_json::json;

use super::sight::Sight;
use crate::harness::driver::Page;
use crate::harness::house::{House, at_the_window, enrol_in_the_window, invoke, verdict};
use crate::harness::screen::Screen;

const SOON: Duration = Duration::from_secs(20);

/// A desk of each kind, and what it answers to a code alone: green, orange, and none.
const DESKS: [(&str, [&str; 3]); 4] = [
    ("general", ["admit", "refuse", "refer"]),
    ("hospital", ["admit", "refer", "refer"]),
    // More is wanted there than a code.
    ("hotel", ["refer", "refuse", "refer"]),
    ("airport", ["refer", "refuse", "refer"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_of_a_desk_can_be_read_and_has_room() -> Result<()> {
    for (scene, answers) in DESKS {
        let story = async |house: &mut House, screen: &Screen, window: &Page| {
            let mut sight = Sight::of_window(window)?;
            let walked = walk(house, screen, window, &mut sight, scene, answers).await;
            sight.judge(walked, 12)
        };
        at_the_window(&format!("seen-desk-{scene}"), House::open()?, story)
            .await
            .with_context(|| format!("the desk of a {scene}"))?;
    }
    Ok(())
}

async fn walk(
    house: &mut House,
    screen: &Screen,
    window: &Page,
    sight: &mut Sight<'_>,
    scene: &str,
    [green, orange, none]: [&str; 3],
) -> Result<()> {
    window.part("enrol-url").await?;
    sight.at("enrolment").await?;
    enrol_in_the_window(house, window, scene).await?;
    sight.at("waiting").await?;
    for (label, decision) in [("adult, green", green), ("adult, orange", orange)] {
        let holder = house.authority.holder(label)?;
        screen.scan(&house.authority.show(&holder, None, None)?)?;
        verdict(window, decision, SOON).await.with_context(|| label.to_owned())?;
        sight.at(label).await?;
    }
    screen.scan("a text that is no code")?;
    verdict(window, none, SOON).await?;
    sight.at("no code").await?;
    for place in window.client().find_all(Locator::Css("[data-testid^='nav-']")).await? {
        let name = place.attr("data-testid").await?.unwrap_or_default();
        place.click().await?;
        if name != "nav-check" {
            sight.at(name.trim_start_matches("nav-")).await?;
        }
    }
    house.authority.stop();
    window.find_within("[data-testid='status-connection'][data-state='offline']", SOON).await?;
    sight.at("offline").await?;
    // From the first operator on, whoever opens the desk signs in.
    let operator =
        json!({"id": "chen", "name": "陈站长", "role": "administrator", "pin": "739142"});
    invoke(window, "set_operator", operator).await?;
    invoke(window, "sign_out", json!({})).await?;
    window.client().refresh().await?;
    window.find_within("[data-testid='sign-in']", SOON).await?;
    sight.at("sign in").await
}
