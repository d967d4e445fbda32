//! Whom a certificate is about: a name and a date of birth, to compare with a document.

use std::fmt;

use jiff::civil::Date;

use crate::name::HolderName;

/// The longest name that is kept, in characters; the rest is cut off.
const NAME_CHARS: usize = 60;

/// Whom a certificate is about. `Debug` shows the mask and the year of birth only.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    /// The name, the family's first; `None` where there is none that can be shown.
    pub name: Option<HolderName>,
    /// The same in the letters of a passport's zone, where the certificate has it or where it
    /// is in plain Latin letters.
    latin: Option<String>,
    /// The date of birth, as far as it is given.
    pub birth: Option<PartialDate>,
}

impl Subject {
    /// A subject by the two parts of its name, as written and, where there is such a form,
    /// as in a zone.
    pub(super) fn new(
        [family, given]: [Option<&str>; 2],
        zone: Option<[Option<&str>; 2]>,
        birth: Option<PartialDate>,
    ) -> Self {
        let join = |parts: [Option<&str>; 2]| {
            let parts = parts.into_iter().flatten().map(str::trim);
            parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let written = join([family, given]);
        let zone = zone.map(join).filter(|zone| !zone.is_empty());
        let shown = if written.is_empty() { zone.as_deref().unwrap_or_default() } else { &written };
        let cut: String = shown.replace('<', " ").chars().take(NAME_CHARS).collect();
        Self {
            name: HolderName::parse(&cut).ok(),
            latin: latin_words(zone.as_deref().unwrap_or(&written)),
            birth,
        }
    }

    /// The words of the name, sorted and in plain capitals: the same for a passport's zone, a
    /// licence and a certificate of one person, whatever their order. `None` when the name is
    /// not in Latin letters.
    pub fn name_key(&self) -> Option<&str> {
        self.latin.as_deref()
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("name", &self.name)
            .field("birth", &self.birth)
            .finish_non_exhaustive()
    }
}

/// The words of a name in plain capitals, sorted; `None` when there is anything in it that is
/// no plain letter and does not part words, such as an accent that is a character of its own.
pub(crate) fn latin_words(name: &str) -> Option<String> {
    let plain = name.to_uppercase().replace(['\'', '’'], "");
    let parts = |c: char| c.is_whitespace() || matches!(c, '\u{2010}'..='\u{2015}' | '·');
    if !plain.chars().all(|c| c.is_ascii() || parts(c)) {
        return None;
    }
    let mut words: Vec<_> =
        plain.split(|c: char| !c.is_ascii_uppercase()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    if words.is_empty() { None } else { Some(words.join(" ")) }
}

/// A date of which the day, or the month and the day, may be unknown. `Debug` shows the year
/// only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PartialDate {
    /// The year.
    pub year: i16,
    /// The month, 1 to 12.
    pub month: Option<i8>,
    /// The day; never without the month.
    pub day: Option<i8>,
}

impl PartialDate {
    /// Takes `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; a month or day `00` is unknown, and a time
    /// behind it is left away.
    pub fn parse(text: &str) -> Option<Self> {
        let date = text.split_once('T').map_or(text, |(date, _)| date);
        let mut parts = date.splitn(3, '-');
        let mut number = |digits: usize| -> Option<Option<i16>> {
            match parts.next() {
                None => Some(None),
                Some(part) if part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()) => {
                    part.parse().ok().map(Some)
                }
                Some(_) => None,
            }
        };
        let (year, month, day) = (number(4)??, number(2)?, number(2)?);
        let month = month.filter(|month| *month > 0);
        let day = day.filter(|day| *day > 0 && month.is_some());
        let month = month.map(i8::try_from).transpose().ok()?;
        let day = day.map(i8::try_from).transpose().ok()?;
        Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
        Some(Self { year, month, day })
    }

    /// The date, when all of it is known.
    pub fn whole(self) -> Option<Date> {
        Date::new(self.year, self.month?, self.day?).ok()
    }

    /// Whether a full date could be this one.
    pub fn fits(self, date: Date) -> bool {
        self.year == date.year()
            && self.month.is_none_or(|month| month == date.month())
            && self.day.is_none_or(|day| day == date.day())
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-…", self.year)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        for part in [self.month, self.day].into_iter().flatten() {
            write!(f, "-{part:02}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_may_be_known_in_part() {
        for (text, expect) in [
            ("1998-02-26", Some("1998-02-26")),
            ("1998-02", Some("1998-02")),
            ("1998", Some("1998")),
            ("1998-02-00", Some("1998-02")),
            ("1998-00", Some("1998")),
            ("1998-00-26", Some("1998")),
            ("1998-02-26T00:00:00", Some("1998-02-26")),
            ("", None),
            ("98", None),
            ("1998-2", None),
            ("1998-13", None),
            ("1998-02-30", None),
            ("1998-02-26-01", None),
            ("+998-02-26", None),
        ] {
            let read = PartialDate::parse(text).map(|date| date.to_string());
            assert_eq!(read.as_deref(), expect, "{text}");
        }
        let month = PartialDate::parse("1998-02").unwrap();
        assert!(month.fits(jiff::civil::date(1998, 2, 28)));
        assert!(!month.fits(jiff::civil::date(1998, 3, 1)));
    }

    #[test]
    fn names_are_compared_by_their_words() {
        for (one, other) in [
            ("ERIKSSON<<ANNA<MARIA<<<<", "Anna Maria Eriksson"),
            ("O'CONNOR, ENYA", "OCONNOR<<ENYA"),
            ("MUSTERFRAU<GOESSINGER GABRIELE", "Gabriele Musterfrau-Goessinger"),
        ] {
            assert_eq!(latin_words(one), latin_words(other), "{one}");
        }
        assert_eq!(
            latin_words("Gößinger"),
            None,
            "how it is written in Latin letters is not guessed"
        );
        for accents in ["RENE\u{301}E", "MUL\u{ad}LER", "MU\u{308}LLER", "O\u{2019}\u{200d}NEIL"] {
            assert_eq!(latin_words(accents), None, "{accents}: it would fall apart into words");
        }
        assert_eq!(latin_words("ANNA\u{2013}MARIA"), latin_words("Maria\u{a0}Anna"));
        assert_eq!(latin_words("张三"), None);
        assert_eq!(latin_words("<<<"), None);
    }

    #[test]
    fn debug_shows_nobody() {
        let birth = PartialDate::parse("1998-02-26");
        for [family, given] in [["ERIKSSON", ""], ["", "ANNA"], ["ANNA", "ERIKSSON"]] {
            for zone in [None, Some([Some(family), Some(given)])] {
                let subject = Subject::new([Some(family), Some(given)], zone, birth);
                let shown = format!("{subject:?}");
                assert!(!shown.contains("ERIKSSON") && !shown.contains("ANNA"), "{shown}");
                assert!(!shown.contains("02"), "{shown}");
            }
        }
    }
}
