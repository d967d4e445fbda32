//! A line between desk and authority that breaks in every way lines do.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xtask::station::Presented;

use crate::harness::eventually;
use crate::harness::house::House;
use crate::harness::proxy::{Proxy, Trouble};

/// Longer than any desk may keep somebody waiting on a bad line.
const LIMIT: Duration = Duration::from_secs(12);

const TROUBLES: &[Trouble] = &[
    Trouble::LatencyMs(400),
    Trouble::ServerError,
    Trouble::HtmlPage,
    Trouble::CutAfter(40),
    Trouble::CutAfter(400),
    Trouble::TrickleMs(300),
    Trouble::Reset,
    Trouble::HangUp,
];

#[test]
fn a_bad_line_never_stops_a_verdict_and_loses_no_entry() -> Result<()> {
    let house = House::open()?;
    let proxy = Proxy::to(house.authority.port())?;
    let url = format!("http://127.0.0.1:{}", proxy.port());
    house.desk.enrol(&house.authority, &url, "general", "Behind a bad line")?;
    let holder = house.authority.holder("adult, green")?;
    let mut kept = Vec::new();
    for &trouble in TROUBLES {
        // Fresh every time: a code lives for a minute.
        let code = house.authority.show(&holder, None, None)?;
        proxy.set(trouble);
        let start = Instant::now();
        let verdict = house
            .desk
            .verify(&[Presented::Text(code)])
            .with_context(|| format!("no verdict under {trouble:?}"))?;
        let took = start.elapsed();
        ensure!(verdict["verdict"] == "admit", "{trouble:?}: {verdict}");
        ensure!(took < LIMIT, "{trouble:?} took {} ms", took.as_millis());
        kept.push(verdict["entry"].as_str().context("an entry")?.to_owned());
    }
    proxy.set(Trouble::None);
    house.desk.sync()?;
    for entry in &kept {
        ensure!(house.times_received(entry)? == 1, "entry {entry} is not at the authority once");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_over_a_bad_line_says_so_and_changes_nothing() -> Result<()> {
    let house = House::open()?;
    let proxy = Proxy::to(house.authority.port())?;
    let url = format!("http://127.0.0.1:{}", proxy.port());
    house.desk.enrol(&house.authority, &url, "general", "Behind a bad line")?;
    let before = position(&house.desk.sync()?);
    house.authority.report(&house.authority.holder("child, green")?, "close-contact")?;
    for trouble in [
        Trouble::ServerError,
        Trouble::HtmlPage,
        Trouble::CutAfter(200),
        Trouble::Reset,
        Trouble::HangUp,
    ] {
        proxy.set(trouble);
        let answer = house.desk.command()?.args(["sync", "--json"]).output()?;
        let said = String::from_utf8_lossy(&answer.stderr);
        ensure!(!answer.status.success(), "{trouble:?} was taken for a sync");
        ensure!(!said.trim().is_empty() && !said.contains("panicked"), "{trouble:?}: {said:?}");
    }
    proxy.set(Trouble::None);
    eventually("in step again, with the reported fact", Duration::from_secs(20), async || {
        Ok((position(&house.desk.sync()?) != before).then_some(()))
    })
    .await
}

/// Which lists the desk stands on.
fn position(synced: &Value) -> Value {
    synced["position"].clone()
}
