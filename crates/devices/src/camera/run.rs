//! Watches a camera: one thread takes frames, another reads them.
//!
//! The newest frame wins: reading may take longer than a frame lasts, and the picture on the
//! screen goes on meanwhile. A camera whose frames stop coming cannot be told to return, so after
//! a while its thread is left behind and a new one tries to open the camera again; should the old
//! one wake up, it closes its camera and ends.
//!
//! Where nobody is, the watch dozes: of the frames that come, which cost little, it looks at a few
//! a second. The camera stays open, since opening one takes a second.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use yanma_barcode::{Budget, Formats, Reader, Sight, Symbol, mrz};

use super::coach::Coach;
use super::controls::{CameraControl, ControlError, ControlSetting};
use super::frame::Frame;
use super::panel::{Panel, Wish};
use super::presence::Presence;
use super::preview::{self, Gate};
use super::track::Track;
use super::{Camera, CameraError, CameraStream};
use crate::event::{DeviceEvent, DeviceState, Seen, SeenKind, Sink};
use crate::threads::{Crew, Line, lock};

/// How many threads may be left behind in a stalled camera.
const MOST_LEFT_BEHIND: usize = 2;

/// Opening may take this much longer than a frame: drivers load firmware.
const OPENING: u32 = 5;

/// How often the watch looks when no frame comes.
const WATCH: Duration = Duration::from_millis(100);

/// How often the same still picture is read when nothing was found in it.
const READS_OF_A_STILL: u32 = 3;

/// After a frame without a code the reader rests as long as it worked, but not longer than this:
/// an empty desk shall not cost a whole processor.
const LONGEST_REST: Duration = Duration::from_millis(60);

/// How long stopping waits for the threads.
const STOP: Duration = Duration::from_secs(1);

/// How to watch a camera.
#[derive(Debug, Clone)]
pub struct CameraOptions {
    /// What to look for.
    pub formats: Formats,
    /// How much may be spent on one frame.
    pub budget: Budget,
    /// Whether the lines of a machine-readable zone may be believed: asked about each reading of
    /// them, a bounded number of times. `None` looks for no zones. Zones are looked for only in
    /// frames without a symbol.
    pub zone: Option<fn(&str) -> bool>,
    /// Whether to send previews from the start.
    pub preview: bool,
    /// The time between two previews, on average, at least.
    pub preview_every: Duration,
    /// A code counts as new again when the frames of longer than this did not have it, of which
    /// none counts for more than half a second, or when the camera was opened again.
    pub leaves_after: Duration,
    /// After so long without a code, advice or anything that moves the watch dozes: it reads and
    /// shows four frames a second, until something moves or is seen. `Duration::MAX` is never.
    pub dozes_after: Duration,
    /// What the camera is set to each time it is opened, as far as it has these controls.
    pub controls: Vec<ControlSetting>,
    /// Without a frame for this long the camera counts as lost; after twice that it is opened
    /// again.
    pub stalled_after: Duration,
    /// How long to wait before a lost, busy or refused camera is opened again.
    pub retry_every: Duration,
}

impl Default for CameraOptions {
    /// A desk: everything a guest may show, 15 previews a second, 1.5 s out of view; it dozes after
    /// 20 s.
    fn default() -> Self {
        Self {
            formats: Formats::DESK,
            budget: Budget::LIVE,
            zone: None,
            preview: true,
            preview_every: Duration::from_millis(66),
            leaves_after: Duration::from_millis(1_500),
            dozes_after: Duration::from_secs(20),
            controls: Vec::new(),
            stalled_after: Duration::from_millis(1_500),
            retry_every: Duration::from_millis(500),
        }
    }
}

/// Watches a camera until stopped. Returns at once; everything is told to the sink.
pub fn run(camera: Arc<dyn Camera>, options: CameraOptions, sink: Sink) -> CameraHandle {
    let line = Line::new(camera.id(), sink);
    line.state(DeviceState::Opening);
    let watch = Arc::new(Watch {
        gate: Gate::new(options.preview, options.preview_every),
        presence: Mutex::new(Presence::new(options.dozes_after)),
        panel: Panel::new(options.controls.clone()),
        slot: Mutex::new(Slot {
            newest: None,
            generation: 0,
            sign_of_life: Instant::now(),
            doing: Doing::Pausing,
            left_behind: 0,
        }),
        arrived: Condvar::new(),
        crew: Crew::default(),
        camera,
        options,
        line,
    });
    watch.start_capture(0);
    let reader = watch.clone();
    if !watch.crew.start("yanma-decode", move || reader.read_frames()) {
        watch.line.state(DeviceState::Lost);
    }
    CameraHandle { watch }
}

/// A camera that is being watched. Dropping it stops it.
pub struct CameraHandle {
    watch: Arc<Watch>,
}

impl CameraHandle {
    /// Says that a preview has been drawn, so that another may come.
    pub fn ack_preview(&self) {
        self.watch.gate.acknowledge();
    }

    /// Turns previews on or off. Turning them on forgets what an earlier screen never
    /// acknowledged.
    pub fn set_preview(&self, on: bool) {
        self.watch.gate.set_open(on);
    }

    /// The state that was told last.
    #[must_use]
    pub fn state(&self) -> DeviceState {
        self.watch.line.last_state()
    }

    /// Where it is set while it is watched.
    #[must_use]
    pub fn panel(&self) -> CameraPanel {
        CameraPanel { watch: self.watch.clone() }
    }

    /// For how long it has not worked; nothing while it does.
    #[must_use]
    pub fn away_for(&self) -> Duration {
        self.watch.line.away_for()
    }

    /// Stops watching; returns within about a second. A thread that is stuck in its driver is left
    /// behind and tells nothing more.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for CameraHandle {
    fn drop(&mut self) {
        self.watch.line.stop();
        self.watch.arrived.notify_all();
        if self.watch.crew.wait(STOP) > 0 {
            tracing::warn!(device = %self.watch.line.id, "a camera thread did not end in time");
        }
    }
}

/// Sets a camera that is being watched. It may outlive the watch, and finds the camera away then.
/// Each question waits for the camera, up to two seconds, and is a reason not to doze.
#[derive(Clone)]
pub struct CameraPanel {
    watch: Arc<Watch>,
}

impl CameraPanel {
    /// What can be set at the camera.
    ///
    /// # Errors
    /// [`ControlError::Away`] while it is not working.
    pub fn controls(&self) -> Result<Vec<CameraControl>, ControlError> {
        self.ask(Wish::Look)
    }

    /// Sets a control, and again each time the camera is opened anew; gives all of them as they
    /// are then.
    ///
    /// # Errors
    /// [`ControlError`]; what was set before stays.
    pub fn set(&self, setting: ControlSetting) -> Result<Vec<CameraControl>, ControlError> {
        self.ask(Wish::Set(setting))
    }

    /// Sets everything as the camera came ([`CameraControl::as_it_came`]), and nothing when it is
    /// opened anew; gives the controls as they are then. What the camera does not take is left.
    ///
    /// # Errors
    /// [`ControlError::Away`] while it is not working.
    pub fn reset(&self) -> Result<Vec<CameraControl>, ControlError> {
        self.ask(Wish::Reset)
    }

    fn ask(&self, wish: Wish) -> Result<Vec<CameraControl>, ControlError> {
        match self.watch.line.last_state() {
            DeviceState::Working => self.watch.panel.ask(wish),
            _ => Err(ControlError::Away),
        }
    }
}

struct Watch {
    camera: Arc<dyn Camera>,
    options: CameraOptions,
    line: Arc<Line>,
    crew: Crew,
    gate: Gate,
    presence: Mutex<Presence>,
    panel: Panel,
    slot: Mutex<Slot>,
    arrived: Condvar,
}

struct Slot {
    newest: Option<Arc<Frame>>,
    /// The thread that may deliver; those with a lower number are left behind.
    generation: u64,
    sign_of_life: Instant,
    doing: Doing,
    left_behind: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Opening,
    Waiting,
    Pausing,
}

impl Watch {
    fn start_capture(self: &Arc<Self>, generation: u64) {
        let mine = self.clone();
        let started = self.crew.start("yanma-capture", move || {
            mine.capture(generation);
            let mut slot = lock(&mine.slot);
            if slot.generation != generation {
                slot.left_behind = slot.left_behind.saturating_sub(1);
            }
        });
        if !started {
            self.line.state(DeviceState::Lost);
        }
    }

    fn capture(&self, generation: u64) {
        while self.alive(generation, Doing::Opening) {
            let opened = catch_unwind(AssertUnwindSafe(|| self.camera.open()));
            let error = match opened.unwrap_or(Err(CameraError::Lost)) {
                Ok(mut stream) => {
                    let error = self.stream(generation, stream.as_mut());
                    // Closing a camera that was pulled out may panic as well.
                    let _ = catch_unwind(AssertUnwindSafe(|| drop(stream)));
                    error
                }
                Err(error) => error,
            };
            if !self.alive(generation, Doing::Pausing) {
                return;
            }
            let stuck = lock(&self.slot).left_behind > 0;
            self.line.state(match error {
                // Of a stalled camera the user is this program, in the thread it left behind.
                CameraError::Busy if !stuck => DeviceState::Busy,
                CameraError::Busy => DeviceState::Lost,
                CameraError::Refused => DeviceState::Refused,
                CameraError::Lost | CameraError::Skipped(_) => DeviceState::Lost,
            });
            if !self.line.pause(self.options.retry_every) {
                return;
            }
        }
    }

    /// Delivers frames until the camera fails or this thread is not wanted any more.
    fn stream(&self, generation: u64, stream: &mut dyn CameraStream) -> CameraError {
        if !self.alive(generation, Doing::Waiting) {
            return CameraError::Lost;
        }
        self.panel.opened(stream);
        loop {
            let next = catch_unwind(AssertUnwindSafe(|| stream.next()));
            match next.unwrap_or(Err(CameraError::Lost)) {
                Ok(frame) => {
                    if !self.alive(generation, Doing::Waiting) {
                        return CameraError::Lost;
                    }
                    self.line.state(DeviceState::Working);
                    self.deliver(Arc::new(frame));
                    if self.panel.answer(stream) {
                        lock(&self.presence).sign(Instant::now());
                    }
                }
                Err(CameraError::Skipped(notice)) => {
                    if !self.wanted(generation) {
                        return CameraError::Lost;
                    }
                    if let Some(notice) = notice {
                        self.line.tell(DeviceEvent::Notice { id: self.line.id.clone(), notice });
                    }
                    // A device that only delivers damage must not keep a processor busy.
                    self.line.pause(Duration::from_millis(5));
                }
                Err(error) => return error,
            }
        }
    }

    fn deliver(&self, frame: Arc<Frame>) {
        let now = Instant::now();
        if !lock(&self.presence).frame(&frame, now) {
            return;
        }
        lock(&self.slot).newest = Some(frame.clone());
        self.arrived.notify_all();
        if self.gate.enter(now) {
            match preview::jpeg(&frame) {
                Some(jpeg) => self
                    .line
                    .tell(DeviceEvent::Preview { id: self.line.id.clone(), jpeg: Arc::new(jpeg) }),
                None => self.gate.acknowledge(),
            }
        }
    }

    fn wanted(&self, generation: u64) -> bool {
        !self.line.stopped() && lock(&self.slot).generation == generation
    }

    /// Gives a sign of life, and says whether this thread is still wanted.
    fn alive(&self, generation: u64, doing: Doing) -> bool {
        let mut slot = lock(&self.slot);
        if self.line.stopped() || slot.generation != generation {
            return false;
        }
        (slot.sign_of_life, slot.doing) = (Instant::now(), doing);
        true
    }

    fn read_frames(self: &Arc<Self>) {
        let (mut track, mut coach) = (Track::new(self.options.leaves_after), Coach::default());
        let mut last = LastRead::new(&self.options);
        while !self.line.stopped() {
            let frame = self.newest_frame();
            self.look_after_capture();
            let Some(frame) = frame else {
                if track.gone(Instant::now()) {
                    self.line.tell(DeviceEvent::Found { id: self.line.id.clone(), found: None });
                }
                if coach.gone(Instant::now()) {
                    self.line.tell(DeviceEvent::Advice { id: self.line.id.clone(), advice: None });
                }
                continue;
            };
            let begun = Instant::now();
            let sight = last.read(&frame, &self.options);
            let rest = if sight.symbols.is_empty() {
                begun.elapsed().min(LONGEST_REST)
            } else {
                Duration::ZERO
            };
            let (read, now) = (!sight.symbols.is_empty(), Instant::now());
            if let Some(advice) = coach.frame(read, sight.missing, sight.hint, now) {
                self.line.tell(DeviceEvent::Advice { id: self.line.id.clone(), advice });
            }
            if read || coach.tells() {
                lock(&self.presence).sign(now);
            }
            let told = track.frame(&frame, sight.symbols, now);
            if let Some(found) = told.outline {
                self.line.tell(DeviceEvent::Found { id: self.line.id.clone(), found });
            }
            for symbol in told.new {
                self.line.tell(DeviceEvent::Seen(self.seen(symbol, &frame)));
            }
            self.line.pause(rest);
        }
    }

    fn newest_frame(&self) -> Option<Arc<Frame>> {
        let slot = lock(&self.slot);
        let (mut slot, _) = self
            .arrived
            .wait_timeout_while(slot, WATCH, |slot| slot.newest.is_none() && !self.line.stopped())
            .unwrap_or_else(PoisonError::into_inner);
        slot.newest.take()
    }

    fn look_after_capture(self: &Arc<Self>) {
        let mut slot = lock(&self.slot);
        let limit = match slot.doing {
            Doing::Pausing => return,
            Doing::Waiting => self.options.stalled_after,
            Doing::Opening => self.options.stalled_after * OPENING,
        };
        let silent = slot.sign_of_life.elapsed();
        if silent < limit || self.line.stopped() {
            return;
        }
        let replace = silent >= limit * 2 && slot.left_behind < MOST_LEFT_BEHIND;
        if replace {
            slot.generation += 1;
            slot.left_behind += 1;
            (slot.sign_of_life, slot.doing) = (Instant::now(), Doing::Opening);
        }
        let generation = slot.generation;
        drop(slot);
        self.line.state(DeviceState::Lost);
        if replace {
            tracing::warn!(device = %self.line.id, "the camera stalled and is opened again");
            self.start_capture(generation);
        }
    }

    fn seen(&self, symbol: Symbol, frame: &Frame) -> Seen {
        Seen {
            source: self.line.id.clone(),
            kind: SeenKind::Camera,
            symbology: Some(symbol.symbology),
            text: symbol.text,
            bytes: symbol.bytes,
            corners: Some(symbol.corners),
            frame_size: Some((frame.grey.width(), frame.grey.height())),
        }
    }
}

/// What was read last, so that a still picture is not read ten times a second.
struct LastRead {
    content: Option<u64>,
    reads: u32,
    sight: Sight,
    reader: Reader,
    showing: u64,
}

impl LastRead {
    fn new(options: &CameraOptions) -> Self {
        let reader = Reader::new(options.formats, options.budget);
        let sight = Sight { symbols: Vec::new(), missing: None, hint: None };
        Self { content: None, reads: 0, sight, reader, showing: 0 }
    }

    fn read(&mut self, frame: &Frame, options: &CameraOptions) -> Sight {
        let still = self.content == Some(frame.content);
        if !still {
            (self.content, self.reads) = (Some(frame.content), 0);
        } else if !self.sight.symbols.is_empty() || self.reads >= READS_OF_A_STILL {
            return self.sight.clone();
        }
        // A picture that does not change deserves a longer look than a frame of thirty a second.
        self.reads += 1;
        self.sight = if still {
            self.reader.again(&frame.grey)
        } else {
            if frame.showing != self.showing {
                self.showing = frame.showing;
                self.reader.forget_frames();
            }
            self.reader.frame(&frame.grey)
        };
        if let (true, Some(accept)) = (self.sight.symbols.is_empty(), options.zone) {
            self.sight.symbols.extend(mrz::read_zone(&frame.grey, accept));
        }
        self.sight.clone()
    }
}
