//! The newest lists by a series of symbols before the camera, where there is no other way in: all
//! but the directory.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use yanma_protocol::file_name::FeedName;
use yanma_protocol::head::FileRef;
use yanma_protocol::symbols::{self, Gathered, Gathering, SeriesError};

use super::fetched::Fetched;
use super::{Progress, Refusal, Stage, Synced};
use crate::authority::Shown;
use crate::desk::Desk;
use crate::error::DeskError;

/// How long it is told how far a series is, and what was wrong with one, after its last symbol.
const TOLD: Duration = Duration::from_secs(15);

/// The series that the camera sees.
#[derive(Debug, Default)]
pub(crate) struct Series {
    gathering: Gathering,
    told: Option<(Instant, Told)>,
}

#[derive(Clone, Debug)]
enum Told {
    Part { have: u64, of: u64 },
    Refused(Refusal),
}

/// What became of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// So many different ones of so many were seen.
    Part {
        /// Seen.
        have: usize,
        /// Of how many.
        of: usize,
    },
    /// It was the last one, and the lists are in force.
    Whole(Synced),
    /// It is one of a series that is in force.
    Known,
}

impl Desk {
    /// Takes the text of a symbol that may be one of a series; `None` when it is none. The last one
    /// takes the lists over, as [`Desk::import`] does, but for the directory, which stays as it is.
    ///
    /// # Errors
    /// [`DeskError::Series`] when the symbols do not belong together; as [`Desk::import`].
    pub async fn see_symbol(&self, text: &str) -> Option<Result<Seen, DeskError>> {
        let gathered = self.series().gathering.take(text)?;
        let seen = match gathered {
            Err(error) => Err(error.into()),
            Ok(Gathered::Known) => return Some(Ok(Seen::Known)),
            Ok(Gathered::Part { have, of }) => Ok(Seen::Part { have, of }),
            Ok(Gathered::Whole(head, files)) => {
                self.import_from(Arc::new(Shown::new(head, files))).await.map(Seen::Whole)
            }
        };
        let told = match &seen {
            Ok(Seen::Part { have, of }) => Some(Told::Part { have: *have as u64, of: *of as u64 }),
            Err(DeskError::Feed(error)) => error.refusal(self.now()).map(Told::Refused),
            _ => None,
        };
        let mut series = self.series();
        series.told = told.map(|told| (Instant::now(), told));
        if matches!(seen, Ok(Seen::Whole(_))) {
            series.gathering.be_done();
        }
        drop(series);
        Some(seen)
    }

    fn series(&self) -> MutexGuard<'_, Series> {
        self.series.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told_of_series(&self) -> Option<Told> {
        let series = self.series();
        let (at, told) = series.told.as_ref()?;
        (at.elapsed() < TOLD).then(|| told.clone())
    }

    /// How far the series is that the camera sees.
    pub(crate) fn series_progress(&self) -> Option<Progress> {
        match self.told_of_series()? {
            Told::Part { have, of } => {
                Some(Progress { feed: FeedName::Status, stage: Stage::Show, done: have, total: of })
            }
            Told::Refused(_) => None,
        }
    }

    /// What was refused of the series that the camera saw.
    pub(crate) fn series_refusal(&self) -> Option<Refusal> {
        match self.told_of_series()? {
            Told::Refused(refusal) => Some(refusal),
            Told::Part { .. } => None,
        }
    }

    /// The newest head and what a desk without a network needs of it, as a series of symbols to be
    /// shown in turn: trust list, policies, and the steps of the status list; its snapshot too when
    /// that is shorter, or with `whole`, for a desk that was away for long.
    ///
    /// # Errors
    /// When the authority cannot be reached, a file is refused, or it is too much for a series.
    pub async fn symbols(&self, whole: bool) -> Result<Vec<String>, DeskError> {
        let enrolment = self.enrolment().ok_or(DeskError::NotEnrolled)?;
        let known = self.knowledge();
        let mut fetched = Fetched::from(self.authority()?, Arc::clone(&self.meter));
        let (head_bytes, head, _) = self.newest(&mut fetched, &enrolment, &known).await?;
        let status = head.feeds.of(FeedName::Status);
        let mut wanted: Vec<FileRef> =
            [FeedName::Trust, FeedName::Policy].map(|feed| head.feeds.of(feed).snapshot).to_vec();
        // A desk goes the shortest way, which of a short list is the snapshot.
        let steps: u64 = status.deltas.iter().map(|file| file.bytes).sum();
        if whole || status.snapshot.bytes <= steps || status.deltas.is_empty() {
            wanted.push(status.snapshot);
        }
        wanted.extend(&status.deltas);
        let mut files = Vec::new();
        for file in &wanted {
            files.push(fetched.file(file).await?.bytes);
        }
        Ok(symbols::series(&head_bytes, &files)?)
    }
}

impl From<SeriesError> for DeskError {
    fn from(error: SeriesError) -> Self {
        Self::Series(error)
    }
}
