//! The figures of the briefing of July 2020: how many codes, for whom, shown how often.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use yanma_domain::AmberName;
use yanma_domain::trust::Words;

use crate::field::{self, FieldError};

/// `GET` → 200 [`StatisticsResponse`], or the same as CSV for `accept: text/csv`.
pub const STATISTICS_PATH: &str = "/v1/statistics";
/// `GET` → 200, as CSV: `figure,city,value,issuer,at`.
pub const STATISTICS_CSV_PATH: &str = "/v1/statistics.csv";

/// The figures at an instant. A paper code is counted with the phone code of its person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatisticsResponse {
    /// When they were read.
    pub at: Timestamp,
    /// Codes that were ever issued; a person who withdrew one and claimed again counts twice.
    pub codes_issued: u64,
    /// Of those, to people from other provinces.
    pub from_other_provinces: u64,
    /// Of those, to people who entered from abroad.
    pub from_abroad: u64,
    /// Codes that were not withdrawn.
    pub codes_in_force: u64,
    /// How many times codes were shown.
    pub times_shown: u64,
    /// Residents' codes in force that count in one of the cities.
    pub residents: u64,
    /// The resident population of all cities; 0 without any.
    pub population: u64,
    /// `residents` for 10,000 of the population, to the nearest: 4875 is 48.75 %.
    pub claim_ratio: u32,
    /// Where the population figures come from; empty without any.
    pub population_source: String,
    /// Each city of the issuer's own province, in the order of its code; none where its
    /// population is not known.
    pub cities: Vec<CityStatistics>,
}

/// The figures of a city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CityStatistics {
    /// The first four digits of GB/T 2260, such as 3501.
    pub code: u16,
    /// Its name.
    pub name: Words,
    /// Residents' codes in force that count in this city.
    pub residents: u64,
    /// Its resident population.
    pub population: u64,
    /// `residents` for 10,000 of the population, to the nearest.
    pub claim_ratio: u32,
}

/// `GET` [`DaysQuery`] → 200 [`DaysResponse`], or its days as CSV for `accept: text/csv`.
pub const DAYS_PATH: &str = "/v1/statistics/days";
/// `GET` [`DaysQuery`] → 200, as CSV:
/// `day,shown,claimed,admitted,referred,refused,reported,amber,red,issuer,at`.
pub const DAYS_CSV_PATH: &str = "/v1/statistics/days.csv";

/// Most days that are answered at once.
pub const MAX_DAYS: u32 = 366;

/// How many days to answer: `?days=30`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DaysQuery {
    /// Days up to today and with it, 1 to 366; 30 when left out.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_DAYS)))]
    pub days: Option<u32>,
}

impl DaysQuery {
    /// The number of days asked for.
    ///
    /// # Errors
    /// `days`, when it is 0 or above [`MAX_DAYS`].
    pub fn days(&self) -> Result<u32, FieldError> {
        let days = self.days.unwrap_or(30);
        field::form("days", (1..=MAX_DAYS).contains(&days))?;
        Ok(days)
    }
}

/// What happened day by day, and how codes and desks are now. Days are those of Beijing time.
/// Paper codes are not counted beside the phone codes of their persons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DaysResponse {
    /// When it was read.
    pub at: Timestamp,
    /// What amber is called by the rules in force.
    pub amber_name: AmberName,
    /// Codes in force by colour.
    pub colours: ColourFigures,
    /// How the desks are.
    pub stations: StationFigures,
    /// Codes shown in each hour of today, 24 numbers from midnight on.
    pub shown_by_hour: Vec<u64>,
    /// Each day, the oldest first; today is the last.
    pub days: Vec<DayFigures>,
}

/// Codes in force by colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColourFigures {
    /// Green.
    pub green: u64,
    /// Yellow or orange.
    pub amber: u64,
    /// Red.
    pub red: u64,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DayFigures {
    /// The day.
    pub day: Date,
    /// How many times codes were shown.
    pub shown: u64,
    /// Codes that were issued.
    pub claimed: u64,
    /// Verdicts of desks that let somebody pass. One that puts another right is not counted.
    pub admitted: u64,
    /// Verdicts that a person had to decide.
    pub referred: u64,
    /// Verdicts that let nobody pass.
    pub refused: u64,
    /// Facts that departments reported.
    pub reported: u64,
    /// Amber codes in force at the end of the day, or now; `null` before that was counted.
    pub amber: Option<u64>,
    /// Red codes in force, in the same way.
    pub red: Option<u64>,
}

/// How the desks are that were not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StationFigures {
    /// Desks in use.
    pub in_use: u64,
    /// Of those, heard within five minutes.
    pub live: u64,
    /// Heard before that.
    pub silent: u64,
    /// Never heard since they were enrolled.
    pub never: u64,
    /// The age of the status lists of those that ever told it.
    pub lists: ListFigures,
}

/// Desks by the age of their status list, in the tiers of the built-in policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListFigures {
    /// 15 minutes at most.
    pub live: u64,
    /// 4 hours at most.
    pub normal: u64,
    /// 24 hours at most.
    pub old: u64,
    /// Older than that.
    pub too_old: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_days_has_limits() {
        for (days, expect) in [(None, Some(30)), (Some(1), Some(1)), (Some(366), Some(366))] {
            assert_eq!(DaysQuery { days }.days().ok(), expect);
        }
        for days in [0, 367, u32::MAX] {
            assert_eq!(DaysQuery { days: Some(days) }.days().unwrap_err().field, "days");
        }
    }
}
