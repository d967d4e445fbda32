//! The chip of a passport beside its page: at the terminal, and in the window.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::artefact;
use crate::harness::driver::Page;
use crate::harness::house::{House, at_the_window, verdict};
use crate::harness::passport::{Laid, Passport, SmartCards};
use crate::harness::scanner::Scanner;
use crate::harness::screen::Screen;

/// How soon a chip has been read, on a busy machine.
const SOON: Duration = Duration::from_secs(10);

/// A passport of Utopia, whose certificate stands in [`country`].
const PAGE: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];

const DIALOGUES: &str = include_str!("../../vectors/chip/dialogues.json");
const PROOFS: &str = include_str!("../../vectors/chip/proofs.json");

fn bytes(text: &Value) -> Result<Vec<u8>> {
    Ok(hex::decode(text.as_str().context("a text")?)?)
}

/// The passport of a row of the vectors.
fn passport(name: &str) -> Result<Passport> {
    let table: Value = serde_json::from_str(DIALOGUES)?;
    let rows = table["dialogues"].as_array().context("rows")?;
    let row = rows.iter().find(|row| row["name"] == name).context("a row of this name")?;
    let key = row["key"].as_str().context("a key")?.to_owned();
    let files = [([1, 1], bytes(&row["dg1"])?), ([1, 0x1D], bytes(&row["sod"])?)];
    Ok(Passport { key, files: files.into() })
}

/// The certificate of the country that signed them, as base64.
fn country() -> Result<String> {
    let table: Value = serde_json::from_str(PROOFS)?;
    let anchor = table["proofs"][0]["anchors"][0].as_str().context("an anchor")?;
    Ok(anchor.to_owned())
}

/// What `yanma chip` says of whatever lies on the reader.
fn chip(house: &House, page: &[&str], countries: Option<&Path>) -> Result<(bool, Value, String)> {
    let mut command = house.desk.command()?;
    command.args(["chip", "--json", &page.concat()]).stdin(Stdio::null());
    if let Some(folder) = countries {
        command.arg("--countries").arg(folder);
    }
    let said = command.output()?;
    let json = serde_json::from_slice(&said.stdout).unwrap_or_default();
    Ok((said.status.success(), json, String::from_utf8_lossy(&said.stderr).into_owned()))
}

/// The same once the reader has noticed that something lies there.
fn laid_chip(
    house: &House,
    page: &[&str],
    countries: Option<&Path>,
) -> Result<(bool, Value, String)> {
    for _ in 0..60 {
        let said = chip(house, page, countries)?;
        if !said.2.contains("no chip lies") {
            return Ok(said);
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    bail!("the reader does not notice a chip")
}

/// A folder with the certificate of the country, for the terminal.
fn countries(house: &House) -> Result<PathBuf> {
    let folder = house.folder().join("countries");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("uto.cer"), STANDARD.decode(country()?)?)?;
    Ok(folder)
}

#[test]
fn at_the_terminal_a_chip_says_who_it_is_and_whether_its_country_vouches_for_it() -> Result<()> {
    let house = House::open()?;
    let Some(_service) = SmartCards::start()? else {
        eprintln!("not run: another pcscd runs already");
        return Ok(());
    };
    let folder = countries(&house)?;
    let (done, _, error) = chip(&house, &PAGE, None)?;
    ensure!(!done && error.contains("no chip lies on a smart-card reader"), "{error}");

    let anna = passport("passport")?;
    let laid = Laid::down(&anna)?;
    let (done, said, error) = laid_chip(&house, &PAGE, Some(&folder))?;
    ensure!(done, "{error}");
    ensure!(said["checked"] == "holds" && said["same_as_printed"] == true, "{said}");
    ensure!(said["problems"] == json!([]), "{said}");
    ensure!(!said.to_string().contains("ANNA") && !error.contains("ANNA"), "masked: {said}");
    let (done, said, _) = chip(&house, &PAGE, None)?;
    ensure!(done && said["reason"] == "X-TRUST", "nobody is trusted: {said}");
    let other = [
        "POCHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        "EA00000019CHN9001011M3001019NFMFMIPN<<<<A984",
    ];
    let (done, _, error) = chip(&house, &other, Some(&folder))?;
    ensure!(!done && error.contains("does not open with this zone"), "{error}");
    drop(laid);

    let _moved = Laid::for_commands(&anna, 5)?;
    let (done, _, error) = laid_chip(&house, &PAGE, Some(&folder))?;
    ensure!(!done && error.contains("the reader"), "it was taken away: {error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_window_a_chip_vouches_for_its_page_and_an_altered_page_is_seen() -> Result<()> {
    let Some(_service) = SmartCards::start()? else {
        eprintln!("not run: another pcscd runs already");
        return Ok(());
    };
    let mut house = House::open()?;
    let trust = house.folder().join("trust.json");
    std::fs::write(
        &trust,
        json!({"countries": [{"state": "UTO", "certificate": country()?}]}).to_string(),
    )?;
    house.authority.stop();
    house.authority.serve_with(&["--certificate-trust", &trust.display().to_string()], &[]);
    house.restart_authority()?;
    house.desk.enrol(&house.authority, &house.authority.url(), "general", "Test desk")?;
    house.desk.sync()?;
    at_the_window("story-chip", house, chip_at_the_window).await
}

async fn chip_at_the_window(_: &mut House, screen: &Screen, window: &Page) -> Result<()> {
    let scanner = Scanner { screen, pace: Duration::from_millis(5) };
    let holds = "[data-testid='chip-holds']";
    let anna = passport("passport")?;

    let online = "[data-testid='status-connection'][data-state='online']";
    window.find_within(online, Duration::from_secs(45)).await?;
    // Laid down after its page was scanned.
    scanner.scan(&PAGE.concat())?;
    let page = verdict(window, "refer", SOON).await?;
    let laid = Laid::down(&anna)?;
    window.find_within(holds, SOON).await?;
    let with_chip = verdict(window, "refer", SOON).await?;
    ensure!(page != with_chip, "the entry with the chip amends the one before");
    screen.picture(&artefact("story-chip-holds.png")?)?;

    // Somebody else's name was printed over it; the chip lies there already.
    let mut altered = PAGE;
    altered[0] = "P<UTOSVENSSON<<EVA<<<<<<<<<<<<<<<<<<<<<<<<<<";
    scanner.scan(&altered.concat())?;
    let reason = "[data-testid='reasons'] [data-code='P-PAGE']";
    window.find_within(reason, SOON).await?;
    ensure!(window.client().find_all(fantoccini::Locator::Css(holds)).await?.is_empty());
    drop(laid);

    // A chip whose page was written over: the country signed another one.
    let mut forged = anna.clone();
    let chinese = passport("chinese")?;
    forged.files.insert([1, 0x1D], chinese.files[&[1, 0x1D]].clone());
    let _laid = Laid::down(&forged)?;
    scanner.scan(&PAGE.concat())?;
    window.find_within("[data-testid='reasons'] [data-code='P-SIG']", SOON).await?;
    // For whoever looks at the picture: what is in the page has been painted.
    tokio::time::sleep(Duration::from_millis(500)).await;
    screen.picture(&artefact("story-chip-altered.png")?)?;

    window.part("nav-devices").await?.click().await?;
    let reader = "[data-testid='device'][data-kind='card'][data-state='working']";
    let said = window.find_within(reader, SOON).await?.text().await?;
    ensure!(said.contains("Virtual PCD"), "the reader is among the devices: {said}");
    Ok(())
}
