//! The few commands of ESC/POS that a slip needs.

use super::Page;

/// Rows in one picture: printers keep some hundreds of them at most.
const BAND: usize = 128;

/// `GS r 1`: the paper's status, told when everything before is printed.
pub(super) const CONFIRM: [u8; 3] = [0x1D, 0x72, 1];

/// A page, in parts: `ESC @`, then `GS v 0` with a band of it each. White at the right of a band
/// is left out, which halves what a slow line has to carry.
pub(super) fn job(page: &Page) -> Vec<Vec<u8>> {
    let mut parts = vec![vec![0x1B, 0x40]];
    let rows: Vec<&[u8]> = page.rows().collect();
    for band in rows.chunks(BAND) {
        let black = |row: &&[u8]| row.iter().rposition(|byte| *byte != 0).map_or(1, |at| at + 1);
        let width = band.iter().map(black).max().unwrap_or(1);
        let [low, high] = u16::try_from(width).unwrap_or(u16::MAX).to_le_bytes();
        let height = u16::try_from(band.len()).unwrap_or(u16::MAX);
        let mut part = vec![0x1D, 0x76, 0x30, 0, low, high];
        part.extend(height.to_le_bytes());
        part.extend(band.iter().flat_map(|row| row.iter().take(width)));
        parts.push(part);
    }
    parts
}

/// `ESC d 3`, for printers without a cutter, and `GS V 66 0`: on to the cutter, and cut.
pub(super) fn picture_end() -> Vec<u8> {
    vec![0x1B, 0x64, 3, 0x1D, 0x56, 66, 0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_in_bands_without_the_white_at_their_right() {
        let mut rows = vec![0; 3 * 130];
        rows[0] = 0x80;
        rows[4] = 0x01;
        rows[3 * 129 + 2] = 0xFF;
        let parts = job(&Page::new(3, rows));
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0], [0x1B, 0x40]);
        assert_eq!(parts[1][..8], [0x1D, 0x76, 0x30, 0, 2, 0, 128, 0]);
        assert_eq!(parts[1].len(), 8 + 2 * 128);
        assert_eq!(parts[1][8..12], [0x80, 0, 0, 0x01]);
        assert_eq!(parts[2], [0x1D, 0x76, 0x30, 0, 3, 0, 2, 0, 0, 0, 0, 0, 0, 0xFF]);
        assert_eq!(job(&Page::new(72, Vec::new())).len(), 1, "an empty page prints nothing");
    }
}
