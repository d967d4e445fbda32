//! The colour at home of people from other provinces (省外入闽): asked for when they claim,
//! and again for as long as it matters. The other half answers other regions.
//!
//! What another region says becomes a fact about the person, with an end. It can make a
//! colour worse and never better, and what could not be asked stays a question: it is shown
//! as such and asked again. `docs/regions.md` is the contract between the two.

mod answers;
mod ask;
mod asking;
mod code;
mod found;
mod table;

use jiff::{SignedDuration, Timestamp};
use yanma_domain::{IssuerId, StatusIndex};
use yanma_protocol::claims::{ClaimGroup, Origin};
use yanma_protocol::home::{HomeColour, HomeState};

use crate::claims::HolderRow;
use crate::database::{Change, Session};
use crate::error::Error;
use crate::regions;

pub(crate) use answers::{TABLE_6 as ANSWERS_6, answer, forget_old};
pub(crate) use ask::Homes;
pub(crate) use asking::{keep_asking, look_for_due};
pub(crate) use code::{Shown, read as read_code};
pub(crate) use table::{TABLE_6, ask_region_anew};

use table::Row;

/// How long after a claim a home is asked: as long as a fact of fourteen days counts. A
/// colour that is not green there is followed to its end.
const MATTERS: SignedDuration = SignedDuration::from_hours(24 * 14);

/// Begins to ask the homes of a person who has claimed in the group from other provinces:
/// where the household is registered, where the journey began, and whose code was shown. One
/// that was declared before by mistake is left alone, unless a code from there was shown or it
/// has told something that counts.
pub(crate) fn begin(
    change: &Change<'_>,
    own: IssuerId,
    holder: &HolderRow,
    from: &Origin,
    shown: Option<Shown>,
    now: Timestamp,
) -> Result<(), Error> {
    let Origin::OtherProvince { departure, household, .. } = from else {
        return Ok(());
    };
    let until = now.saturating_add(MATTERS).unwrap_or(Timestamp::MAX);
    let mut homes: Vec<(IssuerId, Option<StatusIndex>)> = Vec::new();
    homes.extend(shown.map(|code| (code.issuer, Some(code.index))));
    for area in [household, departure] {
        let Some(number) = area.get(..2).and_then(|number| number.parse().ok()) else {
            continue;
        };
        let home = IssuerId(number);
        if home != own && homes.iter().all(|(known, _)| *known != home) {
            homes.push((home, None));
        }
    }
    for row in table::of_person(change, holder.person.id)? {
        let is_meant = homes.iter().any(|(home, _)| *home == row.issuer);
        if !is_meant && row.place.is_none() && row.fact.is_none() {
            table::forget(change, &row)?;
        }
    }
    for (home, index) in homes {
        table::begin(change, holder.person.id, home, index, now, until)?;
    }
    Ok(())
}

/// How it stands with the homes of a holder, as the citizen is told.
pub(crate) fn of_holder(
    session: &Session<'_>,
    holder: &HolderRow,
) -> Result<Vec<HomeColour>, Error> {
    if holder.group != ClaimGroup::OtherProvince {
        return Ok(Vec::new());
    }
    let rows = table::of_person(session, holder.person.id)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let regions = regions::all(session)?;
    let told = |row: Row| {
        let region = regions.iter().find(|region| region.issuer == row.issuer && !region.removed);
        let issuer = region.and_then(|region| region.trust.as_ref()?.issuer(row.issuer));
        let state = match (row.answer, row.trouble) {
            (Some(answer), _) if answer.colour.is_some() => HomeState::Known,
            (Some(_), _) => HomeState::Unknown,
            (None, Some(_)) => HomeState::CouldNotAsk,
            (None, None) => HomeState::Asking,
        };
        HomeColour {
            issuer: row.issuer,
            name: region.map(|region| region.name.clone()),
            state,
            colour: row.answer.and_then(|answer| answer.colour),
            amber_name: issuer.map(|issuer| issuer.amber),
            until: row.answer.and_then(|answer| answer.until),
            answered_at: row.answer.map(|answer| answer.at),
            again_at: row.next_ask_at,
        }
    };
    Ok(rows.into_iter().map(told).collect())
}
