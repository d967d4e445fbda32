//! `yanma list`: people who are expected, taken in from a file and checked ahead.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;
use yanma_station::domain::boarding_pass::flight_name;
use yanma_station::lists::masked;
use yanma_station::{Desk, Mode};

use crate::{Context, desk, output};

/// Lists of expected people.
#[derive(clap::Subcommand)]
pub(crate) enum List {
    /// Takes in a CSV file (UTF-8, UTF-16 or GB18030) and checks everybody on it ahead.
    Take(Take),
    /// Every list, and how far it is.
    All(All),
    /// The people of a list, with what was found.
    Show(Show),
    /// Writes a list with what was found as CSV to standard output.
    Export(One),
    /// Forgets a list and everybody on it.
    Forget(One),
    /// Who is inside now, masked, whoever came last first.
    Inside(All),
    /// The flights of today: who is expected, has come and is missing.
    Flights(All),
    /// Who of today's lists has not come for a flight, masked.
    Missing(Missing),
}

#[derive(clap::Args)]
pub(crate) struct Take {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// What people call it.
    #[arg(long)]
    name: String,
    /// The day on which they are expected, YYYY-MM-DD; today when left out.
    #[arg(long)]
    day: Option<Date>,
    /// The file. Its first line names the columns: 姓名, 证件类型, 证件号码, 房号, 入住晚数,
    /// 航班, 座位, 备注.
    file: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct All {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Show {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// The list.
    list: Uuid,
}

#[derive(clap::Args)]
pub(crate) struct One {
    /// The list.
    list: Uuid,
}

#[derive(clap::Args)]
pub(crate) struct Missing {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Airline and number, such as MF8101.
    flight: String,
}

impl List {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let opened = desk::open(context, Mode::Work)?;
        let desk = &opened.desk;
        match self {
            Self::Take(take) => take.run(desk)?,
            Self::All(all) => all.run(desk)?,
            Self::Show(show) => show.run(desk)?,
            Self::Export(one) => desk.export_list(one.list, &mut std::io::stdout().lock())?,
            Self::Forget(one) => desk.forget_list(one.list)?,
            Self::Inside(all) => all.inside(desk)?,
            Self::Flights(all) => all.flights(desk)?,
            Self::Missing(missing) => missing.run(desk)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Take {
    fn run(&self, desk: &Desk) -> anyhow::Result<()> {
        let bytes = std::fs::read(&self.file).with_context(|| self.file.display().to_string())?;
        let today = || desk.now().to_zoned(jiff::tz::TimeZone::system()).date();
        let taken = desk.take_list(&self.name, self.day.unwrap_or_else(today), &bytes)?;
        desk.check_list(taken.list, |_, _| {})?;
        if self.json {
            return output::json(&json!({
                "list": taken.list,
                "encoding": taken.encoding,
                "people": taken.people,
                "problems": taken.problems,
                "twice": taken.twice,
            }));
        }
        output::line(&format!(
            "{}  {} people, {} to look at ({})",
            taken.list, taken.people, taken.problems, taken.encoding
        ))
    }
}

impl All {
    fn run(&self, desk: &Desk) -> anyhow::Result<()> {
        for list in desk.lists()? {
            if self.json {
                output::json(&json!({
                    "list": list.id,
                    "name": list.name,
                    "day": list.day,
                    "people": list.people,
                    "checked": list.checked,
                    "arrived": list.arrived,
                }))?;
            } else {
                output::line(&format!(
                    "{}  {}  {}/{} have come  {}",
                    list.id, list.day, list.arrived, list.people, list.name
                ))?;
            }
        }
        Ok(())
    }
}

impl All {
    fn inside(&self, desk: &Desk) -> anyhow::Result<()> {
        for one in desk.inside()? {
            if self.json {
                output::json(&json!({
                    "entry": one.entry,
                    "name": one.name,
                    "document": one.document,
                    "came_at": one.came_at,
                }))?;
            } else {
                let shown = |text: Option<String>| text.unwrap_or_default();
                let (name, document) = (shown(one.name), shown(one.document));
                output::line(&format!("{}  {name}  {document}", one.came_at))?;
            }
        }
        Ok(())
    }

    fn flights(&self, desk: &Desk) -> anyhow::Result<()> {
        for one in desk.flights()? {
            if self.json {
                output::json(&json!({
                    "flight": one.flight,
                    "expected": one.expected,
                    "checked": one.checked,
                    "missing": one.missing(),
                    "unlisted": one.unlisted,
                    "crew": one.crew,
                    "staff": one.staff,
                }))?;
            } else {
                output::line(&format!(
                    "{:<8} {}/{} have come, {} missing, {} on no list, {} crew, {} staff",
                    one.flight,
                    one.checked,
                    one.expected,
                    one.missing(),
                    one.unlisted,
                    one.crew,
                    one.staff,
                ))?;
            }
        }
        Ok(())
    }
}

impl Missing {
    fn run(&self, desk: &Desk) -> anyhow::Result<()> {
        let flight = flight_name(&self.flight).context("no flight is called so")?;
        for one in desk.missing(&flight)? {
            let name = one.name.map(|name| name.to_string());
            if self.json {
                output::json(&json!({
                    "seat": one.seat,
                    "name": name,
                    "document": one.document,
                }))?;
            } else {
                let shown = |text: Option<String>| text.unwrap_or_default();
                let (seat, name) = (shown(one.seat), shown(name));
                output::line(&format!("{seat:<5} {name}  {}", shown(one.document)))?;
            }
        }
        Ok(())
    }
}

impl Show {
    fn run(&self, desk: &Desk) -> anyhow::Result<()> {
        for one in desk.listed(self.list)? {
            let document = masked(&one);
            if self.json {
                output::json(&json!({
                    "line": one.line,
                    "name": one.name,
                    "document": document,
                    "room": one.room,
                    "nights": one.nights,
                    "flight": one.flight,
                    "seat": one.seat,
                    "problem": one.problem,
                    "ahead": one.decision,
                    "reasons": one.reasons,
                    "arrived_at": one.arrived_at,
                }))?;
            } else {
                let ahead = one.problem.or(one.decision).unwrap_or_default();
                output::line(&format!(
                    "{:>5}  {:<10} {:<14} {}  {}  {}",
                    one.line,
                    one.room.unwrap_or_default(),
                    ahead,
                    one.reasons.join(" "),
                    one.name,
                    document.unwrap_or_default(),
                ))?;
            }
        }
        Ok(())
    }
}
