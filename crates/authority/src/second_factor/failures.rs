//! Wrong passwords in a row, and how long nobody may try after them.
//!
//! There are a million passwords and three count at a time. Whoever has stolen a token gets
//! 34 tries on the first day and 24 on each after: one chance in ten thousand a day. Its
//! owner, whom the thief locks out this way, waits an hour at most, or has the token ended.

use jiff::{SignedDuration, Timestamp};

/// So many failures cost nothing.
const FREE: u32 = 5;
/// After this time without another failure all are forgotten.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(1);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// How often in a row, and when last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Failures {
    pub(super) count: u32,
    pub(super) last: Option<Timestamp>,
}

impl Failures {
    /// Seconds until the next try counts; `None` when it may be made now.
    pub(super) fn wait_seconds(self, now: Timestamp) -> Option<u32> {
        let left = (self.last? + self.pause()).duration_since(now);
        // A clock that went back far locks nobody out for longer than a pause.
        let left = left.min(self.pause());
        (left > SignedDuration::ZERO).then(|| left.as_secs_f64().ceil() as u32)
    }

    /// With one more.
    pub(super) fn and_one(self, now: Timestamp) -> Self {
        let is_old = self.last.is_some_and(|last| now.duration_since(last) >= FORGOTTEN);
        let before = if is_old { 0 } else { self.count };
        Self { count: before.saturating_add(1), last: Some(now) }
    }

    fn pause(self) -> SignedDuration {
        match self.count.checked_sub(FREE) {
            None => SignedDuration::ZERO,
            // 2 to the 6th minutes are more than an hour.
            Some(doubled) => (FIRST_PAUSE * 2_i32.pow(doubled.min(6))).min(LONGEST_PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn start() -> Timestamp {
        "2020-07-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn pauses_grow_to_an_hour_and_heal_by_time() {
        let mut failures = Failures::default();
        let pauses: Vec<Option<u32>> = (0..13)
            .map(|_| {
                failures = failures.and_one(start());
                failures.wait_seconds(start())
            })
            .collect();
        let seconds = [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600].map(Some);
        assert_eq!(pauses[..4], [None; 4]);
        assert_eq!(pauses[4..], seconds);
        assert_eq!(failures.wait_seconds(start() + 3599.seconds()), Some(1));
        assert_eq!(failures.wait_seconds(start() + 3600.seconds()), None);
    }

    #[test]
    fn a_day_without_a_failure_forgets_them() {
        let mut failures = Failures::default();
        for _ in 0..9 {
            failures = failures.and_one(start());
        }
        assert_eq!(failures.and_one(start() + 23.hours()).count, 10);
        assert_eq!(failures.and_one(start() + 24.hours()).count, 1);
    }

    #[test]
    fn a_clock_that_went_back_locks_nobody_out_for_longer() {
        let failures = Failures { count: FREE, last: Some(start()) };
        assert_eq!(failures.wait_seconds(start() - 48.hours()), Some(60));
    }
}
