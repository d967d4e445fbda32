//! The desks that `cargo xtask run --scene` opens: what lies behind them, and who has come already.

use std::time::Duration;

use anyhow::{Result, ensure};
use xtask::scenes::{self, Scene};

use crate::harness::driver::Page;
use crate::harness::house::{House, at_the_window};
use crate::harness::screen::Screen;
use crate::harness::{artefact, eventually};

/// How soon a page has its rows, on a busy machine.
const SOON: Duration = Duration::from_secs(10);

/// What is to be seen at a desk.
struct Seen {
    scene: Scene,
    /// Names of its lists.
    lists: &'static [&'static str],
    /// The fewest who are on the first of them.
    people: usize,
    /// The fewest lines of its log.
    log: usize,
}

async fn opens(seen: Seen) -> Result<()> {
    let house = House::enrolled(seen.scene.as_str())?;
    ensure!(scenes::furnish(seen.scene, &house.authority, &house.desk, false)?, "it was empty");
    scenes::begin(seen.scene, &house.authority, &house.desk)?;
    let again = scenes::furnish(seen.scene, &house.authority, &house.desk, false)?;
    ensure!(!again, "a second start keeps what is there");
    let name = format!("story-scene-{}", seen.scene.as_str());
    let story = async |_: &mut House, screen: &Screen, window: &Page| {
        look(&seen, &name, screen, window).await
    };
    at_the_window(&name, house, story).await
}

async fn look(seen: &Seen, name: &str, screen: &Screen, window: &Page) -> Result<()> {
    let rows = async |what: &str, css: &str, fewest: usize| {
        eventually(what, SOON, async || {
            let script = format!("return document.querySelectorAll(\"{css}\").length");
            let count = window.client().execute(&script, Vec::new()).await?.as_u64();
            Ok(count.filter(|count| usize::try_from(*count).is_ok_and(|count| count >= fewest)))
        })
        .await
    };
    window.part("nav-guests").await?.click().await?;
    if seen.scene == Scene::Airport {
        rows("its flights", "[data-testid='flight']", seen.lists.len()).await?;
        rows("who is missing", "[data-testid='flight-missing']", 1).await?;
        screen.picture(&artefact(&format!("{name}-flights.png"))?)?;
        window.part("guests-lists").await?.click().await?;
    }
    rows("its lists", "[data-testid='list']", seen.lists.len()).await?;
    let text = window.part("guests").await?.text().await?;
    for list in seen.lists {
        ensure!(text.contains(list), "{list} is not on the screen: {text}");
    }
    rows("who is expected", "[data-testid='listed']", seen.people).await?;
    screen.picture(&artefact(&format!("{name}-lists.png"))?)?;
    window.part("nav-log").await?.click().await?;
    rows("who came already", "[data-testid='log-row']", seen.log).await?;
    screen.picture(&artefact(&format!("{name}-log.png"))?)?;
    window.part("nav-shift").await?.click().await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    screen.picture(&artefact(&format!("{name}-shift.png"))?)?;
    window.part("nav-check").await?.click().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hotel_has_tonights_guests_and_some_of_them_are_there() -> Result<()> {
    opens(Seen { scene: Scene::Hotel, lists: &["今晚到店"], people: 17, log: 8 }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_has_visitors_and_appointments_with_their_departments() -> Result<()> {
    opens(Seen {
        scene: Scene::Hospital, lists: &["今日探视", "今日门诊预约"], people: 8, log: 8
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_airport_has_two_flights_with_their_counts() -> Result<()> {
    opens(Seen {
        scene: Scene::Airport,
        lists: &["MF8561 福州—北京", "MF8117 福州—上海"],
        people: 7,
        log: 8,
    })
    .await
}
