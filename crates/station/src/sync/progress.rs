//! How far a sync is, for whoever waits for it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use yanma_protocol::file_name::FeedName;

/// A sync that is over sooner is not worth a word.
const WORTH_A_WORD: Duration = Duration::from_secs(1);

/// How far a sync is with one feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which feed.
    pub feed: FeedName,
    /// What is done with it, and what `done` and `total` count.
    pub stage: Stage,
    /// How much is done.
    pub done: u64,
    /// How much there is to do.
    pub total: u64,
}

/// What a sync does with a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its files are fetched: bytes.
    Fetch,
    /// Its snapshot is written: rows.
    Build,
    /// They are shown to the camera: symbols.
    Show,
}

impl Stage {
    /// The name on screens: `fetch`, `build` or `show`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Build => "build",
            Self::Show => "show",
        }
    }
}

/// Holds how far the sync is that is under way.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<Option<Running>>);

#[derive(Clone, Copy, Debug)]
struct Running {
    /// Several may wait for each other.
    syncs: usize,
    began: Instant,
    progress: Option<Progress>,
}

/// While it lives, a sync is under way.
pub(crate) struct UnderWay<'a>(&'a Meter);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut running = self.0.running();
        *running = running.take().filter(|running| running.syncs > 1);
        if let Some(running) = &mut *running {
            running.syncs -= 1;
        }
    }
}

impl Meter {
    /// Begins anew, or goes on while another is under way. What is given back is to be kept until
    /// the end, also of a sync that is given up on the way.
    pub(crate) fn begin(&self) -> UnderWay<'_> {
        let anew = || Running { syncs: 0, began: Instant::now(), progress: None };
        self.running().get_or_insert_with(anew).syncs += 1;
        UnderWay(self)
    }

    pub(super) fn say(&self, progress: Progress) {
        if let Some(running) = &mut *self.running() {
            running.progress = Some(progress);
        }
    }

    /// How far it is at `now`; `None` while nothing is under way, and in its first second.
    pub(crate) fn at(&self, now: Instant) -> Option<Progress> {
        let running = (*self.running())?;
        let lasts = now.saturating_duration_since(running.began) >= WORTH_A_WORD;
        running.progress.filter(|_| lasts)
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_told_until_it_ends() {
        let meter = Meter::default();
        let progress =
            Progress { feed: FeedName::Directory, stage: Stage::Fetch, done: 7, total: 9 };
        let later = || Instant::now() + WORTH_A_WORD;
        meter.say(progress);
        assert_eq!(meter.at(later()), None, "nothing is under way");
        let under_way = meter.begin();
        assert_eq!(meter.at(later()), None, "nothing was said yet");
        meter.say(progress);
        assert_eq!(meter.at(Instant::now()), None, "it may be over in a blink");
        assert_eq!(meter.at(later()), Some(progress));
        let next_go = meter.begin();
        drop(under_way);
        assert_eq!(meter.at(later()), Some(progress), "another go follows");
        drop(next_go);
        assert_eq!(meter.at(later()), None);
    }
}
