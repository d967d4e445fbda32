//! A citizen's whole way, without a mouse: register, prove who one is, claim, show, print.

use std::net::TcpListener;

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use xtask::station::Presented;

use crate::harness::artefact;
use crate::harness::driver::Page;
use crate::harness::house::House;
use crate::harness::keyboard::Keyboard;
use crate::harness::paper::print;
use crate::harness::proxy::serve;

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_screen_to_a_paper_in_hand_that_a_desk_admits() -> Result<()> {
    let mut house = House::enrolled("hospital")?;
    // A service that knows everybody and every code.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/", listener.local_addr()?);
    let _service = serve(listener, "application/json", "{\"result\":\"match\"}");
    house.authority.stop();
    house.authority.serve_with(
        &["--claim-level=sms", &format!("--identity-service={address}")],
        &[("YANMA_IDENTITY_SECRET", "a secret of both sides, 32 letters")],
    );
    house.restart_authority()?;
    let page = Page::of_browser(&house.folder().join("chromium")).await?;
    page.resize(390, 844).await?;
    page.client().goto(&house.authority.url()).await?;
    let told = tell(&house, &page).await;
    page.picture(&artefact("keys-only.png")?).await?;
    page.close().await?;
    told
}

async fn tell(house: &House, page: &Page) -> Result<()> {
    let keys = Keyboard(page);
    let person = house.authority.holder("elderly person without a code")?;
    keys.press("[data-testid=go-register]").await?;
    keys.write("[name=number]", &person.number).await?;
    keys.write("[name=name]", &person.name).await?;
    keys.write("[name=phone]", "10012345678").await?;
    keys.write("[name=password]", "a long enough password").await?;
    keys.key(Key::Enter).await?;

    keys.press("[data-testid=claim]").await?;
    let refused = page.find("[data-testid=error]").await?.attr("data-code").await?;
    ensure!(refused.as_deref() == Some("identity-level"), "the claim said {refused:?}");
    keys.press("[data-testid=go-prove]").await?;
    keys.press("[data-testid=prove-send]").await?;
    keys.write("[name=code]", "123456").await?;
    keys.key(Key::Enter).await?;
    keys.press("[data-testid=prove-on]").await?;
    keys.press("[data-testid=claim]").await?;
    page.part("code-qr").await?;
    let shown = page.part("code").await?.attr("data-text").await?.context("the code's text")?;
    house.desk.sync()?;
    let verdict = house.desk.verify(&[Presented::Text(shown)])?;
    ensure!(verdict["verdict"] == "admit", "the shown code: {verdict}");

    keys.press("[data-testid=go-paper]").await?;
    keys.press("[data-testid=paper-make]").await?;
    let sheet = keys.to("[data-testid=paper-a6]").await?.attr("href").await?.context("a sheet")?;
    let picture = artefact("citizen-paper.png")?;
    print(page, &sheet, &picture).await?;
    let verdict = house.desk.verify(&[Presented::Picture(picture)])?;
    ensure!(verdict["verdict"] == "admit", "the paper: {verdict}");
    Ok(())
}
