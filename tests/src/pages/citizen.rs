//! The citizen's page, from the first screen to the last.

use std::time::Duration;

use anyhow::{Result, ensure};
use xtask::demo::Holder;

use super::sight::Sight;
use crate::harness::driver::Page;
use crate::harness::house::{House, fill};
use crate::stories::citizen::register;

/// A code on a phone lives for a minute.
const A_LIFE: Duration = Duration::from_secs(75);

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_of_a_citizen_can_be_read_and_has_room() -> Result<()> {
    let mut house = House::open()?;
    let page = Page::of_browser(&house.folder().join("chromium")).await?;
    page.resize(1280, 800).await?;
    let mut sight = Sight::of(&page)?;
    let walked = walk(&mut house, &page, &mut sight).await;
    let judged = sight.judge(walked, 40);
    page.close().await?;
    judged
}

async fn walk(house: &mut House, page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    page.client().goto(&house.authority.url()).await?;
    page.part("go-register").await?;
    sight.at("welcome").await?;
    way_in(house, page, sight).await?;
    claim(page, sight).await?;
    paper(page, sight).await?;
    appeal(house, page, sight).await?;
    family(house, page, sight).await?;
    prove(house, page, sight).await?;
    old_code(house, page, sight).await?;
    withdraw(house, page, sight).await?;
    away(house, page, sight).await
}

/// Presses what has `id`, waits for `css`, and looks.
async fn on(page: &Page, sight: &mut Sight<'_>, id: &str, css: &str, name: &str) -> Result<()> {
    page.press(id).await?;
    page.find(css).await?;
    sight.at(name).await
}

/// Goes to an address of the page, waits for `css`, and looks.
async fn go(
    house: &House,
    page: &Page,
    sight: &mut Sight<'_>,
    [address, css]: [&str; 2],
    name: &str,
) -> Result<()> {
    page.client().goto(&format!("{}/{address}", house.authority.url())).await?;
    page.find(css).await?;
    sight.at(name).await
}

async fn way_in(house: &House, page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    on(page, sight, "go-register", "[data-testid=register-form]", "register").await?;
    on(page, sight, "register-submit", "[data-testid=error]", "register, wrong").await?;
    go(house, page, sight, ["#/login", "[data-testid=login-form]"], "log in").await?;
    on(page, sight, "login-submit", "[data-testid=error]", "log in, nothing typed").await?;
    fill(page, "[name=phone]", "10000000000").await?;
    fill(page, "[name=password]", "not the password").await?;
    page.press("login-submit").await?;
    page.find("[data-testid=error]:not([data-field])").await?;
    sight.at("log in, wrong").await?;
    page.client().goto(&house.authority.url()).await?;
    page.client().refresh().await?;
    register(page, &house.authority.holder("elderly person without a code")?).await?;
    page.part("claim").await?;
    sight.at("claim").await
}

async fn claim(page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    on(page, sight, "from-other-province", "[name=province]", "claim, departure").await?;
    on(page, sight, "origin-next", "[aria-invalid=true]", "claim, no departure").await?;
    page.find("option[value='430000']").await?.click().await?;
    page.find("[name=city] option:nth-of-type(2)").await?.click().await?;
    on(page, sight, "origin-next", "[data-testid=home-code]", "claim, household").await?;
    page.press("back").await?;
    page.find("[name=city]").await?;
    page.press("back").await?;
    on(page, sight, "from-abroad", "[name=contact]", "claim, abroad").await?;
    fill(page, "[name=contact]", "1").await?;
    on(page, sight, "origin-next", "[aria-invalid=true]", "claim, wrong contact").await?;
    fill(page, "[name=contact]", "10012345678").await?;
    on(page, sight, "origin-next", "[data-testid=error]:not([data-field])", "claim, refused")
        .await?;
    page.press("back").await?;
    on(page, sight, "claim", "[data-testid=code-qr]", "code, green").await
}

async fn paper(page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    on(page, sight, "go-paper", "[data-testid=paper-make]", "paper, none").await?;
    on(page, sight, "paper-make", "[data-testid=paper-a6]", "paper").await?;
    on(page, sight, "paper-again", "[data-testid=paper-keep]", "paper, sure").await?;
    on(page, sight, "paper-replace", "[data-testid=paper-replaced]", "paper, replaced").await?;
    page.press("back").await
}

async fn appeal(house: &House, page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    on(page, sight, "go-appeal", "[data-testid=appeal] .lead", "appeal, green").await?;
    let holder = house.authority.holder("elderly person without a code")?;
    house.report_fever(&holder, "0197f7a0-0000-7000-8000-000000000101")?;
    page.press("back").await?;
    page.client().refresh().await?;
    page.find("[data-testid=code][data-phase=live] [data-colour=orange]").await?;
    sight.at("code, orange").await?;
    on(page, sight, "go-history", "[data-testid=period]", "history").await?;
    page.press("back").await?;
    on(page, sight, "go-appeal", "[data-testid=appeal-form]", "appeal").await?;
    on(page, sight, "appeal-submit", "[aria-invalid=true]", "appeal, no words").await?;
    fill(page, "[name=words]", "我没有去过发热门诊，请核对就诊记录。").await?;
    on(page, sight, "appeal-submit", "[data-testid=appeal-state]", "appeal, waiting").await?;
    page.press("back").await
}

async fn family(house: &House, page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    let parent = house.authority.holder("Hong Kong residence permit without a code")?;
    on(page, sight, "go-family", "[data-testid=family-add]", "family, none").await?;
    on(page, sight, "family-add", "[data-testid=relation-parent]", "family, relation").await?;
    on(page, sight, "relation-parent", "[data-testid=member-form]", "family, document").await?;
    on(page, sight, "member-next", "[aria-invalid=true]", "family, nothing typed").await?;
    document(page, &parent).await?;
    on(page, sight, "member-next", "[data-testid=claim]", "family, origin").await?;
    on(page, sight, "claim", "[data-testid=member]", "family").await?;
    let live = "[data-testid=together-code][data-phase=live]";
    on(page, sight, "go-together", live, "family, together").await?;
    let text = page.find(live).await?.attr("data-text").await?.unwrap_or_default();
    ensure!(text.split('/').skip(3).count() == 2, "oneself and a parent: {text}");
    page.client().back().await?;
    on(page, sight, "member", "[data-testid=whose]", "member's code").await?;
    on(page, sight, "withdraw", "[data-testid=withdraw-confirm]", "withdraw a member's").await?;
    go(house, page, sight, ["#/member/00000000", "[data-testid=gone]"], "family, gone").await
}

async fn document(page: &Page, person: &Holder) -> Result<()> {
    page.find(&format!("option[value='{}']", person.document_type)).await?.click().await?;
    fill(page, "[name=number]", &person.number).await?;
    fill(page, "[name=name]", &person.name).await
}

async fn prove(house: &House, page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    go(house, page, sight, ["#/prove", "[data-testid=prove-send]"], "prove").await?;
    on(page, sight, "prove-send", "[data-testid=error]", "prove, no service").await
}

/// Nothing renews a code when the authority is away.
async fn old_code(house: &mut House, page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    page.client().goto(&house.authority.url()).await?;
    page.find("[data-testid=code][data-phase=live]").await?;
    house.authority.stop();
    page.find_within("[data-testid=code][data-phase=expired]", A_LIFE).await?;
    sight.at("code, expired").await?;
    house.restart_authority()
}

async fn withdraw(house: &House, page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    let confirm = "[data-testid=withdraw-confirm]";
    go(house, page, sight, ["#/withdraw", confirm], "withdraw").await?;
    on(page, sight, "withdraw-confirm", "[data-testid=claim-again]", "withdrawn").await
}

/// Somebody else's camera opened the code; and nobody answers.
async fn away(house: &mut House, page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    go(house, page, sight, ["12345", "[data-testid=scanned]"], "scanned").await?;
    house.authority.stop();
    page.find("[data-testid=scanned] a").await?.click().await?;
    page.part("unreachable").await?;
    sight.at("unreachable").await
}
