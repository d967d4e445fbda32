//! How long the authority is waited for: by what it has taken lately.
//!
//! A desk on a good line notices soon that its authority has fallen silent, and one on a slow
//! line goes on hearing what comes late. Nobody waits for that: the desk's own verdict stands
//! on the screen meanwhile.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Before anything is known.
const AT_FIRST: Duration = Duration::from_secs(2);
/// Shorter, and a hiccup of a quick authority would cost a warning.
const SHORTEST: Duration = Duration::from_secs(1);
/// Longer, and the person has gone.
const LONGEST: Duration = Duration::from_secs(4);
/// So many answers are remembered.
const REMEMBERED: usize = 20;
/// Of those, so many in a hundred came within the time that counts.
const PERCENTILE: usize = 90;
/// The time that counts is waited for so often over.
const TIMES: u32 = 4;

/// The times of the last answers, and the wait that follows from them.
#[derive(Debug, Default)]
pub(crate) struct Deadline(Mutex<VecDeque<Duration>>);

impl Deadline {
    /// How long the next answer is waited for.
    pub(crate) fn now(&self) -> Duration {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<_> = taken.iter().copied().collect();
        sorted.sort_unstable();
        let counts = sorted.get((sorted.len() * PERCENTILE).div_ceil(100).saturating_sub(1));
        counts.map_or(AT_FIRST, |time| (*time * TIMES).clamp(SHORTEST, LONGEST))
    }

    /// An answer came after this time. One that did not come within the deadline took as long
    /// at least: more than a few of those lengthen the wait, until quicker ones have come.
    pub(crate) fn note(&self, took: Duration) {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() == REMEMBERED {
            taken.pop_front();
        }
        taken.push_back(took);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The deadline in milliseconds after answers that took so many.
    fn after(answers: &[u64]) -> u128 {
        let deadline = Deadline::default();
        answers.iter().for_each(|ms| deadline.note(Duration::from_millis(*ms)));
        deadline.now().as_millis()
    }

    #[test]
    fn it_follows_what_the_authority_has_taken() {
        for (what, answers, expect) in [
            ("nothing is known", &[][..], 2_000),
            ("a quick one", &[20], 1_000),
            ("at the floor", &[250; 20], 1_000),
            ("just above it", &[251; 20], 1_004),
            ("a slow line", &[700; 20], 2_800),
            ("at the ceiling", &[1_000; 20], 4_000),
            ("beyond it", &[3_900; 20], 4_000),
        ] {
            assert_eq!(after(answers), expect, "{what}");
        }
    }

    #[test]
    fn one_or_two_slow_answers_of_twenty_count_for_nothing_and_three_do() {
        let quick_and = |slow: usize| {
            let mut answers = vec![300; 20 - slow];
            answers.extend(vec![900; slow]);
            after(&answers)
        };
        assert_eq!((quick_and(1), quick_and(2), quick_and(3)), (1_200, 1_200, 3_600));
    }

    #[test]
    fn what_is_long_past_is_forgotten() {
        let mut answers = vec![2_000; 20];
        answers.extend(vec![50; 17]);
        assert_eq!(after(&answers), 4_000, "three slow ones are left");
        answers.push(50);
        assert_eq!(after(&answers), 1_000, "two are");
    }

    #[test]
    fn silence_lengthens_the_wait_to_the_longest_and_no_further() {
        let deadline = Deadline::default();
        let waits: Vec<_> = (0..4)
            .map(|_| {
                let wait = deadline.now();
                deadline.note(wait);
                wait.as_secs()
            })
            .collect();
        assert_eq!(waits, [2, 4, 4, 4]);
    }
}
