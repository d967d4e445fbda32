//! A shift in each scene, in the desk's real window: from the first screen over the people who come
//! to the report that is written at its end.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::json;

use crate::harness::artefact;
use crate::harness::driver::Page;
use crate::harness::house::{
    House, at_the_window, enrol_in_the_window, invoke, type_by_hand, verdict,
};
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
    /// What the report says besides.
    reported: &'static [&'static str],
}

/// Somebody with a code, a boarding pass (in which name, and which seat), and where `card` says so
/// a card.
struct Comes {
    label: &'static str,
    pass: Option<(&'static str, &'static str)>,
    card: bool,
    verdict: &'static str,
    /// What is chosen (`purpose-visit`) or typed (`room=1208`) below the verdict.
    answers: &'static [&'static str],
    action: &'static str,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_at_a_hospital_ends_with_its_report() -> Result<()> {
    const VISIT: &[&str] = &["purpose-visit", "temperature=36.5"];
    let comes = |label, verdict, action| Comes {
        label,
        pass: None,
        card: false,
        verdict,
        answers: VISIT,
        action,
    };
    work(&Shift {
        scene: "hospital",
        comes: vec![
            comes("adult, green", "admit", "admitted"),
            comes("adult, orange: fever clinic", "refer", "sent"),
            comes("elderly person, green", "admit", "admitted"),
        ],
        counts: ["3", "2", "0", "1"],
        reported: &[],
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_at_a_hotel_ends_with_its_report() -> Result<()> {
    let comes = |label, verdict, answers, action| Comes {
        label,
        pass: None,
        card: true,
        verdict,
        answers,
        action,
    };
    work(&Shift {
        scene: "hotel",
        comes: vec![
            comes("adult, green", "admit", &["room=1208", "nights=2"], "admitted"),
            comes("adult, orange: fever clinic", "refuse", &[], "turnedAway"),
        ],
        counts: ["2", "1", "1", "0"],
        reported: &[],
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_at_an_airport_ends_with_its_flight_and_its_report() -> Result<()> {
    // The flight is that of the pass.
    const PASSENGER: &[&str] = &["who-passenger"];
    let comes = |label, pass, verdict, answers, action| Comes {
        label,
        pass: Some(pass),
        card: true,
        verdict,
        answers,
        action,
    };
    work(&Shift {
        scene: "airport",
        comes: vec![
            comes("adult, green", ("ZHANG/GUOLI", "12A"), "admit", PASSENGER, "admitted"),
            comes("elderly person, green", ("WANG/YANGBEN", "12B"), "admit", PASSENGER, "admitted"),
            // With somebody else's pass.
            comes("child, green", ("LI/LIYANG", "12C"), "refer", &[], "sent"),
            comes("adult, orange: fever clinic", ("LI/LIYANG", "12C"), "refuse", &[], "turnedAway"),
        ],
        counts: ["4", "2", "1", "1"],
        reported: &[],
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_at_a_gate_ends_with_who_is_inside_and_its_report() -> Result<()> {
    let comes = |label, verdict, action| Comes {
        label,
        pass: None,
        card: false,
        verdict,
        answers: &[],
        action,
    };
    work(&Shift {
        scene: "general",
        comes: vec![
            comes("adult, green", "admit", "admitted"),
            comes("elderly person, green", "admit", "admitted"),
            comes("adult, orange: fever clinic", "refuse", "turnedAway"),
            comes("adult, green", "admit", "left"),
        ],
        counts: ["4", "3", "1", "0"],
        reported: &["\npassage,came-in,2,", "\npassage,left,1,", "\npassage,inside,1,"],
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
            if shift.scene == "airport" {
                take_the_flights_list(house, window, shift).await?;
            }
            window.part("nav-check").await?.click().await?;
            for (number, one) in shift.comes.iter().enumerate() {
                let said = serve(house, screen, window, &mut reader, one).await;
                screen.picture(&artefact(&format!("{name}-{}.png", number + 1))?)?;
                said.with_context(|| format!("{} at the {}", one.label, shift.scene))?;
            }
            match shift.scene {
                "airport" => the_flight_is_counted(window).await?,
                "general" => one_is_inside(window).await?,
                _ => {}
            }
            screen.picture(&artefact(&format!("{name}-counted.png"))?)?;
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
    scan(screen, window, &house.authority.show(&holder, None, None)?).await?;
    if let Some((name, seat)) = one.pass {
        scan(screen, window, &pass(name, seat)?).await.context("the pass")?;
    }
    if one.card {
        reader.put(&holder)?;
        let matched = window.find_within("[data-testid='identity-matched']", SOON).await;
        matched.context("the card")?;
    }
    verdict(window, one.verdict, SOON).await?;
    if one.action == "left" {
        window.find_within("[data-testid='verdict-inside']", SOON).await?;
    }
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

/// Scans `text`, and waits for what the desk says now.
async fn scan(screen: &Screen, window: &Page, text: &str) -> Result<()> {
    let before = window.part("verdict").await?.attr("data-entry").await?.unwrap_or_default();
    screen.scan(text)?;
    let new = format!("[data-testid='verdict']:not([data-entry='{before}'], [data-entry=''])");
    window.find_within(&new, SOON).await?;
    Ok(())
}

/// The text of a boarding pass of today for MF8101 (IATA's bar coded boarding pass, one leg).
fn pass(name: &str, seat: &str) -> Result<String> {
    let day = today("+%j")?;
    Ok(format!("M1{name:<20}EABC123 FOCPEKMF 8101 {day}Y{seat:0>4}0025 100"))
}

/// The day as `date` tells it: tests read no clock of their own.
fn today(form: &str) -> Result<String> {
    let text = xtask::demo::output(std::process::Command::new("date").arg(form))?;
    Ok(text.trim().to_owned())
}

/// Those with a pass in their own name, and one who will not come.
async fn take_the_flights_list(house: &House, window: &Page, shift: &Shift) -> Result<()> {
    let mut list = "姓名,身份证号,航班,座位\n未到样,,MF8101,30F\n".to_owned();
    for one in shift.comes.iter().filter(|one| one.action == "admitted") {
        let holder = house.authority.holder(one.label)?;
        let (_, seat) = one.pass.context("a pass")?;
        list += &format!("{},{},MF8101,{seat}\n", holder.name, holder.number);
    }
    let list = json!({"name": "MF8101", "day": today("+%Y-%m-%d")?, "bytes": list.as_bytes()});
    invoke(window, "take_list", list).await?;
    Ok(())
}

async fn the_flight_is_counted(window: &Page) -> Result<()> {
    window.part("nav-guests").await?.click().await?;
    let flight = window.find_within("[data-testid='flight'][data-flight='MF8101']", SOON).await?;
    let text = flight.text().await?;
    ensure!(text.contains("已到 2 / 3") && text.contains("未到 1 人"), "{text}");
    ensure!(!text.contains("名单外"), "whoever was sent on is not on board: {text}");
    let missing = window.part("flight-missing").await?.text().await?;
    ensure!(missing.contains("30F") && missing.contains("未*样"), "{missing}");
    Ok(())
}

/// Two came in, and one of them has left.
async fn one_is_inside(window: &Page) -> Result<()> {
    let shown = window.part("status-inside").await?.text().await?;
    ensure!(shown.contains("在内 1 人"), "{shown}");
    window.part("status-inside").await?.click().await?;
    window.part("inside-row").await?;
    let rows = window.client().find_all(Locator::Css("[data-testid='inside-row']")).await?;
    ensure!(rows.len() == 1, "{} are inside", rows.len());
    // 王样本, of whom a code says that much.
    let row = rows[0].text().await?;
    ensure!(row.contains("王*本"), "{row}");
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
            for line in shift.reported {
                ensure!(text.contains(line), "no {line:?} in {text}");
            }
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
