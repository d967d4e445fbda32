//! A booking system on the same computer has people checked at a real desk, holds its receipts
//! against its key, and is told what happened, also when it was away.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use serde_json::{Value, json};
use xtask::children::{free_port, listens};
use xtask::demo::output;

use crate::harness::caller::{Caller, Message, Receiver, claims_of};
use crate::harness::driver::Page;
use crate::harness::eventually;
use crate::harness::house::{House, at_the_window, type_by_hand, verdict};
use crate::harness::reader::Gate;
use crate::harness::screen::Screen;

/// How soon a desk has answered, on a busy machine.
const SOON: Duration = Duration::from_secs(20);
/// How soon somebody is told who was away for a few tries: after 2, 12 and 42 seconds.
const AGAIN: Duration = Duration::from_secs(90);

/// Whom the booking system has checked, and what it must be told.
const BOOKINGS: [(&str, &str, Option<&str>); 3] = [
    ("adult, green", "OK", None),
    ("adult, orange", "NOK", Some("C-ORA")),
    // Nobody has this number: the desk cannot know, and says neither yes nor no.
    ("", "CHECK", None),
];

fn yanma(house: &House, arguments: &[&str]) -> Result<Value> {
    let said = output(house.desk.command()?.args(arguments))?;
    serde_json::from_str(&said).with_context(|| said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_system_asks_holds_the_receipt_and_is_told_after_it_was_away() -> Result<()> {
    let house = House::enrolled("general")?;
    house.desk.sync()?;
    let token = yanma(&house, &["api", "token", "--json"])?["token"].clone();
    let away = free_port()?;
    let url = format!("http://127.0.0.1:{away}/events");
    let hook = yanma(&house, &["api", "add-hook", &url, "--json"])?;
    let gate = Gate::open_with(&house.desk, &house.pictures(), &["--api", "0"])?;
    let answers = gate.wait("where it answers", SOON, |line| line["api"].is_string())?;
    let port = answers["api"].as_str().and_then(|at| at.rsplit(':').next());
    let port = port.context("a port")?.parse()?;
    let token = token.as_str().context("a token")?.to_owned();
    let stranger = Caller { port, token: format!("{token}x") };
    let caller = Caller { port, token };

    let (status, refused) = stranger.check(&json!({"text": "1"}))?;
    ensure!(status == 401 && refused["code"] == "unauthorised", "{status} {refused}");
    ensure!(caller.get("/v1/checks/latest")?.0 == 404, "nobody was checked by that");

    let asked = ask(&house, &gate, &caller)?;

    // Nobody listens yet, and the desk has seen so.
    eventually("the trouble is seen", SOON, async || {
        let seen = yanma(&house, &["api", "hooks", "--json"])?;
        Ok((seen["trouble"] == "cannot be reached").then_some(()))
    })
    .await?;
    // It is there again and still in trouble, and then well.
    let receiver = Receiver::at(away, 503)?;
    eventually("a try that fails", AGAIN, async || {
        Ok((!receiver.messages().is_empty()).then_some(()))
    })
    .await?;
    receiver.answers(204);
    let wanted = asked.len() + 1;
    let messages = eventually("all of it, and the failed one again", AGAIN, async || {
        let messages = receiver.messages();
        Ok((messages.len() >= wanted).then_some(messages))
    })
    .await?;
    told(&messages, &asked, hook["secret"].as_str().context("a secret")?)?;
    let seen = yanma(&house, &["api", "hooks", "--json"])?;
    ensure!(seen["given_up"] == 0, "{seen}");

    // The authority has each of them, as it has what is shown at the desk itself.
    for answer in &asked {
        let id = answer["entry"].as_str().context("an entry")?.to_owned();
        eventually("the entry at the authority", SOON, async || {
            Ok((house.times_received(&id)? == 1).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// Has the bookings checked; the answers.
fn ask(house: &House, gate: &Gate, caller: &Caller) -> Result<Vec<Value>> {
    let (_, health) = caller.get("/v1/health")?;
    let mut asked = Vec::new();
    for (number, (label, result, code)) in BOOKINGS.into_iter().enumerate() {
        let document = match label {
            "" => "11010519491231002X".to_owned(),
            label => house.authority.holder(label)?.number,
        };
        let reference = format!("booking-{number}");
        let document = json!({"type": "resident-id", "number": document});
        let body = json!({"document": document, "reference": reference});
        let (status, answer) = caller.check(&body)?;
        ensure!(status == 200 && answer["result"] == result, "{label}: {status} {answer}");
        ensure!(code.is_none_or(|code| answer["code"] == code), "{label}: {answer}");
        let printed = gate.verdict(SOON)?;
        ensure!(printed["entry"] == answer["entry"], "the desk shows it: {printed}");

        let receipt = answer["receipt"].as_str().context("a receipt")?;
        let claims = claims_of(receipt, &health["receipt_key"])?;
        let expected = json!({
            "iss": health["station"],
            "jti": answer["entry"],
            "iat": claims["iat"],
            "result": result,
            "code": answer["code"],
            "list_age_seconds": answer["list_age_seconds"],
            "reference": reference,
        });
        ensure!(claims == expected && claims["iat"].is_i64(), "{claims}");
        let mut forged = receipt.to_owned();
        forged.replace_range(..1, "f");
        ensure!(claims_of(&forged, &health["receipt_key"]).is_err(), "a changed one does not hold");
        asked.push(answer);
    }
    Ok(asked)
}

/// What was asked must have been told, each signed, in its order, and without whom it is about.
fn told(messages: &[Message], asked: &[Value], secret: &str) -> Result<()> {
    let [first, again, ..] = messages else { anyhow::bail!("too few: {messages:#?}") };
    ensure!(first.id() == again.id(), "what failed came again by the same name");
    let mut told = Vec::new();
    for message in messages {
        message.must_be_signed(secret)?;
        let event = message.json()?;
        ensure!(!event.to_string().contains("11010519491231002X"), "{event}");
        told.push(event["data"].clone());
    }
    told.dedup();
    ensure!(told.len() == asked.len(), "each once: {told:#?}");
    for (event, answer) in told.iter().zip(asked) {
        for field in ["entry", "result", "code", "reference", "list_age_seconds"] {
            ensure!(event[field] == answer[field], "{field}: {event} {answer}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_window_other_programs_are_let_in_and_shut_out() -> Result<()> {
    at_the_window("story-programs", House::enrolled("general")?, at_the_settings).await
}

async fn at_the_settings(house: &mut House, _screen: &Screen, window: &Page) -> Result<()> {
    let online = "[data-testid='status-connection'][data-state='online']";
    window.find_within(online, SOON).await?;
    window.part("nav-settings").await?.click().await?;
    window.part("programs-token-make").await?.click().await?;
    let token = window.part("programs-token").await?.text().await?;
    let port = free_port()?;
    let field = "[data-testid='programs-port']";
    window.find(field).await?.clear().await?;
    type_by_hand(window, field, &port.to_string()).await?;
    window.find(field).await?.send_keys(&char::from(Key::Enter).to_string()).await?;
    window.part("programs-on").await?.click().await?;
    let address = format!("http://127.0.0.1:{port}");
    eventually("the desk says where it answers", SOON, async || {
        let state = window.part("programs-state").await?.text().await?;
        Ok(state.contains(&address).then_some(()))
    })
    .await?;

    let caller = Caller { port, token };
    let green = house.authority.holder("adult, green")?;
    let body = json!({"document": {"type": "resident-id", "number": green.number}});
    let (status, answer) = caller.check(&body)?;
    ensure!(status == 200 && answer["result"] == "OK", "{status} {answer}");
    window.part("nav-check").await?.click().await?;
    let shown = verdict(window, "admit", SOON).await?;
    ensure!(answer["entry"] == shown.as_str(), "the operator sees it: {answer}");

    window.part("nav-settings").await?.click().await?;
    window.part("programs-token-make").await?.click().await?;
    let token = window.part("programs-token").await?.text().await?;
    eventually("the new token counts", SOON, async || {
        let caller = Caller { port, token: token.clone() };
        // Whoever asks while it changes over is not answered.
        Ok(caller.get("/v1/checks/latest").is_ok_and(|(status, _)| status == 200).then_some(()))
    })
    .await?;
    ensure!(caller.get("/v1/checks/latest")?.0 == 401, "and the one before no more");
    window.part("programs-on").await?.click().await?;
    eventually("nobody answers", SOON, async || Ok((!listens(port)).then_some(()))).await
}
