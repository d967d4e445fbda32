//! The one place above the domain that reads the time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Where a desk gets the time from.
pub trait Clock: Send + Sync {
    /// The instant now.
    fn now(&self) -> Timestamp;

    /// What a stopwatch says that nobody can turn, and that runs on while the machine sleeps.
    /// Only differences count.
    fn running(&self) -> Duration;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// On Linux the kernel's uptime: the clock of [`std::time::Instant`] stands still there
    /// while the machine sleeps. So it does on macOS, where a machine that wakes up seems to
    /// have had its clock set forward until the authority has answered.
    fn running(&self) -> Duration {
        static BEGAN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        let uptime = cfg!(target_os = "linux").then(|| {
            let text = std::fs::read_to_string("/proc/uptime").ok()?;
            let seconds = text.split_whitespace().next()?.parse().ok()?;
            Duration::try_from_secs_f64(seconds).ok()
        });
        let began = BEGAN.get_or_init(std::time::Instant::now);
        uptime.flatten().unwrap_or_else(|| began.elapsed())
    }
}

/// A clock that stands where it is put: for tests, and for judging an old entry again.
#[derive(Debug)]
pub struct StandingClock(Mutex<(Timestamp, Duration)>);

impl StandingClock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new((now, Duration::ZERO)))
    }

    /// Lets so many seconds pass; sets it back when negative, which no time passes for.
    pub fn turn(&self, seconds: i64) {
        let (now, running) = &mut *self.lock();
        *now += SignedDuration::from_secs(seconds);
        *running += Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    }

    /// Sets it forward by so many seconds, back when negative; no time passes.
    pub fn set(&self, seconds: i64) {
        self.lock().0 += SignedDuration::from_secs(seconds);
    }

    fn lock(&self) -> MutexGuard<'_, (Timestamp, Duration)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        self.lock().0
    }

    fn running(&self) -> Duration {
        self.lock().1
    }
}
