//! Reads HID report descriptors. Source: HID 1.11, 6.2.2.

use super::layout::ReportLayout;

/// The usage page of bar code scanners, and what is on it (HID Usage Tables, 26).
const SCANNERS: u32 = 0x8C;
const SYMBOLOGY_1: u32 = SCANNERS << 16 | 0xFB;
const SYMBOLOGY_2: u32 = SCANNERS << 16 | 0xFC;
const SYMBOLOGY_3: u32 = SCANNERS << 16 | 0xFD;
const DATA: u32 = SCANNERS << 16 | 0xFE;
const CONTINUED: u32 = SCANNERS << 16 | 0xFF;

/// "Byte count" on the page of generic devices.
const BYTE_COUNT: u32 = 0x0001_003B;

/// The longest report that is believed, in bytes. Scanners send 64.
const LONGEST_REPORT: usize = 4096;

/// More usages for one field than this are not looked at.
const MOST_USAGES: usize = 256;

/// Reports that a descriptor tells of; more are not looked at.
const MOST_REPORTS: usize = 64;

/// How often settings may be put aside: a descriptor of a real device does it once or twice.
const DEEPEST: usize = 16;

/// What a descriptor says.
#[derive(Default)]
pub(super) struct Described {
    /// The input reports in which something scanned stands.
    pub(super) layouts: Vec<ReportLayout>,
    /// The ids of its feature reports.
    pub(super) features: Vec<u8>,
}

/// Reads a descriptor as far as it makes sense.
pub(super) fn read(descriptor: &[u8]) -> Described {
    let mut reader = Reader::default();
    let mut rest = descriptor;
    while let Some((item, after)) = Item::first(rest) {
        if reader.take(&item).is_none() {
            break;
        }
        rest = after;
    }
    reader.described()
}

/// One item: what it is, and its value.
struct Item {
    /// Type and tag, without the size.
    tag: u8,
    value: u32,
    size: usize,
}

impl Item {
    fn first(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (&head, rest) = bytes.split_first()?;
        if head == 0xFE {
            // A long item: its size, its tag, and what nobody has defined.
            let size = usize::from(*rest.first()?);
            return Some((Self { tag: 0xFE, value: 0, size }, rest.get(2 + size..)?));
        }
        let size = [0, 1, 2, 4][usize::from(head & 3)];
        let value = rest.get(..size)?.iter().rev().fold(0, |v, byte| v << 8 | u32::from(*byte));
        Some((Self { tag: head & 0xFC, value, size }, rest.get(size..)?))
    }
}

/// Settings that hold until they are changed.
#[derive(Clone, Copy, Default)]
struct Settings {
    page: u32,
    /// Bits of one field.
    size: usize,
    /// Fields.
    count: usize,
    id: Option<u8>,
}

/// What was found of one input report so far.
#[derive(Default)]
struct Report {
    id: Option<u8>,
    bits: usize,
    length: Option<usize>,
    symbology: [Option<usize>; 3],
    data: Option<(usize, usize)>,
    continued: Option<(usize, u8)>,
}

#[derive(Default)]
struct Reader {
    now: Settings,
    aside: Vec<Settings>,
    usages: Vec<u32>,
    lowest: Option<u32>,
    reports: Vec<Report>,
    features: Vec<u8>,
}

impl Reader {
    /// `None` when it makes no sense to go on.
    fn take(&mut self, item: &Item) -> Option<()> {
        let usage = match item.size {
            4 => item.value,
            _ => self.now.page << 16 | item.value,
        };
        match item.tag {
            0x04 => self.now.page = item.value & 0xFFFF,
            0x74 => self.now.size = usize::try_from(item.value).ok()?,
            0x94 => self.now.count = usize::try_from(item.value).ok()?,
            0x84 => self.now.id = Some(u8::try_from(item.value).ok()?),
            0xA4 if self.aside.len() < DEEPEST => self.aside.push(self.now),
            0xB4 => self.now = self.aside.pop()?,
            0x08 => self.use_as(usage),
            0x18 => self.lowest = Some(usage),
            0x28 => {
                let lowest = self.lowest.take()?;
                (lowest..=usage).take(MOST_USAGES).for_each(|usage| self.use_as(usage));
            }
            0x80 => self.input(item.value & 1 != 0)?,
            0xB0 => self.features.extend(self.now.id),
            _ => {}
        }
        // Usages hold for one main item: input, output, feature, collection and its end.
        if matches!(item.tag, 0x80 | 0x90 | 0xA0 | 0xB0 | 0xC0) {
            self.usages.clear();
            self.lowest = None;
        }
        Some(())
    }

    fn use_as(&mut self, usage: u32) {
        if self.usages.len() < MOST_USAGES {
            self.usages.push(usage);
        }
    }

    fn input(&mut self, constant: bool) -> Option<()> {
        let Settings { size, count, id, .. } = self.now;
        let bits = size.checked_mul(count).filter(|bits| *bits <= LONGEST_REPORT * 8)?;
        let at = match self.reports.iter().position(|report| report.id == id) {
            Some(at) => at,
            None if self.reports.len() < MOST_REPORTS => {
                // The id itself is the first byte.
                let bits = if id.is_some() { 8 } else { 0 };
                self.reports.push(Report { id, bits, ..Report::default() });
                self.reports.len() - 1
            }
            None => return None,
        };
        let report = self.reports.get_mut(at)?;
        if !constant {
            let last = self.usages.len().saturating_sub(1);
            for (field, usage) in self.usages.iter().take(count).enumerate() {
                // The last usage holds for all the fields that are left.
                let fields = if field == last { count - field } else { 1 };
                report.field(*usage, report.bits + field * size, size, fields);
            }
        }
        report.bits += bits;
        (report.bits <= LONGEST_REPORT * 8).then_some(())
    }

    fn described(self) -> Described {
        let layouts = self.reports.into_iter().filter_map(Report::layout).collect();
        Described { layouts, features: self.features }
    }
}

impl Report {
    /// Notes a field that begins at a bit.
    fn field(&mut self, usage: u32, at: usize, size: usize, fields: usize) {
        let byte = at / 8;
        if usage == CONTINUED && size + at % 8 <= 8 {
            // At most eight ones, moved to where they stand.
            let mask = (0xFF_u16 >> 8_usize.saturating_sub(size)) << (at % 8);
            self.continued = u8::try_from(mask).ok().map(|mask| (byte, mask));
            return;
        }
        if size != 8 || !at.is_multiple_of(8) {
            return;
        }
        match usage {
            BYTE_COUNT => self.length = Some(byte),
            SYMBOLOGY_1 => self.symbology[0] = Some(byte),
            SYMBOLOGY_2 => self.symbology[1] = Some(byte),
            SYMBOLOGY_3 => self.symbology[2] = Some(byte),
            DATA if self.data.is_none() => self.data = Some((byte, byte + fields)),
            _ => {}
        }
    }

    fn layout(self) -> Option<ReportLayout> {
        let (start, end) = self.data?;
        let aim = match self.symbology {
            [Some(first), Some(second), Some(third)]
                if second == first + 1 && third == first + 2 =>
            {
                Some(first)
            }
            _ => None,
        };
        Some(ReportLayout {
            id: self.id,
            size: self.bits.div_ceil(8),
            length: self.length,
            aim,
            data: start..end,
            continued: self.continued,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scanner as makers describe theirs: count, symbology, data, and a bit at the end.
    const SCANNER: &[u8] = &[
        0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x85, 0x02, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08,
        0x09, 0x12, 0xA1, 0x02, 0x05, 0x01, 0x95, 0x01, 0x09, 0x3B, 0x81, 0x02, 0x05, 0x8C, 0x95,
        0x03, 0x09, 0xFB, 0x09, 0xFC, 0x09, 0xFD, 0x81, 0x02, 0x95, 0x38, 0x09, 0xFE, 0x82, 0x02,
        0x01, 0x95, 0x02, 0x81, 0x03, 0x75, 0x01, 0x95, 0x01, 0x09, 0xFF, 0x81, 0x02, 0x95, 0x07,
        0x81, 0x03, 0xC0, 0x85, 0xFE, 0x75, 0x08, 0x95, 0x01, 0x09, 0x00, 0xB1, 0x02, 0xC0,
    ];

    #[test]
    fn a_scanner_says_where_its_readings_stand() {
        let described = read(SCANNER);
        let layout = ReportLayout {
            id: Some(2),
            size: 64,
            length: Some(1),
            aim: Some(2),
            data: 5..61,
            continued: Some((63, 1)),
        };
        assert_eq!(described.layouts, [layout]);
        assert_eq!(described.features, [0xFE]);
    }

    #[test]
    fn ranges_long_usages_and_settings_put_aside_are_understood() {
        let descriptor = [
            &[0x05, 0x8C, 0x75, 0x08, 0xA4, 0x05, 0x01][..],
            // FB to FD as a range, each with its page.
            &[0x95, 0x03, 0x1B, 0xFB, 0x00, 0x8C, 0x00, 0x2B, 0xFD, 0x00, 0x8C, 0x00, 0x81, 0x02],
            &[0xB4, 0x95, 0x10, 0x09, 0xFE, 0x81, 0x02],
            // A whole byte that says whether more follows.
            &[0x95, 0x01, 0x09, 0xFF, 0x81, 0x02],
        ]
        .concat();
        let layout = ReportLayout {
            id: None,
            size: 20,
            length: None,
            aim: Some(0),
            data: 3..19,
            continued: Some((19, 0xFF)),
        };
        assert_eq!(read(&descriptor).layouts, [layout]);
    }

    #[test]
    fn what_makes_no_sense_describes_nothing_and_ends() {
        let keyboard = [0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0x75, 0x08, 0x95, 0x06];
        for (what, descriptor) in [
            ("nothing", &[][..]),
            ("a keyboard", &keyboard),
            ("a huge field", &[0x05, 0x8C, 0x77, 0xFF, 0xFF, 0xFF, 0xFF, 0x09, 0xFE, 0x81, 0x02]),
            ("an item cut off", &[0x05, 0x8C, 0x09]),
            ("more taken back than put aside", &[0xB4]),
            ("a long item cut off", &[0xFE, 0x20, 0x00]),
            ("data in bits", &[0x05, 0x8C, 0x75, 0x04, 0x95, 0x10, 0x09, 0xFE, 0x81, 0x02]),
        ] {
            assert_eq!(read(descriptor).layouts, [], "{what}");
        }
    }
}
