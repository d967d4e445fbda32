//! What is attached to this machine.

use std::panic::catch_unwind;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::camera::{Camera as _, NokhwaCamera};
use crate::chip::chip_readers;
use crate::event::{DeviceId, DeviceKind};
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

fn asked(name: &str, ask: fn() -> Vec<DeviceInfo>) -> Vec<DeviceInfo> {
    let (sender, answer) = mpsc::channel();
    let started = thread::Builder::new().name(name.into()).spawn(move || {
        // Nobody waits any more when it took too long.
        let _ = sender.send(catch_unwind(ask).unwrap_or_default());
    });
    if started.is_err() {
        return Vec::new();
    }
    answer.recv_timeout(PATIENCE).unwrap_or_default()
}

#[cfg(test)]
mod tests {
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
    fn a_driver_that_panics_has_nothing() {
        assert!(
            asked("test-panic", || panic!("a driver fell over, as this test wants")).is_empty()
        );
    }
}
