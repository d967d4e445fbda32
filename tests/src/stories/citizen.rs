//! The citizen page in a real browser at phone width.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xtask::demo::{Holder, output};

use crate::harness::artefact;
use crate::harness::driver::Page;
use crate::harness::house::{House, fill};

/// Somebody in the register opens the citizen page, registers, claims a code, and shows it.
pub(super) async fn with_a_code(house: &House) -> Result<Page> {
    with_a_code_of(house, &house.authority.holder("elderly person without a code")?).await
}

/// The same for one of them.
pub(super) async fn with_a_code_of(house: &House, holder: &Holder) -> Result<Page> {
    let page = Page::of_chromium(&house.folder().join("chromium"), 390, 844).await?;
    page.client().goto(&house.authority.url()).await?;
    register(&page, holder).await?;
    page.part("claim").await?.click().await?;
    page.part("code-qr").await?;
    Ok(page)
}

/// Fills in the form as the document and the phone say, and sends it.
pub(crate) async fn register(page: &Page, person: &Holder) -> Result<()> {
    page.part("go-register").await?.click().await?;
    page.part("register-form").await?;
    page.find(&format!("option[value='{}']", person.document_type)).await?.click().await?;
    fill(page, "input[name='number']", &person.number).await?;
    fill(page, "input[name='name']", &person.name).await?;
    fill(page, "input[name='phone']", "10012345678").await?;
    fill(page, "input[name='password']", "a long enough password").await?;
    page.part("register-submit").await?.click().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_of_the_phone_holds_the_code_that_the_page_shows() -> Result<()> {
    let house = House::open()?;
    let page = with_a_code(&house).await?;
    let picture = artefact("citizen-code.png")?;
    page.picture(&picture).await?;
    let shown = page.part("code").await?.attr("data-text").await?.context("the code's text")?;
    let decoded = output(house.desk.command()?.args(["decode", "--json"]).arg(&picture))?;
    let decoded: Value = serde_json::from_str(&decoded)?;
    ensure!(decoded["symbols"][0]["text"] == shown.as_str(), "the picture says {decoded}");
    page.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_outside_the_register_is_told_so_at_the_right_field() -> Result<()> {
    let house = House::open()?;
    let stranger = house.authority.holder("adult, in no register")?;
    let page = Page::of_chromium(&house.folder().join("chromium"), 390, 844).await?;
    page.client().goto(&house.authority.url()).await?;
    register(&page, &stranger).await?;
    let complaint = page.part("error").await?;
    let code = complaint.attr("data-code").await?;
    page.picture(&artefact("citizen-not-registered.png")?).await?;
    ensure!(code.as_deref() == Some("not-registered"), "the complaint is {code:?}");
    page.close().await
}
