//! Where in a scanner's reports its readings stand.

use std::ops::Range;

use super::descriptor;

/// Newland's vendor number: its reports have no symbology where the others have one.
const NEWLAND: u16 = 0x1EAB;

/// Where things stand in one kind of report. Places are bytes from the report's first, which is
/// its id where reports have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLayout {
    /// The first byte of such a report; `None` where reports have no ids.
    pub id: Option<u8>,
    /// Bytes of a whole report.
    pub size: usize,
    /// Where the number of bytes of data stands. Without it, zeros at the end are no data.
    pub length: Option<usize>,
    /// Where the three characters of the AIM identifier begin.
    pub aim: Option<usize>,
    /// Where the data may stand.
    pub data: Range<usize>,
    /// Where it says that the next report goes on with the same reading: any of these bits.
    /// Without it, a report that is full is gone on with.
    pub continued: Option<(usize, u8)>,
}

impl ReportLayout {
    /// Reports of 64 bytes as Honeywell, Youjie, Access-IS and others send them.
    /// Source: Access-IS, ATR110 product manual, appendix A.
    fn usual() -> Self {
        Self {
            id: Some(2),
            size: 64,
            length: Some(1),
            aim: Some(2),
            data: 5..61,
            continued: Some((63, 1)),
        }
    }

    /// Newland's reports of 64 bytes: the data begin earlier.
    fn newland() -> Self {
        Self { aim: None, data: 2..58, ..Self::usual() }
    }

    /// Reports of Microscan, now Omron: a length, and the rest is data.
    /// Source: Microscan HID report format, in the help of the MS-4.
    fn microscan() -> Self {
        Self { id: Some(1), aim: None, data: 2..64, continued: None, ..Self::usual() }
    }
}

/// What stands where in the reports of a scanner: for Newland as is known of them, otherwise as
/// its report descriptor says, and as the usual scanners send where it says nothing.
#[must_use]
pub fn layouts(vendor: u16, descriptor: &[u8]) -> Vec<ReportLayout> {
    if vendor == NEWLAND {
        return vec![ReportLayout::newland()];
    }
    let described = descriptor::read(descriptor).layouts;
    if described.is_empty() {
        return vec![ReportLayout::usual(), ReportLayout::microscan()];
    }
    described
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_that_describes_nothing_is_taken_for_a_usual_one() {
        let ids = |layouts: Vec<ReportLayout>| {
            layouts.into_iter().map(|layout| (layout.id, layout.data)).collect::<Vec<_>>()
        };
        assert_eq!(ids(layouts(0x0C2E, &[])), [(Some(2), 5..61), (Some(1), 2..64)]);
        assert_eq!(ids(layouts(NEWLAND, &[])), [(Some(2), 2..58)]);
        let described = [0x05, 0x8C, 0x75, 0x08, 0x95, 0x08, 0x09, 0xFE, 0x81, 0x02];
        assert_eq!(ids(layouts(0x05E0, &described)), [(None, 0..8)]);
        assert_eq!(ids(layouts(NEWLAND, &described)), [(Some(2), 2..58)]);
    }
}
