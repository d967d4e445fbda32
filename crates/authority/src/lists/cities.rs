//! The city of each holder, by status index.

use yanma_domain::{IssuerId, StatusIndex};
use yanma_protocol::city_list::CityCode;

/// Whoever is in no city; 0 is nobody, or somebody of whom nothing is known yet.
const NOWHERE: u8 = 100;

/// Cities are kept by the last two digits of their code, one byte a holder. The first two are the
/// number of the issuer, so 00 is no city.
#[derive(Debug, Clone, Default)]
pub struct Cities {
    last: Vec<u8>,
    moves: u64,
}

impl Cities {
    /// The city of a holder of this issuer; `None` when none is known.
    pub fn get(&self, index: StatusIndex, issuer: IssuerId) -> Option<CityCode> {
        let last =
            self.last.get(index.0 as usize).copied().filter(|last| (1..NOWHERE).contains(last))?;
        Some(CityCode(u16::from(issuer.0) * 100 + u16::from(last)))
    }

    /// How often somebody was set from one city, or none, to another: whoever claims anew may
    /// move, and the directory is as it was.
    pub fn moves(&self) -> u64 {
        self.moves
    }

    /// Sets it, as the first four digits of GB/T 2260.
    pub(super) fn set(&mut self, index: StatusIndex, city: Option<u16>) {
        let at = index.0 as usize;
        if at >= self.last.len() {
            self.last.resize(at + 1, 0);
        }
        if let Some(cell) = self.last.get_mut(at) {
            let last = city.map(|city| (city % 100) as u8).filter(|last| *last > 0);
            let last = last.unwrap_or(NOWHERE);
            self.moves += u64::from(*cell != 0 && *cell != last);
            *cell = last;
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
        assert_eq!(cities.moves(), 1, "whoever is new has not moved");
        cities.set(StatusIndex(5), Some(3505));
        assert_eq!(cities.moves(), 1, "nor has whoever is where they were");
        cities.set(StatusIndex(2), Some(3502));
        assert_eq!(cities.moves(), 2);
    }
}
