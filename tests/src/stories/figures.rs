//! How long a guard looks at nothing: from the last key of a scanner to the verdict on the window.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xtask::demo::output;

use crate::harness::driver::Page;
use crate::harness::eventually;
use crate::harness::house::{House, at_the_window};
use crate::harness::screen::Screen;

/// Names the program that fills a desk's log with a million entries, `fill_log` of yanma-store:
/// `cargo xtask figures` sets it. Without, the log is as short as the scans make it.
const FILLER: &str = "YANMA_FILL_LOG";
/// How long a file of two gigabytes is read through when it is opened, on a busy machine.
const OPENED: Duration = Duration::from_secs(300);
const SOON: Duration = Duration::from_secs(20);

/// How many are checked at a desk with a long log, and at the one beside it that has none.
const MANY: usize = 200;
/// How many where nothing is filled: enough to see that it is measured.
const FEW: usize = 20;

/// The times of one desk, in milliseconds.
struct Times {
    median: f64,
    p95: f64,
    scans: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_scan_to_the_painted_verdict() -> Result<()> {
    let Some(filler) = std::env::var_os(FILLER) else {
        return checked(House::enrolled("general")?, "no entries", FEW).await.map(drop);
    };
    let empty = checked(House::enrolled("general")?, "no entries", MANY).await?;
    let house = House::enrolled("general")?;
    fill(&house, Path::new(&filler))?;
    let full = checked(house, "a million entries", MANY).await?;
    let (median, p95) = (full.median / empty.median, full.p95 / empty.p95);
    println!("with a million entries it takes {median:.2} times as long, at the 95th {p95:.2}");
    Ok(())
}

/// Scans so many people at the desk's window, another each time, and says how long they looked at
/// nothing.
async fn checked(house: House, log: &str, scans: usize) -> Result<Times> {
    let mut times = None;
    at_the_window("figures", house, async |house: &mut House, screen: &Screen, window: &Page| {
        let live = "[data-testid='status-age'][data-tier='live']";
        window.find_within(live, OPENED).await?;
        let green = house.authority.holder("adult, green")?;
        let orange = house.authority.holder("adult, orange")?;
        for scan in 0..scans {
            // Whoever still stands there gets no second entry.
            let holder = if scan % 2 == 0 { &green } else { &orange };
            let before = shown(window).await?;
            screen.scan(&house.authority.show(holder, None, None)?)?;
            eventually("another verdict", SOON, async || {
                Ok((shown(window).await? != before).then_some(()))
            })
            .await?;
        }
        // The last one is kept when the frame after it begins.
        let painted = eventually("every scan is measured", SOON, async || {
            Ok(Some(painted(window).await?).filter(|painted| painted.scans >= scans))
        })
        .await?;
        println!(
            "from a scan to the painted verdict, {log} in the log, {} times: median {:.1} ms, p95 {:.1} ms",
            painted.scans, painted.median, painted.p95
        );
        times = Some(painted);
        Ok(())
    })
    .await?;
    times.context("nothing was measured")
}

/// The entry on the panel; the panel itself is another with every verdict.
async fn shown(window: &Page) -> Result<Value> {
    let script = "return document.querySelector('[data-testid=verdict]')?.dataset.entry ?? ''";
    Ok(window.client().execute(script, Vec::new()).await?)
}

/// A log of the last four weeks: none of it has expired.
fn fill(house: &House, filler: &Path) -> Result<()> {
    let from = output(Command::new("date").args(["-u", "-d", "27 days ago", "+%Y-%m-%d"]))?;
    let filled = Command::new(filler).arg(house.desk.folder()).arg(from.trim()).status();
    ensure!(filled.with_context(|| filler.display().to_string())?.success(), "it was not filled");
    Ok(())
}

/// What the page measured by itself.
async fn painted(window: &Page) -> Result<Times> {
    let script = "return performance.getEntriesByName('verdict-painted').map((e) => e.duration)";
    let told = window.client().execute(script, Vec::new()).await?;
    let mut times: Vec<f64> =
        told.as_array().context("times")?.iter().filter_map(Value::as_f64).collect();
    ensure!(!times.is_empty(), "nothing was measured");
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    Ok(Times { median: at(50), p95: at(95), scans: times.len() })
}
