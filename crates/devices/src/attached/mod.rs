//! What is plugged into this machine, also what cannot be used, and why.
//!
//! [`list_devices`](crate::list_devices) says what could be opened; this says what is there, who
//! may use it and who does. Nothing is opened: asking disturbs no device. It looks where Linux
//! tells of devices; on other systems nothing is found.

mod sysfs;

use std::path::{Path, PathBuf};

/// Something that is plugged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// What it is.
    pub kind: AttachedKind,
    /// Its name as the operating system gives it.
    pub name: String,
    /// Vendor and product, of what is on USB.
    pub usb: Option<(u16, u16)>,
    /// Where it is opened, if it has such a place.
    pub node: Option<PathBuf>,
    /// Whether this user may use it.
    pub access: Access,
}

/// The kinds that matter to a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachedKind {
    /// A camera.
    Camera,
    /// A serial port with hardware behind it.
    Serial,
    /// A scanner in the mode "HID POS" (usage page 0x8C).
    PointOfSale,
    /// A keyboard, or a scanner that types.
    Keyboard,
    /// A printer with a device file of its own.
    Printer,
    /// A card reader that speaks its own way over USB (0400:C35A).
    UsbCardReader,
    /// A cable from USB to serial for which the kernel has loaded no driver; the name of the
    /// kernel's module.
    Driverless(&'static str),
}

/// Whether this user may use a device now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Nothing speaks against it.
    Free,
    /// It belongs to this group, and this user is not in it or may not use it.
    Denied {
        /// The name of the group, or its number.
        group: String,
    },
    /// Another program has it open.
    Held {
        /// The name of the program.
        by: String,
    },
    /// It has no place where it could be opened.
    Nowhere,
}

/// Everything that is plugged in and matters to a desk: cameras, serial ports, keyboards, scanners,
/// printers, card readers, in this order.
#[must_use]
pub fn attached() -> Vec<Attached> {
    sysfs::list(Path::new("/"))
}
