//! The small picture for the screen.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use jpeg_encoder::{ColorType, Encoder};
use zune_jpeg::zune_core::colorspace::ColorSpace;

use super::frame::{Frame, Raw, decode_jpeg};
use crate::threads::lock;

/// The largest preview, in pixels; the shape is kept.
const MAX_WIDTH: u32 = 640;
const MAX_HEIGHT: u32 = 360;

/// JPEG quality: a 640×360 preview is about 25 kB.
const QUALITY: u8 = 70;

/// How many previews may be on their way unacknowledged: one being drawn, one arriving.
const WINDOW: u32 = 2;

/// Decides when a preview may be sent: on average not faster than asked, and only to a screen that
/// keeps up. Frames come when the camera has them, so one that is late does not make the next late.
pub(crate) struct Gate {
    every: Duration,
    state: Mutex<GateState>,
}

struct GateState {
    open: bool,
    under_way: u32,
    /// When the next may be sent.
    due: Option<Instant>,
}

impl Gate {
    pub(crate) fn new(open: bool, every: Duration) -> Self {
        Self { every, state: Mutex::new(GateState { open, under_way: 0, due: None }) }
    }

    /// Takes a place for a preview, if there is one.
    pub(crate) fn enter(&self, now: Instant) -> bool {
        let mut state = lock(&self.state);
        let due = state.due.unwrap_or(now);
        let early = now < due;
        if !state.open || early || state.under_way >= WINDOW {
            return false;
        }
        state.under_way += 1;
        // What was missed for longer is not made up for.
        state.due = Some((due + self.every).max(now));
        true
    }

    pub(crate) fn acknowledge(&self) {
        let mut state = lock(&self.state);
        state.under_way = state.under_way.saturating_sub(1);
    }

    /// Opens or closes it. Opening forgets what an earlier screen never acknowledged.
    pub(crate) fn set_open(&self, open: bool) {
        let mut state = lock(&self.state);
        state.open = open;
        state.under_way = 0;
    }
}

/// A small JPEG of a frame, in colour where the camera has it.
pub(crate) fn jpeg(frame: &Frame) -> Option<Vec<u8>> {
    let (width, height) = (frame.grey.width(), frame.grey.height());
    let (small_width, small_height) = fit(width, height);
    let decoded = match &frame.raw {
        Raw::Jpeg(bytes) => Some(decode_jpeg(bytes, ColorSpace::RGB)?.2),
        _ => None,
    };
    let at = |x: u32, y: u32| colour(frame, decoded.as_deref(), x, y);
    let grey = matches!(frame.raw, Raw::Grey);
    let mut pixels = Vec::with_capacity(small_width as usize * small_height as usize * 3);
    for y in 0..small_height {
        for x in 0..small_width {
            // Four samples from each pixel's area: enough against jagged edges, and cheap.
            let place = |n: u32, of: u32, small: u32| ((2 * n + 1) * of / (2 * small)).min(of - 1);
            let (left, right) =
                (place(2 * x, width, 2 * small_width), place(2 * x + 1, width, 2 * small_width));
            let (top, bottom) = (
                place(2 * y, height, 2 * small_height),
                place(2 * y + 1, height, 2 * small_height),
            );
            let samples = [at(left, top), at(right, top), at(left, bottom), at(right, bottom)];
            for channel in 0..if grey { 1 } else { 3 } {
                let sum: u16 = samples.iter().map(|sample| u16::from(sample[channel])).sum();
                pixels.push(u8::try_from(sum / 4).unwrap_or(u8::MAX));
            }
        }
    }
    let (width, height) = (u16::try_from(small_width).ok()?, u16::try_from(small_height).ok()?);
    let colours = if grey { ColorType::Luma } else { ColorType::Rgb };
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, QUALITY).encode(&pixels, width, height, colours).ok()?;
    Some(bytes)
}

/// The largest size of the same shape that fits; never larger than the frame.
fn fit(width: u32, height: u32) -> (u32, u32) {
    let shrink = (f64::from(MAX_WIDTH) / f64::from(width))
        .min(f64::from(MAX_HEIGHT) / f64::from(height))
        .min(1.0);
    let side = |side: u32| ((f64::from(side) * shrink) as u32).max(1);
    (side(width), side(height))
}

fn colour(frame: &Frame, decoded: Option<&[u8]>, x: u32, y: u32) -> [u8; 3] {
    let width = frame.grey.width() as usize;
    let (x, y) = (x as usize, y as usize);
    let place = y * width + x;
    let grey = frame.grey.pixels().get(place).copied().unwrap_or(0);
    let three = |bytes: &[u8]| match bytes.get(3 * place..3 * place + 3) {
        Some([a, b, c]) => [*a, *b, *c],
        _ => [grey; 3],
    };
    match &frame.raw {
        Raw::Jpeg(_) => decoded.map_or([grey; 3], three),
        Raw::Rgb(bytes) => three(bytes),
        Raw::Bgr(bytes) => {
            let [blue, green, red] = three(bytes);
            [red, green, blue]
        }
        Raw::Yuyv(bytes) => {
            let pair = 2 * (place & !1);
            rgb(grey, bytes.get(pair + 1).copied(), bytes.get(pair + 3).copied())
        }
        Raw::Nv12(bytes) => {
            let uv = width * frame.grey.height() as usize + (y / 2) * width + (x & !1);
            rgb(grey, bytes.get(uv).copied(), bytes.get(uv + 1).copied())
        }
        Raw::Grey => [grey; 3],
    }
}

/// Full-range BT.601, as JPEG has it. Cameras differ a little; nobody judges by these colours.
fn rgb(luma: u8, u: Option<u8>, v: Option<u8>) -> [u8; 3] {
    let (y, u, v) =
        (i32::from(luma), i32::from(u.unwrap_or(128)) - 128, i32::from(v.unwrap_or(128)) - 128);
    [y + (359 * v) / 256, y - (88 * u + 183 * v) / 256, y + (454 * u) / 256]
        .map(|channel| u8::try_from(channel.clamp(0, 255)).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::frame::tests::jpeg as camera_jpeg;
    use super::*;
    use yanma_barcode::GreyImage;

    const EVERY: Duration = Duration::from_millis(66);

    #[test]
    fn previews_fit_and_keep_their_shape() {
        let cases = [
            ((1280, 720), (640, 360)),
            ((640, 480), (480, 360)),
            ((320, 180), (320, 180)),
            ((1, 16_000), (1, 360)),
            ((16_000, 1), (640, 1)),
        ];
        for ((width, height), expected) in cases {
            assert_eq!(fit(width, height), expected, "{width}×{height}");
        }
    }

    #[test]
    fn every_format_has_a_preview() {
        let count = 320 * 200;
        let grey = GreyImage::new(320, 200, vec![90; count]).unwrap();
        let raws = [
            Raw::Jpeg(camera_jpeg(320, 200, |_, _| 90)),
            Raw::Yuyv([90, 128].repeat(count)),
            Raw::Nv12([vec![90; count], vec![128; count / 2]].concat()),
            Raw::Rgb(vec![90; count * 3]),
            Raw::Bgr(vec![90; count * 3]),
        ];
        let frames = raws.into_iter().map(|raw| Frame::from_raw(320, 200, raw, 1).unwrap());
        for frame in frames.chain([Frame::from_grey(grey, 1, 1)]) {
            let small = jpeg(&frame).unwrap();
            let (width, height, pixels) = decode_jpeg(&small, ColorSpace::RGB).unwrap();
            assert_eq!((width, height), (320, 200), "{:?}", frame.raw);
            let middle = &pixels[3 * count / 2..][..3];
            let near = middle.iter().all(|channel| (i32::from(*channel) - 90).abs() < 8);
            assert!(near, "{:?} shows {middle:?}", frame.raw);
        }
    }

    #[test]
    fn colours_of_yuyv_are_colours() {
        // Red in BT.601: Y 76, U 85, V 255.
        let frame = Frame::from_raw(16, 16, Raw::Yuyv([76, 85, 76, 255].repeat(128)), 1).unwrap();
        let [red, green, blue] = colour(&frame, None, 5, 5);
        assert!(red > 240 && green < 20 && blue < 20, "{red} {green} {blue}");
    }

    #[test]
    fn a_screen_that_does_not_keep_up_gets_no_more() {
        let gate = Gate::new(true, EVERY);
        let start = Instant::now();
        let sent = |frames: std::ops::Range<u32>| {
            frames.filter(|frame| gate.enter(start + EVERY * *frame)).count()
        };
        assert_eq!(sent(0..10), WINDOW as usize, "nothing was acknowledged");
        gate.acknowledge();
        assert_eq!(sent(10..20), 1, "one place became free");
        for _ in 0..5 {
            gate.acknowledge();
        }
        assert_eq!(sent(20..30), WINDOW as usize, "surplus acknowledgements earn nothing");
        gate.set_open(false);
        assert_eq!(sent(30..40), 0, "closed");
        gate.set_open(true);
        assert_eq!(sent(40..50), WINDOW as usize, "a new screen begins anew");
    }

    /// How many previews a screen that keeps up gets in ten seconds, of a camera with so many
    /// frames a second, each up to so much early or late.
    fn in_ten_seconds(fps: u64, jitter_us: u64) -> usize {
        let gate = Gate::new(true, EVERY);
        let start = Instant::now();
        let frames = (0..10 * fps).filter(|frame| {
            // Early and late by turns that do not go with the frames of the screen.
            let jitter = frame * 7_919 % (2 * jitter_us + 1);
            gate.acknowledge();
            gate.enter(start + Duration::from_micros(100_000 + frame * 1_000_000 / fps + jitter))
        });
        frames.count()
    }

    #[test]
    fn every_usual_camera_gives_fifteen_previews_a_second() {
        for fps in [20, 24, 25, 30, 50, 60] {
            for jitter_us in [0, 1_000, 8_000] {
                let sent = in_ten_seconds(fps, jitter_us);
                assert!((150..=153).contains(&sent), "{sent} at {fps}, jitter {jitter_us} µs");
            }
        }
        assert_eq!(in_ten_seconds(15, 1_000), 150, "all there are");
        assert_eq!(in_ten_seconds(10, 1_000), 100);
    }

    #[test]
    fn what_was_missed_is_not_made_up_for() {
        let gate = Gate::new(true, EVERY);
        let start = Instant::now();
        let at = |ms: u64| {
            gate.acknowledge();
            gate.enter(start + Duration::from_millis(ms))
        };
        assert!(at(0));
        let later = (5_000..5_200).filter(|ms| at(*ms)).count();
        assert_eq!(later, 5, "two at once, and one every 66 ms");
    }

    #[test]
    fn previews_do_not_come_faster_than_asked() {
        let gate = Gate::new(true, EVERY);
        let start = Instant::now();
        assert!(gate.enter(start));
        assert!(!gate.enter(start + EVERY - Duration::from_millis(1)));
        assert!(gate.enter(start + EVERY));
    }
}
