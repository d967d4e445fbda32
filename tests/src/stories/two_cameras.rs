//! Two cameras at once: a phone before the one that faces the guest, a passport under the one that
//! looks down on the counter.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::Locator;
use xtask::demo::{Holder, output};

use crate::harness::artefact;
use crate::harness::driver::Page;
use crate::harness::house::{House, at_the_window, use_counter, use_pictures, verdict};
use crate::harness::screen::Screen;
use crate::stories::citizen;

/// How soon a desk has answered, on a busy machine.
const SOON: Duration = Duration::from_secs(10);
/// How soon it is said that a camera is gone.
const TOLD: Duration = Duration::from_secs(2);
/// How soon one that is there again is used again.
const BACK: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_and_a_passport_are_one_verdict_and_each_camera_is_lost_alone() -> Result<()> {
    at_the_window("story-two-cameras", House::enrolled("hotel")?, told).await
}

async fn told(house: &mut House, screen: &Screen, window: &Page) -> Result<()> {
    let traveller = traveller(house)?;
    let phone = citizen::with_a_code_of(house, &traveller).await?;
    let counter = house.folder().join("counter");
    std::fs::create_dir(&counter)?;
    use_pictures(window, &house.pictures()).await?;
    use_counter(window, &house.pictures()).await.expect_err("both sides have one camera");
    use_counter(window, &counter).await?;
    for side in ["guest", "document"] {
        window.find_within(&camera(side, "working", ""), SOON).await?;
    }

    let whole = house.folder().join("phone.png");
    phone.picture(&whole).await?;
    std::fs::rename(&whole, house.pictures().join("phone.png"))?;
    let alone = verdict(window, "refer", SOON).await?;
    window.find(&outline("guest")).await?;
    ensure!(!is_there(window, &outline("document")).await?, "the counter is empty");

    lay(&counter, "china-two-characters.png")?;
    let both = verdict(window, "admit", SOON).await?;
    ensure!(both != alone, "the passport is another word on the encounter");
    window.part("identity-matched").await.context("that code and passport match is said")?;
    window.find(&outline("document")).await?;
    screen.picture(&artefact("story-two-cameras-both.png")?)?;

    std::fs::remove_dir_all(&counter)?;
    window.find_within(&camera("document", "lost", ""), TOLD).await?;
    ensure!(!is_there(window, &outline("document")).await?, "nothing is seen by a lost camera");
    window.find(&camera("guest", "working", " img")).await.context("the guest's goes on")?;
    screen.picture(&artefact("story-two-cameras-lost.png")?)?;
    let next = house.authority.holder("adult, green")?;
    house.authority.show(&next, None, Some(&house.pictures().join("next.png")))?;
    verdict(window, "refer", SOON).await.context("the next guest's code is read")?;

    std::fs::create_dir(&counter)?;
    window.find_within(&camera("document", "working", ""), BACK).await?;
    phone.close().await
}

/// Whose passport is among the test vectors, in the register.
fn traveller(house: &House) -> Result<Holder> {
    let text = str::to_owned;
    let [document_type, number, name] = ["passport-cn", "EA0000001", "张三"].map(text);
    let register = house.folder().join("register.csv");
    std::fs::write(
        &register,
        format!("document_type,number,name\n{document_type},{number},{name}\n"),
    )?;
    output(house.authority.command()?.arg("import").arg(&register))?;
    let label = text("traveller with a passport");
    Ok(Holder { label, document_type, number, name, phone: None, password: None })
}

/// Lays a page of the test vectors on the counter.
fn lay(counter: &Path, page: &str) -> Result<()> {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/zone/pictures");
    let unfinished = counter.join("page.part");
    std::fs::copy(pages.join(page), &unfinished)?;
    std::fs::rename(unfinished, counter.join("page.png"))?;
    Ok(())
}

fn camera(side: &str, state: &str, within: &str) -> String {
    format!("[data-testid='camera'][data-side='{side}'][data-state='{state}']{within}")
}

fn outline(side: &str) -> String {
    camera(side, "working", " [data-testid='found-outline']")
}

async fn is_there(window: &Page, css: &str) -> Result<bool> {
    Ok(!window.client().find_all(Locator::Css(css)).await?.is_empty())
}
