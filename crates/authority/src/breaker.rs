//! Stops asking a service that does not answer.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

/// Failures in a row after which the service is left alone.
const FAILURES: u32 = 5;

/// For how long.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// Open after failures in a row; then one question at a time tries whether it is back.
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    closed_until: Option<Timestamp>,
}

/// A question that may be asked. One that is dropped before it is known how it went was not
/// asked: another may try then.
#[must_use]
pub(crate) struct Asking<'b> {
    breaker: &'b Breaker,
    /// Of the one that tries: the end of the pause before it, and of the one for the others.
    tries: Option<(Timestamp, Option<Timestamp>)>,
}

impl Breaker {
    /// Whether to ask; if not, the seconds to wait.
    pub(crate) fn may_ask(&self, now: Timestamp) -> Result<Asking<'_>, u32> {
        let Ok(mut state) = self.0.lock() else {
            return Ok(Asking { breaker: self, tries: None });
        };
        let tries = match state.closed_until {
            Some(until) if now < until => {
                let left = until.duration_since(now).as_secs().saturating_add(1);
                return Err(u32::try_from(left).unwrap_or(u32::MAX));
            }
            Some(until) => {
                // This question tries; the others wait for what becomes of it.
                state.closed_until = now.checked_add(PAUSE).ok();
                Some((until, state.closed_until))
            }
            None => None,
        };
        Ok(Asking { breaker: self, tries })
    }
}

impl Asking<'_> {
    /// Takes note of how the question went.
    pub(crate) fn went(&mut self, well: bool, now: Timestamp) {
        self.tries = None;
        let Ok(mut state) = self.breaker.0.lock() else {
            return;
        };
        if well {
            *state = State::default();
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.closed_until = now.checked_add(PAUSE).ok();
        }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if let (Some((before, others)), Ok(mut state)) = (self.tries, self.breaker.0.lock())
            && state.closed_until == others
        {
            state.closed_until = Some(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    /// Asks, and is told nothing but whether it may.
    fn may_ask(breaker: &Breaker, now: Timestamp) -> Result<(), u32> {
        breaker.may_ask(now).map(drop)
    }

    fn goes(breaker: &Breaker, well: bool, now: Timestamp) {
        breaker.may_ask(now).unwrap().went(well, now);
    }

    #[test]
    fn five_failures_close_it_and_one_question_tries_again() {
        let now: Timestamp = "2020-07-01T00:00:00Z".parse().unwrap();
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            goes(&breaker, false, now);
        }
        assert_eq!(may_ask(&breaker, now), Err(31));
        let later = now + 30.seconds();
        let mut tries = breaker.may_ask(later).unwrap();
        assert!(may_ask(&breaker, later).is_err(), "the others wait");
        tries.went(true, later);
        assert_eq!(may_ask(&breaker, later), Ok(()));
    }

    #[test]
    fn one_that_tried_and_went_away_leaves_the_try_to_the_next() {
        let now: Timestamp = "2020-07-01T00:00:00Z".parse().unwrap();
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            goes(&breaker, false, now);
        }
        let later = now + 30.seconds();
        let gone = breaker.may_ask(later).unwrap();
        assert!(may_ask(&breaker, later).is_err(), "while it tries");
        drop(gone);
        goes(&breaker, false, later);
        assert_eq!(may_ask(&breaker, later), Err(31), "the next one failed");

        // One that comes to its end when another tries already takes nothing from it.
        let slow = breaker.may_ask(later + 30.seconds()).unwrap();
        let other = breaker.may_ask(later + 60.seconds()).unwrap();
        drop(slow);
        assert!(may_ask(&breaker, later + 60.seconds()).is_err());
        drop(other);
    }

    #[test]
    fn an_answer_between_failures_forgets_them() {
        let now: Timestamp = "2020-07-01T00:00:00Z".parse().unwrap();
        let breaker = Breaker::default();
        for _ in 0..3 {
            for _ in 1..FAILURES {
                goes(&breaker, false, now);
            }
            goes(&breaker, true, now);
        }
        assert_eq!(may_ask(&breaker, now), Ok(()));
    }
}
