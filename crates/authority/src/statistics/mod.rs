//! How many codes there are, for whom, and shown how often.
//!
//! The figures are counters that are changed in the same commit as what they count, so that
//! they are read in an instant however many holders there are, and are never apart from them.

mod days;
mod population;
mod table;
pub(crate) mod tallies;
pub mod words;

use jiff::Timestamp;
use yanma_domain::IssuerId;
use yanma_protocol::claims::ClaimGroup;
use yanma_protocol::statistics::{CityStatistics, StatisticsResponse};

use crate::authority::Authority;
use crate::database::{Database, Session};
use crate::error::Error;

pub(crate) use population::Population;
pub(crate) use table::{
    TABLE_2, TABLE_7 as COUNTS_7, count_claims, count_shows, count_withdrawal, group_code,
};
pub(crate) use tallies::{TABLE_4, TABLE_7 as TALLIES_7};

impl Authority {
    /// The figures as they are now.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    pub async fn statistics(&self) -> Result<StatisticsResponse, Error> {
        figures(&self.database, self.issuer(), self.clock.now()).await
    }
}

/// The figures of an issuer's database, without opening an authority on it.
///
/// # Errors
///
/// [`Error::Database`].
pub async fn figures(
    database: &Database,
    issuer: IssuerId,
    now: Timestamp,
) -> Result<StatisticsResponse, Error> {
    database.read(move |session| read(session, issuer, now)).await
}

fn read(
    session: &Session<'_>,
    issuer: IssuerId,
    now: Timestamp,
) -> Result<StatisticsResponse, Error> {
    let population = Population::of(issuer)?;
    let counts = table::counts(session)?;
    let issued = |group| -> u64 {
        counts.iter().filter(|count| count.group == group).map(|count| count.issued).sum()
    };
    let cities: Vec<CityStatistics> = population
        .cities
        .into_iter()
        .map(|city| {
            let residents = counts
                .iter()
                .filter(|c| c.group == ClaimGroup::Resident && c.city == Some(city.code))
                .map(|count| count.in_force)
                .sum();
            CityStatistics {
                code: city.code,
                name: city.name,
                residents,
                population: city.population,
                claim_ratio: ratio(residents, city.population),
            }
        })
        .collect();
    let residents = cities.iter().map(|city| city.residents).sum();
    let all = cities.iter().map(|city| city.population).sum();
    Ok(StatisticsResponse {
        at: now,
        codes_issued: counts.iter().map(|count| count.issued).sum(),
        from_other_provinces: issued(ClaimGroup::OtherProvince),
        from_abroad: issued(ClaimGroup::Abroad),
        codes_in_force: counts.iter().map(|count| count.in_force).sum(),
        times_shown: table::times_shown(session)?,
        residents,
        population: all,
        claim_ratio: ratio(residents, all),
        population_source: population.source,
        cities,
    })
}

/// For 10,000, to the nearest.
pub(crate) fn ratio(part: u64, whole: u64) -> u32 {
    let whole = u128::from(whole.max(1));
    u32::try_from((u128::from(part) * 20_000 + whole) / (2 * whole)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_rounded_to_the_nearest() {
        for (part, whole, expect) in [
            (0, 10, 0),
            (19_368_375, 39_730_000, 4875),
            (1, 20_000, 1),
            (1, 20_001, 0),
            (3, 2, 15_000),
            (0, 0, 0),
        ] {
            assert_eq!(ratio(part, whole), expect, "{part} / {whole}");
        }
    }
}
