//! A desk whose network is down, and its log, which somebody carries to the authority: real
//! programs, a real file.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use xtask::demo::output;
use xtask::station::Presented;

use crate::harness::house::House;

#[test]
fn what_happened_without_a_network_reaches_the_authority_in_somebodys_pocket() -> Result<()> {
    let mut house = House::enrolled("general")?;
    house.desk.sync()?;
    let holder = house.authority.holder("adult, green")?;
    let code = house.authority.show(&holder, None, None)?;
    house.authority.stop();
    let said = house.desk.try_verify(&[Presented::Text(code)], true)?;
    let said: Value = serde_json::from_slice(&said.stdout)?;
    let id = said["entry"].as_str().context("an entry")?.to_owned();

    let file = house.folder().join("gate.yanmalog");
    let mut export = house.desk.command()?;
    output(export.args(["log", "export", "--sealed", "--to-file"]).arg(&file))?;
    let sealed = std::fs::read(&file)?;
    ensure!(!contains(&sealed, &id), "the entry can be seen in the file");

    let mut take_in = house.authority.command()?;
    let taken: Value =
        serde_json::from_str(&output(take_in.args(["sealed-log", "take-in"]).arg(&file))?)?;
    ensure!(taken["accepted"] == 1, "{taken}");
    let mut read = house.authority.command()?;
    let read = output(read.args(["sealed-log", "read", "--reason=个案 7 流调"]).arg(&file))?;
    ensure!(read.lines().count() == 1 && read.contains(&id), "{read}");

    house.restart_authority()?;
    ensure!(house.times_received(&id)? == 1, "it was taken in");
    // The desk tells it once more when it has a network again, and it counts once.
    house.desk.sync()?;
    ensure!(house.times_received(&id)? == 1, "it counts once");

    // Another authority can do nothing with it.
    let impostor = house.impostor()?;
    let other = impostor.command()?.args(["sealed-log", "take-in"]).arg(&file).output()?;
    ensure!(!other.status.success(), "another authority opened it");
    let problem = String::from_utf8_lossy(&other.stderr);
    ensure!(problem.contains("sealed for another key"), "{problem}");
    Ok(())
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
