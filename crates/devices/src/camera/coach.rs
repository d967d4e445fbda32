//! What to tell whoever holds a code that is seen and not read. One frame says little: a hint has
//! to be given again before it is told, and stays a moment, or the words would flicker.

use std::time::{Duration, Instant};

use yanma_barcode::{Hint, Missing};

/// Frames that have to agree before a hint is told.
const AGREED: u32 = 3;

/// How long a hint stays after the last frame that gave it.
const STAYS: Duration = Duration::from_millis(1_200);

/// What would help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// A code is there and cannot be read, for this reason.
    Hint(Hint),
    /// A part of a longer text was read; these are still to be shown.
    Parts(Missing),
}

/// Remembers what was told. It has no clock.
#[derive(Debug, Default)]
pub(crate) struct Coach {
    /// The hint of the last frames, how many of them gave it, and when the last one did.
    given: Option<(Hint, u32, Instant)>,
    told: Option<(Advice, Instant)>,
}

impl Coach {
    /// Takes what a frame gave, and says what to tell now: advice, none any more, or no change.
    pub(crate) fn frame(
        &mut self,
        read: bool,
        missing: Option<Missing>,
        hint: Option<Hint>,
        now: Instant,
    ) -> Option<Option<Advice>> {
        if read {
            self.given = None;
            return self.told.take().map(|_| None);
        }
        let agreed = hint.filter(|hint| self.agreed(*hint, now));
        match missing.map(Advice::Parts).or(agreed.map(Advice::Hint)) {
            Some(advice) => {
                let changed = self.told.as_ref().is_none_or(|(told, _)| *told != advice);
                self.told = Some((advice.clone(), now));
                changed.then_some(Some(advice))
            }
            None => self.gone(now).then_some(None),
        }
    }

    /// Whether the advice has to go; true once. Also asked while no frame comes. Parts that are
    /// missing stay missing, but who has walked away is not told for ever.
    pub(crate) fn gone(&mut self, now: Instant) -> bool {
        let over = self.told.as_ref().is_some_and(|(advice, last)| {
            let stays = match advice {
                Advice::Hint(_) => STAYS,
                Advice::Parts(_) => 10 * STAYS,
            };
            now.saturating_duration_since(*last) >= stays
        });
        if over {
            (self.told, self.given) = (None, None);
        }
        over
    }

    /// Whether there is advice on the screen.
    pub(crate) fn tells(&self) -> bool {
        self.told.is_some()
    }

    /// Whether enough frames, soon one after the other, gave this hint. Frames without any do not
    /// count against it: a code is not found in each.
    fn agreed(&mut self, hint: Hint, now: Instant) -> bool {
        let times = match self.given {
            Some((given, times, last))
                if given == hint && now.saturating_duration_since(last) < STAYS =>
            {
                times.saturating_add(1)
            }
            _ => 1,
        };
        self.given = Some((hint, times, now));
        times >= AGREED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(parts: &[u32]) -> Missing {
        Missing { read: 1, of: 3, parts: parts.to_vec() }
    }

    #[test]
    fn a_hint_is_told_when_frames_agree_and_goes_when_it_is_old_or_the_code_read() {
        let start = Instant::now();
        let mut coach = Coach::default();
        let mut frame = |at_ms: u64, read: bool, hint: Option<Hint>| {
            coach.frame(read, None, hint, start + Duration::from_millis(at_ms))
        };
        let glare = || Some(Some(Advice::Hint(Hint::Glare)));
        assert_eq!(frame(0, false, Some(Hint::Glare)), None);
        assert_eq!(frame(30, false, Some(Hint::Blur)), None, "another one");
        assert_eq!(frame(60, false, Some(Hint::Glare)), None);
        assert_eq!(frame(90, false, None), None, "not seen in this one");
        assert_eq!(frame(120, false, Some(Hint::Glare)), None);
        assert_eq!(frame(150, false, Some(Hint::Glare)), glare());
        assert_eq!(frame(180, false, Some(Hint::Glare)), None, "once");
        assert_eq!(frame(1_379, false, None), None, "it stays a moment");
        assert_eq!(frame(1_380, false, None), Some(None));
        assert_eq!(frame(1_400, false, None), None, "gone once");
        for at_ms in [1_500, 1_530] {
            assert_eq!(frame(at_ms, false, Some(Hint::Glare)), None);
        }
        assert_eq!(frame(1_560, false, Some(Hint::Glare)), glare());
        assert_eq!(frame(1_590, true, None), Some(None), "read");
        assert_eq!(frame(1_620, true, None), None);
    }

    #[test]
    fn what_is_missing_is_told_at_once_and_for_longer() {
        let start = Instant::now();
        let mut coach = Coach::default();
        let mut frame = |at_ms: u64, missing: Option<Missing>| {
            coach.frame(false, missing, None, start + Duration::from_millis(at_ms))
        };
        let told = |parts: &[u32]| Some(Some(Advice::Parts(missing(parts))));
        assert_eq!(frame(0, Some(missing(&[1, 2]))), told(&[1, 2]));
        assert_eq!(frame(30, Some(missing(&[1, 2]))), None);
        assert_eq!(frame(5_000, None), None);
        assert_eq!(frame(5_030, Some(missing(&[2]))), told(&[2]));
        assert_eq!(frame(17_030, None), Some(None));
    }
}
