//! Waits for the chip of a document whose page was read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{ChipError, ChipFiles, ChipKey, ChipReader, chip_readers};

/// How long after its page a document may be laid on the reader.
const LAID_WITHIN: Duration = Duration::from_secs(10);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Reads the chip of the document whose page was read last, once it lies on any smart-card
/// reader. Without a reader, or without the system's service for them, nothing is waited for.
#[derive(Clone, Default)]
pub struct ChipWatch {
    /// Counts pages: whoever waits for an earlier one ends.
    turn: Arc<AtomicU64>,
}

impl ChipWatch {
    /// Begins to wait for the chip that opens with this key, in the place of one before. What
    /// came of it is told from a thread; nothing is, when no such chip is laid down within ten
    /// seconds.
    pub fn page_was_read(
        &self,
        key: ChipKey,
        tell: impl FnOnce(Result<ChipFiles, ChipError>) + Send + 'static,
    ) {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) + 1;
        let now = Arc::clone(&self.turn);
        let wait = move || {
            if let Some(read) = wait_for(&key, || now.load(Ordering::Relaxed) == turn) {
                tell(read);
            }
        };
        let started = thread::Builder::new().name("yanma-chip".into()).spawn(wait);
        if let Err(error) = started {
            tracing::error!(%error, "no chip is read");
        }
    }
}

impl Drop for ChipWatch {
    /// Whoever waits, waits for nobody.
    fn drop(&mut self) {
        self.turn.fetch_add(1, Ordering::Relaxed);
    }
}

fn wait_for(key: &ChipKey, is_wanted: impl Fn() -> bool) -> Option<Result<ChipFiles, ChipError>> {
    let begun = Instant::now();
    while begun.elapsed() < LAID_WITHIN && is_wanted() {
        if chip_readers().map_or(true, |readers| readers.is_empty()) {
            return None;
        }
        if let Ok(mut reader) = ChipReader::connect("") {
            match reader.read(key) {
                // It was moved, or another document still lies there.
                Err(ChipError::Link(_) | ChipError::Key | ChipError::NoApplication) => {}
                read => return is_wanted().then_some(read),
            }
        }
        thread::sleep(LOOK_EVERY);
    }
    None
}
