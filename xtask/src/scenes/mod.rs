//! What a place looks like at work: who is expected there today, and who has come already.

mod expected;
mod people;

use anyhow::{Context, Result, bail};
use serde_json::Value;

pub use self::people::{Comes, others, people};
use crate::demo::DemoAuthority;
use crate::station::DemoStation;

/// A place whose desk can be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Scene {
    /// A gate.
    #[default]
    General,
    /// A hotel's reception, with tonight's arrivals.
    Hotel,
    /// A hospital's triage desk, with visitors and appointments.
    Hospital,
    /// A check-in desk, with the passengers of two flights.
    Airport,
}

impl Scene {
    /// Its name for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Hotel => "hotel",
            Self::Hospital => "hospital",
            Self::Airport => "airport",
        }
    }

    /// The folder of its desk in the demo's.
    #[must_use]
    pub fn folder(self) -> String {
        match self {
            Self::General => "desk".to_owned(),
            scene => format!("desk-{}", scene.as_str()),
        }
    }

    /// What its desk is called.
    #[must_use]
    pub const fn desk_name(self) -> &'static str {
        match self {
            Self::General => "Demo desk",
            Self::Hotel => "前台 Reception 1",
            Self::Hospital => "预检分诊 Triage 1",
            Self::Airport => "值机柜台 Check-in B07",
        }
    }
}

/// Puts the lists of today behind a desk: new ones when `anew`, else when nobody of older ones is
/// awaited. Whether it did.
///
/// # Errors
/// When the demo has not enough people, or a program fails.
pub fn furnish(
    scene: Scene,
    authority: &DemoAuthority,
    desk: &DemoStation,
    anew: bool,
) -> Result<bool> {
    let lists = expected::lists(scene, authority)?;
    if lists.is_empty() {
        return Ok(false);
    }
    desk.sync()?;
    let awaited = |list: &Value| list["arrived"].as_u64() < list["people"].as_u64();
    if !anew && desk.lists()?.iter().any(awaited) {
        return Ok(false);
    }
    for list in lists {
        let file = desk.folder().join("expected.csv");
        std::fs::write(&file, list.text)?;
        desk.take_list(list.name, &file)?;
    }
    Ok(true)
}

/// Lets the first of the day come, so that a window opens on a desk at work.
///
/// # Errors
/// When a program fails.
pub fn begin(scene: Scene, authority: &DemoAuthority, desk: &DemoStation) -> Result<()> {
    for comes in people(scene, authority)?.into_iter().chain(others(scene, authority)?) {
        comes.meet(desk)?;
    }
    desk.sync()?;
    Ok(())
}

impl Comes {
    /// Comes before the desk and is dealt with.
    ///
    /// # Errors
    /// When a program fails, or the desk says something else than it must.
    pub fn meet(&self, desk: &DemoStation) -> Result<()> {
        let verdict = desk.verify(&self.things)?;
        let entry = verdict["entry"].as_str().context("an entry was kept")?;
        let done = desk.done(entry, self.action, self.answers)?;
        let said = verdict["verdict"].as_str().unwrap_or_default();
        let on_list = verdict["expected"]["state"].as_str().unwrap_or_default();
        let fever = done["fever"] == Value::Bool(true);
        if (said, on_list, fever) != (self.verdict, self.expected, self.fever) {
            let Self { label, shown, verdict, expected, .. } = self;
            bail!(
                "{label} with {shown}: must be {verdict} and {expected}, is {said} and {on_list}"
            );
        }
        Ok(())
    }
}
