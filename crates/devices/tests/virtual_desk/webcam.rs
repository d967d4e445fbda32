//! A webcam: the guest's program `usbcam`, which the kernel's own `uvcvideo` drives as it drives
//! any, with a node for its metadata beside that for its pictures.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use yanma_devices::barcode::GreyImage;

/// What it offers, each as MJPG and as YUYV.
const SIZES: [(u32, u32); 2] = [(640, 480), (1280, 720)];

/// SIGUSR1: the pictures stop coming, or come again.
const FREEZE: &str = "-USR1";

/// SIGUSR2: the next picture.
const NEXT: &str = "-USR2";

/// A picture before a webcam.
pub(crate) enum Picture {
    /// In the middle of grey.
    Shown(GreyImage),
    /// The same as a JPEG whose second half is noise.
    Damaged(GreyImage),
}

/// Waits until the kernel has forgotten the cameras of the test before.
pub(crate) fn wait_for_none() {
    let until = Instant::now() + Duration::from_secs(10);
    while fs::read_dir("/sys/class/video4linux").is_ok_and(|nodes| nodes.count() > 0) {
        assert!(Instant::now() < until, "a camera does not go");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A webcam. Dropping it pulls it out.
pub(crate) struct Webcam {
    name: &'static str,
    frames: TempDir,
    /// The next of its two ports: one that was left is not free at once.
    port: u32,
    has_controls: bool,
    plugged: Option<Child>,
}

impl Webcam {
    /// With the pictures that it shows in turn, the first one first; not plugged in. The port is
    /// one of the controller's first six, and the next one is its own as well.
    pub(crate) fn new(name: &'static str, port: u32, pictures: &[Picture]) -> Self {
        let frames = tempfile::tempdir().expect("a folder");
        for (width, height) in SIZES {
            let folder = frames.path().join(format!("{width}x{height}"));
            fs::create_dir(&folder).expect("a folder");
            for (number, picture) in pictures.iter().enumerate() {
                let (grey, is_damaged) = match picture {
                    Picture::Shown(grey) => (grey, false),
                    Picture::Damaged(grey) => (grey, true),
                };
                let frame = in_the_middle(grey, width, height);
                let yuyv: Vec<u8> = frame.iter().flat_map(|grey| [*grey, 128]).collect();
                let mut jpeg = jpeg(&frame, width, height);
                if is_damaged {
                    let half = jpeg.len() / 2;
                    jpeg[half..].iter_mut().zip(0..).for_each(|(byte, n): (_, u32)| {
                        *byte = (n.wrapping_mul(2_654_435_761) >> 24) as u8;
                    });
                }
                fs::write(folder.join(format!("{number}.YUYV")), yuyv).expect("written");
                fs::write(folder.join(format!("{number}.MJPG")), jpeg).expect("written");
            }
        }
        Self { name, frames, port, has_controls: false, plugged: None }
    }

    /// With brightness, contrast, exposure and focus, where the guest's program can have them.
    pub(crate) fn with_controls(mut self) -> Self {
        self.has_controls = true;
        self
    }

    pub(crate) fn plug(&mut self) {
        let usbcam = PathBuf::from(std::env::var_os("K").expect("the guest's programs"));
        let mut command = Command::new(usbcam.join("usbcam"));
        // It shows a picture until it is told to go on.
        command.args(["-n", self.name, "-H", "86400000", "-p"]).arg(self.port.to_string());
        command.args(self.has_controls.then_some("-C"));
        command.arg(self.frames.path()).stderr(Stdio::null());
        self.plugged = Some(command.spawn().expect("usbcam"));
        self.port ^= 1;
    }

    pub(crate) fn unplug(&mut self) {
        let mut plugged = self.plugged.take().expect("it is plugged in");
        plugged.kill().and_then(|()| plugged.wait()).expect("pulled out");
    }

    pub(crate) fn freeze(&self) {
        self.signal(FREEZE);
    }

    pub(crate) fn thaw(&self) {
        self.signal(FREEZE);
    }

    pub(crate) fn next(&self) {
        self.signal(NEXT);
    }

    fn signal(&self, signal: &str) {
        let id = self.plugged.as_ref().expect("it is plugged in").id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill").success());
    }

    /// Waits until the kernel has a node for its pictures.
    pub(crate) fn wait_for_node(&self) {
        let until = Instant::now() + Duration::from_secs(10);
        let is_there = || {
            let nodes = fs::read_dir("/sys/class/video4linux").into_iter().flatten().flatten();
            let names = nodes.filter_map(|node| fs::read_to_string(node.path().join("name")).ok());
            names.into_iter().any(|name| name.trim().starts_with(self.name))
        };
        while !is_there() {
            assert!(Instant::now() < until, "{} does not come", self.name);
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Webcam {
    fn drop(&mut self) {
        if let Some(plugged) = &mut self.plugged {
            // What a failed test leaves behind must not fail the next one.
            let _ = plugged.kill();
            let _ = plugged.wait();
        }
    }
}

fn in_the_middle(picture: &GreyImage, width: u32, height: u32) -> Vec<u8> {
    let mut frame = vec![200; (width * height) as usize];
    let (left, top) = ((width - picture.width()) / 2, (height - picture.height()) / 2);
    for (row, line) in picture.pixels().chunks(picture.width() as usize).enumerate() {
        let at = ((top as usize + row) * width as usize) + left as usize;
        frame[at..at + line.len()].copy_from_slice(line);
    }
    frame
}

fn jpeg(frame: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let size = |side: u32| u16::try_from(side).expect("a small picture");
    jpeg_encoder::Encoder::new(&mut jpeg, 90)
        .encode(frame, size(width), size(height), jpeg_encoder::ColorType::Luma)
        .expect("a picture");
    jpeg
}
