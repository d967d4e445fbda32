//! The city of each holder, by status index.

use yanma_domain::{IssuerId, StatusIndex};
use yanma_protocol::city_list::CityCode;

/// Cities are kept by the last two digits of their code, one byte a holder. The first two are the
/// number of the issuer, so 00 is no city.
#[derive(Debug, Clone, Default)]
pub struct Cities(Vec<u8>);

impl Cities {
    /// The city of a holder of this issuer; `None` when none is known.
    pub fn get(&self, index: StatusIndex, issuer: IssuerId) -> Option<CityCode> {
        let last = self.0.get(index.0 as usize).copied().filter(|last| *last > 0)?;
        Some(CityCode(u16::from(issuer.0) * 100 + u16::from(last)))
    }

    /// Sets it, as the first four digits of GB/T 2260.
    pub(super) fn set(&mut self, index: StatusIndex, city: Option<u16>) {
        let at = index.0 as usize;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        if let Some(cell) = self.0.get_mut(at) {
            *cell = city.map_or(0, |city| (city % 100) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_comes_back_and_whoever_has_none_has_none() {
        let mut cities = Cities::default();
        cities.set(StatusIndex(5), Some(3505));
        cities.set(StatusIndex(2), Some(3502));
        cities.set(StatusIndex(2), None);
        let of = |index| cities.get(StatusIndex(index), IssuerId::FUJIAN);
        assert_eq!(of(5), Some(CityCode(3505)));
        assert_eq!([0, 2, 6].map(of), [None; 3]);
    }
}
