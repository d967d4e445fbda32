//! Where a reader is.

use std::fmt;
use std::io;
use std::str::FromStr;

use super::link::{BAUDS, Link, Way};
use super::usb::UsbReader;
use crate::event::{DeviceId, DeviceKind};
use crate::wire::{AddressError, LineAddress};

/// Where a reader is. On a serial port without a speed, [`BAUDS`] are tried until it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderAddress {
    /// On a serial line, of this machine or behind a network adapter.
    Line(LineAddress),
    /// On USB in its own way: the first device 0400:C35A that is there.
    Usb,
}

impl ReaderAddress {
    /// The reader's id, of a kind of device that is there: `card:/dev/ttyUSB0`, `card:usb`.
    #[must_use]
    pub fn id(&self, kind: DeviceKind) -> DeviceId {
        match self {
            Self::Line(line) => line.id(kind),
            Self::Usb => DeviceId::from_text(&format!("{}:usb", kind.name())),
        }
    }

    /// The serial port it is on, if it is on one.
    #[must_use]
    pub fn serial_port(&self) -> Option<&str> {
        match self {
            Self::Line(line) => line.serial_port(),
            Self::Usb => None,
        }
    }

    /// The speeds to try, in turn.
    pub(super) fn bauds(&self) -> Vec<u32> {
        match self {
            Self::Line(line @ LineAddress::Serial { .. }) => {
                line.baud().map_or_else(|| BAUDS.to_vec(), |baud| vec![baud])
            }
            Self::Line(LineAddress::Tcp(_)) | Self::Usb => vec![0],
        }
    }

    pub(super) fn open_reader(&self, baud: u32) -> io::Result<Link> {
        Ok(Link::new(match self {
            Self::Line(line) => Way::Line(line.open(baud)?),
            Self::Usb => Way::Usb(Box::new(UsbReader::open()?)),
        }))
    }
}

impl From<LineAddress> for ReaderAddress {
    fn from(line: LineAddress) -> Self {
        Self::Line(line)
    }
}

impl fmt::Display for ReaderAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => f.write_str(line.place()),
            Self::Usb => f.write_str("usb"),
        }
    }
}

/// A text that names no reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give a serial port such as /dev/ttyUSB0 or COM3, host:port, or usb")]
pub struct ReaderAddressError;

impl FromStr for ReaderAddress {
    type Err = ReaderAddressError;

    /// Takes what a [`LineAddress`] may be, or `usb`.
    fn from_str(text: &str) -> Result<Self, ReaderAddressError> {
        if text.trim().eq_ignore_ascii_case("usb") {
            return Ok(Self::Usb);
        }
        text.parse().map(Self::Line).map_err(|AddressError| ReaderAddressError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_on_usb_or_on_a_line() {
        let id = |text: &str| {
            let address: Result<ReaderAddress, _> = text.parse();
            address.map(|address| address.id(DeviceKind::Card).to_string())
        };
        assert_eq!(id(" USB ").as_deref(), Ok("card:usb"));
        assert_eq!(id("/dev/ttyUSB0").as_deref(), Ok("card:/dev/ttyUSB0"));
        assert_eq!(id("10.0.0.7:4001").as_deref(), Ok("card:10.0.0.7:4001"));
        assert_eq!(id("usb:"), Err(ReaderAddressError));
        assert_eq!(id("ttyUSB0"), Err(ReaderAddressError));
    }
}
