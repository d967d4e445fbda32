//! Ends every program that runs for this one when this one is told to end: a demo authority that
//! was left behind would hold its port.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::children::PATIENCE;

/// Process ids, and whether each leads a group that ends with it.
static RUNNING: Mutex<BTreeMap<u32, bool>> = Mutex::new(BTreeMap::new());

fn running() -> MutexGuard<'static, BTreeMap<u32, bool>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends this process, too, when this program is told to end. The first one makes it listen.
pub(crate) fn watch(id: u32, leads_group: bool) -> Result<()> {
    static LISTENS: OnceLock<()> = OnceLock::new();
    running().insert(id, leads_group);
    if LISTENS.set(()).is_ok() {
        let mut told = Signals::new([SIGTERM, SIGINT, SIGHUP]).context("signals")?;
        std::thread::spawn(move || {
            if let Some(signal) = told.forever().next() {
                end_all();
                // As if nobody had listened: whoever waits for this program sees why it ended.
                let _ = emulate_default_handler(signal);
            }
        });
    }
    Ok(())
}

/// It has ended.
pub(crate) fn forget(id: u32) {
    running().remove(&id);
}

/// Sends a signal to a process or its group. It may have ended in between; waiting finds that
/// out.
pub(crate) fn send(id: u32, whole_group: bool, signal: Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _ =
            if whole_group { kill_process_group(pid, signal) } else { kill_process(pid, signal) };
    }
}

fn end_all() {
    // Held to the end: nobody starts or forgets one in between.
    let running = running();
    for (&id, &leads_group) in &*running {
        // An id that was waited for may be somebody else's by now.
        if leads_group || runs(id) {
            send(id, leads_group, Signal::TERM);
        }
    }
    let asked = Instant::now();
    for (&id, &leads_group) in &*running {
        while runs(id) && asked.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
        }
        if leads_group || runs(id) {
            send(id, leads_group, Signal::KILL);
        }
    }
}

/// Whether a child has not ended yet; what has ended is no longer a child afterwards.
fn runs(id: u32) -> bool {
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| matches!(waitpid(Some(pid), WaitOptions::NOHANG), Ok(None)))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::process::ExitStatusExt;
    use std::path::PathBuf;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::children::Running;

    const STARTER: &str = "YANMA_TEST_STARTER";

    /// This test once more, in a process of its own that starts something and stays.
    fn starter() -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "ending::tests::what_was_started_ends_with_its_starter"]);
        command.args(["--nocapture", "--quiet"]).env(STARTER, "1").stdout(Stdio::piped());
        command
    }

    fn start_and_stay() {
        let running = Running::start("sleep", Command::new("sleep").arg("60")).unwrap();
        let mut output = std::io::stdout().lock();
        writeln!(output, "\nstarted {}", running.id()).unwrap();
        output.flush().unwrap();
        std::thread::sleep(Duration::from_secs(60));
    }

    #[test]
    fn what_was_started_ends_with_its_starter() {
        if std::env::var_os(STARTER).is_some() {
            return start_and_stay();
        }
        let mut starter = starter().spawn().unwrap();
        let lines = BufReader::new(starter.stdout.take().unwrap()).lines();
        let started = lines.map_while(Result::ok).find_map(|line| {
            line.strip_prefix("started ").map(|id| PathBuf::from(format!("/proc/{id}/status")))
        });
        let started = started.unwrap();
        assert!(started.exists(), "it runs");
        send(starter.id(), false, Signal::TERM);
        assert_eq!(starter.wait().unwrap().signal(), Some(SIGTERM), "it says why it ended");
        assert!(!started.exists(), "it was left behind");
    }
}
