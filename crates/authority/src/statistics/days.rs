//! What happened day by day, from the tallies.

use jiff::Timestamp;
use yanma_domain::verdict::Decision;
use yanma_domain::{AmberName, Colour};
use yanma_protocol::statistics::{ColourFigures, DayFigures, DaysResponse};

use super::tallies::{self, Figure};
use crate::authority::Authority;
use crate::database::Session;
use crate::error::Error;
use crate::{shows, stations};

impl Authority {
    /// The last `days` days, today among them, and how codes and desks are now.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub(crate) async fn days(&self, days: u32) -> Result<DaysResponse, Error> {
        let (now, amber_name) = (self.clock.now(), self.scheme().amber_name);
        self.database.read(move |session| read(session, now, amber_name, days)).await
    }
}

fn read(
    session: &Session<'_>,
    now: Timestamp,
    amber_name: AmberName,
    days: u32,
) -> Result<DaysResponse, Error> {
    let first = tallies::day(now) - i64::from(days) + 1;
    let length = days as usize;
    let by_day = |figure| tallies::by_day(session, figure, first, length);
    let claimed = by_day(Figure::Claimed)?;
    let reported = by_day(Figure::Reported)?;
    let admitted = by_day(Figure::Verdict(Decision::Admit))?;
    let referred = by_day(Figure::Verdict(Decision::Refer))?;
    let refused = by_day(Figure::Verdict(Decision::Refuse))?;
    let amber = tallies::colour_by_day(session, Colour::Amber, first, length)?;
    let red = tallies::colour_by_day(session, Colour::Red, first, length)?;
    let shown = shows::by_day(session, tallies::date(first)?)?;
    let of = |counts: &[u64], place: usize| counts.get(place).copied().unwrap_or(0);
    let days = (first..)
        .take(length)
        .enumerate()
        .map(|(place, day)| {
            let day = tallies::date(day)?;
            Ok(DayFigures {
                day,
                shown: shown.iter().find(|(on, _)| *on == day).map_or(0, |(_, count)| *count),
                claimed: of(&claimed, place),
                admitted: of(&admitted, place),
                referred: of(&referred, place),
                refused: of(&refused, place),
                reported: of(&reported, place),
                amber: amber.get(place).copied().flatten(),
                red: red.get(place).copied().flatten(),
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(DaysResponse {
        at: now,
        amber_name,
        colours: ColourFigures {
            green: tallies::colour_now(session, Colour::Green)?,
            amber: tallies::colour_now(session, Colour::Amber)?,
            red: tallies::colour_now(session, Colour::Red)?,
        },
        stations: stations::figures(session, now)?,
        shown_by_hour: tallies::shown_by_hour(session, now)?,
        days,
    })
}
