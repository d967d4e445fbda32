//! How a printer is, in its own words and in ours.
//!
//! `DLE EOT n` is answered by one byte, also while the printer is offline: 1 printer, 2 why it is
//! offline, 3 error, 4 paper. The bits are those of Epson's ESC/POS reference, as the manuals of
//! the TM-U220A (<https://www.easymanua.ls/epson/tm-u220a/manual?p=54>) and of the Bixolon SRP-350
//! print them.

/// What somebody has to do at the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no way to it: unplugged, switched off, no network.
    Gone,
    /// It can be written to and does not say how it is.
    Silent,
    /// No paper.
    PaperOut,
    /// The cover is open.
    CoverOpen,
    /// The cutter is stuck.
    Cutter,
    /// An error that it does not get out of by itself.
    Error,
    /// It is offline and does not say why.
    Offline,
    /// The roll is nearly at its end. It prints.
    PaperLow,
}

impl Trouble {
    /// Every trouble.
    pub const ALL: [Self; 8] = [
        Self::Gone,
        Self::Silent,
        Self::PaperOut,
        Self::CoverOpen,
        Self::Cutter,
        Self::Error,
        Self::Offline,
        Self::PaperLow,
    ];

    /// Whether nothing is printed while it is so. A printer that says nothing may print all the
    /// same.
    #[must_use]
    pub const fn stops(self) -> bool {
        !matches!(self, Self::Silent | Self::PaperLow)
    }

    /// What it is and what to do.
    #[must_use]
    pub const fn in_english(self) -> &'static str {
        self.words().0
    }

    /// The same in Chinese.
    #[must_use]
    pub const fn in_chinese(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Gone => (
                "The printer cannot be reached: look at its power and its cable",
                "无法连接打印机，请检查电源和连接线",
            ),
            Self::Silent => (
                "The printer does not answer: see whether it is on, and whether the slip came out",
                "打印机没有应答，请确认已开机，并查看纸条是否已打出",
            ),
            Self::PaperOut => ("No paper: put in a new roll", "打印机缺纸，请换上新纸卷"),
            Self::CoverOpen => ("The cover is open: close it", "打印机上盖未关好，请关上"),
            Self::Cutter => (
                "The cutter is stuck: switch off, take out the paper, switch on again",
                "打印机切刀卡住，请关机取出纸张后重新开机",
            ),
            Self::Error => (
                "The printer reports an error: switch it off and on again",
                "打印机报告故障，请关机后重新开机",
            ),
            Self::Offline => (
                "The printer is offline: press its button, or switch it off and on again",
                "打印机处于脱机状态，请按打印机按键，或关机后重新开机",
            ),
            Self::PaperLow => (
                "The roll is nearly at its end: have a new one ready",
                "打印纸即将用完，请准备新纸卷",
            ),
        }
    }
}

/// Asks about one of four things.
pub(super) const fn question(about: u8) -> [u8; 3] {
    [0x10, 0x04, about]
}

/// Whether a byte can be the answer: two bits are always set and two never.
pub(super) const fn is_answer(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

/// What was answered so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Health([Option<u8>; 4]);

impl Health {
    pub(super) fn note(&mut self, about: u8, answer: u8) {
        if let Some(slot) = self.0.get_mut(usize::from(about).wrapping_sub(1)) {
            *slot = Some(answer);
        }
    }

    /// The first thing to do something about.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        let [printer, offline, error, paper] = self.0;
        let says = |answer: Option<u8>, bits: u8| answer.is_some_and(|answer| answer & bits != 0);
        let signs = [
            (printer.is_none(), Trouble::Silent),
            (says(offline, 0x04), Trouble::CoverOpen),
            (says(offline, 0x20) || says(paper, 0x60), Trouble::PaperOut),
            (says(error, 0x08), Trouble::Cutter),
            (says(error, 0x60) || says(offline, 0x40), Trouble::Error),
            (says(printer, 0x08), Trouble::Offline),
            (says(paper, 0x0C), Trouble::PaperLow),
        ];
        signs.into_iter().find(|(so, _)| *so).map(|(_, trouble)| trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answers: &[u8], expect: Option<Trouble>) {
        let mut health = Health::default();
        for (about, answer) in (1..).zip(answers) {
            assert!(is_answer(*answer), "{answer:02X}");
            health.note(about, *answer);
        }
        assert_eq!(health.trouble(), expect, "{answers:02X?}");
    }

    #[test]
    fn the_bits_of_the_manual_are_said_in_plain_words() {
        check(&[0x12, 0x12, 0x12, 0x12], None);
        check(&[0x16, 0x12, 0x12, 0x12], None);
        check(&[0x1A, 0x32, 0x12, 0x72], Some(Trouble::PaperOut));
        check(&[0x1A, 0x16, 0x12, 0x12], Some(Trouble::CoverOpen));
        check(&[0x1A, 0x36, 0x12, 0x72], Some(Trouble::CoverOpen));
        check(&[0x1A, 0x52, 0x1A, 0x12], Some(Trouble::Cutter));
        check(&[0x1A, 0x52, 0x32, 0x12], Some(Trouble::Error));
        check(&[0x1A, 0x12, 0x12, 0x12], Some(Trouble::Offline));
        check(&[0x12, 0x12, 0x12, 0x1E], Some(Trouble::PaperLow));
        check(&[], Some(Trouble::Silent));
        check(&[0x12], None);
    }

    #[test]
    fn every_trouble_has_words_of_its_own() {
        for trouble in Trouble::ALL {
            let same = |other: &&Trouble| other.in_chinese() == trouble.in_chinese();
            assert_eq!(Trouble::ALL.iter().filter(same).count(), 1, "{trouble:?}");
        }
    }
}
