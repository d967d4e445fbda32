//! The figures of the briefing of July 2020: how many codes, for whom, shown how often.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use yanma_domain::trust::Words;

/// `GET` → 200 [`StatisticsResponse`], or the same as CSV for `accept: text/csv`.
pub const STATISTICS_PATH: &str = "/v1/statistics";
/// `GET` → 200, as CSV: `figure,city,value`.
pub const STATISTICS_CSV_PATH: &str = "/v1/statistics.csv";

/// The figures at an instant. A paper code is counted with the phone code of its person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The resident population of all cities.
    pub population: u64,
    /// `residents` for 10,000 of the population, to the nearest: 4875 is 48.75 %.
    pub claim_ratio: u32,
    /// Where the population figures come from.
    pub population_source: String,
    /// Each city, in the order of its code.
    pub cities: Vec<CityStatistics>,
}

/// The figures of a city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
