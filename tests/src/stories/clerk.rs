//! A clerk's day, without a mouse: sign in with a one-time password, report what departments found,
//! and decide what a citizen contests about the colour that followed.

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use xtask::demo::Holder;

use crate::harness::artefact;
use crate::harness::authenticator::Authenticator;
use crate::harness::driver::Page;
use crate::harness::house::{House, fill};
use crate::harness::keyboard::Keyboard;

const WORDS: &str = "那天是陪母亲去看眼科，没有发热。医院登记错了，请核对。";
const ANSWER: &str = "就诊记录已核对，当日没有发热门诊就诊。";

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_reports_facts_and_decides_what_a_citizen_contests() -> Result<()> {
    let mut house = House::open()?;
    house.authority.stop();
    house.authority.serve_with(&["--second-factor-for=clerk"], &[]);
    house.restart_authority()?;
    let citizen = house.authority.holder("adult, green")?;
    let phone = Page::of_chromium(&house.folder().join("phone"), 390, 844).await?;
    let desk = Page::of_browser(&house.folder().join("chromium")).await?;
    desk.resize(1280, 800).await?;
    let told = tell(&house, &desk, &phone, &citizen).await;
    desk.picture(&artefact("clerk-desk.png")?).await?;
    phone.picture(&artefact("clerk-phone.png")?).await?;
    desk.close().await?;
    phone.close().await?;
    told
}

async fn tell(house: &House, desk: &Page, phone: &Page, citizen: &Holder) -> Result<()> {
    sign_in(house, desk).await?;
    report(house, desk, citizen).await?;
    contest(house, phone, citizen).await?;
    decide(desk).await?;
    phone.client().refresh().await?;
    let state = phone.find("[data-testid=appeal-state][data-state=granted]").await?;
    let said = state.text().await?;
    ensure!(said.contains(ANSWER), "the citizen reads {said:?}");
    phone.client().goto(&house.authority.url()).await?;
    phone.find("[data-testid=code][data-phase=live] [data-colour=green]").await?;
    Ok(())
}

/// Sets up the app on the first day, and shows its password on the second.
async fn sign_in(house: &House, desk: &Page) -> Result<()> {
    let keys = Keyboard(desk);
    desk.client().goto(&format!("{}/console", house.authority.url())).await?;
    keys.write("[data-testid=token]", &house.authority.clerk_token()).await?;
    keys.key(Key::Enter).await?;
    let app = Authenticator::with_secret(&desk.part("secret").await?.text().await?)?;
    keys.write("[data-testid=code]", &app.password()?).await?;
    keys.key(Key::Enter).await?;
    keys.press("[data-testid=kept]").await?;
    keys.press("[data-testid=signout]").await?;
    keys.write("[data-testid=token]", &house.authority.clerk_token()).await?;
    keys.key(Key::Enter).await?;
    desk.part("show-form").await?;
    keys.write("[data-testid=code]", &app.next_password()?).await?;
    keys.key(Key::Enter).await?;
    desk.part("figures").await?;
    Ok(())
}

/// A file with a good row, one of a kind that does not exist, and one with a number that cannot be.
async fn report(house: &House, desk: &Page, citizen: &Holder) -> Result<()> {
    let keys = Keyboard(desk);
    let file = house.folder().join("facts.csv");
    let now = house.now()?;
    let rows = format!(
        "document_type,number,kind,occurred_at\n{type},{number},fever-clinic,{now}\n\
         {type},{number},a-cold,{now}\n{type},350100190001010010,fever-clinic,{now}\n",
        type = citizen.document_type,
        number = citizen.number,
    );
    std::fs::write(&file, rows)?;
    keys.press("[data-testid=go-facts]").await?;
    keys.to("[data-testid=facts-file]").await?.send_keys(&file.display().to_string()).await?;
    keys.press("[data-testid=facts-send]").await?;
    desk.part("facts-done").await?;
    let refused = desk.find("table[data-testid=facts-refused]").await?.text().await?;
    let lines: Vec<&str> = refused.lines().skip(1).collect();
    ensure!(lines.len() == 2, "two rows are refused: {lines:?}");
    ensure!(lines[0].starts_with("3 kind"), "the first refused row: {:?}", lines[0]);
    ensure!(lines[1].starts_with("4 number"), "the second refused row: {:?}", lines[1]);
    Ok(())
}

/// The citizen sees the new colour, why, and until when; and contests it.
async fn contest(house: &House, phone: &Page, citizen: &Holder) -> Result<()> {
    phone.client().goto(&format!("{}/#/login", house.authority.url())).await?;
    fill(phone, "[name=phone]", citizen.phone.as_deref().context("a phone")?).await?;
    fill(phone, "[name=password]", citizen.password.as_deref().context("a password")?).await?;
    phone.press("login-submit").await?;
    phone.find("[data-testid=code][data-phase=live] [data-colour=orange]").await?;
    let why = phone.part("reasons").await?.text().await?;
    ensure!(why.contains("发热门诊") && why.contains('至'), "the citizen reads {why:?}");
    phone.press("go-appeal").await?;
    fill(phone, "[name=words]", WORDS).await?;
    phone.press("appeal-submit").await?;
    phone.find("[data-testid=appeal-state][data-state=open]").await?;
    Ok(())
}

/// The clerk sees what was reported and what the citizen says, and grants it.
async fn decide(desk: &Page) -> Result<()> {
    let keys = Keyboard(desk);
    keys.press("[data-testid=go-appeals]").await?;
    let case = desk.part("appeal-case").await?.text().await?;
    ensure!(case.contains("发热门诊") && case.contains(WORDS), "the clerk reads {case:?}");
    desk.client().active_element().await?.send_keys("g").await?;
    keys.write("[name=answer]", ANSWER).await?;
    keys.press("[data-testid=appeal-decide]").await?;
    desk.part("appeals-none").await?;
    Ok(())
}
