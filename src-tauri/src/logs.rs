//! Where the program's own log goes: to standard error, and into files that rotate.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// A file a day; the oldest goes when there are so many.
const MOST_FILES: usize = 14;

/// Starts the log. It is written until what this gives is dropped; a disk that is full or hangs
/// loses lines and holds up nothing. Without a folder that can be written there are no files.
///
/// `YANMA_LOG` says how much: `warn` unless it is set.
pub(crate) fn start(folder: &Path) -> Option<WorkerGuard> {
    let filter = EnvFilter::try_from_env("YANMA_LOG").unwrap_or_else(|_| "warn".into());
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("desk")
        .filename_suffix("log")
        .max_log_files(MOST_FILES)
        .build(folder.join("logs"));
    let (files, guard, problem) = match files {
        Ok(files) => {
            let (writer, guard) = tracing_appender::non_blocking(files);
            (Some(fmt::layer().with_ansi(false).with_writer(writer)), Some(guard), None)
        }
        Err(error) => (None, None, Some(error)),
    };
    let errors = fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(errors.and_then(files).with_filter(filter)).init();
    if let Some(error) = problem {
        tracing::warn!(%error, "there are no files of the log");
    }
    guard
}
