//! Collects what devices tell, and waits for what should come.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use yanma_devices::{DeviceEvent, DeviceState, Notice, Sink};

/// Longer than anything here takes on a busy machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Events(Receiver<DeviceEvent>);

pub(crate) fn events() -> (Sink, Events) {
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    let sink: Sink = Arc::new(move |event| {
        let _ = sender.lock().expect("no test panics here").send(event);
    });
    (sink, Events(receiver))
}

impl Events {
    /// The next event that something can be made of; others are passed over.
    pub(crate) fn wait<T>(&self, what: &str, pick: impl Fn(DeviceEvent) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        let mut passed = Vec::new();
        loop {
            match self.0.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(event) => {
                    let is_picture =
                        matches!(event, DeviceEvent::Preview { .. } | DeviceEvent::Found { .. });
                    if !is_picture {
                        passed.push(format!("{event:?}"));
                    }
                    if let Some(picked) = pick(event) {
                        return picked;
                    }
                }
                Err(error) => panic!("{what} did not come ({error}); what came: {passed:#?}"),
            }
        }
    }

    pub(crate) fn state(&self, wanted: DeviceState) {
        self.wait(wanted.name(), |event| match event {
            DeviceEvent::State { state, .. } if state == wanted => Some(()),
            _ => None,
        });
    }

    pub(crate) fn text(&self) -> String {
        self.wait("a reading", |event| match event {
            DeviceEvent::Seen(seen) => Some(seen.text),
            _ => None,
        })
    }

    pub(crate) fn notice(&self) -> Notice {
        self.wait("a notice", |event| match event {
            DeviceEvent::Notice { notice, .. } => Some(notice),
            _ => None,
        })
    }

    /// Everything that comes within a time.
    pub(crate) fn within(&self, time: Duration) -> Vec<DeviceEvent> {
        let until = Instant::now() + time;
        let mut all = Vec::new();
        loop {
            match self.0.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(event) => all.push(event),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return all,
            }
        }
    }
}
