//! What a place looks like at work: who is expected there, and a quarter of an hour at its
//! desk. `cargo xtask run --scene hotel` puts the first behind the window; with `--headless`
//! the second is told as a table, and fails if it goes otherwise than it must.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xtask::card::ResidentCard;
use xtask::demo::{DemoAuthority, Holder};
use xtask::station::{DemoStation, Presented};

/// A place whose desk can be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scene {
    /// A gate.
    #[default]
    General,
    /// A hotel's reception, with tonight's arrivals.
    Hotel,
    /// A hospital's triage desk, with the morning's visitors.
    Hospital,
    /// A check-in desk, with a flight's passengers.
    Airport,
}

impl Scene {
    /// Its name for programs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Hotel => "hotel",
            Self::Hospital => "hospital",
            Self::Airport => "airport",
        }
    }

    /// The folder of its desk in the demo's.
    pub(crate) fn folder(self) -> String {
        match self {
            Self::General => "desk".to_owned(),
            scene => format!("desk-{}", scene.as_str()),
        }
    }

    /// What its desk is called.
    pub(crate) const fn desk_name(self) -> &'static str {
        match self {
            Self::General => "Demo desk",
            Self::Hotel => "前台 Reception 1",
            Self::Hospital => "预检分诊 Triage 1",
            Self::Airport => "值机柜台 Check-in B07",
        }
    }

    /// What its list is called; a gate has none.
    const fn list_name(self) -> Option<&'static str> {
        match self {
            Self::General => None,
            Self::Hotel => Some("今晚到店"),
            Self::Hospital => Some("今日探视"),
            Self::Airport => Some("MF8561 福州—北京"),
        }
    }
}

/// Who of the demo's people is expected, with which room and note; the last is misspelt.
const EXPECTED: [(&str, &str, &str); 6] = [
    ("adult, green", "1208", "高层，两张床"),
    ("adult, orange: fever clinic", "1209", ""),
    ("elderly person, green", "1210", ""),
    ("elderly person without a code", "1211", ""),
    ("child, green", "1212", "加床"),
    ("adult, code withdrawn", "1213", ""),
];

/// Puts the list of today behind a desk: a new one when `anew`, else when nobody of an older
/// one is awaited.
pub(crate) fn furnish(
    scene: Scene,
    authority: &DemoAuthority,
    desk: &DemoStation,
    anew: bool,
) -> Result<()> {
    let Some(name) = scene.list_name() else { return Ok(()) };
    desk.sync()?;
    let awaited = |list: &Value| list["arrived"].as_u64() < list["people"].as_u64();
    if !anew && desk.lists()?.iter().any(awaited) {
        return Ok(());
    }
    let mut text = "姓名,证件类型,证件号码,房号,入住晚数,备注\n".to_owned();
    for (label, room, note) in EXPECTED {
        let Holder { name, document_type, number, .. } = authority.holder(label)?;
        let room = if scene == Scene::Hotel { room } else { "" };
        let nights = if scene == Scene::Hotel { "2" } else { "" };
        text.push_str(&format!("{name},{document_type},{number},{room},{nights},{note}\n"));
    }
    // As lists are: somebody twice, somebody without a number.
    let twice = authority.holder("adult, green")?;
    text.push_str(&format!("{},{},{},,,\n", twice.name, twice.document_type, twice.number));
    text.push_str("吴某,,,,,电话预订\n");
    let file = desk.folder().join("expected.csv");
    std::fs::write(&file, text)?;
    desk.take_list(name, &file)?;
    Ok(())
}

/// Somebody who comes, what the desk must say, and what is done then.
struct Comes {
    label: &'static str,
    shown: &'static str,
    things: Vec<Presented>,
    verdict: &'static str,
    expected: &'static str,
    action: &'static str,
    answers: &'static [(&'static str, &'static str)],
    fever: bool,
}

/// Tells a quarter of an hour at the desk and fails if it went otherwise.
pub(crate) fn tell(scene: Scene, authority: &DemoAuthority, desk: &DemoStation) -> Result<()> {
    let list = desk.lists()?.into_iter().next().context("a list was taken in")?;
    let id = list["list"].as_str().context("a list has an id")?.to_owned();
    println!("\n{} ({} people)", list["name"].as_str().unwrap_or_default(), list["people"]);
    for one in desk.listed(&id)? {
        let of = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let ahead = one["problem"].as_str().or(one["ahead"].as_str()).unwrap_or_default();
        println!(
            "  {:>3}  {:<5} {:<12} {}  {}",
            one["line"],
            of("room"),
            ahead,
            of("name"),
            of("document")
        );
    }
    println!("\n{:<32} {:<26} {:<8} {:<12} done", "who", "shown", "verdict", "list");
    let mut let_in = 0;
    for comes in people(scene, authority)? {
        let verdict = desk.verify(&comes.things)?;
        let said = verdict["verdict"].as_str().unwrap_or_default();
        let on_list = verdict["expected"]["state"].as_str().unwrap_or_default();
        let entry = verdict["entry"].as_str().context("an entry was kept")?;
        let done = desk.done(entry, comes.action, comes.answers)?;
        let fever = done["fever"] == Value::Bool(true);
        let note = if fever { "  FEVER" } else { "" };
        println!(
            "{:<32} {:<26} {said:<8} {on_list:<12} {}{note}",
            comes.label, comes.shown, comes.action
        );
        if (said, on_list, fever) != (comes.verdict, comes.expected, comes.fever) {
            bail!(
                "{} with {}: must be {} and {}",
                comes.label,
                comes.shown,
                comes.verdict,
                comes.expected
            );
        }
        let_in += u64::from(comes.action == "admitted" && on_list == "expected");
    }
    let arrived = desk.lists()?.into_iter().find(|list| list["list"] == id.as_str());
    let arrived = arrived.and_then(|list| list["arrived"].as_u64()).unwrap_or_default();
    println!("\n{arrived} of the list have come");
    // Whoever is on it twice came once, and both lines say so.
    if arrived < let_in {
        bail!("{let_in} of the list were let in, and {arrived} lines say so");
    }
    Ok(())
}

fn people(scene: Scene, authority: &DemoAuthority) -> Result<Vec<Comes>> {
    let of = |label: &str| authority.holder(label);
    let both = |holder: &Holder| -> Result<Vec<Presented>> {
        Ok(vec![Presented::Text(authority.show(holder, None, None)?), card(holder)])
    };
    let (green, orange) = (of("adult, green")?, of("adult, orange: fever clinic")?);
    let (without, elderly) = (of("elderly person without a code")?, of("elderly person, green")?);
    let stranger = of("adult, in no register")?;
    let comes = |label, shown, things, verdict, expected, action, answers| Comes {
        label,
        shown,
        things,
        verdict,
        expected,
        action,
        answers,
        fever: false,
    };
    const ROOM: &[(&str, &str)] = &[("room", "1208"), ("nights", "2")];
    const VISIT: &[(&str, &str)] = &[("purpose", "visit"), ("temperature", "36.5")];
    const FEVER: &[(&str, &str)] = &[("purpose", "clinic"), ("temperature", "38.4")];
    const PASSENGER: &[(&str, &str)] = &[("who", "passenger"), ("flight", "MF8561")];
    Ok(match scene {
        Scene::General => Vec::new(),
        Scene::Hotel => vec![
            comes(
                "adult, green",
                "code and card",
                both(&green)?,
                "admit",
                "expected",
                "admitted",
                ROOM,
            ),
            comes(
                "adult, green, again",
                "code and card",
                both(&green)?,
                "admit",
                "came-before",
                "left",
                &[],
            ),
            comes(
                "adult, orange",
                "code and card",
                both(&orange)?,
                "refuse",
                "expected",
                "turned-away",
                &[],
            ),
            comes(
                "elderly, without a code",
                "card",
                vec![card(&without)],
                "refer",
                "expected",
                "admitted",
                ROOM,
            ),
            comes(
                "adult, in no register",
                "card",
                vec![card(&stranger)],
                "refer",
                "walk-in",
                "turned-away",
                &[],
            ),
        ],
        Scene::Hospital => vec![
            comes(
                "adult, green",
                "code",
                vec![code(authority, &green)?],
                "admit",
                "expected",
                "admitted",
                VISIT,
            ),
            Comes {
                fever: true,
                ..comes(
                    "adult, orange",
                    "code",
                    vec![code(authority, &orange)?],
                    "refer",
                    "expected",
                    "sent",
                    FEVER,
                )
            },
            comes(
                "elderly, without a code",
                "card",
                vec![card(&without)],
                "refer",
                "expected",
                "sent",
                VISIT,
            ),
            comes(
                "adult, in no register",
                "card",
                vec![card(&stranger)],
                "refer",
                "walk-in",
                "sent",
                VISIT,
            ),
        ],
        Scene::Airport => vec![
            comes(
                "adult, green",
                "code and card",
                both(&green)?,
                "admit",
                "expected",
                "admitted",
                PASSENGER,
            ),
            comes(
                "elderly, green",
                "code and card",
                both(&elderly)?,
                "admit",
                "expected",
                "admitted",
                PASSENGER,
            ),
            comes(
                "adult, orange",
                "code and card",
                both(&orange)?,
                "refuse",
                "expected",
                "sent",
                &[],
            ),
            comes(
                "adult, in no register",
                "card",
                vec![card(&stranger)],
                "refer",
                "walk-in",
                "sent",
                &[],
            ),
        ],
    })
}

fn code(authority: &DemoAuthority, holder: &Holder) -> Result<Presented> {
    Ok(Presented::Text(authority.show(holder, None, None)?))
}

fn card(holder: &Holder) -> Presented {
    Presented::Card(ResidentCard { name: &holder.name, number: &holder.number }.hex())
}
