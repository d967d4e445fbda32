//! What is attached to this machine.

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use crate::camera::{Camera as _, NokhwaCamera};
use crate::chip::chip_readers;
use crate::event::{DeviceId, DeviceKind};
use crate::threads::lock;
use crate::{hid, serial};

/// How long a driver may take to answer before it counts as having nothing.
const PATIENCE: Duration = Duration::from_secs(3);

/// A device that could be opened. Whether it can is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Its id, for settings.
    pub id: DeviceId,
    /// Its kind.
    pub kind: DeviceKind,
    /// Its name as the operating system gives it.
    pub name: String,
}

/// Lists cameras, serial ports, scanners in the mode HID POS and smart-card readers. Never panics;
/// a driver that does, or that does not answer within three seconds, counts as having nothing.
/// Picture folders and the keyboard are not listed: the first is a matter of settings, the second
/// is always there.
#[must_use]
pub fn list_devices() -> Vec<DeviceInfo> {
    let cameras = list_cameras();
    let ports = asked("yanma-list-ports", || {
        let info = |port: String| DeviceInfo {
            id: DeviceId::serial(&port),
            kind: DeviceKind::Serial,
            name: port.rsplit('/').next().unwrap_or(&port).to_owned(),
        };
        serial::list_ports().into_iter().map(info).collect()
    });
    let scanners = asked("yanma-list-hid", || {
        let info = |scanner: hid::HidInfo| DeviceInfo {
            id: scanner.choice.id(),
            kind: DeviceKind::Hid,
            name: scanner.name,
        };
        hid::list().into_iter().map(info).collect()
    });
    let chips = asked("yanma-list-chips", || {
        let info = |name: String| DeviceInfo {
            id: DeviceId::chip_reader(&name),
            kind: DeviceKind::Card,
            name,
        };
        chip_readers().unwrap_or_default().into_iter().map(info).collect()
    });
    cameras.into_iter().chain(ports).chain(scanners).chain(chips).collect()
}

/// Lists cameras alone, in the same way. Of several of one name each has its place beside it.
#[must_use]
pub fn list_cameras() -> Vec<DeviceInfo> {
    asked("yanma-list-cameras", || {
        let cameras = NokhwaCamera::list();
        let info = |camera: &NokhwaCamera| {
            let namesakes = cameras.iter().filter(|other| other.name() == camera.name()).count();
            let name = match namesakes {
                1 => camera.name().to_owned(),
                _ => format!("{} ({})", camera.name(), camera.place()),
            };
            DeviceInfo { id: camera.id(), kind: DeviceKind::Camera, name }
        };
        cameras.iter().map(info).collect()
    })
}

/// The questions that a driver has not answered yet. One that hangs is not asked again: each
/// question has a thread, which cannot be ended.
static OPEN: (Mutex<BTreeSet<&str>>, Condvar) = (Mutex::new(BTreeSet::new()), Condvar::new());

fn asked(name: &'static str, ask: fn() -> Vec<DeviceInfo>) -> Vec<DeviceInfo> {
    asked_within(PATIENCE, name, ask)
}

fn asked_within(
    patience: Duration,
    name: &'static str,
    ask: fn() -> Vec<DeviceInfo>,
) -> Vec<DeviceInfo> {
    let (open, closed) = &OPEN;
    let waited = closed.wait_timeout_while(lock(open), patience, |open| open.contains(name));
    if !waited.unwrap_or_else(PoisonError::into_inner).0.insert(name) {
        return Vec::new();
    }
    let (sender, answer) = mpsc::channel();
    let close = move || {
        lock(open).remove(name);
        closed.notify_all();
    };
    let started = thread::Builder::new().name(name.into()).spawn(move || {
        let said = catch_unwind(ask).unwrap_or_default();
        close();
        // Nobody waits any more when it took too long.
        let _ = sender.send(said);
    });
    if started.is_err() {
        close();
        return Vec::new();
    }
    answer.recv_timeout(patience).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn listing_works_on_a_machine_without_devices() {
        for device in list_devices() {
            assert!(!device.id.as_str().is_empty());
            assert!(matches!(
                device.kind,
                DeviceKind::Camera | DeviceKind::Serial | DeviceKind::Hid | DeviceKind::Card
            ));
        }
    }

    #[test]
    fn a_driver_that_hangs_is_asked_by_one_thread_alone() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        static HANGS: Mutex<()> = Mutex::new(());
        let ask = || {
            ASKED.fetch_add(1, Ordering::Relaxed);
            drop(lock(&HANGS));
            vec![DeviceInfo { id: DeviceId::wedge(), kind: DeviceKind::Hid, name: String::new() }]
        };
        let within = |patience| asked_within(Duration::from_millis(patience), "test-hang", ask);
        let hanging = lock(&HANGS);
        for _ in 0..3 {
            assert_eq!(within(10), []);
        }
        drop(hanging);
        assert_eq!(within(30_000).len(), 1, "it is asked again when it has answered");
        assert_eq!(ASKED.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_driver_that_panics_has_nothing() {
        assert!(
            asked("test-panic", || panic!("a driver fell over, as this test wants")).is_empty()
        );
    }
}
