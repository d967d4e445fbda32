//! Reports of a scanner to readings.

use std::time::{Duration, Instant};

use super::layout::ReportLayout;
use crate::framing::is_aim;
use crate::serial::{IDLE, MAX_READING_BYTES};

/// A reading that goes on must do so within this time; scanners send a report every few
/// milliseconds.
pub const CONTINUES_WITHIN: Duration = Duration::from_secs(1);

/// What reports turned out to be.
#[derive(Clone, PartialEq, Eq)]
pub enum HidReading {
    /// A reading.
    Scan {
        /// What it says, without line ends after it. Never empty.
        bytes: Vec<u8>,
        /// The AIM identifier, `]Q3`, where the scanner tells it (ISO/IEC 15424).
        aim: Option<[u8; 3]>,
    },
    /// More than [`MAX_READING_BYTES`] came without an end. They were thrown away.
    TooLong,
    /// A part of a reading is missing, or a report claims more than fits into it. What was there
    /// was thrown away: half a text is none.
    Broken,
}

impl std::fmt::Debug for HidReading {
    /// Without the bytes: they are a person's code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scan { bytes, aim } => {
                let aim = aim.map(|aim| String::from_utf8_lossy(&aim).into_owned());
                write!(f, "Scan({}, {})", bytes.len(), aim.unwrap_or_default())
            }
            Self::TooLong => f.write_str("TooLong"),
            Self::Broken => f.write_str("Broken"),
        }
    }
}

/// How a reading that has begun may end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// With a report that says so.
    Told,
    /// With a report that is not full, or none for [`IDLE`].
    Quiet,
}

/// A reading that has begun.
struct Begun {
    bytes: Vec<u8>,
    aim: Option<[u8; 3]>,
    too_long: bool,
    ends: Ends,
    last: Instant,
}

/// Puts reports together. It never keeps more than [`MAX_READING_BYTES`].
pub struct ReportStream {
    layouts: Vec<ReportLayout>,
    begun: Option<Begun>,
}

impl ReportStream {
    /// With nothing read yet.
    #[must_use]
    pub fn new(layouts: Vec<ReportLayout>) -> Self {
        Self { layouts, begun: None }
    }

    /// Takes one report as it came, with the time it came at. Reports of other kinds are passed
    /// over.
    pub fn report(&mut self, report: &[u8], now: Instant) -> Vec<HidReading> {
        let mut readings: Vec<HidReading> = self.idle(now).into_iter().collect();
        let Some((layout, missing)) = self.layouts.iter().find_map(|layout| layout.fits(report))
        else {
            return readings;
        };
        let Some(part) = layout.part(report, missing) else {
            self.begun = None;
            readings.push(HidReading::Broken);
            return readings;
        };
        if self.begun.as_ref().is_some_and(|begun| part.aim.is_some() && begun.aim != part.aim) {
            // The rest of one symbol never came, and this is of another.
            self.begun = None;
            readings.push(HidReading::Broken);
        }
        let Part { bytes, aim, goes_on } = part;
        let begun = self.begun.get_or_insert_with(|| Begun {
            bytes: Vec::new(),
            aim,
            too_long: false,
            ends: Ends::Told,
            last: now,
        });
        if begun.bytes.len() + bytes.len() > MAX_READING_BYTES {
            begun.too_long = true;
        } else {
            begun.bytes.extend(bytes);
        }
        begun.last = now;
        match goes_on {
            Some(ends) => begun.ends = ends,
            None => readings.extend(self.whole()),
        }
        readings
    }

    /// Ends a reading of which no more came for too long.
    pub fn idle(&mut self, now: Instant) -> Option<HidReading> {
        let begun = self.begun.as_ref()?;
        let quiet = now.saturating_duration_since(begun.last);
        match begun.ends {
            Ends::Quiet if quiet >= IDLE => self.whole(),
            Ends::Told if quiet >= CONTINUES_WITHIN => self.end(),
            _ => None,
        }
    }

    /// Ends whatever is there: the scanner is gone.
    pub fn end(&mut self) -> Option<HidReading> {
        self.begun.take().map(|_| HidReading::Broken)
    }

    fn whole(&mut self) -> Option<HidReading> {
        let Begun { mut bytes, aim, too_long, .. } = self.begun.take()?;
        if too_long {
            return Some(HidReading::TooLong);
        }
        while let Some(b'\r' | b'\n') = bytes.last() {
            bytes.pop();
        }
        (!bytes.is_empty()).then_some(HidReading::Scan { bytes, aim })
    }
}

/// What one report brings.
struct Part<'a> {
    bytes: &'a [u8],
    aim: Option<[u8; 3]>,
    /// How the reading ends, if it does not end here.
    goes_on: Option<Ends>,
}

impl ReportLayout {
    /// Whether a report is one of these, and how many bytes are missing before it: some systems
    /// take the id away, which an identifier one place earlier shows.
    fn fits(&self, report: &[u8]) -> Option<(&Self, usize)> {
        let earlier = self.aim.and_then(|at| report.get(at.checked_sub(1)?));
        match self.id {
            Some(_) if report.len() + 1 == self.size && earlier == Some(&b']') => Some((self, 1)),
            Some(id) if report.first() != Some(&id) => None,
            _ => (!report.is_empty()).then_some((self, 0)),
        }
    }

    /// `None` when the report claims more than it holds.
    fn part<'a>(&self, report: &'a [u8], missing: usize) -> Option<Part<'a>> {
        let byte = |at: usize| report.get(at.checked_sub(missing)?).copied();
        let start = self.data.start.checked_sub(missing)?;
        let room = self.data.len().min(report.len().saturating_sub(start));
        let data = report.get(start..start + room)?;
        let bytes = match self.length {
            Some(at) => data.get(..usize::from(byte(at)?))?,
            None => data.get(..data.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1))?,
        };
        let aim = self.aim.and_then(|at| Some([byte(at)?, byte(at + 1)?, byte(at + 2)?]));
        let goes_on = match self.continued {
            Some((at, mask)) => {
                byte(at).is_some_and(|flags| flags & mask != 0).then_some(Ends::Told)
            }
            None => (bytes.len() == self.data.len()).then_some(Ends::Quiet),
        };
        Some(Part { bytes, aim: aim.filter(|aim| is_aim(*aim)), goes_on })
    }
}
