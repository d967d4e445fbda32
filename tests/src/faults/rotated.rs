//! The authority puts other keys in the place of those that it has, with real programs and real
//! sockets.

use anyhow::{Result, ensure};
use serde_json::Value;
use xtask::demo::output;
use xtask::station::{DemoStation, Presented};

use crate::harness::house::House;

/// What a desk says of two people, one of whom may pass.
fn verdicts(desk: &DemoStation, house: &House, offline: bool) -> Result<Vec<String>> {
    let mut verdicts = Vec::new();
    for who in ["adult, green", "adult, orange"] {
        let holder = house.authority.holder(who)?;
        let answer = desk.try_verify(&[Presented::Text(holder.number.clone())], offline)?;
        let said: Value = serde_json::from_slice(&answer.stdout)?;
        verdicts.push(said["verdict"].as_str().unwrap_or_default().to_owned());
    }
    Ok(verdicts)
}

fn rotate(house: &House, of: &str) -> Result<Value> {
    let said = output(house.authority.command()?.args(["rotate-key", "--use", of]))?;
    Ok(serde_json::from_str(&said)?)
}

#[test]
fn desks_follow_other_root_keys_and_nobody_elses() -> Result<()> {
    let mut house = House::enrolled("general")?;
    let away = DemoStation::new(&house.programs(), &house.folder().join("away"));
    away.enrol(&house.authority, &house.authority.url(), "general", "Second desk")?;
    for desk in [&house.desk, &away] {
        desk.sync()?;
        ensure!(verdicts(desk, &house, true)? == ["admit", "refuse"], "before");
    }
    // Two rotations; one desk is there for both, the other for neither.
    for _ in 0..2 {
        ensure!(rotate(&house, "root")?["root_key"].as_str().is_some_and(|key| key.len() == 64));
        house.authority.stop();
        house.restart_authority()?;
        house.desk.sync()?;
        ensure!(verdicts(&house.desk, &house, true)? == ["admit", "refuse"], "followed");
    }
    away.sync()?;
    ensure!(verdicts(&away, &house, true)? == ["admit", "refuse"], "returned");

    // An attacker has the address, and an authority with a root key of its own and a longer
    // history of keys than the true one.
    house.authority.stop();
    let mut attacker = house.impostor()?;
    for of in ["root", "codes", "codes", "codes"] {
        output(attacker.command()?.args(["rotate-key", "--use", of]))?;
    }
    attacker.start(None)?;
    let refused = house.desk.command()?.args(["sync", "--json"]).output()?;
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(!refused.status.success() && words.contains("root key"), "{words}");
    ensure!(verdicts(&house.desk, &house, true)? == ["admit", "refuse"], "as before");
    attacker.stop();
    house.restart_authority()?;
    house.desk.sync()?;
    Ok(())
}

#[test]
fn desks_follow_another_directory_key_at_once_and_after_being_away() -> Result<()> {
    let mut house = House::enrolled("general")?;
    let away = DemoStation::new(&house.programs(), &house.folder().join("away"));
    away.enrol(&house.authority, &house.authority.url(), "general", "Second desk")?;
    for desk in [&house.desk, &away] {
        desk.sync()?;
        ensure!(verdicts(desk, &house, false)? == ["admit", "refuse"], "before");
    }
    ensure!(rotate(&house, "directory")?["generation"] == 2);
    house.authority.stop();
    for desk in [&house.desk, &away] {
        ensure!(verdicts(desk, &house, true)? == ["admit", "refuse"], "without an authority");
    }
    house.restart_authority()?;
    // Asked under the key of before it answers neither yes nor no: what the desk knows stands.
    ensure!(verdicts(&away, &house, false)? == ["admit", "refuse"], "published, not heard of");

    // A stick has no keys.
    let stick = house.folder().join("stick");
    let stick = stick.display().to_string();
    output(house.desk.command()?.args(["feed", "export", &stick]))?;
    house.authority.stop();
    let taken = output(away.command()?.args(["feed", "import", "--json", &stick]))?;
    let taken: Value = serde_json::from_str(&taken)?;
    ensure!(taken["lacks_directory_key"] == 2, "{taken}");
    ensure!(verdicts(&away, &house, true)? == ["admit", "refuse"], "by the directory of before");
    house.restart_authority()?;

    for _ in 0..2 {
        for desk in [&house.desk, &away] {
            let synced = desk.sync()?;
            ensure!(synced["lacks_directory_key"].is_null(), "{synced}");
            ensure!(verdicts(desk, &house, false)? == ["admit", "refuse"], "asked as well");
            ensure!(verdicts(desk, &house, true)? == ["admit", "refuse"], "by itself");
        }
        // Once more, and both are there already.
        ensure!(rotate(&house, "directory")?["generation"].as_u64() > Some(2));
        house.authority.stop();
        house.restart_authority()?;
    }

    // A desk that is enrolled after it begins with the new key.
    let new = DemoStation::new(&house.programs(), &house.folder().join("new"));
    new.enrol(&house.authority, &house.authority.url(), "general", "Third desk")?;
    new.sync()?;
    ensure!(verdicts(&new, &house, true)? == ["admit", "refuse"], "enrolled after it");

    for desk in [&house.desk, &away] {
        let log: Value =
            serde_json::from_str(&output(desk.command()?.args(["log", "check", "--json"]))?)?;
        ensure!(log["ok"] == true, "{log}");
    }
    let audit: Value = serde_json::from_str(&output(house.authority.command()?.arg("audit"))?)?;
    ensure!(audit["broken_at"].is_null(), "{audit}");
    Ok(())
}
