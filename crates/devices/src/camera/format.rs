//! Which of a camera's formats to take.

use std::cmp::Reverse;

use nokhwa::utils::{CameraFormat, FrameFormat};

/// Enough for a code of 41 modules a hand's breadth from the camera, and cheap to read.
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;

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

/// The usable formats, best first: smooth ones, then those nearest to 1280×720 from below, then
/// from above, then by speed and kind. A driver may refuse what it lists, so the next is tried.
pub(super) fn ranked(formats: &[CameraFormat]) -> Vec<CameraFormat> {
    let kind = |format: &CameraFormat| READABLE.iter().position(|kind| *kind == format.format());
    let mut usable: Vec<CameraFormat> =
        formats.iter().filter(|format| kind(format).is_some()).copied().collect();
    usable.sort_by_key(|format| {
        let pixels = format.width() * format.height();
        let beyond = pixels.saturating_sub(WIDTH * HEIGHT);
        let fps = format.frame_rate().min(MOST_FPS);
        let smooth = fps >= SMOOTH_FPS;
        (!smooth, beyond, Reverse(pixels), Reverse(fps), kind(format))
    });
    usable.dedup();
    usable
}

#[cfg(test)]
mod tests {
    use super::*;
    use FrameFormat::{MJPEG, YUYV};

    fn check(formats: &[(u32, u32, FrameFormat, u32)], expected: Option<usize>) {
        let offered: Vec<_> = formats
            .iter()
            .map(|(width, height, kind, fps)| CameraFormat::new_from(*width, *height, *kind, *fps))
            .collect();
        assert_eq!(ranked(&offered).first(), expected.map(|place| &offered[place]), "{formats:?}");
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
        check(&[(1920, 1080, MJPEG, 30), (640, 480, MJPEG, 30)], Some(1));
        check(&[(1920, 1080, MJPEG, 30), (1920, 1080, YUYV, 5)], Some(0));
        check(&[(1280, 720, YUYV, 5), (640, 480, YUYV, 30)], Some(1));
        check(&[(1280, 720, YUYV, 5), (320, 180, YUYV, 1)], Some(0));
        check(&[(1280, 720, YUYV, 30), (1280, 720, MJPEG, 30)], Some(1));
        check(&[], None);
    }
}
