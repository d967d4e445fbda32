//! The report of a day (日报): how many came, with what outcome, by the hour and by operator.
//! Figures only; nobody is named but those who work here.

mod figures;
mod pdf;

pub use figures::{HourCount, Pace};

use std::collections::BTreeMap;
use std::io::Write;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use yanma_protocol::spreadsheet::harmless;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::inside::Comings;
use crate::log::ExportError;
use crate::rights::Right;

/// The acts of the audit that a day's report counts.
const COUNTED_ACTS: [&str; 3] = ["override", "export-log", "wrong-pin"];

/// What stands over the report as CSV.
const COLUMNS: [&str; 8] =
    ["of", "what", "people", "admit", "refer", "refuse", "unread", "median_seconds"];

/// How often each thing happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// ADMIT.
    pub admit: u64,
    /// REFER.
    pub refer: u64,
    /// REFUSE.
    pub refuse: u64,
    /// Beside them, readings that nobody could read: see [`HourCount::unread`].
    pub unread: u64,
    /// From the first reading to the word on what was done, the median; `None` where nothing was
    /// done.
    pub median: Option<SignedDuration>,
}

impl Tally {
    /// All the people.
    pub const fn people(self) -> u64 {
        self.admit + self.refer + self.refuse
    }

    fn add(&mut self, decision: &str, count: u64, unread: u64) {
        match decision {
            "admit" => self.admit += count,
            "refuse" => self.refuse += count,
            _ => self.refer += count,
        }
        self.unread += unread;
    }

    /// The median in seconds, to a tenth; empty where nothing was done.
    fn median_seconds(&self) -> String {
        self.median.map(|median| format!("{:.1}", median.as_secs_f64())).unwrap_or_default()
    }
}

/// A day at a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayReport {
    /// The day, where the desk stands.
    pub day: Date,
    /// When it was made.
    pub made_at: Timestamp,
    /// The site's name in Chinese and English; empty before the desk was enrolled.
    pub site: (String, String),
    /// What people call the desk.
    pub station: String,
    /// The whole day.
    pub total: Tally,
    /// By the hour on the clock, 0 to 23, from the first to the last with somebody in it.
    pub hours: Vec<(i8, Tally)>,
    /// By whoever was at the desk, by id; `None` when nobody was named.
    pub operators: Vec<(Option<String>, Tally)>,
    /// How often somebody was let in against a refusal, the log was taken out, a pin was
    /// wrong.
    pub acts: Vec<(&'static str, u64)>,
    /// People in and out, where the scene counts them.
    pub comings: Option<Comings>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// RFC 4180, UTF-8.
    Csv,
    /// One page A4, in Chinese and English.
    Pdf,
}

impl Desk {
    /// The figures of a day.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when the store cannot be read.
    pub fn day_report(&self, day: Date) -> Result<DayReport, DeskError> {
        let mut total = Tally::default();
        let mut hours: BTreeMap<i8, Tally> = BTreeMap::new();
        let mut operators: BTreeMap<Option<String>, Tally> = BTreeMap::new();
        for count in self.hours(day, day)? {
            for tally in [
                &mut total,
                hours.entry(on_the_clock(count.hour)).or_default(),
                operators.entry(count.operator.clone()).or_default(),
            ] {
                tally.add(&count.decision, count.count, count.unread);
            }
        }
        if let Some((first, last)) = hours.keys().next().copied().zip(hours.keys().last().copied())
        {
            (first..=last).for_each(|hour| {
                hours.entry(hour).or_default();
            });
        }
        let pace = self.pace(day, day)?;
        total.median = pace.whole;
        for (hour, median) in pace.hours {
            hours.entry(on_the_clock(hour)).or_default().median = Some(median);
        }
        let mut operators: Vec<_> = operators.into_iter().collect();
        operators.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.people()));
        let enrolment = self.enrolment();
        let site = enrolment.as_ref().map(|enrolment| enrolment.site.name.clone());
        Ok(DayReport {
            day,
            made_at: self.now(),
            site: site.map(|name| (name.zh, name.en)).unwrap_or_default(),
            station: enrolment.map(|enrolment| enrolment.station_name.clone()).unwrap_or_default(),
            total,
            hours: hours.into_iter().collect(),
            operators,
            acts: self.acts_of(day)?,
            comings: self.scene_in_force().counts_inside.then(|| self.comings(day)).transpose()?,
        })
    }

    fn acts_of(&self, day: Date) -> Result<Vec<(&'static str, u64)>, DeskError> {
        let begin = |day: Date| {
            day.to_zoned(TimeZone::system()).map_or(Timestamp::MAX, |begin| begin.timestamp())
        };
        let (from, to) = (begin(day), begin(day.saturating_add(Span::new().days(1))));
        COUNTED_ACTS
            .into_iter()
            .map(|act| Ok((act, self.store.count_acts(act, from, to)?)))
            .collect()
    }

    /// Writes the report of a day; that it was taken out is written down.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; [`DeskError::NoFont`] when this machine has no font with
    /// Chinese characters to print with; when the store cannot be read or `out` not be
    /// written.
    pub fn export_day(
        &self,
        day: Date,
        format: ReportFormat,
        out: &mut dyn Write,
    ) -> Result<(), ExportError> {
        let report = self.day_report(day)?;
        self.reveal(Right::SeeCounts, "export-day", Some(&day.to_string()))?;
        match format {
            ReportFormat::Csv => report.csv(out),
            ReportFormat::Pdf => {
                let font = yanma_print::chinese_font().ok_or(DeskError::NoFont)?;
                Ok(out.write_all(&pdf::page(&report, &font)?)?)
            }
        }
    }
}

/// The hour on the clock, 0 to 23, of a whole hour since 1970.
fn on_the_clock(hour: i64) -> i8 {
    let at = Timestamp::from_second(hour * 3600).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::system()).hour()
}

impl DayReport {
    /// One line for the day, each hour, each operator and each act, and for who came and went.
    fn csv(&self, out: &mut dyn Write) -> Result<(), ExportError> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(COLUMNS)?;
        let mut row = |of: &str, what: String, tally: Tally| {
            let counts = [tally.people(), tally.admit, tally.refer, tally.refuse, tally.unread];
            let mut row = vec![of.to_owned(), harmless(what)];
            row.extend(counts.map(|count| count.to_string()));
            row.push(tally.median_seconds());
            csv.write_record(row)
        };
        row("day", self.day.to_string(), self.total)?;
        for (hour, tally) in &self.hours {
            row("hour", format!("{hour:02}:00"), *tally)?;
        }
        for (operator, tally) in &self.operators {
            row("operator", operator.clone().unwrap_or_default(), *tally)?;
        }
        for (act, count) in &self.acts {
            csv.write_record(["act", act, &count.to_string(), "", "", "", "", ""])?;
        }
        if let Some(Comings { came, left, inside }) = self.comings {
            for (what, count) in [("came-in", came), ("left", left), ("inside", inside)] {
                csv.write_record(["passage", what, &count.to_string(), "", "", "", "", ""])?;
            }
        }
        csv.flush()?;
        Ok(())
    }
}
