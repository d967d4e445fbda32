//! A turnstile and a printer at a desk without a window: who is let through, who is counted, who
//! gets a slip, and what is said of devices that do not answer.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::harness::driver::Page;
use crate::harness::house::{House, at_the_window, type_by_hand, use_pictures, verdict};
use crate::harness::reader::{Gate, Simulated};
use crate::harness::screen::Screen;

/// How soon a desk has answered, on a busy machine.
const SOON: Duration = Duration::from_secs(10);
/// How soon a relay that does not answer is said.
const TOLD: Duration = Duration::from_secs(2);

/// How long a printer that says nothing may take to be given up.
const PRINTING: Duration = Duration::from_secs(30);

/// Shows somebody's code, as the newest picture of the folder.
fn show(house: &House, label: &str, picture: &str) -> Result<()> {
    let holder = house.authority.holder(label)?;
    house.authority.show(&holder, None, Some(&house.pictures().join(picture)))?;
    Ok(())
}

fn passage(gate: &Gate, limit: Duration) -> Result<Value> {
    gate.wait("what the arm did", limit, |line| line["passage"].is_string())
}

#[test]
fn a_turnstile_opens_on_admit_counts_who_went_and_holds_nobody_up() -> Result<()> {
    let house = House::enrolled("general")?;
    house.desk.sync()?;
    let mut relay = Simulated::plugged_in(&house.desk, house.folder(), "turnstile", &[])?;
    let options = format!("modbus:{} input=1 pulse=200 within=2", relay.place());
    let gate = Gate::open_with(&house.desk, &house.pictures(), &["--turnstile", &options])?;
    gate.wait("the turnstile", SOON, |line| line["state"] == "working")?;

    show(&house, "adult, green", "a.png")?;
    let green = gate.verdict(SOON)?;
    ensure!(green["verdict"] == "admit", "{green}");
    let through = passage(&gate, SOON)?;
    ensure!(through["passage"] == "turned" && through["entry"] == green["entry"], "{through}");
    ensure!(through["counted"].is_string(), "written down: {through}");
    ensure!(relay.happened(1) == ["opened"], "once");

    show(&house, "adult, orange: fever clinic", "b.png")?;
    let orange = gate.verdict(SOON)?;
    ensure!(orange["verdict"] == "refuse", "{orange}");

    relay.does("nobody")?;
    show(&house, "child, green", "c.png")?;
    let child = gate.verdict(SOON)?;
    let outside = passage(&gate, SOON)?;
    ensure!(outside["passage"] == "not-turned" && outside["counted"].is_null(), "{outside}");
    ensure!(outside["entry"] == child["entry"], "nothing opened for the refused: {outside}");
    ensure!(relay.happened(1) == ["opened"], "nor did the relay");

    // Mute: the verdict is there before anything is known of the relay, and says nothing of it.
    relay.does("fault mute")?;
    show(&house, "elderly person, green", "d.png")?;
    let next = gate.wait("the verdict first", SOON, |line| {
        line["verdict"].is_string() || line["passage"].is_string()
    })?;
    ensure!(next["verdict"] == "admit", "{next}");
    let failed = passage(&gate, TOLD)?;
    ensure!(failed["passage"] == "failed" && failed["entry"] == next["entry"], "{failed}");
    gate.wait("the relay is said to be gone", TOLD, |line| line["state"] == "lost")?;
    drop(gate);

    let kept = house.desk.entries()?;
    ensure!(kept.len() == 5, "four verdicts, and one who went in: {kept:#?}");
    Ok(())
}

#[test]
fn who_is_not_green_at_a_hospital_gets_a_slip_and_an_empty_roll_is_said() -> Result<()> {
    let house = House::enrolled("hospital")?;
    house.desk.sync()?;
    let slips = house.folder().join("slips");
    let save = slips.display().to_string();
    let mut printer =
        Simulated::plugged_in(&house.desk, house.folder(), "printer", &["--save", &save])?;
    let gate = Gate::open_with(&house.desk, &house.pictures(), &["--printer", &printer.place()])?;
    gate.wait("the printer", SOON, |line| line["state"] == "working")?;

    show(&house, "adult, green", "a.png")?;
    ensure!(gate.verdict(SOON)?["verdict"] == "admit");
    show(&house, "adult, orange: fever clinic", "b.png")?;
    let orange = gate.verdict(SOON)?;
    ensure!(orange["verdict"] == "refer", "{orange}");
    let slip = gate.wait("a slip", SOON, |line| line["slip"].is_string())?;
    ensure!(slip["slip"] == "printed" && slip["entry"] == orange["entry"], "{slip}");
    // The printer confirms what it has printed before the one who simulates it has saved it.
    let picture = slips.join("slip-1.pbm");
    let until = std::time::Instant::now() + SOON;
    let saved = || std::fs::metadata(&picture).is_ok_and(|file| file.len() > 5000);
    while !saved() && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let picture = std::fs::read(picture)?;
    ensure!(picture.starts_with(b"P4\n") && picture.len() > 5000, "{} bytes", picture.len());
    let kept = crate::harness::artefact("slip.pbm")?;
    std::fs::write(kept, &picture)?;
    ensure!(printer.happened(1) == ["printed"], "the green one has none");

    printer.does("fault paper-out")?;
    gate.wait("that there is no paper", SOON, |line| {
        line["words"].as_str().is_some_and(|words| words.contains("No paper"))
    })?;
    show(&house, "adult, orange: confirmed", "c.png")?;
    let next = gate.verdict(SOON)?;
    ensure!(next["verdict"] == "refer", "the verdict is there all the same: {next}");
    let slip = gate.wait("what came of it", SOON, |line| line["slip"].is_string())?;
    ensure!(slip["slip"] == "failed" && slip["entry"] == next["entry"], "{slip}");

    // Mute: the verdict is there before anything is known of the slip.
    printer.does("fine")?;
    printer.does("fault mute")?;
    show(&house, "adult, orange: suspected", "d.png")?;
    let last = gate.wait("the verdict first", SOON, |line| {
        line["verdict"].is_string() || line["slip"].is_string()
    })?;
    ensure!(last["verdict"] == "refer", "{last}");
    let slip = gate.wait("that nobody knows", PRINTING, |line| line["slip"].is_string())?;
    ensure!(slip["slip"] != "printed" && slip["entry"] == last["entry"], "{slip}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_window_the_way_to_the_fever_clinic_is_printed_and_printed_again() -> Result<()> {
    at_the_window("story-slip", House::enrolled("hospital")?, slip_at_the_window).await
}

async fn slip_at_the_window(house: &mut House, _screen: &Screen, window: &Page) -> Result<()> {
    let mut printer = Simulated::plugged_in(&house.desk, house.folder(), "printer", &[])?;
    use_pictures(window, &house.pictures()).await?;
    window.part("nav-devices").await?.click().await?;
    let field = "[data-testid='printer-where']";
    type_by_hand(window, field, &printer.place()).await?;
    let enter = char::from(fantoccini::key::Key::Enter).to_string();
    window.find(field).await?.send_keys(&enter).await?;
    let device = "[data-testid='device'][data-kind='printer'][data-state='working']";
    window.find_within(device, SOON).await?;
    printer.does("fault paper-out")?;

    window.part("nav-check").await?.click().await?;
    show(house, "adult, orange", "a.png")?;
    verdict(window, "refer", SOON).await?;
    window.part("finish-purpose-clinic").await?.click().await?;
    type_by_hand(window, "[data-testid='finish-temperature']", "36.5").await?;
    window.part("finish-do-sent").await?.click().await?;
    window.find_within("[data-testid='slip'][data-slip='failed']", SOON).await?;
    ensure!(printer.happened(0).is_empty(), "there was no paper");
    printer.does("fine")?;
    window.part("slip-again").await?.click().await?;
    window.find_within("[data-testid='slip'][data-slip='printed']", SOON).await?;
    ensure!(printer.happened(1) == ["printed"], "once");

    // Mute: whoever comes next has their verdict, and is sent on, before anything is known.
    printer.does("fault mute")?;
    show(house, "adult, orange: confirmed", "b.png")?;
    verdict(window, "refer", SOON).await?;
    window.part("finish-purpose-clinic").await?.click().await?;
    type_by_hand(window, "[data-testid='finish-temperature']", "36.5").await?;
    window.part("finish-do-sent").await?.click().await?;
    window.find_within("[data-testid='finished'][data-action='sent']", TOLD).await?;
    show(house, "adult, green", "c.png")?;
    verdict(window, "admit", SOON).await?;
    window.find_within("[data-testid='slip']:not([data-slip='printed'])", PRINTING).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_window_a_mute_relay_holds_no_verdict_up() -> Result<()> {
    at_the_window("story-relay", House::enrolled("general")?, relay_at_the_window).await
}

async fn relay_at_the_window(house: &mut House, _screen: &Screen, window: &Page) -> Result<()> {
    let mut relay = Simulated::plugged_in(&house.desk, house.folder(), "turnstile", &[])?;
    use_pictures(window, &house.pictures()).await?;
    window.part("nav-devices").await?.click().await?;
    let field = "[data-testid='turnstile-where']";
    let line = format!("modbus:{} input=1 pulse=200 within=2", relay.place());
    type_by_hand(window, field, &line).await?;
    let enter = char::from(fantoccini::key::Key::Enter).to_string();
    window.find(field).await?.send_keys(&enter).await?;
    let device = |state: &str| {
        format!("[data-testid='device'][data-kind='turnstile'][data-state='{state}']")
    };
    window.find_within(&device("working"), SOON).await?;
    window.part("nav-check").await?.click().await?;
    // This arm turns a quarter of a second after the verdict, which is off the screen then.
    show(house, "adult, green", "a.png")?;
    window.find_within("[data-testid='passage'][data-passage='turned']", SOON).await?;

    relay.does("fault mute")?;
    for (label, picture) in [("child, green", "b.png"), ("elderly person, green", "c.png")] {
        show(house, label, picture)?;
        verdict(window, "admit", SOON).await?;
        window.find_within("[data-testid='passage'][data-passage='failed']", SOON).await?;
    }
    window.part("nav-devices").await?.click().await?;
    window.find_within(&device("lost"), SOON).await?;
    relay.does("fine")?;
    window.find_within(&device("working"), SOON).await?;
    window.part("nav-check").await?.click().await?;
    Ok(())
}
