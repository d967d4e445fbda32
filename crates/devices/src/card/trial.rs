//! Asks a reader who it is, once.

use std::io;
use std::time::Duration;

use super::ReaderAddress;
use super::commands::{MODULE, STATUS};
use super::link::Patience;
use super::status::Status;
use super::stream::Answer;

const PATIENCE: Patience = Patience::short(Duration::from_millis(400));

/// What came of asking.
#[derive(Debug)]
pub enum Trial {
    /// A reader answered.
    Answers {
        /// The number of its security module, if it tells it: `05.01-20200214-0000000001-…`.
        module: Option<String>,
        /// The speed at which it answered, on a serial port.
        baud: Option<u32>,
    },
    /// The port could be opened, and nothing that a reader would say came out of it.
    Silent,
    /// The port could not be opened.
    NotOpened(io::Error),
}

/// Opens a reader's port, asks for its status and its module, and closes it again. It takes up to
/// two seconds and a half. The reader must not be in use.
#[must_use]
pub fn try_reader(address: &ReaderAddress) -> Trial {
    for baud in address.bauds() {
        let mut link = match address.open_reader(baud) {
            Ok(link) => link,
            Err(error) => return Trial::NotOpened(error),
        };
        if link.ask(&STATUS, PATIENCE, &|| false).is_ok() {
            let baud = address.serial_port().map(|_| baud);
            let module = link.ask(&MODULE, PATIENCE, &|| false);
            return Trial::Answers { module: module.ok().as_ref().and_then(module_number), baud };
        }
    }
    Trial::Silent
}

/// Two numbers of two bytes and three of four, little-endian, as the makers print them.
pub(super) fn module_number(answer: &Answer) -> Option<String> {
    let data: &[u8; 16] = answer.data().try_into().ok()?;
    let number = |at: usize, size: usize| {
        let bytes = data.iter().skip(at).take(size).rev();
        bytes.fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
    };
    (answer.status() == Status::DONE).then(|| {
        format!(
            "{:02}.{:02}-{:08}-{:010}-{:010}",
            number(0, 2),
            number(2, 2),
            number(4, 4),
            number(8, 4),
            number(12, 4)
        )
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::card::{Faults, SimulatedReader};

    #[test]
    fn a_reader_says_who_it_is_and_silence_is_told() {
        let reader = SimulatedReader::new();
        let port = reader.on_terminal().expect("a pseudo-terminal");
        let address = port.address().clone().into();
        let Trial::Answers { module, baud } = try_reader(&address) else {
            panic!("it answers");
        };
        assert_eq!(module.as_deref(), Some("05.01-20200214-0000000001-0000000001"));
        assert_eq!(baud, Some(115_200));
        reader.set_faults(Faults { mute: true, ..Faults::default() });
        assert!(matches!(try_reader(&address), Trial::Silent));
        let nowhere: ReaderAddress = "/dev/yanma-no-such-port".parse().expect("an address");
        assert!(matches!(try_reader(&nowhere), Trial::NotOpened(_)));
    }
}
