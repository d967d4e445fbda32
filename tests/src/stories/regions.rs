//! Two authorities, and a desk of one of them that judges codes of the other without a network:
//! real programs, real sockets.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xtask::children::{free_port, http};
use xtask::demo::{DemoAuthority, output};
use xtask::station::Presented;

use crate::harness::eventually;
use crate::harness::house::House;

const LIMIT: Duration = Duration::from_secs(60);

/// The root key that an authority gives to those who enrol with it.
fn root_key(authority: &DemoAuthority) -> Result<String> {
    let code = authority.enrolment_code("general")?;
    let body = json!({"enrolment_code": code, "station_name": "root key"}).to_string();
    let answer = http(authority.port(), "POST", "/v1/stations/enrol", &[], Some(&body))?;
    let enrolled: Value = serde_json::from_str(&answer.body)?;
    Ok(enrolled["root_key"].as_str().context("a root key")?.to_owned())
}

/// What the desk says of a code by itself.
fn judged(house: &House, code: &str) -> Result<(String, Value)> {
    let answer = house.desk.try_verify(&[Presented::Text(code.to_owned())], true)?;
    let said: Value = serde_json::from_slice(&answer.stdout)?;
    Ok((said["verdict"].as_str().unwrap_or_default().to_owned(), said))
}

#[tokio::test]
async fn a_code_of_another_province_is_judged_by_its_own_list_without_a_network() -> Result<()> {
    let mut house = House::enrolled("general")?;
    let folder = house.folder().join("zhejiang");
    let mut zhejiang = DemoAuthority::prepare(&house.programs(), &folder, free_port()?)?;
    let names = [("YANMA_ISSUER_NAME_ZH", "浙江省"), ("YANMA_ISSUER_NAME_EN", "Zhejiang")];
    zhejiang.serve_with(&["--publish-seconds=1"], &[("YANMA_ISSUER", "33"), names[0], names[1]]);
    zhejiang.start(None)?;
    let holder = zhejiang.holder("adult, green")?;
    house.desk.sync()?;
    let (verdict, said) = judged(&house, &zhejiang.show(&holder, None, None)?)?;
    ensure!(verdict == "refer", "nobody has said who that is: {said}");

    house.authority.stop();
    house.authority.serve_with(&["--region-seconds=1", "--publish-seconds=1"], &[]);
    let mut add = house.authority.command()?;
    add.args(["region", "add", "--number=33", "--name-zh=浙江省", "--name-en=Zhejiang"]);
    output(add.args(["--url", &zhejiang.url(), "--root-key", &root_key(&zhejiang)?]))?;
    house.restart_authority()?;
    eventually("the list of the other province", LIMIT, async || {
        house.desk.sync()?;
        Ok((judged(&house, &zhejiang.show(&holder, None, None)?)?.0 == "admit").then_some(()))
    })
    .await?;

    // A code of before says nothing of what was reported after it: only the list does.
    let code = zhejiang.show(&holder, None, None)?;
    let is_orange =
        || Ok::<_, anyhow::Error>(judged(&house, &code)?.1.to_string().contains("C-ORA"));
    zhejiang.report(&holder, "confirmed")?;
    eventually("the other colour", LIMIT, async || {
        house.desk.sync()?;
        Ok(is_orange()?.then_some(()))
    })
    .await?;
    zhejiang.stop();
    ensure!(is_orange()?, "and nobody there has to be reached");
    Ok(())
}
