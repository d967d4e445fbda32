//! The same desk started twice.

use anyhow::{Result, ensure};
use xtask::station::Presented;

use crate::harness::artefact;
use crate::harness::house::{House, at_the_window};
use crate::harness::screen::Screen;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_window_only_looks_and_says_so() -> Result<()> {
    at_the_window("two-windows-first", House::enrolled("general")?, async |house, _, first| {
        first.part("manual-number").await?;
        let screen = Screen::open()?;
        let second = house.window(&screen).await?;
        let notice = second.part("notice").await?.text().await?;
        screen.picture(&artefact("two-windows-second.png")?)?;
        ensure!(!notice.trim().is_empty(), "the second window says nothing");
        second.close().await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_beside_the_window_is_told_that_the_desk_is_in_use() -> Result<()> {
    at_the_window("in-use", House::enrolled("general")?, async |house, _, window| {
        window.part("manual-number").await?;
        let child = house.authority.holder("child, green")?;
        let answer = house.desk.try_verify(&[Presented::Text(child.number.clone())], true)?;
        let said = String::from_utf8_lossy(&answer.stderr);
        ensure!(!answer.status.success(), "two programs write to one log");
        ensure!(said.contains("in use"), "it says {said:?}");
        ensure!(!said.contains(&child.number), "a message holds a number");
        ensure!(
            house.desk.entries()?.is_empty(),
            "looking is still possible, and nothing was kept"
        );
        Ok(())
    })
    .await
}
