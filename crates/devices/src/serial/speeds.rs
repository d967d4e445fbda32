//! How fast a device speaks, found by what comes.

use super::assemble::SerialReading;
use super::port::DEFAULT_BAUD;

/// The speeds of scanners and thermometers, in the order in which they are tried.
pub const USUAL_BAUDS: [u32; 7] = [DEFAULT_BAUD, 115_200, 57_600, 38_400, 19_200, 4800, 2400];

/// At a wrong speed at least one character in so many is none. At the right one noise on the line
/// spoils fewer; ASCII at every other of these speeds, worked out bit by bit, has one in six.
const ONE_IN: usize = 8;

/// Fewer characters may make sense by chance, and are no code and no degrees.
const ENOUGH: usize = 4;

/// Control characters that codes have in them, or that scanners put around them: STX, ETX, EOT,
/// Tab, line ends, and the separators FS to US.
const OF_CODES: [char; 10] =
    ['\x02', '\x03', '\x04', '\t', '\n', '\r', '\x1c', '\x1d', '\x1e', '\x1f'];

/// The speed of a device of which nobody set one.
#[derive(Debug, Default)]
pub struct Speeds {
    /// Which of [`USUAL_BAUDS`].
    at: usize,
    /// Something good came at this one.
    sure: bool,
}

impl Speeds {
    /// The speed to listen at.
    #[must_use]
    pub fn baud(&self) -> u32 {
        USUAL_BAUDS.get(self.at).copied().unwrap_or(DEFAULT_BAUD)
    }

    /// Whether a reading is to be handed on. If not, it came at a wrong speed, and the next one is
    /// to be tried: [`Self::baud`] gives it. After the first good reading everything is handed on,
    /// bytes that are no text as well.
    pub fn takes(&mut self, reading: &SerialReading) -> bool {
        let good = match reading {
            // Nothing that long comes from a device at its own speed.
            SerialReading::TooLong => false,
            SerialReading::Bytes(bytes) => makes_sense(bytes),
        };
        if !good && !self.sure {
            self.at = (self.at + 1) % USUAL_BAUDS.len();
            return false;
        }
        self.sure |= good;
        true
    }

    /// The port was opened again: another device may be behind it.
    pub fn opened(&mut self) {
        self.sure = false;
    }
}

fn makes_sense(bytes: &[u8]) -> bool {
    let (mut characters, mut none) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            characters += 1;
            none += usize::from(character.is_control() && !OF_CODES.contains(&character));
        }
        characters += chunk.invalid().len();
        none += chunk.invalid().len();
    }
    characters >= ENOUGH && ONE_IN * none < characters
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of `bytes`, sent as 8N1 at `sent`, to whoever samples the line at `heard`.
    fn at_speed(bytes: &[u8], sent: u32, heard: u32) -> Vec<u8> {
        let mut line = vec![true; 10];
        for byte in bytes {
            line.push(false);
            line.extend((0..8).map(|bit| byte >> bit & 1 == 1));
            line.push(true);
        }
        line.extend([true; 10]);
        // In sixteenths of a heard bit.
        let level = |at: u64| {
            let bit = at * u64::from(sent) / (16 * u64::from(heard));
            usize::try_from(bit).ok().and_then(|bit| line.get(bit)).copied()
        };
        let (mut at, mut came) = (0, Vec::new());
        while let Some(high) = level(at) {
            if high || level(at + 8) != Some(false) {
                at += 1;
                continue;
            }
            let bit = |number: u64| level(at + 24 + 16 * number).unwrap_or(true);
            came.push((0..8).fold(0, |byte, number| byte | u8::from(bit(number)) << number));
            at += 152;
        }
        came
    }

    const CODES: [&[u8]; 6] = [
        b"HTTPS://YM.TEST/0350100190001010012735501928374655647382910",
        b"350100190001010012\r",
        b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\rL898902C36UTO7408122F1204159ZE184226B<<<<<10\r",
        b"HC1:6BFOXN%TS3DH0YOJ58S S-W5HDC *M0II5XHC9B5G2+$N IOP-IA%NFQGRJPC%OQHIZC4.OI1RM8ZA\r",
        b"@\n\x1e\rANSI 636000090002DL00410278ZV03190008DLDAQT64235789\nDCSSAMPLE\nDDEN\r",
        b"6901234567892\r\n",
    ];

    #[test]
    fn every_usual_speed_is_found_with_one_code_shown_again_and_again() {
        for code in CODES {
            for speed in USUAL_BAUDS {
                let mut speeds = Speeds::default();
                let tries = (1..=USUAL_BAUDS.len()).find(|_| {
                    let heard = at_speed(code, speed, speeds.baud());
                    speeds.takes(&SerialReading::Bytes(heard)) && speeds.baud() == speed
                });
                assert!(tries.is_some(), "{speed}: {:?}", String::from_utf8_lossy(code));
                assert_eq!(at_speed(code, speed, speed), code, "the line is as it should be");
            }
        }
    }

    #[test]
    fn what_makes_sense_stays_and_keeps_the_speed() {
        let mut speeds = Speeds::default();
        let bytes = |bytes: &[u8]| SerialReading::Bytes(bytes.to_vec());
        assert!(speeds.takes(&bytes("M1王/小兰".as_bytes())));
        assert_eq!(speeds.baud(), 9600);
        assert!(speeds.takes(&bytes(b"\xC9\x00\xFF\x1d1")), "a code of bytes that are no text");
        assert!(speeds.takes(&SerialReading::TooLong));
        assert_eq!(speeds.baud(), 9600);
        speeds.opened();
        assert!(!speeds.takes(&bytes(b"\xC9\x00\xFF\x1d1")), "another device, perhaps");
        assert_eq!(speeds.baud(), 115_200);
    }

    #[test]
    fn a_few_characters_prove_no_speed_and_one_in_many_disproves_none() {
        let mut speeds = Speeds::default();
        let mut takes = |bytes: &[u8]| speeds.takes(&SerialReading::Bytes(bytes.to_vec()));
        assert!(!takes(b"36f"));
        assert!(takes(b"\x0235010019000101\xFF012"), "noise");
        assert!(takes(b"36f"), "now it is whatever the device says");
        assert_eq!(speeds.baud(), 115_200);
    }

    #[test]
    fn after_the_last_speed_comes_the_first() {
        let mut speeds = Speeds::default();
        let tried = USUAL_BAUDS.map(|_| {
            let baud = speeds.baud();
            assert!(!speeds.takes(&SerialReading::TooLong));
            baud
        });
        assert_eq!(tried, USUAL_BAUDS);
        assert_eq!(speeds.baud(), USUAL_BAUDS[0]);
    }
}
