//! The program at the head of an AppImage, one file that runs without being installed: behind this
//! program lies a squashfs with all that is to run, which is unpacked once for each version and
//! started. Format: AppImage, type 2
//! (<https://github.com/AppImage/AppImageSpec/blob/master/draft.md>).
//!
//! What is unpacked lies in the user's cache, so that the second start takes no longer than that of
//! an installed program, and no FUSE is needed. It goes when another version starts and nobody runs
//! it any more.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its only way to speak")]

#[cfg(unix)]
mod image;
#[cfg(unix)]
mod start;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    match start::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("this AppImage cannot be started: {error:#}");
            // As a shell ends when a program cannot be started.
            ExitCode::from(127)
        }
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("AppImages are for Linux");
    ExitCode::FAILURE
}
