//! Which port, and how fast: one line of settings.

use std::str::FromStr;

use crate::event::DeviceId;
use crate::wire::{AddressError, LineAddress};

/// A device on a port of this machine that speaks by itself: a scanner, a thermometer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialDevice {
    /// Path or name: `/dev/ttyACM0`, `COM3`.
    pub port: String,
    /// Bits a second; found by what comes where nobody set it.
    pub baud: Option<u32>,
}

/// What is wrong with a line of settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SerialOptionsError {
    /// Where it is.
    #[error("give a serial port such as /dev/ttyUSB0 or COM3")]
    Port,
    /// How fast.
    #[error("`baud` takes a speed such as 9600")]
    Baud,
    /// What is no option.
    #[error("`{0}` is not an option here")]
    Unknown(String),
}

impl From<AddressError> for SerialOptionsError {
    fn from(_: AddressError) -> Self {
        Self::Port
    }
}

impl SerialDevice {
    /// Its id: `serial:` and where it is.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        DeviceId::serial(&self.port)
    }
}

impl FromStr for SerialDevice {
    type Err = SerialOptionsError;

    /// Takes `/dev/ttyUSB0` or `COM3 baud=115200`; without a speed it is found.
    fn from_str(text: &str) -> Result<Self, SerialOptionsError> {
        let mut words = text.split_whitespace();
        let LineAddress::Serial { port, .. } = words.next().unwrap_or_default().parse()? else {
            return Err(SerialOptionsError::Port);
        };
        let mut device = Self { port, baud: None };
        for word in words {
            let Some(("baud", baud)) = word.split_once('=') else {
                return Err(SerialOptionsError::Unknown(word.to_owned()));
            };
            let baud = baud.parse().ok().filter(|baud| (300..=921_600).contains(baud));
            device.baud = Some(baud.ok_or(SerialOptionsError::Baud)?);
        }
        Ok(device)
    }
}

impl std::fmt::Display for SerialDevice {
    /// As it is read.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.port)?;
        self.baud.map_or(Ok(()), |baud| write!(f, " baud={baud}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<(&str, Option<u32>), SerialOptionsError>) {
        let device: Result<SerialDevice, _> = text.parse();
        let expect = expect.map(|(port, baud)| SerialDevice { port: port.to_owned(), baud });
        assert_eq!(device, expect, "{text}");
        if let Ok(device) = device {
            assert_eq!(device.to_string().parse(), Ok(device), "it reads what it writes");
        }
    }

    #[test]
    fn a_line_says_which_port_and_what_is_wrong_with_it_is_named() {
        check("/dev/ttyUSB0", Ok(("/dev/ttyUSB0", None)));
        check(
            " /dev/serial/by-id/usb-1 baud=115200 ",
            Ok(("/dev/serial/by-id/usb-1", Some(115_200))),
        );
        check("COM3 baud=9600", Ok(("COM3", Some(9600))));
        check("serial:/dev/ttyUSB0", Ok(("/dev/ttyUSB0", None)));
        for bad in ["", "scanner", "10.0.0.7:4001", "baud=9600"] {
            check(bad, Err(SerialOptionsError::Port));
        }
        for baud in ["baud=", "baud=fast", "baud=0", "baud=299", "baud=921601"] {
            check(&format!("COM3 {baud}"), Err(SerialOptionsError::Baud));
        }
        check("COM3 parity=odd", Err(SerialOptionsError::Unknown("parity=odd".to_owned())));
    }
}
