//! The desk's window, in each scene, with a real authority behind it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::Locator;
use serde_json::json;

use super::outline;
use super::sight::Sight;
use crate::harness::driver::Page;
use crate::harness::house::{
    House, at_the_window, enrol_in_the_window, invoke, type_by_hand, use_counter, use_pictures,
};
use crate::harness::screen::Screen;

const SOON: Duration = Duration::from_secs(30);
const PIN: &str = "739142";
const STEADY: &str = "localStorage.setItem('yanma-desk-screen', \
    JSON.stringify({returnSeconds: 0, guest: 'zh-CN'}))";

/// What is not the same on every machine, and is looked at without being compared: which devices
/// there are.
const NOT_COMPARED: [&str; 1] = ["devices"];

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_of_a_gates_desk_can_be_read_and_has_room() -> Result<()> {
    every_screen("general", ["admit", "refuse", "refer"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_of_a_hospitals_desk_can_be_read_and_has_room() -> Result<()> {
    every_screen("hospital", ["admit", "refer", "refer"]).await
}

// More is wanted there than a code.
#[tokio::test(flavor = "multi_thread")]
async fn every_screen_of_a_hotels_desk_can_be_read_and_has_room() -> Result<()> {
    every_screen("hotel", ["refer", "refuse", "refer"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_of_an_airports_desk_can_be_read_and_has_room() -> Result<()> {
    every_screen("airport", ["refer", "refuse", "refer"]).await
}

/// Walks through a new desk of such a place, which answers so to a code alone: green, orange, and
/// none.
async fn every_screen(scene: &str, answers: [&str; 3]) -> Result<()> {
    let house = House::open()?;
    if scene == "general" {
        // A site that made a mistake in a scene of its own.
        let scenes = house.desk.folder().join("scenes");
        std::fs::create_dir_all(&scenes)?;
        std::fs::write(scenes.join("school.toml"), "id = \"school\"\nversoin = 1\n")?;
    }
    let story = async |house: &mut House, _: &Screen, window: &Page| {
        let mut sight = Sight::of_window(window)?;
        let walked = walk(house, window, &mut sight, scene, answers).await;
        let mut outlines = sight.outlines().to_vec();
        sight.judge(walked, 17)?;
        outlines.retain(|(name, _)| !NOT_COMPARED.contains(&name.as_str()));
        outline::compare(&format!("desk-{scene}"), &outlines)
    };
    at_the_window(&format!("seen-desk-{scene}"), house, story).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_cannot_be_opened_can_be_read_and_has_room() -> Result<()> {
    let house = House::enrolled("general")?;
    std::fs::rename(house.desk.folder().join("desk.key"), house.folder().join("desk.key"))?;
    at_the_window("seen-desk-closed", house, async |_, _, window| {
        window.part("closed").await?;
        let mut sight = Sight::of_window(window)?;
        let seen = sight.at("closed").await;
        let outlines = sight.outlines().to_vec();
        sight.judge(seen, 1)?;
        outline::compare("desk-closed", &outlines)
    })
    .await
}

/// One camera large and one small, and the other way round; then one that is out.
#[tokio::test(flavor = "multi_thread")]
async fn two_live_pictures_can_be_read_and_have_room() -> Result<()> {
    let story = async |house: &mut House, _: &Screen, window: &Page| {
        let mut sight = Sight::of_window(window)?;
        let seen = two_cameras(house, window, &mut sight).await;
        let mut outlines = sight.outlines().to_vec();
        sight.judge(seen, 3)?;
        // It names a folder that is another each time.
        outlines.retain(|(name, _)| name != "one camera out");
        outline::compare("desk-cameras", &outlines)
    };
    at_the_window("seen-desk-cameras", House::enrolled("hotel")?, story).await
}

async fn two_cameras(house: &House, window: &Page, sight: &mut Sight<'_>) -> Result<()> {
    let counter = house.folder().join("counter");
    std::fs::create_dir(&counter)?;
    window.find_within("[data-testid='status-age'][data-tier='live']", SOON).await?;
    use_pictures(window, &house.pictures()).await?;
    use_counter(window, &counter).await?;
    for side in ["guest", "document"] {
        window.find(&format!("[data-testid='camera'][data-side='{side}'] img")).await?;
    }
    sight.at("two cameras").await?;
    window.press("camera-enlarge").await?;
    sight.at("the other one large").await?;
    window.press("camera-enlarge").await?;
    std::fs::remove_dir(&counter)?;
    window.find("[data-testid='camera'][data-side='document'][data-state='lost']").await?;
    sight.at("one camera out").await
}

/// The guest's own screen: with the colour, and where the scene keeps it to itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_guests_screen_can_be_read_and_has_room() -> Result<()> {
    for scene in ["general", "hospital"] {
        let house = House::enrolled(scene)?;
        let story = async |house: &mut House, _: &Screen, window: &Page| {
            let mut sight = Sight::of_window(window)?;
            let seen = as_a_guest(house, window, &mut sight).await;
            let outlines = sight.outlines().to_vec();
            sight.judge(seen, 2)?;
            outline::compare(&format!("guest-{scene}"), &outlines)
        };
        at_the_window(&format!("seen-guest-{scene}"), house, story).await?;
    }
    Ok(())
}

/// The same page as the guest's window opens, in the window that the driver has.
async fn as_a_guest(house: &House, window: &Page, sight: &mut Sight<'_>) -> Result<()> {
    window.find_within("[data-testid='status-age'][data-tier='live']", SOON).await?;
    window.client().execute(STEADY, Vec::new()).await?;
    let mut address = window.client().current_url().await?;
    address.set_query(Some("guest"));
    window.client().goto(address.as_str()).await?;
    // The languages it offers come one by one.
    window.part("guest-language-id").await?;
    sight.at("inviting").await?;
    let holder = house.authority.holder("adult, green")?;
    let text = house.authority.show(&holder, None, None)?;
    invoke(window, "present_text", json!({"text": text, "source": "typed"})).await?;
    window.part("guest-told").await?;
    sight.at("after a verdict").await
}

async fn walk(
    house: &mut House,
    window: &Page,
    sight: &mut Sight<'_>,
    scene: &str,
    [green, orange, none]: [&str; 3],
) -> Result<()> {
    window.part("enrol-url").await?;
    // Nothing goes away by itself while it is looked at, and no language takes its turn.
    window.client().execute(STEADY, Vec::new()).await?;
    window.client().refresh().await?;
    window.part("enrol-url").await?;
    sight.at("enrolment").await?;
    enrol_in_the_window(house, window, scene).await?;
    window.find_within("[data-testid='status-age'][data-tier='live']", SOON).await?;
    sight.at("waiting").await?;
    if scene == "general" {
        let fault = window.part("scene-fault").await?.text().await?;
        for told in ["school.toml", "第 2 行", "versoin"] {
            ensure!(fault.contains(told), "{told} is not in the notice: {fault:?}");
        }
    }
    for (label, decision) in [("adult, green", green), ("adult, orange", orange)] {
        let holder = house.authority.holder(label)?;
        let code = house.authority.show(&holder, None, None)?;
        scan(window, &code, decision).await.with_context(|| label.to_owned())?;
        sight.at(label).await?;
    }
    if orange == "refuse" {
        window.press("finish-override").await?;
        window.part("override-reason").await?;
        sight.at("override").await?;
    }
    scan(window, "a text that is no code", none).await?;
    sight.at("no code").await?;
    if scene == "general" {
        window.press("finish-do-left").await?;
        window.part("finished").await?;
        sight.at("finished").await?;
    }
    for place in window.client().find_all(Locator::Css("[data-testid^='nav-']")).await? {
        let name = place.attr("data-testid").await?.unwrap_or_default();
        place.click().await?;
        if name != "nav-check" {
            sight.at(name.trim_start_matches("nav-")).await?;
        }
    }
    sheets(house, window, sight, scene).await?;
    house.authority.stop();
    window.find_within("[data-testid='status-connection'][data-state='offline']", SOON).await?;
    sight.at("offline").await?;
    staffed(window, sight).await
}

/// Puts `text` before the desk as a scanner does, without its keys, which come late on a busy
/// machine, and waits for its verdict: the one before may have been the same.
async fn scan(window: &Page, text: &str, decision: &str) -> Result<()> {
    let shown = "return document.querySelector('[data-testid=verdict]')?.dataset.entry ?? ''";
    let before = window.client().execute(shown, Vec::new()).await?;
    let before = before.as_str().unwrap_or_default();
    invoke(window, "present_text", json!({"text": text, "source": "wedge"})).await?;
    let css =
        format!("[data-testid='verdict'][data-decision='{decision}']:not([data-entry='{before}'])");
    window.find_within(&css, SOON).await?;
    Ok(())
}

/// What opens on a screen when something is chosen there.
async fn sheets(house: &House, window: &Page, sight: &mut Sight<'_>, scene: &str) -> Result<()> {
    let list = match scene {
        "airport" => {
            "姓名,身份证号,航班,座位\n李小红,350100190001010012,MF8101,12A\n无证,,MF8101,3C\n"
        }
        _ => "姓名,身份证号,房号\n李小红,350100190001010012,1208\n无证,,\n",
    };
    let today = house.now()?;
    let today = today.split('T').next();
    let list = json!({"name": "今晚", "day": today, "bytes": list.as_bytes()});
    invoke(window, "take_list", list).await?;
    window.press("nav-guests").await?;
    if scene == "airport" {
        window.find("[data-testid='flight-missing']").await?;
        sight.at("flights").await?;
    }
    if scene == "general" {
        window.find("#inside-title").await?;
        sight.at("who is inside").await?;
    }
    if matches!(scene, "airport" | "general") {
        window.press("guests-lists").await?;
    }
    window.press("list").await?;
    window.find("[data-testid='listed']").await?;
    sight.at("a list").await?;
    window.press("list-forget").await?;
    window.part("list-forget-sure").await?;
    sight.at("forgetting a list").await?;
    if scene == "hotel" {
        let form = json!({"name": "李小红", "documentType": "resident-id",
            "document": "350100190001010012", "sex": "", "born": "", "nationality": "",
            "ethnicity": "", "address": "福州市鼓楼区", "room": "1208", "nights": "1"});
        invoke(window, "check_in", json!({"form": form, "party": null})).await?;
        window.press("guests-register").await?;
        window.find("[data-testid='guest']").await?;
        sight.at("the register").await?;
        window.press("guest-change").await?;
        // Only a form that puts an entry right can be given up.
        window.find("[data-testid='guest-form'] button[type='button']").await?;
        sight.at("a guest's entry").await?;
    }
    window.press("nav-settings").await?;
    window.press("programs-token-make").await?;
    window.part("programs-token").await?;
    type_by_hand(window, "[data-testid='programs-url']", "http://127.0.0.1:9/").await?;
    window.press("programs-url-add").await?;
    window.part("programs-secret").await?;
    sight.at("other programs, with their secrets").await
}

/// From the first operator on, whoever opens the desk signs in.
async fn staffed(window: &Page, sight: &mut Sight<'_>) -> Result<()> {
    let operator = json!({"id": "chen", "name": "陈站长", "role": "administrator", "pin": PIN});
    invoke(window, "set_operator", operator).await?;
    invoke(window, "sign_out", json!({})).await?;
    window.client().refresh().await?;
    window.find_within("[data-testid='sign-in']", SOON).await?;
    sight.at("sign in").await?;
    window.press("sign-in-chen").await?;
    sight.at("whose pin").await?;
    invoke(window, "sign_in", json!({"id": "chen", "pin": PIN})).await?;
    window.client().refresh().await?;
    window.find_within("[data-testid='nav-shift']", SOON).await?.click().await?;
    window.part("sign-out").await?;
    sight.at("a shift").await?;
    window.press("nav-settings").await?;
    window.press("people-badge").await?;
    window.part("people-badge-text").await?;
    sight.at("a badge").await
}
