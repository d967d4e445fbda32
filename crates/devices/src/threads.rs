//! Threads that serve a device and may be stuck in it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::event::{DeviceEvent, DeviceId, DeviceState, Sink};

/// Locks even after a panic elsewhere: every value kept here is whole at any instant.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts the threads of one device, so that stopping can wait for them, but not for ever.
#[derive(Clone, Default)]
pub(crate) struct Crew(Arc<(Mutex<usize>, Condvar)>);

impl Crew {
    /// Starts a thread; false when the system has none left to give.
    pub(crate) fn start(&self, name: &str, work: impl FnOnce() + Send + 'static) -> bool {
        *lock(&self.0.0) += 1;
        let crew = self.clone();
        let started = thread::Builder::new().name(name.into()).spawn(move || {
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                tracing::error!("a device thread fell over");
            }
            crew.ended();
        });
        if started.is_err() {
            self.ended();
        }
        started.is_ok()
    }

    fn ended(&self) {
        *lock(&self.0.0) -= 1;
        self.0.1.notify_all();
    }

    /// Waits until all have ended or the time is over; returns how many are left.
    pub(crate) fn wait(&self, at_most: Duration) -> usize {
        let guard = lock(&self.0.0);
        let waited = self.0.1.wait_timeout_while(guard, at_most, |running| *running > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// What a device's threads share: whether to go on, the state last told, where events go.
pub(crate) struct Line {
    pub(crate) id: DeviceId,
    sink: Sink,
    stopped: AtomicBool,
    state: Mutex<Told>,
    bell: Condvar,
}

struct Told {
    last: Option<DeviceState>,
    /// When it last worked, or was first looked for.
    worked: Instant,
}

impl Line {
    pub(crate) fn new(id: DeviceId, sink: Sink) -> Arc<Self> {
        Arc::new(Self {
            id,
            sink,
            stopped: AtomicBool::new(false),
            state: Mutex::new(Told { last: None, worked: Instant::now() }),
            bell: Condvar::new(),
        })
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Hands an event on, unless the device was stopped.
    pub(crate) fn tell(&self, event: DeviceEvent) {
        if !self.stopped() {
            (self.sink)(event);
        }
    }

    /// Tells a state, once for each change.
    pub(crate) fn state(&self, state: DeviceState) {
        let before = {
            let mut told = lock(&self.state);
            if told.last == Some(DeviceState::Working) {
                told.worked = Instant::now();
            }
            told.last.replace(state)
        };
        if before != Some(state) {
            tracing::info!(device = %self.id, state = state.name(), "device state changed");
            self.tell(DeviceEvent::State { id: self.id.clone(), state });
        }
    }

    pub(crate) fn last_state(&self) -> DeviceState {
        lock(&self.state).last.unwrap_or(DeviceState::Opening)
    }

    /// For how long it has not worked; nothing while it does.
    pub(crate) fn away_for(&self) -> Duration {
        let told = lock(&self.state);
        if told.last == Some(DeviceState::Working) { Duration::ZERO } else { told.worked.elapsed() }
    }

    /// Tells that the device is off, and nothing after that.
    pub(crate) fn stop(&self) {
        self.state(DeviceState::Off);
        self.stopped.store(true, Ordering::Release);
        self.bell.notify_all();
    }

    /// Waits, but not longer than until the device is stopped. False when it was.
    pub(crate) fn pause(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut guard = lock(&self.state);
        while !self.stopped() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            // Short steps, because the bell may ring between the check and the wait.
            let step = left.min(Duration::from_millis(50));
            (guard, _) =
                self.bell.wait_timeout(guard, step).unwrap_or_else(PoisonError::into_inner);
        }
        false
    }
}
