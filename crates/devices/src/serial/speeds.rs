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

/// After the port was opened again, what makes no sense so often in a row gives up the speed at which
/// something did before. Plugging a device in may bring a stray byte or two; another device may be
/// there.
const GIVES_UP: u8 = 3;

/// Control characters that codes have in them, or that scanners put around them: STX, ETX, EOT,
/// Tab, line ends, and the separators FS to US.
const OF_CODES: [char; 10] =
    ['\x02', '\x03', '\x04', '\t', '\n', '\r', '\x1c', '\x1d', '\x1e', '\x1f'];

/// The speed of a device of which nobody set one.
#[derive(Debug, Default)]
pub struct Speeds {
    /// Which of [`USUAL_BAUDS`].
    at: usize,
    found: Found,
}

/// Whether something good came at a speed.
#[derive(Debug, Default)]
enum Found {
    #[default]
    Not,
    /// Before the port was opened again; since then so many readings in a row made no sense.
    Before {
        bad: u8,
    },
    Since,
}

/// What to do with a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is handed on.
    Reading,
    /// It is nothing: a stray byte, perhaps.
    Stray,
    /// It came at a wrong speed, and the next one is to be tried: [`Speeds::baud`] gives it.
    WrongSpeed,
}

impl Speeds {
    /// The speed to listen at.
    #[must_use]
    pub fn baud(&self) -> u32 {
        USUAL_BAUDS.get(self.at).copied().unwrap_or(DEFAULT_BAUD)
    }

    /// What to do with a reading. After the first good one everything is handed on, bytes that are
    /// no text as well.
    pub fn hear(&mut self, reading: &SerialReading) -> Heard {
        let good = match reading {
            // Nothing that long comes from a device at its own speed.
            SerialReading::TooLong => false,
            SerialReading::Bytes(bytes) => makes_sense(bytes),
        };
        match &mut self.found {
            Found::Since => Heard::Reading,
            found if good => {
                *found = Found::Since;
                Heard::Reading
            }
            Found::Before { bad } if *bad + 1 < GIVES_UP => {
                *bad += 1;
                Heard::Stray
            }
            found => {
                *found = Found::Not;
                self.at = (self.at + 1) % USUAL_BAUDS.len();
                Heard::WrongSpeed
            }
        }
    }

    /// The port was opened again: another device may be behind it.
    pub fn opened(&mut self) {
        if matches!(self.found, Found::Since) {
            self.found = Found::Before { bad: 0 };
        }
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
                    let heard = speeds.hear(&SerialReading::Bytes(heard));
                    heard == Heard::Reading && speeds.baud() == speed
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
        let no_text = bytes(b"\xC9\x00\xFF\x1d1");
        assert_eq!(speeds.hear(&bytes("M1王/小兰".as_bytes())), Heard::Reading);
        assert_eq!(speeds.hear(&no_text), Heard::Reading, "a code of bytes that are no text");
        assert_eq!(speeds.hear(&SerialReading::TooLong), Heard::Reading);
        assert_eq!(speeds.baud(), 9600);
    }

    #[test]
    fn a_stray_byte_costs_no_speed_that_was_found_and_another_device_is_found_anew() {
        let mut speeds = Speeds::default();
        let [stray, code] = [&b"\x00"[..], CODES[1]].map(|it| SerialReading::Bytes(it.to_vec()));
        assert_eq!(speeds.hear(&stray), Heard::WrongSpeed, "nothing was found yet");
        assert_eq!(speeds.hear(&code), Heard::Reading);
        for _ in 0..3 {
            speeds.opened();
            // It may be lost again before anything is read.
            speeds.opened();
            assert_eq!([(); 2].map(|()| speeds.hear(&stray)), [Heard::Stray; 2]);
            assert_eq!((speeds.hear(&code), speeds.baud()), (Heard::Reading, 115_200));
        }
        speeds.opened();
        let heard = [(); 4].map(|()| speeds.hear(&stray));
        let [stray, wrong] = [Heard::Stray, Heard::WrongSpeed];
        assert_eq!((heard, speeds.baud()), ([stray, stray, wrong, wrong], 38_400));
    }

    #[test]
    fn a_few_characters_prove_no_speed_and_one_in_many_disproves_none() {
        let mut speeds = Speeds::default();
        let mut hear = |bytes: &[u8]| speeds.hear(&SerialReading::Bytes(bytes.to_vec()));
        assert_eq!(hear(b"36f"), Heard::WrongSpeed);
        assert_eq!(hear(b"\x0235010019000101\xFF012"), Heard::Reading, "noise");
        assert_eq!(hear(b"36f"), Heard::Reading, "now it is whatever the device says");
        assert_eq!(speeds.baud(), 115_200);
    }

    #[test]
    fn after_the_last_speed_comes_the_first() {
        let mut speeds = Speeds::default();
        let tried = USUAL_BAUDS.map(|_| {
            let baud = speeds.baud();
            assert_eq!(speeds.hear(&SerialReading::TooLong), Heard::WrongSpeed);
            baud
        });
        assert_eq!(tried, USUAL_BAUDS);
        assert_eq!(speeds.baud(), USUAL_BAUDS[0]);
    }
}
