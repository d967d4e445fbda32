//! A card on the reader beside a code before the camera, and a reader that goes away.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::harness::driver::Page;
use crate::harness::house::{House, at_the_window, type_by_hand, use_pictures, verdict};
use crate::harness::reader::{Gate, Reader};
use crate::harness::screen::Screen;

/// How soon a desk has answered, on a busy machine.
const SOON: Duration = Duration::from_secs(10);
/// How soon it is said that a reader is gone.
const TOLD: Duration = Duration::from_secs(2);
/// How soon a reader that is there again is used again.
const BACK: Duration = Duration::from_secs(3);

#[test]
fn a_card_and_its_holders_code_are_one_verdict_and_anothers_card_is_refused() -> Result<()> {
    let house = House::enrolled("hotel")?;
    house.desk.sync()?;
    let mut reader = Reader::plugged_in(&house.desk, house.folder())?;
    let gate = Gate::open(&house.desk, &house.pictures(), &reader)?;
    gate.reader_is("working", SOON)?;

    let green = house.authority.holder("adult, green")?;
    house.authority.show(&green, None, Some(&house.pictures().join("a.png")))?;
    let code = gate.verdict(SOON)?;
    ensure!(code["verdict"] == "refer" && code["reasons"] == json!(["I-REQ"]), "{code}");
    reader.put(&green)?;
    let laid = Instant::now();
    let both = gate.verdict(SOON)?;
    println!("from the card on the reader to the verdict: {} ms", laid.elapsed().as_millis());
    ensure!(both["verdict"] == "admit" && both["identity"] == "passed", "{both}");
    ensure!(both["amends"] == code["entry"], "one encounter, one verdict that counts: {both}");
    ensure!(both["methods"] == json!(["card", "code"]), "{both}");

    // The next guest shows a code of their own, and a third person's card.
    let (guest, child) =
        (house.authority.holder("elderly person, green")?, house.authority.holder("child, green")?);
    house.authority.show(&guest, None, Some(&house.pictures().join("b.png")))?;
    let code = gate.verdict(SOON)?;
    ensure!(code["reasons"] == json!(["I-REQ"]) && code["amends"].is_null(), "{code}");
    reader.put(&child)?;
    let other = gate.verdict(SOON)?;
    ensure!(other["verdict"] == "refuse" && other["identity"] == "failed", "{other}");
    ensure!(other["reasons"] == json!(["I-MIS"]) && other["amends"] == code["entry"], "{other}");
    ensure!(other["subject"]["index"] == code["subject"]["index"], "the entry is the code's");
    ensure!(other["subject"]["document"].is_null(), "nothing of the other's card: {other}");
    let more = gate.verdicts_within(Duration::from_secs(1));
    ensure!(more.is_empty(), "nothing more was to be said: {more:?}");
    drop(gate);

    let kept = house.desk.entries()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let decisions: Vec<_> = kept.iter().filter_map(|entry| text(&entry["verdict"])).collect();
    ensure!(decisions == ["refuse", "refer", "admit", "refer"], "{kept:#?}");
    Ok(())
}

#[test]
fn a_reader_that_is_pulled_out_or_falls_silent_is_told_and_used_again() -> Result<()> {
    let house = House::enrolled("general")?;
    house.desk.sync()?;
    let mut reader = Reader::plugged_in(&house.desk, house.folder())?;
    let gate = Gate::open(&house.desk, &house.pictures(), &reader)?;
    gate.reader_is("working", SOON)?;
    for (fault, remedy) in [("unplug", "plug"), ("fault mute", "fine")] {
        for (order, state, limit) in [(fault, "lost", TOLD), (remedy, "working", BACK)] {
            let start = Instant::now();
            reader.does(order)?;
            gate.reader_is(state, limit)?;
            println!("{order}: the reader is {state} after {} ms", start.elapsed().as_millis());
        }
    }
    // What a bad cable does to the bytes costs time and no card.
    for (label, fault) in [
        ("adult, green", "fault split noise"),
        ("child, green", "fault checksum"),
        ("elderly person, green", "fault slow"),
    ] {
        let holder = house.authority.holder(label)?;
        reader.does(fault)?;
        reader.put(&holder)?;
        let verdict = gate.verdict(SOON)?;
        ensure!(verdict["verdict"] == "admit", "{fault}: {verdict}");
        ensure!(verdict["methods"] == json!(["card"]), "{fault}: {verdict}");
    }
    reader.does("fault no-card")?;
    reader.put(&house.authority.holder("adult, green")?)?;
    let none = gate.verdicts_within(Duration::from_secs(1));
    ensure!(none.is_empty(), "there was no card: {none:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_window_a_card_answers_for_the_code_and_a_lost_reader_is_seen() -> Result<()> {
    at_the_window("story-card", House::enrolled("hotel")?, card_at_the_window).await
}

async fn card_at_the_window(house: &mut House, screen: &Screen, window: &Page) -> Result<()> {
    let mut reader = Reader::plugged_in(&house.desk, house.folder())?;
    use_pictures(window, &house.pictures()).await?;
    window.part("nav-devices").await?.click().await?;
    let field = "[data-testid='reader-where']";
    type_by_hand(window, field, &reader.place()).await?;
    let enter = char::from(fantoccini::key::Key::Enter).to_string();
    window.find(field).await?.send_keys(&enter).await?;
    let device =
        |state: &str| format!("[data-testid='device'][data-kind='card'][data-state='{state}']");
    window.find_within(&device("working"), SOON).await?;
    screen.picture(&crate::harness::artefact("story-card-devices.png")?)?;

    window.part("nav-check").await?.click().await?;
    let green = house.authority.holder("adult, green")?;
    house.authority.show(&green, None, Some(&house.pictures().join("a.png")))?;
    verdict(window, "refer", SOON).await?;
    reader.put(&green)?;
    verdict(window, "admit", SOON).await?;
    window.part("identity-matched").await.context("that code and card match is said")?;

    window.part("nav-devices").await?.click().await?;
    reader.does("unplug")?;
    window.find_within(&device("lost"), TOLD).await?;
    reader.does("plug")?;
    window.find_within(&device("working"), BACK).await?;
    window.part("nav-check").await?.click().await?;
    Ok(())
}
