//! A camera before which nobody is: of its frames a few a second are looked at, until something
//! moves or is seen.

#[expect(dead_code, reason = "notices are for other tests")]
mod events;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use events::{Events, events};
use yanma_devices::barcode::{GreyImage, draw, load, mrz};
use yanma_devices::camera::{
    Camera, CameraError, CameraHandle, CameraOptions, CameraStream, Frame, content_number, run,
};
use yanma_devices::{DeviceEvent, DeviceId, DeviceState};

/// A frame lasts so long.
const FRAME: Duration = Duration::from_millis(10);

/// A dozing watch looks so often.
const GLANCE: Duration = Duration::from_millis(250);

const DOZES_AFTER: Duration = Duration::from_secs(2);

/// So many looks are timed. Of those of a dozing watch the first may have been under way.
const LOOKS: u32 = 8;
const DOZING: Duration = GLANCE.saturating_mul(LOOKS - 2);

/// How often a busy machine is asked.
const TRIES: usize = 20;

fn options() -> CameraOptions {
    let preview_every = Duration::ZERO;
    CameraOptions { dozes_after: DOZES_AFTER, preview_every, ..CameraOptions::default() }
}

/// A camera over a desk: what lies there for a single frame, if anything, and what lies there.
#[derive(Clone)]
struct Desk(Arc<Mutex<(Option<GreyImage>, GreyImage)>>);

impl Desk {
    fn with(picture: GreyImage) -> Self {
        Self(Arc::new(Mutex::new((None, picture))))
    }

    fn lay(&self, picture: GreyImage) {
        self.0.lock().expect("no test panics here").1 = picture;
    }

    fn flash(&self, picture: GreyImage) {
        self.0.lock().expect("no test panics here").0 = Some(picture);
    }

    /// Watches it for as long as it takes to doze.
    fn watched(&self, options: CameraOptions) -> (CameraHandle, Events) {
        let (sink, events) = events();
        let watching = run(Arc::new(self.clone()), options, sink);
        events.state(DeviceState::Working);
        thread::sleep(DOZES_AFTER + GLANCE);
        (watching, events)
    }

    /// Watches it until it dozes.
    fn dozing(&self, options: CameraOptions) -> (CameraHandle, Events) {
        let (watching, events) = self.watched(options);
        // Its first frame may have come late.
        let dozes = std::iter::repeat_with(|| previews(&watching, &events)).take(TRIES);
        assert!(dozes.into_iter().any(|took| took >= DOZING), "it never dozes");
        (watching, events)
    }
}

impl Camera for Desk {
    fn id(&self) -> DeviceId {
        DeviceId::camera("desk")
    }

    fn open(&self) -> Result<Box<dyn CameraStream>, CameraError> {
        Ok(Box::new(Frames { desk: self.clone(), lasts: FRAME }))
    }
}

struct Frames {
    desk: Desk,
    lasts: Duration,
}

impl CameraStream for Frames {
    fn next(&mut self) -> Result<Frame, CameraError> {
        thread::sleep(self.lasts);
        let mut pictures = self.desk.0.lock().expect("no test panics here");
        let flash = pictures.0.take();
        // The newest frame wins: the next one waits until a single one is surely read.
        self.lasts = if flash.is_some() { Duration::from_secs(1) } else { FRAME };
        let picture = flash.unwrap_or_else(|| pictures.1.clone());
        Ok(Frame::from_grey(picture, content_number(), 0))
    }
}

/// Grey of one shade.
fn shade(width: u32, height: u32, grey: u8) -> GreyImage {
    GreyImage::new(width, height, vec![grey; (width * height) as usize]).expect("pixels")
}

fn empty() -> GreyImage {
    shade(640, 360, 128)
}

/// A picture laid over another.
fn over(desk: &GreyImage, picture: &GreyImage, left: usize, top: usize) -> GreyImage {
    let (width, across) = (desk.width() as usize, picture.width() as usize);
    let mut pixels = desk.pixels().to_vec();
    for (y, line) in picture.pixels().chunks(across).enumerate() {
        pixels[(top + y) * width + left..][..across].copy_from_slice(line);
    }
    GreyImage::new(desk.width(), desk.height(), pixels).expect("the same size")
}

fn with_code(text: &str) -> GreyImage {
    over(&empty(), &draw::qr(text).expect("a short text").to_grey(4, 4), 200, 100)
}

/// A page with a zone that nobody believes, so that each look at it asks as often, and white above.
fn page() -> GreyImage {
    let path = "../../tests/vectors/zone/pictures/td3-specimen.png";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let page = load(&std::fs::read(path).expect("a picture")).expect("a picture");
    let width = page.width() as usize;
    let zone = page.pixels().rchunks(width).take(240).collect::<Vec<_>>();
    let zone = zone.into_iter().rev().flatten();
    let pixels: Vec<u8> = std::iter::repeat_n(&255, 120 * width).chain(zone).copied().collect();
    GreyImage::new(page.width(), 360, pixels).expect("as many lines")
}

static ASKED: AtomicUsize = AtomicUsize::new(0);

fn refuse(_: &str) -> bool {
    ASKED.fetch_add(1, Ordering::Relaxed);
    false
}

/// How often a look at a page asks.
fn questions(page: &GreyImage) -> usize {
    assert!(mrz::read_zone(page, refuse).is_none());
    ASKED.swap(0, Ordering::Relaxed)
}

/// How long it takes to look some more times at a page that asks so often.
fn looks(questions: usize) -> Duration {
    let begun = Instant::now();
    let until = ASKED.load(Ordering::Relaxed) + questions * LOOKS as usize;
    while ASKED.load(Ordering::Relaxed) < until {
        assert!(begun.elapsed() < Duration::from_secs(30), "it is not looked at any more");
        thread::sleep(FRAME);
    }
    begun.elapsed()
}

/// A dozing watch is never quick, one that is awake now and then not on a busy machine.
fn is_awake(is_quick: impl FnMut() -> bool) {
    let quick = std::iter::repeat_with(is_quick).take(TRIES).any(|is_quick| is_quick);
    assert!(quick, "it dozes");
}

#[test]
fn an_empty_desk_is_glanced_at_until_something_moves() {
    let page = page();
    let moved = over(&page, &shade(300, 100, 90), 100, 0);
    let asks = questions(&page);
    assert!(asks > 0 && asks == questions(&moved), "the zone is seen in both");
    let desk = Desk::with(page.clone());
    let (watching, events) = desk.dozing(CameraOptions { zone: Some(refuse), ..options() });
    let dozing = looks(asks);
    assert!(dozing >= DOZING, "{dozing:?}");
    let mut pictures = [moved, page].into_iter().cycle();
    is_awake(|| {
        desk.lay(pictures.next().expect("one after the other"));
        // A look takes a busy machine as long as a dozing watch waits; a picture of it does not.
        previews(&watching, &events) < DOZING
    });
    watching.stop();
}

#[test]
fn a_code_is_read_from_the_only_frame_that_shows_it() {
    let desk = Desk::with(empty());
    let (watching, events) = desk.dozing(options());
    for text in ["FIRST", "SECOND", "THIRD"] {
        desk.flash(with_code(text));
        assert_eq!(events.text(), text);
        thread::sleep(DOZES_AFTER + GLANCE);
    }
    watching.stop();
}

/// Draws what comes, and says how long it took.
fn previews(watching: &CameraHandle, events: &Events) -> Duration {
    // Those that were not drawn before.
    events.within(GLANCE);
    watching.set_preview(true);
    let begun = Instant::now();
    for _ in 0..LOOKS {
        preview(watching, events);
    }
    begun.elapsed()
}

fn preview(watching: &CameraHandle, events: &Events) -> GreyImage {
    let jpeg = events.wait("a preview", |event| match event {
        DeviceEvent::Preview { jpeg, .. } => Some(jpeg),
        _ => None,
    });
    watching.ack_preview();
    load(&jpeg).expect("a picture")
}

#[test]
fn previews_of_a_dozing_camera_are_few_and_show_at_once_what_moves() {
    let desk = Desk::with(empty());
    let (watching, events) = desk.dozing(options());
    let dozing = previews(&watching, &events);
    assert!(dozing >= DOZING, "{dozing:?}");
    is_awake(|| {
        desk.flash(over(&empty(), &shade(60, 60, 200), 200, 100));
        // It is in one frame, which comes or does not.
        while preview(&watching, &events).at(230, 130) < 170 {}
        previews(&watching, &events) < DOZING
    });
    watching.stop();
}

#[test]
fn a_code_that_comes_without_a_movement_is_read_by_a_dozing_camera() {
    // Larger than the code by so much that what lies there is too little to be a movement.
    let large = shade(1920, 1080, 250);
    let code = draw::qr("TINY").expect("a short text").to_grey(3, 0);
    let plain = shade(code.width(), code.height(), 128);

    let desk = Desk::with(large.clone());
    let (watching, events) = desk.dozing(options());
    desk.lay(over(&large, &plain, 960, 480));
    let dozing = previews(&watching, &events);
    assert!(dozing >= DOZING, "what is so small wakes nobody: {dozing:?}");
    desk.lay(over(&large, &code, 960, 480));
    assert_eq!(events.text(), "TINY");
    watching.stop();
}

#[test]
fn a_code_that_lies_there_keeps_the_camera_awake() {
    let desk = Desk::with(with_code("LIES"));
    let (watching, events) = desk.watched(options());
    events.within(Duration::ZERO);
    is_awake(|| {
        let outlines = events.within(DOZING);
        let outlines = outlines.iter().filter(|event| matches!(event, DeviceEvent::Found { .. }));
        outlines.count() > LOOKS as usize
    });
    watching.stop();
}
