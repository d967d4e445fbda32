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
        send(id, leads_group, Signal::TERM);
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
