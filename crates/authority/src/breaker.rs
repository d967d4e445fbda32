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

impl Breaker {
    /// Whether to ask; if not, the seconds to wait.
    pub(crate) fn may_ask(&self, now: Timestamp) -> Result<(), u32> {
        let Ok(mut state) = self.0.lock() else {
            return Ok(());
        };
        match state.closed_until {
            Some(until) if now < until => {
                let left = until.duration_since(now).as_secs().saturating_add(1);
                Err(u32::try_from(left).unwrap_or(u32::MAX))
            }
            Some(_) => {
                // This question tries; the others wait for what becomes of it.
                state.closed_until = now.checked_add(PAUSE).ok();
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes note of how a question went.
    pub(crate) fn went(&self, well: bool, now: Timestamp) {
        let Ok(mut state) = self.0.lock() else {
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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    #[test]
    fn five_failures_close_it_and_one_question_tries_again() {
        let now: Timestamp = "2020-07-01T00:00:00Z".parse().unwrap();
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert_eq!(breaker.may_ask(now), Ok(()));
            breaker.went(false, now);
        }
        assert_eq!(breaker.may_ask(now), Err(31));
        let later = now + 30.seconds();
        assert_eq!(breaker.may_ask(later), Ok(()), "one tries");
        assert!(breaker.may_ask(later).is_err(), "the others wait");
        breaker.went(true, later);
        assert_eq!(breaker.may_ask(later), Ok(()));
    }

    #[test]
    fn an_answer_between_failures_forgets_them() {
        let now: Timestamp = "2020-07-01T00:00:00Z".parse().unwrap();
        let breaker = Breaker::default();
        for _ in 0..3 {
            for _ in 1..FAILURES {
                breaker.went(false, now);
            }
            breaker.went(true, now);
        }
        assert_eq!(breaker.may_ask(now), Ok(()));
    }
}
