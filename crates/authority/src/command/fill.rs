//! `simulate` with the people of a province

use anyhow::Context;
use serde_json::json;
use yanma_authority::keys::KeyRing;
use yanma_authority::simulate::fill;
use yanma_authority::{Clock, Settings};

use super::say;

/// Fills the database; the log says how far it is.
pub(super) async fn run(settings: &Settings, holders: usize, seed: u64) -> anyhow::Result<()> {
    let holders = u32::try_from(holders).context("--holders")?;
    let seed = u32::try_from(seed).context("--seed is below 4294967296 for a fill")?;
    let clock = Clock::system();
    if !KeyRing::exists(&settings.keys()) {
        KeyRing::make(&settings.keys(), clock.now())?;
    }
    let (begun, mut before) = (clock.now(), None);
    fill(settings, &clock, holders, seed, |done| {
        // The first batch may follow those of an earlier run.
        let (first, since) = *before.get_or_insert((done, clock.now()));
        let seconds = clock.now().duration_since(since).as_secs_f64();
        let rate = f64::from(done - first) / seconds.max(f64::MIN_POSITIVE);
        let left = f64::from(holders - done) / rate;
        if first == done {
            tracing::info!(done, holders, "filling");
        } else {
            let (per_second, seconds_left) = (rate.round(), left.round());
            tracing::info!(done, holders, per_second, seconds_left, "filling");
        }
    })
    .await?;
    let seconds = clock.now().duration_since(begun).as_secs();
    say(&json!({"holders": holders, "seconds": seconds}))
}
