//! What the makers of scanners print into their manuals: barcodes that set a scanner to another
//! mode. They are data (`assets/scanners.json`), each with the public manual that it was read in.
//! What no such manual was found for is not there.

use std::sync::LazyLock;

use nusb::MaybeFuture as _;
use serde::Deserialize;
use yanma_barcode::GreyImage;
use yanma_barcode::draw::{DrawError, FNC3, code128, qr};

const TABLE: &str = include_str!("../../../assets/scanners.json");

/// Light modules around a QR (ISO/IEC 18004).
const QUIET: u32 = 4;

/// Scanners that obey the same barcodes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// Its name in commands: lower-case letters and digits.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The numbers on USB that its makers alone have, four hexadecimal digits each.
    vendors: Vec<String>,
    /// What its barcodes do, the better for a desk before the others.
    pub settings: Vec<Setting>,
}

/// What a scanner can be set to, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What it becomes.
    pub to: Aim,
    /// To be scanned in this order; at least one.
    pub scan: Vec<Barcode>,
    /// The public document that says so, and where in it.
    pub source: String,
}

/// What a scanner is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aim {
    /// A serial port on USB (CDC).
    Serial,
    /// HID POS.
    HidPos,
    /// A keyboard.
    Keyboard,
    /// A keyboard with the layout of the United States.
    UsLayout,
    /// A keyboard that sends control characters as Ctrl and a key.
    Controls,
    /// Enter, or a carriage return, after each code.
    Enter,
    /// Nothing after a code.
    NoSuffix,
    /// As it left the factory.
    Defaults,
}

impl Aim {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Serial,
        Self::HidPos,
        Self::Keyboard,
        Self::UsLayout,
        Self::Controls,
        Self::Enter,
        Self::NoSuffix,
        Self::Defaults,
    ];

    /// Its name in commands and in the table.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::HidPos => "hid-pos",
            Self::Keyboard => "keyboard",
            Self::UsLayout => "us-layout",
            Self::Controls => "controls",
            Self::Enter => "enter",
            Self::NoSuffix => "no-suffix",
            Self::Defaults => "defaults",
        }
    }
}

/// A barcode of a maker's. `{FNC3}` in the table stands for function 3.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Barcode {
    /// Code 128.
    Code128(String),
    /// QR.
    Qr(String),
}

impl Barcode {
    /// What a scanner of another family reads in it: the text, without function 3.
    #[must_use]
    pub fn text(&self) -> String {
        let (Self::Code128(written) | Self::Qr(written)) = self;
        written.replace("{FNC3}", "")
    }

    /// Black on white with its quiet zone, `module_px` pixels a module.
    ///
    /// # Errors
    /// [`DrawError`] for a text that its symbology does not hold. None of the table's is one.
    pub fn draw(&self, module_px: u32) -> Result<GreyImage, DrawError> {
        match self {
            Self::Code128(written) => {
                code128(&written.replace("{FNC3}", FNC3.encode_utf8(&mut [0; 2])), module_px)
            }
            Self::Qr(written) => Ok(qr(written)?.to_grey(module_px, QUIET)),
        }
    }
}

/// Scanners whose barcodes are not in the table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// As of [`Family`].
    vendors: Vec<String>,
    /// Why.
    pub why: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Table {
    families: Vec<Family>,
    left_out: Vec<LeftOut>,
}

/// The tests read it, too: it is never a table that cannot be read.
static READ: LazyLock<Table> = LazyLock::new(|| serde_json::from_str(TABLE).unwrap_or_default());

/// Every family whose barcodes are known.
#[must_use]
pub fn families() -> &'static [Family] {
    &READ.families
}

/// Those whose barcodes are not known well enough to be shown.
#[must_use]
pub fn left_out() -> &'static [LeftOut] {
    &READ.left_out
}

impl Family {
    /// What sets it to `aim`, if a barcode is known for that.
    #[must_use]
    pub fn setting(&self, aim: Aim) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.to == aim)
    }

    fn has(&self, vendor: u16) -> bool {
        has(&self.vendors, vendor)
    }
}

/// Whose scanner this is, by the vendor's number on USB.
#[derive(Debug, Clone, Copy)]
pub enum Known {
    /// Of a family whose barcodes are known.
    Family(&'static Family),
    /// Of a maker whose barcodes are not.
    LeftOut(&'static LeftOut),
}

/// Whose scanner has this vendor's number; `None` where it is nobody's who makes scanners only.
#[must_use]
pub fn known(vendor: u16) -> Option<Known> {
    let family = families().iter().find(|family| family.has(vendor)).map(Known::Family);
    let other = || left_out().iter().find(|other| has(&other.vendors, vendor)).map(Known::LeftOut);
    family.or_else(other)
}

/// The families of which a scanner is plugged in now, as far as USB tells. Opens nothing.
#[must_use]
pub fn plugged_in() -> Vec<&'static Family> {
    let vendors: Vec<_> = nusb::list_devices()
        .wait()
        .map(|devices| devices.map(|device| device.vendor_id()).collect())
        .unwrap_or_default();
    families().iter().filter(|family| vendors.iter().any(|vendor| family.has(*vendor))).collect()
}

/// Whether a text is what a scanner of another family makes of one of these barcodes: an order
/// that it did not understand, and nobody's code.
#[must_use]
pub fn is_order(text: &str) -> bool {
    let mut barcodes =
        families().iter().flat_map(|family| &family.settings).flat_map(|setting| &setting.scan);
    barcodes.any(|barcode| barcode.text() == text)
}

fn has(vendors: &[String], vendor: u16) -> bool {
    vendors.iter().any(|known| *known == format!("{vendor:04x}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use yanma_barcode::{Budget, Formats, read};

    use super::*;

    #[test]
    fn the_table_is_whole() {
        let table: Table = serde_json::from_str(TABLE).unwrap();
        assert!(!table.families.is_empty());
        let mut ids = BTreeSet::new();
        let mut vendors = BTreeSet::new();
        for family in &table.families {
            assert!(ids.insert(&family.id), "{} is there twice", family.id);
            assert!(family.id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{}", family.id);
            let aims: BTreeSet<_> = family.settings.iter().map(|it| it.to.id()).collect();
            assert_eq!(aims.len(), family.settings.len(), "{}: an aim twice", family.id);
            assert!(!aims.is_empty(), "{} can do nothing", family.id);
            for setting in &family.settings {
                let of = format!("{} {}", family.id, setting.to.id());
                assert!(!setting.scan.is_empty(), "{of} has no barcode");
                assert!(setting.source.starts_with("https://"), "{of} has no source");
            }
        }
        let others = table.left_out.iter().map(|other| &other.vendors);
        for vendor in table.families.iter().map(|family| &family.vendors).chain(others).flatten() {
            assert!(vendors.insert(vendor), "{vendor} has two families");
            let number = u16::from_str_radix(vendor, 16).unwrap();
            assert_eq!(*vendor, format!("{number:04x}"), "four lower-case hexadecimal digits");
        }
        assert!(table.left_out.iter().all(|other| !other.why.is_empty()));
    }

    #[test]
    fn no_barcode_means_two_things() {
        let mut seen = BTreeSet::new();
        for family in families() {
            for setting in &family.settings {
                // What begins and ends a setting of several is in each of them.
                let middle = if setting.scan.len() == 3 { 1..2 } else { 0..setting.scan.len() };
                for barcode in &setting.scan[middle] {
                    assert!(seen.insert(barcode.text()), "{} is there twice", barcode.text());
                }
            }
        }
    }

    #[test]
    fn every_barcode_is_read_as_it_is_written() {
        for barcode in families().iter().flat_map(|it| &it.settings).flat_map(|it| &it.scan) {
            let drawn = barcode.draw(3).unwrap();
            let found = read(&drawn, &Formats::DESK, Budget::PATIENT);
            let texts: Vec<_> = found.into_iter().map(|symbol| symbol.text).collect();
            // A desk's camera believes no Code 128 of fewer characters.
            let believed = barcode.text().len() >= 4;
            assert_eq!(texts, Vec::from_iter(believed.then(|| barcode.text())), "{barcode:?}");
        }
    }

    #[test]
    fn a_scanner_is_known_by_its_vendor_alone() {
        let check = |vendor, expected: Option<&str>| {
            let name = known(vendor).map(|known| match known {
                Known::Family(family) => family.id.as_str(),
                Known::LeftOut(other) => other.name.as_str(),
            });
            assert_eq!(name, expected, "{vendor:04x}");
        };
        check(0x05e0, Some("zebra"));
        check(0x0c2e, Some("honeywell"));
        check(0x1eab, Some("Newland"));
        check(0x046d, None);
    }

    #[test]
    fn only_whole_orders_are_orders() {
        for (text, expected) in [
            ("~PAP124.", true),
            ("S_CMD_01H1", true),
            ("S_CMD_01H1 ", false),
            ("PAP124.", false),
            ("", false),
            ("350100190001010012", false),
        ] {
            assert_eq!(is_order(text), expected, "{text}");
        }
    }

    #[test]
    fn names_in_commands_are_those_of_the_table() {
        for aim in Aim::ALL {
            let read: Aim = serde_json::from_value(aim.id().into()).unwrap();
            assert_eq!(read, aim);
        }
    }
}
