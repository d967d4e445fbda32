//! The console, with the eyes of everybody who works there.

use anyhow::{Context, Result, ensure};
use xtask::demo::Holder;
use xtask::station::Presented;

use super::sight::Sight;
use crate::harness::authenticator::Authenticator;
use crate::harness::driver::Page;
use crate::harness::eventually;
use crate::harness::house::{House, fill};

const SOON: std::time::Duration = std::time::Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_of_the_console_can_be_read_and_has_room() -> Result<()> {
    let house = House::enrolled("hotel")?;
    let page = Page::of_browser(&house.folder().join("chromium")).await?;
    page.resize(1280, 800).await?;
    let mut sight = Sight::of(&page)?;
    let walked = walk(&house, &page, &mut sight).await;
    let judged = sight.judge(walked, 41);
    page.close().await?;
    judged
}

async fn walk(house: &House, page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    let orange = house.authority.holder("adult, orange: fever clinic")?;
    something_happened(house, page, &orange).await?;
    page.client().goto(&format!("{}/console", house.authority.url())).await?;
    page.part("signin-form").await?;
    sight.at("sign in").await?;
    fill(page, "[data-testid=token]", "no such token").await?;
    on(page, sight, "signin", "[role=alert]", "sign in, wrong").await?;
    let tokens = administrator(house, page, sight).await?;
    clerk(house, page, sight, &orange).await?;
    for (token, role) in tokens.iter().zip(["epidemiologist", "auditor"]) {
        sign_in(page, token).await?;
        match role {
            "epidemiologist" => epidemiologist(page, sight).await?,
            _ => place(page, sight, "audit", "[data-testid=audit]").await?,
        }
        page.press("signout").await?;
    }
    Ok(())
}

/// A desk refused somebody, who contests the colour.
async fn something_happened(house: &House, page: &Page, holder: &Holder) -> Result<()> {
    house.desk.sync()?;
    house.desk.verify(&[Presented::Text(house.authority.show(holder, None, None)?)])?;
    house.desk.sync()?;
    page.client().goto(&format!("{}/#/login", house.authority.url())).await?;
    fill(page, "[name=phone]", holder.phone.as_deref().context("a phone")?).await?;
    fill(page, "[name=password]", holder.password.as_deref().context("a password")?).await?;
    page.press("login-submit").await?;
    page.press("go-appeal").await?;
    fill(page, "[name=words]", "那天是陪母亲去看眼科，没有发热。医院登记错了，请核对。").await?;
    page.press("appeal-submit").await?;
    page.part("appeal-state").await?;
    Ok(())
}

async fn on(page: &Page, sight: &mut Sight<'_>, id: &str, css: &str, name: &str) -> Result<()> {
    page.press(id).await?;
    page.find(css).await?;
    sight.at(name).await
}

/// Goes to a place and looks when `css` is there.
async fn place(page: &Page, sight: &mut Sight<'_>, place: &str, css: &str) -> Result<()> {
    on(page, sight, &format!("go-{place}"), css, place).await
}

async fn sign_in(page: &Page, token: &str) -> Result<()> {
    fill(page, "[data-testid=token]", token).await?;
    page.press("signin").await
}

/// Sets up an app, sees everything of an administrator, and makes an epidemiologist and an
/// auditor, whose tokens are returned.
async fn administrator(house: &House, page: &Page, sight: &mut Sight<'_>) -> Result<Vec<String>> {
    let token = house.authority.administrator_token();
    fill(page, "[data-testid=token]", &token).await?;
    on(page, sight, "signin", "[data-testid=secret]", "set up").await?;
    let app = Authenticator::with_secret(&page.part("secret").await?.text().await?)?;
    fill(page, "[data-testid=code]", "000000").await?;
    on(page, sight, "confirm", "[role=alert]", "set up, wrong").await?;
    fill(page, "[data-testid=code]", &app.password()?).await?;
    on(page, sight, "confirm", "[data-testid=kept]", "recovery codes").await?;
    on(page, sight, "kept", "[data-testid=charts]", "overview").await?;
    rules(page, sight).await?;
    place(page, sight, "policies", "[data-testid=policies]").await?;
    on(page, sight, "change-hotel", "[data-testid=policy-form]", "policies, change").await?;
    stations(page, sight).await?;
    place(page, sight, "sites", "[data-testid=sites]").await?;
    place(page, sight, "regions", "[data-testid=own-region]").await?;
    on(page, sight, "region-add", "[data-testid=region-form]", "regions, another").await?;
    place(page, sight, "people", "[data-testid=people]").await?;
    let tokens = vec![person(page, "epidemiologist").await?, person(page, "auditor").await?];
    sight.at("people, made").await?;
    page.find("[data-testid=people] button").await?.click().await?;
    page.part("end").await?;
    sight.at("people, end").await?;
    on(page, sight, "renew", "[data-testid=secret]", "another app").await?;
    page.press("leave").await?;
    page.press("signout").await?;
    fill(page, "[data-testid=token]", &token).await?;
    on(page, sight, "signin", "[data-testid=show-form]", "one-time password").await?;
    on(page, sight, "lost", "[data-testid=recovery]", "recovery code").await?;
    page.press("other-token").await?;
    Ok(tokens)
}

async fn rules(page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    place(page, sight, "rules", "[data-testid=scheme]").await?;
    page.find("[data-testid=rules-which] option[value='national-2021']").await?.click().await?;
    page.part("rules-put").await?;
    sight.at("rules, others").await
}

async fn stations(page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    place(page, sight, "stations", "[data-testid=stations]").await?;
    fill(page, "[name=site]", "demo-hotel").await?;
    on(page, sight, "enrolment-ask", "[data-testid=enrolment]", "stations, code").await?;
    page.find("[data-testid=stations] button").await?.click().await?;
    page.part("end").await?;
    sight.at("stations, end").await
}

/// Makes somebody of `role` and returns the token.
async fn person(page: &Page, role: &str) -> Result<String> {
    fill(page, "[data-testid=person-form] [name=name]", role).await?;
    page.find(&format!("[data-testid=person-form] option[value='{role}']")).await?.click().await?;
    page.find("[data-testid=person-form] [type=submit]").await?.click().await?;
    eventually("a token", SOON, async || {
        let made = page.part("made").await?.text().await?;
        Ok(made.contains(role).then_some(()))
    })
    .await?;
    Ok(page.part("made-token").await?.text().await?)
}

async fn clerk(house: &House, page: &Page, sight: &mut Sight<'_>, holder: &Holder) -> Result<()> {
    sign_in(page, &house.authority.clerk_token()).await?;
    page.part("charts").await?;
    facts(house, page, sight).await?;
    place(page, sight, "appeals", "[data-testid=appeal-case]").await?;
    page.find("[value=granted]").await?.click().await?;
    page.part("appeal-then").await?;
    sight.at("appeals, granted").await?;
    fill(page, "[name=answer]", "就诊记录已核对，当日没有发热门诊就诊。").await?;
    on(page, sight, "appeal-decide", "[data-testid=appeals-none]", "appeals, none").await?;
    on(page, sight, "appeals-decided", "[data-testid=decided]", "appeals, decided").await?;
    on(page, sight, "ask-set-aside", "[data-testid=set-aside]", "appeals, set aside").await?;
    place(page, sight, "holders", "[data-testid=search-form]").await?;
    fill(page, "[name=key]", "1").await?;
    fill(page, "[name=reason]", "核对申诉").await?;
    on(page, sight, "search", "[role=alert]", "holders, wrong").await?;
    fill(page, "[name=key]", &holder.number).await?;
    on(page, sight, "search", "[data-testid=holders]", "holders, found").await?;
    on(page, sight, "ask-history", "[data-testid=history]", "holders, history").await?;
    fill(page, "[data-testid=history] [name=reason]", "核对申诉").await?;
    on(page, sight, "history-submit", "[data-testid=periods]", "holders, colours").await?;
    page.press("ask-reveal").await?;
    page.part("reveal").await?;
    sight.at("holders, reveal").await?;
    fill(page, "[data-testid=reveal] [name=reason]", "核对申诉").await?;
    page.find("[data-testid=reveal] [type=submit]").await?.click().await?;
    page.part("revealed-name").await?;
    sight.at("holders, revealed").await?;
    place(page, sight, "entries", "[data-testid=entries]").await?;
    page.press("signout").await
}

async fn facts(house: &House, page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    let green = house.authority.holder("adult, green")?;
    let today = house.now()?;
    let file = house.folder().join("facts.csv");
    let rows = format!(
        "document_type,number,kind,occurred_at,ward\n\
         resident-id,{},fever-clinic,{today},3\n\
         resident-id,{},a-cold,{today},3\n\
         resident-id,350100190001010010,fever-clinic,{today},3\n",
        green.number, green.number
    );
    std::fs::write(&file, rows)?;
    place(page, sight, "facts", "[data-testid=facts-file]").await?;
    page.part("facts-file").await?.send_keys(&file.display().to_string()).await?;
    page.part("facts-send").await?;
    sight.at("facts, read").await?;
    on(page, sight, "facts-send", "[data-testid=facts-done]", "facts, done").await?;
    let said = page.part("facts-refused").await?.text().await?;
    ensure!(said.contains("kind"), "the refused row is not explained: {said:?}");
    Ok(())
}

async fn epidemiologist(page: &Page, sight: &mut Sight<'_>) -> Result<()> {
    place(page, sight, "traces", "[data-testid=trace-site] option").await?;
    page.find("[data-testid=trace-site] option[value='demo-hotel']").await?.click().await?;
    fill(page, "[name=reason]", "追查密切接触者").await?;
    on(page, sight, "trace", "[data-testid=visits]", "traces, visits").await?;
    page.find("[name=kind][value=contacts]").await?.click().await?;
    page.find("[name=number]").await?;
    sight.at("traces, contacts").await
}
