//! Who comes to a place, and what the desk must say of them.

use anyhow::Result;

use super::Scene;
use super::expected::ANYBODY;
use crate::card::ResidentCard;
use crate::demo::{DemoAuthority, Holder};
use crate::station::Presented;

/// Somebody who comes, what the desk must say, and what is done then.
pub struct Comes {
    /// Whom they stand for.
    pub label: &'static str,
    /// What they show, in words.
    pub shown: &'static str,
    /// What they show.
    pub things: Vec<Presented>,
    /// What the desk must say.
    pub verdict: &'static str,
    /// What it must say of the lists.
    pub expected: &'static str,
    /// What is done with them.
    pub action: &'static str,
    /// What is filled in.
    pub answers: &'static [(&'static str, &'static str)],
    /// Whether they have a fever.
    pub fever: bool,
}

/// Who comes to a place, one after the other.
///
/// # Errors
/// When the demo has not enough people, or a program fails.
pub fn people(scene: Scene, authority: &DemoAuthority) -> Result<Vec<Comes>> {
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

/// Who else has come by then: the next of the lists, all of them let in.
///
/// # Errors
/// When a program fails.
pub fn others(scene: Scene, authority: &DemoAuthority) -> Result<Vec<Comes>> {
    const ROOMS: [&[(&str, &str)]; 4] = [
        &[("room", "0806"), ("nights", "1")],
        &[("room", "0807"), ("nights", "1")],
        &[("room", "0808"), ("nights", "1")],
        &[("room", "0809"), ("nights", "1")],
    ];
    const VISITS: [&[(&str, &str)]; 4] = [
        &[("purpose", "visit"), ("department", "surgery"), ("temperature", "36.4")],
        &[("purpose", "visit"), ("department", "surgery"), ("temperature", "36.7")],
        &[("purpose", "visit"), ("department", "paediatrics"), ("temperature", "36.6")],
        &[("purpose", "visit"), ("department", "internal"), ("temperature", "36.2")],
    ];
    const PASSENGERS: [&[(&str, &str)]; 4] = [&[("who", "passenger"), ("flight", "MF8561")]; 4];
    let answers = match scene {
        Scene::General => [&[][..]; 4],
        Scene::Hotel => ROOMS,
        Scene::Hospital => VISITS,
        Scene::Airport => PASSENGERS,
    };
    // The first of them came already.
    let people = authority.holders().into_iter().filter(|holder| holder.label == ANYBODY).skip(1);
    people
        .zip(answers)
        .map(|(holder, answers)| {
            Ok(Comes {
                label: ANYBODY,
                shown: "code and card",
                things: vec![code(authority, &holder)?, card(&holder)],
                verdict: "admit",
                expected: "expected",
                action: "admitted",
                answers,
                fever: false,
            })
        })
        .collect()
}

fn code(authority: &DemoAuthority, holder: &Holder) -> Result<Presented> {
    Ok(Presented::Text(authority.show(holder, None, None)?))
}

fn card(holder: &Holder) -> Presented {
    Presented::Card(ResidentCard { name: &holder.name, number: &holder.number }.hex())
}
