//! Where the program's own log goes: to standard error, and into files that rotate.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};
use yanma_station::private;

/// A file a day; the oldest goes when there are so many.
const MOST_FILES: usize = 14;

/// Starts the log. It is written until what this gives is dropped; a disk that is full or hangs
/// loses lines and holds up nothing. Without a folder that can be written there are no files.
///
/// `YANMA_LOG` says how much: `warn` unless it is set.
pub(crate) fn start(folder: &Path) -> Option<WorkerGuard> {
    let filter = EnvFilter::try_from_env("YANMA_LOG").unwrap_or_else(|_| "warn".into());
    let (files, guard, problem) = match files_in(folder) {
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

fn files_in(folder: &Path) -> Result<RollingFileAppender, InitError> {
    // The first to write there. What cannot be made has no files, which is said.
    let _ = private::make_folder(folder);
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("desk")
        .filename_suffix("log")
        .max_log_files(MOST_FILES)
        .build(folder.join("logs"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder.join("logs")).unwrap();
        let mut names: Vec<_> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_line_lies_in_the_file_of_its_day() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = files_in(folder.path()).unwrap();
        files.write_all(b"the desk was opened\n").unwrap();
        let mut again = files_in(folder.path()).unwrap();
        again.write_all(b"and once more\n").unwrap();
        let names = names(folder.path());
        assert_eq!(names.len(), 1, "a second start goes on in it: {names:?}");
        let day = names[0].strip_prefix("desk.").and_then(|name| name.strip_suffix(".log"));
        day.unwrap().parse::<jiff::civil::Date>().expect("named for its day");
        let text = fs::read_to_string(folder.path().join("logs").join(&names[0])).unwrap();
        assert_eq!(text, "the desk was opened\nand once more\n");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_enter_the_folder_of_the_desk() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("yanma");
        files_in(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn the_oldest_go_and_what_is_not_the_logs_stays() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        fs::create_dir(&logs).unwrap();
        let write = |name: &str| {
            let path = logs.join(name);
            fs::write(&path, "old").unwrap();
            path.metadata().unwrap().created().unwrap()
        };
        for day in 1..=7 {
            write(&format!("desk.2020-06-{day:02}.log"));
        }
        // The oldest are known by the file system's clock, which ticks a few times a second.
        let before = write("notes-1.txt");
        while write("notes-2.txt") == before {
            fs::remove_file(logs.join("notes-2.txt")).unwrap();
        }
        for day in 8..=20 {
            write(&format!("desk.2020-06-{day:02}.log"));
        }
        let mut files = files_in(folder.path()).unwrap();
        files.write_all(b"today\n").unwrap();
        let names = names(folder.path());
        let old: Vec<_> = names.iter().filter(|name| name.starts_with("desk.2020")).collect();
        assert_eq!((old.len(), names.len()), (MOST_FILES - 1, MOST_FILES + 2), "{names:?}");
        assert_eq!(old[0], "desk.2020-06-08.log", "the oldest went: {names:?}");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_answer_and_no_end() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("logs"), "a file in its place").unwrap();
        assert!(files_in(folder.path()).is_err());
    }
}
