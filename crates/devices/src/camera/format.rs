//! Which of a camera's formats to take.

use std::cmp::Reverse;

use nokhwa::utils::{CameraFormat, FrameFormat};

/// A size to be near to, width and height in pixels.
pub(super) type Size = (u32, u32);

/// Enough for a code of 41 modules a hand's breadth from the camera, and cheap to read.
pub(super) const FOR_CODES: Size = (1280, 720);

/// Enough for the letters of a passport that lies a forearm's length below the camera: they are to
/// be some 10 pixels high (docs/decisions/0011).
pub(super) const FOR_PAGES: Size = (1920, 1080);

/// Below this the picture on the screen looks broken; above 30 nothing is gained.
const SMOOTH_FPS: u32 = 15;
const MOST_FPS: u32 = 30;

/// All that [`Frame`](super::Frame) can be made from, best first: JPEG is the only one that fits
/// through USB 2 at full size and speed.
pub(super) const READABLE: [FrameFormat; 6] = [
    FrameFormat::MJPEG,
    FrameFormat::NV12,
    FrameFormat::YUYV,
    FrameFormat::GRAY,
    FrameFormat::RAWRGB,
    FrameFormat::RAWBGR,
];

/// The usable formats, best first: smooth ones, then those nearest to a size, then by speed and
/// kind. A driver may refuse what it lists, so the next is tried.
pub(super) fn ranked(formats: &[CameraFormat], near: Size) -> Vec<CameraFormat> {
    let kind = |format: &CameraFormat| READABLE.iter().position(|kind| *kind == format.format());
    let mut usable: Vec<CameraFormat> =
        formats.iter().filter(|format| kind(format).is_some()).copied().collect();
    usable.sort_by_key(|format| {
        let fps = format.frame_rate().min(MOST_FPS);
        let smooth = fps >= SMOOTH_FPS;
        (!smooth, distance(format, near), Reverse(fps), kind(format))
    });
    usable.dedup();
    usable
}

/// How far a size is from another, in thousandths: how many times as many pixels have to be read,
/// or how many times too few there are, which counts one and a half times: what is too small to be
/// read is not read more cheaply.
fn distance(format: &CameraFormat, (width, height): Size) -> u64 {
    let near = u64::from(width) * u64::from(height);
    let pixels = (u64::from(format.width()) * u64::from(format.height())).max(1);
    if format.width() >= width && pixels >= near {
        1000 * pixels / near
    } else {
        1500 * near.max(pixels) / pixels.min(near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FrameFormat::{MJPEG, YUYV};

    fn check(formats: &[(u32, u32, FrameFormat, u32)], expected: Option<usize>) {
        check_near(FOR_CODES, formats, expected);
    }

    #[track_caller]
    fn check_near(near: Size, formats: &[(u32, u32, FrameFormat, u32)], expected: Option<usize>) {
        let offered: Vec<_> = formats
            .iter()
            .map(|(width, height, kind, fps)| CameraFormat::new_from(*width, *height, *kind, *fps))
            .collect();
        let best = ranked(&offered, near);
        assert_eq!(best.first(), expected.map(|place| &offered[place]), "{formats:?}");
    }

    #[test]
    fn a_usual_webcam_gives_jpeg_at_720p() {
        let webcam = [
            (320, 180, YUYV, 1),
            (640, 480, YUYV, 30),
            (1280, 720, YUYV, 10),
            (1920, 1080, MJPEG, 30),
            (1280, 720, MJPEG, 60),
            (1280, 720, MJPEG, 15),
            (640, 480, MJPEG, 30),
        ];
        check(&webcam, Some(4));
    }

    #[test]
    fn other_cameras_give_the_best_they_have() {
        check(&[(1920, 1080, MJPEG, 30), (640, 480, MJPEG, 30)], Some(0));
        check(&[(3840, 2160, MJPEG, 30), (640, 480, MJPEG, 30)], Some(1));
        check(&[(1920, 1080, MJPEG, 30), (1920, 1080, YUYV, 5)], Some(0));
        check(&[(1280, 720, YUYV, 5), (640, 480, YUYV, 30)], Some(1));
        check(&[(1280, 720, YUYV, 5), (320, 180, YUYV, 1)], Some(0));
        check(&[(1280, 720, YUYV, 30), (1280, 720, MJPEG, 30)], Some(1));
        check(&[], None);
    }

    #[test]
    fn without_720p_the_nearest_size_that_letters_can_be_read_in_is_taken() {
        let sizes = |sizes: &[(u32, u32)]| -> Vec<_> {
            sizes.iter().map(|&(width, height)| (width, height, MJPEG, 30)).collect()
        };
        let check = |offered: &[(u32, u32)], expected| check(&sizes(offered), Some(expected));
        check(&[(320, 240), (640, 480), (800, 600), (1280, 960)], 3);
        check(&[(640, 480), (800, 600), (1600, 1200)], 2);
        check(&[(640, 480), (1024, 768), (1280, 1024), (2592, 1944)], 2);
        check(&[(640, 480), (1920, 1080), (3840, 2160)], 1);
        check(&[(640, 480), (1280, 800), (1280, 720)], 2);
        check(&[(960, 720), (800, 600)], 0);
        let pages = |offered: &[(u32, u32)], expected| {
            check_near(FOR_PAGES, &sizes(offered), Some(expected));
        };
        pages(&[(640, 480), (1280, 720), (1920, 1080), (3840, 2160)], 2);
        pages(&[(1280, 720), (1600, 1200), (2592, 1944)], 1);
        pages(&[(1280, 720), (3840, 2160)], 0);
        pages(&[(640, 480), (1280, 720)], 1);
    }
}
