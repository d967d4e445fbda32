//! A desk that the authority has ended, with real programs and real sockets.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use xtask::demo::output;
use xtask::station::Presented;

use crate::harness::house::House;

const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn a_desk_that_was_ended_wipes_what_it_was_given_at_its_next_contact() -> Result<()> {
    let house = House::enrolled("general")?;
    house.desk.sync()?;
    let holder = house.authority.holder("adult, green")?;
    let shown = [Presented::Text(holder.number.clone())];
    let verdict = house.desk.verify(&shown)?;
    ensure!(verdict["verdict"] == "admit", "before: {verdict}");
    ensure!(bases(&house)? == 1, "the directory lies beside the file");

    let list = output(house.authority.command()?.args(["station", "list"]))?;
    let line: Value = serde_json::from_str(list.lines().next().context("one station")?)?;
    let id = line["station"].as_str().context("a station has a name")?;
    output(house.authority.command()?.args(["station", "revoke", id]))?;

    // A server that another process tells of it knows within a second.
    let ended = Instant::now() + PATIENCE;
    let told = loop {
        let told = house.desk.command()?.args(["sync", "--json"]).output()?;
        if !told.status.success() || Instant::now() > ended {
            break told;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    let words = String::from_utf8_lossy(&told.stderr).into_owned();
    ensure!(!told.status.success() && words.contains("has ended this station"), "{words}");
    ensure!(bases(&house)? == 0, "the directory is gone");
    let words = house.desk.command()?.args(["sync", "--json"]).output()?.stderr;
    let words = String::from_utf8_lossy(&words).into_owned();
    ensure!(words.contains("not been enrolled"), "token and keys are gone: {words}");

    // Nobody is admitted any more, and what happened is still told.
    let answer = house.desk.try_verify(&shown, true)?;
    let verdict: Value = serde_json::from_slice(&answer.stdout)?;
    ensure!(verdict["verdict"] == "refer", "after: {verdict}");
    let log = output(house.desk.command()?.args(["log", "check", "--json"]))?;
    let log: Value = serde_json::from_str(&log)?;
    ensure!(log["ok"] == true && log["entries"] == 2, "{log}");
    Ok(())
}

/// How many directories lie beside the desk's file.
fn bases(house: &House) -> Result<usize> {
    let names = std::fs::read_dir(house.desk.folder())?;
    let names = names.map(|file| Ok(file?.file_name().to_string_lossy().into_owned()));
    let names: Vec<String> = names.collect::<std::io::Result<_>>()?;
    Ok(names.iter().filter(|name| name.contains(".base-")).count())
}
