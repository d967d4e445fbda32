//! A shift in each scene, in the desk's real window: from the first screen over the people who come
//! to the report that is written at its end.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;

use crate::harness::artefact;
use crate::harness::driver::Page;
use crate::harness::house::{House, at_the_window, enrol_in_the_window, type_by_hand, verdict};
use crate::harness::reader::Reader;
use crate::harness::screen::Screen;

/// How soon a desk has answered, on a busy machine.
const SOON: Duration = Duration::from_secs(15);
const PIN: &str = "739142";

/// A scene, and who comes.
struct Shift {
    scene: &'static str,
    comes: Vec<Comes>,
    /// People, let in, refused, to be checked by hand.
    counts: [&'static str; 4],
}

/// Somebody with a code, and where `card` says so a card.
struct Comes {
    label: &'static str,
    card: bool,
    verdict: &'static str,
    /// What is chosen (`purpose-visit`) or typed (`room=1208`) below the verdict.
    answers: &'static [&'static str],
    action: &'static str,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_at_a_hospital_ends_with_its_report() -> Result<()> {
    const VISIT: &[&str] = &["purpose-visit", "temperature=36.5"];
    let comes =
        |label, verdict, action| Comes { label, card: false, verdict, answers: VISIT, action };
    work(&Shift {
        scene: "hospital",
        comes: vec![
            comes("adult, green", "admit", "admitted"),
            comes("adult, orange: fever clinic", "refer", "sent"),
            comes("elderly person, green", "admit", "admitted"),
        ],
        counts: ["3", "2", "0", "1"],
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_at_a_hotel_ends_with_its_report() -> Result<()> {
    let comes =
        |label, verdict, answers, action| Comes { label, card: true, verdict, answers, action };
    work(&Shift {
        scene: "hotel",
        comes: vec![
            comes("adult, green", "admit", &["room=1208", "nights=2"], "admitted"),
            comes("adult, orange: fever clinic", "refuse", &[], "turnedAway"),
        ],
        counts: ["2", "1", "1", "0"],
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_at_an_airport_ends_with_its_report() -> Result<()> {
    const PASSENGER: &[&str] = &["who-passenger", "flight=MF8561"];
    let comes =
        |label, verdict, answers, action| Comes { label, card: true, verdict, answers, action };
    work(&Shift {
        scene: "airport",
        comes: vec![
            comes("adult, green", "admit", PASSENGER, "admitted"),
            comes("elderly person, green", "admit", PASSENGER, "admitted"),
            comes("adult, orange: fever clinic", "refuse", &[], "turnedAway"),
        ],
        counts: ["3", "2", "1", "0"],
    })
    .await
}

async fn work(shift: &Shift) -> Result<()> {
    let name = format!("shift-{}", shift.scene);
    at_the_window(
        &name,
        House::open()?,
        async |house: &mut House, screen: &Screen, window: &Page| {
            begin(house, window, shift).await?;
            let mut reader = Reader::plugged_in(&house.desk, house.folder())?;
            if shift.comes.iter().any(|one| one.card) {
                use_reader(window, &reader).await?;
            }
            window.part("nav-check").await?.click().await?;
            for (number, one) in shift.comes.iter().enumerate() {
                let said = serve(house, screen, window, &mut reader, one).await;
                screen.picture(&artefact(&format!("{name}-{}.png", number + 1))?)?;
                said.with_context(|| format!("{} at the {}", one.label, shift.scene))?;
            }
            end(house, window, shift).await
        },
    )
    .await
}

/// Enrols the desk, sets up who works there, and lets them sign in.
async fn begin(house: &House, window: &Page, shift: &Shift) -> Result<()> {
    enrol_in_the_window(house, window, shift.scene).await?;
    window.part("nav-settings").await?.click().await?;
    for (field, text) in [("id", "chen"), ("name", "陈站长"), ("pin", PIN)] {
        type_by_hand(window, &format!("[data-testid='people-{field}']"), text).await?;
    }
    window.part("people-save").await?.click().await?;
    // From the first one on, whoever works there signs in.
    window.part("sign-in-chen").await?.click().await?;
    type_by_hand(window, "[data-testid='sign-in-pin']", PIN).await?;
    window.part("sign-in-go").await?.click().await?;
    Ok(())
}

async fn use_reader(window: &Page, reader: &Reader) -> Result<()> {
    window.part("nav-devices").await?.click().await?;
    let field = "[data-testid='reader-where']";
    type_by_hand(window, field, &reader.place()).await?;
    let enter = char::from(Key::Enter).to_string();
    window.find(field).await?.send_keys(&enter).await?;
    window
        .find_within("[data-testid='device'][data-kind='card'][data-state='working']", SOON)
        .await?;
    Ok(())
}

async fn serve(
    house: &House,
    screen: &Screen,
    window: &Page,
    reader: &mut Reader,
    one: &Comes,
) -> Result<()> {
    let holder = house.authority.holder(one.label)?;
    let before = window.part("verdict").await?.attr("data-entry").await?.unwrap_or_default();
    screen.scan(&house.authority.show(&holder, None, None)?)?;
    let new = format!("[data-testid='verdict']:not([data-entry='{before}'], [data-entry=''])");
    window.find_within(&new, SOON).await?;
    if one.card {
        reader.put(&holder)?;
        window.find_within("[data-testid='identity-matched']", SOON).await?;
    }
    verdict(window, one.verdict, SOON).await?;
    for answer in one.answers {
        match answer.split_once('=') {
            Some((field, text)) => {
                type_by_hand(window, &format!("[data-testid='finish-{field}']"), text).await?;
            }
            None => window.part(&format!("finish-{answer}")).await?.click().await?,
        }
    }
    window.part(&format!("finish-do-{}", one.action)).await?.click().await?;
    let done = format!("[data-testid='finished'][data-action='{}']", one.action);
    window.find_within(&done, SOON).await?;
    Ok(())
}

/// Looks at the figures of the day, and writes the report in both forms.
async fn end(house: &House, window: &Page, shift: &Shift) -> Result<()> {
    window.part("nav-shift").await?.click().await?;
    for (figure, count) in ["total", "admit", "refuse", "refer"].iter().zip(shift.counts) {
        let shown = window.part(&format!("shift-{figure}")).await?.text().await?;
        ensure!(shown == count, "{figure}: {shown} and not {count}");
    }
    for (form, begin) in [("csv", &b"of,what,people,"[..]), ("pdf", b"%PDF-1.")] {
        window.part(&format!("shift-{form}")).await?.click().await?;
        let written = format!(".{form}");
        let path = crate::harness::eventually("the report's place", SOON, async || {
            let said = window.part("shift-written").await?.text().await?;
            Ok(said.split_whitespace().find(|word| word.ends_with(&written)).map(str::to_owned))
        })
        .await?;
        let bytes = std::fs::read(&path).with_context(|| path.clone())?;
        ensure!(bytes.starts_with(begin), "{path} is no {form}");
        if form == "csv" {
            let text = String::from_utf8(bytes)?;
            let [people, admit, refuse, refer] = shift.counts;
            let day = format!(",{people},{admit},{refer},{refuse},0,");
            let median = text.lines().find_map(|line| line.split_once(&day)).map(|(_, end)| end);
            let median: f64 =
                median.with_context(|| format!("no line of the day: {text}"))?.parse()?;
            ensure!(median > 0.0, "nobody takes no time from scan to answer: {text}");
            ensure!(text.contains("\noperator,chen,"), "not whose shift it was: {text}");
            for one in &shift.comes {
                let holder = house.authority.holder(one.label)?;
                ensure!(
                    !text.contains(&holder.number),
                    "a report counts, and names nobody: {text}"
                );
            }
        }
    }
    Ok(())
}
