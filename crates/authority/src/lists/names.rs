//! Masked names by status index.

use yanma_domain::StatusIndex;
use yanma_domain::name::MaskedName;

/// A masked name is one to nine bytes of text. One byte more holds its length: zero where
/// no code was issued.
const CELL: usize = MaskedName::LONGEST_BYTES + 1;

/// Every name in a cell of its own: 10 bytes a holder, without a heap block for each.
#[derive(Debug, Default)]
pub(super) struct Names {
    cells: Vec<[u8; CELL]>,
    issued: u32,
}

impl Names {
    /// The name at an index; `None` when the index was never issued.
    pub(super) fn get(&self, index: StatusIndex) -> Option<MaskedName> {
        let cell = self.cells.get(index.0 as usize)?;
        let length = usize::from(*cell.first()?);
        let text = cell.get(1..=length).filter(|text| !text.is_empty())?;
        MaskedName::parse(std::str::from_utf8(text).ok()?).ok()
    }

    /// Sets the name at an index.
    pub(super) fn set(&mut self, index: StatusIndex, name: &MaskedName) {
        let at = index.0 as usize;
        if at >= self.cells.len() {
            self.cells.resize(at + 1, [0; CELL]);
        }
        if let Some(cell) = self.cells.get_mut(at) {
            self.issued += u32::from(cell[0] == 0);
            let text = name.as_str().as_bytes();
            *cell = [0; CELL];
            cell[0] = u8::try_from(text.len()).unwrap_or(0);
            cell.iter_mut().skip(1).zip(text).for_each(|(place, byte)| *place = *byte);
        }
    }

    /// How many indexes were issued.
    pub(super) fn issued(&self) -> u32 {
        self.issued
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_count_once() {
        let mut names = Names::default();
        let name = |text| MaskedName::parse(text).unwrap();
        names.set(StatusIndex(3), &name("张*明"));
        names.set(StatusIndex(3), &name("李*"));
        names.set(StatusIndex(0), &name("A"));
        assert_eq!(names.get(StatusIndex(3)), Some(name("李*")));
        assert_eq!(names.get(StatusIndex(0)), Some(name("A")));
        assert_eq!([1, 2, 4].map(|at| names.get(StatusIndex(at))), [None, None, None]);
        assert_eq!(names.issued(), 2);
    }
}
