//! Waits for the chip of a document whose page was read.

use std::hash::{BuildHasher as _, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::reader::{self, LaidChip};
use super::{ChipError, ChipFiles, ChipKey, ChipReader};
use crate::threads::lock;

/// How long after its page a document may be laid on a reader and be read.
const READ_WITHIN: Duration = Duration::from_secs(8);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);

type Tell = Box<dyn FnOnce(Result<ChipFiles, ChipError>) + Send>;

/// Reads the chip of the document whose page was read last, once it lies on any smart-card
/// reader. Without a reader, or without the system's service for them, nothing is waited for.
///
/// There is one thread, for as long as this is there: the system's service may hold up whoever
/// asks it, as long as another program keeps a card to itself.
#[derive(Default)]
pub struct ChipWatch(Arc<Watch>);

#[derive(Default)]
struct Watch {
    /// Tells pages apart without keeping them.
    digests: RandomState,
    slot: Mutex<Slot>,
    changed: Condvar,
}

#[derive(Default)]
struct Slot {
    begun: bool,
    ended: bool,
    page: Option<Page>,
}

/// A page whose chip is looked for.
struct Page {
    digest: u64,
    key: ChipKey,
    until: Instant,
    /// `None` once it was read.
    tell: Option<Tell>,
    /// Chips that are not this document's: they are left alone for as long as they lie there.
    others: Vec<LaidChip>,
}

impl ChipWatch {
    /// Begins to look for the chip of a page, which opens with this key, in the place of one
    /// before. What came of it is told from a thread; nothing is, when no such chip is read within
    /// eight seconds. The same page once more waits on; once its chip was read, that is read again.
    pub fn page_was_read(
        &self,
        printed: &str,
        key: ChipKey,
        tell: impl FnOnce(Result<ChipFiles, ChipError>) + Send + 'static,
    ) {
        let mut slot = lock(&self.0.slot);
        let (digest, now) = (self.0.digests.hash_one(printed), Instant::now());
        let until = now + READ_WITHIN;
        match &mut slot.page {
            Some(page) if page.digest == digest && page.is_wanted() => page.until = until,
            page => {
                let tell: Option<Tell> = Some(Box::new(tell));
                *page = Some(Page { digest, key, until, tell, others: Vec::new() });
            }
        }
        self.0.changed.notify_all();
        if !slot.begun {
            let watch = Arc::clone(&self.0);
            let thread = thread::Builder::new().name("yanma-chip".into());
            match thread
                .spawn(move || while catch_unwind(AssertUnwindSafe(|| watch.work())).is_err() {})
            {
                Ok(_) => slot.begun = true,
                Err(error) => tracing::error!(%error, "no chip is read"),
            }
        }
    }
}

impl Drop for ChipWatch {
    fn drop(&mut self) {
        lock(&self.0.slot).ended = true;
        self.0.changed.notify_all();
    }
}

impl Watch {
    fn work(&self) {
        while let Some((digest, key, others)) = self.next() {
            for laid in reader::laid_chips().into_iter().filter(|laid| !others.contains(laid)) {
                if !lock(&self.slot).wants(digest) {
                    break;
                }
                let read = ChipReader::take(&laid).map_err(ChipError::from);
                match read.and_then(|mut reader| reader.read(&key)) {
                    // It was moved, or another program has it: once more.
                    Err(ChipError::Link(_)) => {}
                    Err(ChipError::Key | ChipError::NoApplication) => self.leave(digest, laid),
                    read => self.tell(digest, read),
                }
            }
        }
    }

    /// What to look for now, a moment after the last look.
    fn next(&self) -> Option<(u64, ChipKey, Vec<LaidChip>)> {
        let slot = lock(&self.slot);
        let waited = self.changed.wait_timeout_while(slot, LOOK_EVERY, |slot| !slot.ended);
        let (slot, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let waiting = |slot: &mut Slot| {
            // It is a person's: it goes when nobody waits for it any more.
            slot.page.take_if(|page| !page.is_wanted());
            !slot.ended && slot.page.is_none()
        };
        let slot = self.changed.wait_while(slot, waiting);
        let slot = slot.unwrap_or_else(PoisonError::into_inner);
        let page = slot.page.as_ref().filter(|_| !slot.ended)?;
        Some((page.digest, page.key.clone(), page.others.clone()))
    }

    fn leave(&self, digest: u64, laid: LaidChip) {
        if let Some(page) = lock(&self.slot).page.as_mut().filter(|page| page.digest == digest) {
            page.others.push(laid);
        }
    }

    fn tell(&self, digest: u64, read: Result<ChipFiles, ChipError>) {
        let mut slot = lock(&self.slot);
        let page = slot.page.as_mut().filter(|page| page.digest == digest);
        let tell = page.and_then(|page| page.tell.take());
        drop(slot);
        if let Some(tell) = tell {
            tell(read);
        }
    }
}

impl Slot {
    /// Whether the chip of this page is still looked for.
    fn wants(&self, digest: u64) -> bool {
        self.page.as_ref().is_some_and(|page| page.digest == digest && page.is_wanted())
    }
}

impl Page {
    fn is_wanted(&self) -> bool {
        self.tell.is_some() && Instant::now() < self.until
    }
}
