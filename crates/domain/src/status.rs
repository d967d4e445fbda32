//! The status list: index → colour for every holder of an issuer.

use sha2::{Digest, Sha256};

use crate::colour::Colour;
use crate::ids::StatusIndex;

/// Bytes of cells under one leaf of the root hash: 65,536 holders.
const BLOCK_BYTES: usize = 16 * 1024;

/// Domain separation of [`StatusList::root`].
const ROOT_LABEL: &[u8] = b"yanma-status-root-v1";

/// The colour of every holder, two bits each: 5.2 MB for 20.71 million, exact, answered
/// by one memory access.
///
/// The cell of index *i* is bits `2·(i mod 4)` and up of byte `i / 4`; bits past the last
/// holder are zero.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    len: u32,
    cells: Vec<u8>,
}

/// An index at or past the end of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("index {index} is not in a status list of {len} holders")]
pub struct NotInList {
    /// The index asked for.
    pub index: u32,
    /// How many holders the list has.
    pub len: u32,
}

/// Stored cells whose length or padding does not fit the number of holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no status list of {len} holders")]
pub struct CellsError {
    /// The number of holders claimed.
    pub len: u32,
}

impl StatusList {
    /// A list of `len` holders, all green.
    pub fn new(len: u32) -> Self {
        Self { len, cells: vec![0; bytes_for(len)] }
    }

    /// A list from the cells of [`Self::cells`].
    ///
    /// # Errors
    /// When the length does not fit or a padding bit is set.
    pub fn from_cells(len: u32, cells: Vec<u8>) -> Result<Self, CellsError> {
        let used_bits = (len % 4) * 2;
        let padding_clean =
            used_bits == 0 || cells.last().is_none_or(|last| last >> used_bits == 0);
        if cells.len() == bytes_for(len) && padding_clean {
            Ok(Self { len, cells })
        } else {
            Err(CellsError { len })
        }
    }

    /// The packed cells, for storage.
    pub fn cells(&self) -> &[u8] {
        &self.cells
    }

    /// How many holders the list has.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The colour of a holder; `None` past the end of the list.
    pub fn get(&self, index: StatusIndex) -> Option<Colour> {
        if index.0 >= self.len {
            return None;
        }
        let byte = self.cells.get(index.0 as usize / 4)?;
        Some(Colour::from_bits(byte >> ((index.0 % 4) * 2)))
    }

    /// Changes the colour of a holder.
    ///
    /// # Errors
    /// When the index is past the end; the list is left as it was.
    pub fn set(&mut self, index: StatusIndex, colour: Colour) -> Result<(), NotInList> {
        let len = self.len;
        match self.cells.get_mut(index.0 as usize / 4) {
            Some(byte) if index.0 < len => {
                let shift = (index.0 % 4) * 2;
                *byte = (*byte & !(3 << shift)) | (colour.bits() << shift);
                Ok(())
            }
            _ => Err(NotInList { index: index.0, len }),
        }
    }

    /// Grows the list to `len` holders; the new ones are green. Never shrinks it.
    pub fn extend_to(&mut self, len: u32) {
        if len > self.len {
            self.len = len;
            self.cells.resize(bytes_for(len), 0);
        }
    }

    /// How many holders have each colour, in the order of [`Colour::ALL`].
    pub fn counts(&self) -> [u32; 4] {
        let mut counts = [0; 4];
        for (_, colour) in self.iter_non_green() {
            counts[colour as usize] += 1;
        }
        counts[0] = self.len - counts[1] - counts[2] - counts[3];
        counts
    }

    /// Every holder who is not green, by rising index.
    pub fn iter_non_green(&self) -> impl Iterator<Item = (StatusIndex, Colour)> + '_ {
        self.cells.iter().enumerate().filter(|(_, byte)| **byte != 0).flat_map(|(at, byte)| {
            (0..4_u32).filter_map(move |cell| {
                let colour = Colour::from_bits(byte >> (cell * 2));
                let index = u32::try_from(at).ok()?.checked_mul(4)?.checked_add(cell)?;
                (colour != Colour::Green).then_some((StatusIndex(index), colour))
            })
        })
    }

    /// The root hash, by which two copies are compared: SHA-256 over a label, the number
    /// of holders (32 bits, little-endian) and the SHA-256 of every 16 KiB of cells.
    pub fn root(&self) -> [u8; 32] {
        let mut root = Sha256::new();
        root.update(ROOT_LABEL);
        root.update(self.len.to_le_bytes());
        for block in self.cells.chunks(BLOCK_BYTES) {
            root.update(Sha256::digest(block));
        }
        root.finalize().into()
    }
}

impl std::fmt::Debug for StatusList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StatusList({} holders)", self.len)
    }
}

fn bytes_for(len: u32) -> usize {
    len.div_ceil(4) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_list_is_green_and_ends_where_it_says() {
        let list = StatusList::new(5);
        assert_eq!(list.get(StatusIndex(4)), Some(Colour::Green));
        assert_eq!(list.get(StatusIndex(5)), None, "the cell exists in the byte, not in the list");
        assert_eq!(list.counts(), [5, 0, 0, 0]);
    }

    #[test]
    fn setting_one_cell_leaves_its_neighbours() {
        let mut list = StatusList::new(9);
        for (index, colour) in [(3, Colour::Withdrawn), (4, Colour::Red), (8, Colour::Amber)] {
            list.set(StatusIndex(index), colour).unwrap();
        }
        list.set(StatusIndex(4), Colour::Amber).unwrap();
        let seen: Vec<_> = list.iter_non_green().map(|(i, c)| (i.0, c)).collect();
        assert_eq!(
            seen,
            [(3, Colour::Withdrawn), (4, Colour::Amber), (8, Colour::Amber)],
            "exactly the cells that were set, in order"
        );
        assert_eq!(list.set(StatusIndex(9), Colour::Red), Err(NotInList { index: 9, len: 9 }));
    }

    #[test]
    fn the_root_depends_on_every_cell_and_on_the_length() {
        let list = StatusList::new(70_000);
        let mut other = list.clone();
        other.set(StatusIndex(69_999), Colour::Amber).unwrap();
        assert_ne!(list.root(), other.root());
        other.set(StatusIndex(69_999), Colour::Green).unwrap();
        assert_eq!(list.root(), other.root());
        other.extend_to(70_001);
        assert_ne!(list.root(), other.root(), "one more green holder is another list");
    }

    #[test]
    fn cells_come_back_only_with_clean_padding() {
        assert!(StatusList::from_cells(5, vec![0xff, 0b11]).is_ok());
        assert!(StatusList::from_cells(5, vec![0xff, 0b1_11]).is_err(), "a bit past the end");
        assert!(StatusList::from_cells(5, vec![0xff]).is_err());
        assert!(StatusList::from_cells(0, vec![]).is_ok());
    }
}
