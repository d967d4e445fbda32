//! Whether the clock of this machine may be believed.
//!
//! Two things speak against it. The highest time ever seen, which is on the disk, shows a clock
//! that was set back, also while the program did not run. A stopwatch that nobody can turn shows
//! one that was set forward while it did; that errs to refusal, so it is said and changes no
//! verdict. Whoever starts the program under a clock of the future is not noticed until the
//! authority has answered.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use yanma_domain::verdict::ClockState;

use crate::desk::Desk;
use crate::error::DeskError;

/// How far a clock may be from where it should be: leap seconds and the gentle corrections of
/// time servers are no setting.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(120);
const AHEAD_KEY: &str = "clock-ahead";

/// What the stopwatch and the authority's answers have said of the clock since the start.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// A time that was believed, and what the stopwatch said then.
    believed: Option<(Timestamp, Duration)>,
    /// By the stopwatch the clock was set forward.
    ahead: bool,
    /// By the authority's last answer it is ahead. An answer is not signed: this is only said.
    told: bool,
}

/// A clock that was set forward, as a restart finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ahead {
    /// What the clock said when it was noticed.
    noticed: Timestamp,
    /// By how much it was ahead then.
    by_seconds: i64,
}

impl Watch {
    /// How far the clock is from where the stopwatch has it.
    fn drift(&self, now: Timestamp, running: Duration) -> Option<SignedDuration> {
        let (then, ran) = self.believed?;
        let passed = SignedDuration::try_from(running.saturating_sub(ran)).ok()?;
        Some(now.duration_since(then) - passed)
    }

    /// Looks at the clock while nothing else speaks against it. Answers by how much it is
    /// ahead, if it is.
    fn look(&mut self, now: Timestamp, running: Duration) -> Option<SignedDuration> {
        let drift = self.drift(now, running).unwrap_or_default();
        if drift < -TOLERANCE {
            // It was put back by somebody, to a time that is not before any that was seen.
            self.told = false;
        }
        self.ahead = drift > TOLERANCE;
        if self.ahead {
            return Some(drift);
        }
        self.believed = Some((now, running));
        None
    }

    /// The clock is right, or wrong for another reason: it is gone on with from here.
    fn believe(&mut self, now: Timestamp, running: Duration) {
        *self = Self { believed: Some((now, running)), ahead: false, told: false };
    }
}

impl Desk {
    /// Compares the clock with the highest time ever seen, and raises that; and with the
    /// stopwatch. Called at start and about once a minute.
    ///
    /// # Errors
    /// When the store cannot be read; a store that cannot be written is no reason to stop.
    pub fn watch_clock(&self) -> Result<ClockState, DeskError> {
        let now = self.now();
        let seen = self.store.clock()?;
        let before =
            |highest: Option<Timestamp>| highest.is_some_and(|highest| now + TOLERANCE < highest);
        let set_back = before(seen.machine) || before(seen.authority);
        let was_set_back = self.clock_set_back.swap(set_back, Ordering::Relaxed);
        if was_set_back != set_back {
            tracing::warn!(set_back, "the clock's standing changed");
        }
        let ahead = self.look_at_stopwatch(now, was_set_back)?;
        // A time that the stopwatch denies was not seen: once it is put right, the clock is
        // believed again.
        let own = (!ahead).then_some(now);
        let latest = [seen.machine, seen.authority, own].into_iter().flatten().max();
        self.latest_second.store(latest.unwrap_or(now).as_second(), Ordering::Relaxed);
        if !set_back
            && !ahead
            && !self.store.is_read_only()
            && let Err(error) = self.store.see_time(now)
        {
            tracing::error!(%error, "the time could not be noted");
        }
        Ok(self.clock_state())
    }

    /// Whether the stopwatch says that the clock was set forward. Kept over a restart.
    fn look_at_stopwatch(&self, now: Timestamp, was_set_back: bool) -> Result<bool, DeskError> {
        let running = self.clock.running();
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let is_confirmed = !was_set_back && self.clock_state() == ClockState::Trusted;
        if watch.believed.is_none()
            && let Some(Ahead { noticed, by_seconds }) = self.store.setting(AHEAD_KEY)?
        {
            let believed = now.checked_sub(SignedDuration::from_secs(by_seconds));
            match believed {
                Ok(believed) if is_confirmed && now + TOLERANCE >= noticed => {
                    (watch.believed, watch.ahead) = (Some((believed, running)), true);
                }
                // It was put right while the program did not run.
                _ => self.keep_ahead(None),
            }
        }
        let was_ahead = watch.ahead;
        if !is_confirmed {
            // A clock that is or was known to be wrong, or that nobody has confirmed, is free to
            // go where it belongs.
            watch.believe(now, running);
        }
        let by = watch.look(now, running);
        if by.is_some() != was_ahead {
            tracing::warn!(ahead = by.is_some(), "the clock's standing by the stopwatch changed");
            let ahead = by.map(|by| Ahead { noticed: now, by_seconds: by.as_secs() });
            self.keep_ahead(ahead);
        }
        Ok(by.is_some())
    }

    fn keep_ahead(&self, ahead: Option<Ahead>) {
        if self.store.is_read_only() {
            return;
        }
        let kept = match ahead {
            Some(ahead) => self.store.set_setting(AHEAD_KEY, &ahead),
            None => self.store.remove_setting(AHEAD_KEY).map(|_| ()),
        };
        if let Err(error) = kept {
            tracing::error!(%error, "what is known of the clock could not be kept");
        }
    }

    /// Somebody vouches for the clock of now.
    fn believe_clock(&self, now: Timestamp) {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let was_ahead = watch.ahead;
        watch.believe(now, self.clock.running());
        if was_ahead {
            self.keep_ahead(None);
        }
    }

    /// Lets a head that is newer than any before put right the highest time of this
    /// machine: a clock that once ran in a wrong future would else never be believed again.
    /// The head vouches for the clock of now, which must lie between its issue and the time
    /// at which the next one is due.
    ///
    /// It puts right the authority's own highest time too, if the authority's clock was ahead
    /// when it signed a head before: later heads have higher numbers, so what it says now is its
    /// last word on that. One that was carried here does so only when it vouches for the clock
    /// of now as well: whoever carries chooses which head comes.
    pub(crate) fn confirm_clock(
        &self,
        issued_at: Timestamp,
        due_at: Timestamp,
        from_authority: bool,
    ) -> Result<(), DeskError> {
        let now = self.now();
        let vouches = issued_at <= now + TOLERANCE && now <= due_at + TOLERANCE;
        let seen = self.store.clock()?;
        if (from_authority || vouches) && seen.authority.is_some_and(|highest| issued_at < highest)
        {
            tracing::warn!(
                "the authority's clock ran ahead once; its newest head has an earlier time"
            );
            self.store.correct_authority_time(issued_at)?;
        }
        if !vouches {
            return Ok(());
        }
        self.believe_clock(now);
        if seen.machine.is_some_and(|highest| now + TOLERANCE < highest) {
            tracing::warn!("the clock ran ahead once; the authority vouches for it now");
            self.store.correct_time(now)?;
        }
        Ok(())
    }

    /// The authority has answered, and said what time it is there. The answer is not signed:
    /// it raises no time and makes no verdict, but it can say that the clock is ahead, or that
    /// the stopwatch was wrong to say so.
    pub(crate) fn hear_time(&self, there: Timestamp) {
        let now = self.now();
        let ahead = now.duration_since(there);
        if ahead.abs() <= TOLERANCE && self.clock_state() == ClockState::Trusted {
            self.believe_clock(now);
        }
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        watch.told = ahead > TOLERANCE;
    }

    /// Whether the clock may be believed: by the last look at it, and now.
    pub fn clock_state(&self) -> ClockState {
        let latest = self.latest_second.load(Ordering::Relaxed);
        let went_back = self.now().as_second() + TOLERANCE.as_secs() < latest;
        if went_back || self.clock_set_back.load(Ordering::Relaxed) {
            ClockState::SetBack
        } else if self.knowledge().head_issued_at.is_some() {
            ClockState::Trusted
        } else {
            ClockState::Unconfirmed
        }
    }

    /// Whether the clock seems to have been set forward. That errs to refusal by itself.
    pub(crate) fn clock_is_ahead(&self) -> bool {
        let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        self.clock_state() == ClockState::Trusted && (watch.ahead || watch.told)
    }
}
