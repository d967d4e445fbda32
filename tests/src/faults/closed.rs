//! A desk that cannot be opened.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::harness::house::{House, at_the_window};

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_window_without_its_key_says_so_and_opens_when_the_key_is_back() -> Result<()> {
    let house = House::enrolled("general")?;
    let (key, away) = (house.desk.folder().join("desk.key"), house.folder().join("desk.key"));
    std::fs::rename(&key, &away)?;
    at_the_window("closed", house, async |_, _, window| {
        let said = window.part("closed").await?.text().await?;
        ensure!(said.contains("desk.key"), "it does not say what is missing: {said:?}");
        window.part("try-again").await?.click().await?;
        let still = window.part("closed").await?.text().await?;
        ensure!(still.contains("desk.key"), "without the key it says {still:?}");
        std::fs::rename(&away, &key)?;
        window.find_within("[data-testid='try-again']:enabled", PATIENCE).await?.click().await?;
        window.find_within("[data-testid='manual-number']", PATIENCE).await?;
        Ok(())
    })
    .await
}
