//! How many people live where.

use serde::Deserialize;
use yanma_domain::IssuerId;
use yanma_domain::trust::Words;

use crate::error::Error;

const FUJIAN_2019: &str = include_str!("../../../../assets/population/fujian-2019.json");

/// A table of residents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    pub(crate) source: String,
    pub(crate) cities: Vec<City>,
}

/// A city and its residents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct City {
    pub(crate) code: u16,
    pub(crate) name: Words,
    pub(crate) population: u64,
}

impl Population {
    /// The nine cities of Fujian at the end of 2019.
    pub(crate) fn fujian_2019() -> Result<Self, Error> {
        serde_json::from_str(FUJIAN_2019).map_err(|_| Error::Asset("population/fujian-2019"))
    }

    /// The cities of an issuer's own province; none where its population is not known here.
    pub(crate) fn of(issuer: IssuerId) -> Result<Self, Error> {
        let mut population = Self::fujian_2019()?;
        population.cities.retain(|city| city.code / 100 == u16::from(issuer.0));
        if population.cities.is_empty() {
            population.source.clear();
        }
        Ok(population)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cities_add_up_to_the_figure_of_the_province() {
        let population = Population::fujian_2019().unwrap();
        assert_eq!(population.cities.len(), 9);
        let sum: u64 = population.cities.iter().map(|city| city.population).sum();
        assert_eq!(sum, 39_730_000);
        assert!(population.cities.is_sorted_by_key(|city| city.code));
        let own = Population::of(IssuerId::FUJIAN).unwrap();
        assert_eq!((own.cities.len(), own.source), (9, population.source));
    }

    #[test]
    fn a_province_without_a_table_has_no_city_of_another() {
        let other = Population::of(IssuerId(33)).unwrap();
        assert_eq!((other.cities.len(), other.source.as_str()), (0, ""));
    }
}
