//! Which printer, where, and how wide: one line of settings.

use std::str::FromStr;

use crate::event::{DeviceId, DeviceKind};
use crate::wire::{AddressError, LineAddress};

/// Dots across 80 mm paper, at 203 dots an inch.
const WIDE: u16 = 576;

/// Where a printer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrinterAddress {
    /// On a serial line, or at `host:port`.
    Line(LineAddress),
    /// Behind a device file, such as `/dev/usb/lp0`. Not on Windows.
    File(String),
}

/// A printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterOptions {
    /// Where it is.
    pub at: PrinterAddress,
    /// How many dots a line has: 576 on 80 mm paper, 384 on 58 mm. A multiple of eight.
    pub width_dots: u16,
}

/// What is wrong with a line of settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrinterOptionsError {
    /// Where it is.
    #[error("give a device file such as /dev/usb/lp0, a serial port, or host:9100")]
    Place(#[from] AddressError),
    /// How wide.
    #[error("`width` takes 576 or 384, or the dots of a line: a multiple of 8 from 128 to 1024")]
    Width,
    /// How fast.
    #[error("`baud` takes a speed such as 115200, on a serial port")]
    Baud,
    /// What is no option.
    #[error("`{0}` is not an option here")]
    Unknown(String),
}

impl FromStr for PrinterOptions {
    type Err = PrinterOptionsError;

    /// Takes `/dev/usb/lp0`, `/dev/ttyUSB0 baud=115200`, `10.0.0.7:9100 width=384`. A path below
    /// `/dev/usb/` and one after `file:` is a device file, any other a serial port.
    fn from_str(text: &str) -> Result<Self, PrinterOptionsError> {
        let mut words = text.split_whitespace();
        let place = words.next().unwrap_or_default();
        let (mut width_dots, mut speed) = (WIDE, None);
        for word in words {
            match word.split_once('=') {
                Some(("width", width)) => {
                    let width = width.parse().ok();
                    let fits =
                        |width: &u16| (128..=1024).contains(width) && width.is_multiple_of(8);
                    width_dots = width.filter(fits).ok_or(PrinterOptionsError::Width)?;
                }
                Some(("baud", baud)) => {
                    let baud = baud.parse().ok().filter(|baud| (300..=921_600).contains(baud));
                    speed = Some(baud.ok_or(PrinterOptionsError::Baud)?);
                }
                _ => return Err(PrinterOptionsError::Unknown(word.to_owned())),
            }
        }
        let file = place.strip_prefix("file:").or_else(|| {
            (place.starts_with("/dev/usb/") || place.starts_with("/dev/lp")).then_some(place)
        });
        let at = match file {
            Some(path) if path.starts_with('/') => PrinterAddress::File(path.to_owned()),
            Some(_) => return Err(AddressError.into()),
            None => PrinterAddress::Line(match place.parse()? {
                LineAddress::Serial { port, .. } => LineAddress::Serial { port, baud: speed },
                tcp @ LineAddress::Tcp(_) => tcp,
            }),
        };
        let serial = matches!(at, PrinterAddress::Line(LineAddress::Serial { .. }));
        if speed.is_some() && !serial {
            return Err(PrinterOptionsError::Baud);
        }
        Ok(Self { at, width_dots })
    }
}

impl PrinterOptions {
    /// Its id: `printer:` and where it is.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        match &self.at {
            PrinterAddress::Line(line) => line.id(DeviceKind::Printer),
            PrinterAddress::File(path) => DeviceId::from_text(&format!("printer:{path}")),
        }
    }

    /// The serial port it is on, if it is on one.
    #[must_use]
    pub fn serial_port(&self) -> Option<&str> {
        match &self.at {
            PrinterAddress::Line(line) => line.serial_port(),
            PrinterAddress::File(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<(&str, bool, u16), PrinterOptionsError>) {
        let options: Result<PrinterOptions, _> = text.parse();
        let seen = options.map(|options| {
            let file = matches!(options.at, PrinterAddress::File(_));
            (options.id().as_str().to_owned(), file, options.width_dots)
        });
        assert_eq!(seen, expect.map(|(id, file, width)| (id.to_owned(), file, width)), "{text}");
    }

    #[test]
    fn a_line_says_which_printer_and_what_is_wrong_with_it_is_named() {
        check("/dev/usb/lp0", Ok(("printer:/dev/usb/lp0", true, 576)));
        check(" file:/tmp/printer width=384 ", Ok(("printer:/tmp/printer", true, 384)));
        check("/dev/ttyUSB0 baud=115200", Ok(("printer:/dev/ttyUSB0", false, 576)));
        check("10.0.0.7:9100", Ok(("printer:10.0.0.7:9100", false, 576)));
        check("COM4", Ok(("printer:COM4", false, 576)));
        for bad in ["", "printer", "file:lp0", "host"] {
            check(bad, Err(PrinterOptionsError::Place(AddressError)));
        }
        for width in ["width=", "width=570", "width=0", "width=4096"] {
            check(&format!("/dev/usb/lp0 {width}"), Err(PrinterOptionsError::Width));
        }
        check("10.0.0.7:9100 baud=9600", Err(PrinterOptionsError::Baud));
        check("/dev/ttyUSB0 baud=fast", Err(PrinterOptionsError::Baud));
        check("/dev/usb/lp0 cut", Err(PrinterOptionsError::Unknown("cut".to_owned())));
    }
}
