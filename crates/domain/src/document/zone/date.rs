//! Dates of six characters, parts of which may be unknown.

use std::fmt;

use jiff::civil::Date;

use super::{ZoneError, ZoneField};

/// How many years ahead a last day of validity may lie: nothing is issued for longer.
const YEARS_AHEAD: i16 = 50;

/// A date as a zone has it: a year of two digits, a month and a day, any of which may be
/// unknown. Month and day are ones a calendar has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ZoneDate {
    year: Option<u8>,
    month: Option<u8>,
    day: Option<u8>,
    /// The first two digits of the year, where the zone says them.
    century: Option<u8>,
}

impl ZoneDate {
    /// Reads `yymmdd`; `<<` stands for a part that is unknown, and so does `00` in the place
    /// of month or day.
    pub(super) fn parse(text: &[u8], field: ZoneField) -> Result<Self, ZoneError> {
        let part = |at: usize| match text.get(at..at + 2) {
            Some([b'<', b'<']) => Ok(None),
            Some([tens @ b'0'..=b'9', units @ b'0'..=b'9']) => {
                Ok(Some((tens - b'0') * 10 + (units - b'0')))
            }
            _ => Err(ZoneError::Alphabet(field)),
        };
        let known = |value: Option<u8>| value.filter(|value| *value != 0);
        let date =
            Self { year: part(0)?, month: known(part(2)?), day: known(part(4)?), century: None };
        // 2000 was a leap year: every day of any year of the century exists in some year.
        let year = date.year.map_or(2000, |year| 2000 + i16::from(year));
        let month = date.month.map_or(Some(1), |month| i8::try_from(month).ok());
        let day = date.day.map_or(Some(1), |day| i8::try_from(day).ok());
        let exists = month.zip(day).is_some_and(|(month, day)| {
            // A leap day of 1900 is the only one that 2000 has and another century has not.
            Date::new(year, month, day).is_ok()
        });
        exists.then_some(date).ok_or(ZoneError::Date(field))
    }

    pub(super) fn in_century(self, century: Option<u8>) -> Self {
        Self { century, ..self }
    }

    /// The date of birth: the latest such day that is not after `today`. `None` when a part
    /// is unknown.
    #[must_use]
    pub fn resolve_birth(self, today: Date) -> Option<Date> {
        self.resolve(today.year(), |date| date <= today)
    }

    /// The last day of validity: the latest such day up to 50 years after `today`. `None`
    /// when a part is unknown.
    #[must_use]
    pub fn resolve_expiry(self, today: Date) -> Option<Date> {
        let last = today.year() + YEARS_AHEAD;
        self.resolve(last, |date| date.year() <= last)
    }

    fn resolve(self, latest_year: i16, fits: impl Fn(Date) -> bool) -> Option<Date> {
        let (year, month, day) = (self.year?, self.month?, self.day?);
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        let in_century = |century: i16| Date::new(century * 100 + i16::from(year), month, day).ok();
        if let Some(century) = self.century {
            return in_century(i16::from(century));
        }
        let latest = latest_year / 100;
        [latest, latest - 1, latest - 2].into_iter().filter_map(in_century).find(|date| fits(*date))
    }

    /// As it stands in a zone: `yymmdd`. `None` when a part is unknown.
    pub(super) fn six(self) -> Option<String> {
        Some(format!("{:02}{:02}{:02}", self.year?, self.month?, self.day?))
    }

    /// Whether a part of it is unknown.
    #[must_use]
    pub fn is_partial(self) -> bool {
        self.year.is_none() || self.month.is_none() || self.day.is_none()
    }
}

/// `yy-mm-dd`, with `··` for what is unknown and the century where the zone says it.
impl fmt::Display for ZoneDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part =
            |value: Option<u8>| value.map_or("··".to_owned(), |value| format!("{value:02}"));
        if let Some(century) = self.century {
            write!(f, "{century:02}")?;
        }
        write!(f, "{}-{}-{}", part(self.year), part(self.month), part(self.day))
    }
}

/// A date of birth is personal: only whether it is whole is shown.
impl fmt::Debug for ZoneDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_partial() { "ZoneDate(partial)" } else { "ZoneDate(whole)" })
    }
}
