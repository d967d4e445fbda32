//! What of the log counts as a person, what as a reading that nobody could read, and how long each
//! person took.

use jiff::SignedDuration;
use jiff::civil::Date;
use yanma_domain::reason::Reason;
use yanma_domain::verdict::Decision;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::rights::Right;

/// What was not read, or not read right.
const UNREAD: [Reason; 7] = [
    Reason::PartOfCode,
    Reason::MalformedCode,
    Reason::NotUnderstood,
    Reason::Damaged,
    Reason::CheckDigit,
    Reason::ImpossibleNumber,
    Reason::CertificatePart,
];

/// What was read and is nobody: a poster of a place, a boarding pass, a number of which it is still
/// to be said what it is. Another system's code is somebody's who stands there, and is not of
/// these.
const NOBODY: [Reason; 3] = [Reason::Place, Reason::BoardingPass, Reason::AmbiguousNumber];

/// How many came in one hour, with one outcome, to one operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourCount {
    /// Whole hours since 1970, UTC.
    pub hour: i64,
    /// `admit`, `refuse` or `refer`.
    pub decision: String,
    /// Who was at the desk.
    pub operator: Option<String>,
    /// People: somebody was named, or something was done with whoever stood there.
    pub count: u64,
    /// Readings that nobody could read, and with which nothing was done. They are no people:
    /// whoever stood there shows the same again.
    pub unread: u64,
}

/// How long people took, from the first reading to the word on what was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// The median of each hour in which something was done, in order: whole hours since 1970,
    /// UTC, and how long.
    pub hours: Vec<(i64, SignedDuration)>,
    /// The median of all of it; `None` where nothing was done.
    pub whole: Option<SignedDuration>,
}

impl Desk {
    /// How many came on the days from `from` to `to`, by hour, decision and operator.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when the store cannot be read.
    pub fn hours(&self, from: Date, to: Date) -> Result<Vec<HourCount>, DeskError> {
        self.allow(Right::SeeCounts)?;
        let mut hours: Vec<HourCount> = Vec::new();
        for found in self.store.hours(from, to)? {
            let (count, unread) = match what_counts(&found) {
                Counts::Person => (found.count, 0),
                Counts::Unread => (0, found.count),
                Counts::Nobody => continue,
            };
            let same = |hour: &&mut HourCount| {
                (hour.hour, &hour.decision, &hour.operator)
                    == (found.hour, &found.decision, &found.operator)
            };
            match hours.iter_mut().find(same) {
                Some(hour) => {
                    hour.count += count;
                    hour.unread += unread;
                }
                None => hours.push(HourCount {
                    hour: found.hour,
                    decision: found.decision,
                    operator: found.operator,
                    count,
                    unread,
                }),
            }
        }
        Ok(hours)
    }

    /// How long people took on the days from `from` to `to`, by the hour.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`]; or when the store cannot be read.
    pub fn pace(&self, from: Date, to: Date) -> Result<Pace, DeskError> {
        self.allow(Right::SeeCounts)?;
        let mut all: Vec<_> = self.store.answered(from, to)?;
        all.sort_by_key(|one| one.hour);
        let times = |of: &[yanma_store::Answered]| of.iter().map(|one| one.took).collect();
        let hours = all.chunk_by(|one, next| one.hour == next.hour);
        let hours = hours.filter_map(|hour| Some((hour.first()?.hour, median(times(hour))?)));
        Ok(Pace { hours: hours.collect(), whole: median(times(&all)) })
    }
}

enum Counts {
    Person,
    Unread,
    Nobody,
}

/// A verdict on nobody is always REFER, and for these reasons alone; beside somebody who is known
/// they are notices.
fn what_counts(found: &yanma_store::HourCount) -> Counts {
    let is_one_of = |set: &[Reason], code: &String| set.iter().any(|reason| reason.code() == code);
    let is_unread = |code: &String| is_one_of(&UNREAD, code);
    let on_nobody = found.decision == Decision::Refer.as_str()
        && !found.reasons.is_empty()
        && found.reasons.iter().all(|code| is_unread(code) || is_one_of(&NOBODY, code));
    if found.done || !on_nobody {
        Counts::Person
    } else if found.reasons.iter().any(is_unread) {
        Counts::Unread
    } else {
        Counts::Nobody
    }
}

/// The middle of some times, of an even number the mean of the two. What ended before it began,
/// by a clock that was set back, is left out.
pub(super) fn median(mut times: Vec<SignedDuration>) -> Option<SignedDuration> {
    times.retain(|took| !took.is_negative());
    times.sort_unstable();
    let (lower, upper) = (times.len().checked_sub(1)? / 2, times.len() / 2);
    Some((*times.get(lower)? + *times.get(upper)?) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_some_times() {
        let of = |seconds: &[i64]| {
            median(seconds.iter().map(|s| SignedDuration::from_secs(*s)).collect())
                .map(|median| median.as_millis())
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some(7000));
        assert_eq!(of(&[9, 2]), Some(5500));
        assert_eq!(of(&[900, 3, 5]), Some(5000), "one who waits long moves it little");
        assert_eq!(of(&[-20, 3, 5]), Some(4000), "nobody ends before the beginning");
    }

    #[test]
    fn what_counts_as_a_person() {
        let check = |decision: &str, reasons: &str, done: bool, expect: &str| {
            let found = yanma_store::HourCount {
                hour: 0,
                decision: decision.to_owned(),
                reasons: reasons.split_whitespace().map(str::to_owned).collect(),
                operator: None,
                done,
                count: 1,
            };
            let counts = match what_counts(&found) {
                Counts::Person => "person",
                Counts::Unread => "unread",
                Counts::Nobody => "nobody",
            };
            assert_eq!(counts, expect, "{decision} {reasons} {done}");
        };
        check("admit", "", false, "person");
        check("refer", "F-PLACE", false, "nobody");
        check("admit", "F-PLACE", false, "person");
        check("refer", "F-PASS", false, "nobody");
        check("refer", "F-PASS I-REQ", false, "person");
        check("refer", "F-PLACE F-UNK", false, "unread");
        for unread in ["F-UNK", "F-PART", "F-FORM", "F-READ", "N-CHK", "N-FORM", "X-PART"] {
            check("refer", unread, false, "unread");
            check("refer", unread, true, "person");
            check("admit", unread, false, "person");
        }
        check("refuse", "C-RED F-UNK", false, "person");
        check("refer", "D-OLD F-READ", false, "person");
        check("refer", "F-OTHER", false, "person");
    }
}
