//! Webcams: listed once, read, frozen, pulled out and plugged in again, damaged, busy, and two at
//! once.

use std::sync::Arc;
use std::time::Instant;

use yanma_devices::DeviceState::{Busy, Lost, Working};
use yanma_devices::barcode::{GreyImage, draw};
use yanma_devices::camera::{
    Camera, CameraControl, CameraHandle, CameraOptions, ControlError, ControlSetting, NokhwaCamera,
    run,
};
use yanma_devices::{DeviceKind, list_devices};

use crate::events::{Events, events};
use crate::webcam::{Picture, Webcam, wait_for_none};
use crate::{BACK, CODE, TOLD, comes, threads_end};

const GUESTS: &str = "Guests' webcam";
const DOCUMENTS: &str = "Documents' webcam";
const OTHER_CODE: &str = "HTTPS://YM.TEST/0987654321";

fn shown(text: &str) -> GreyImage {
    draw::qr(text).expect("a short text").to_grey(8, 4)
}

fn empty() -> GreyImage {
    GreyImage::new(1, 1, vec![200]).expect("one pixel")
}

/// The one camera of a name.
#[track_caller]
fn camera(name: &str) -> NokhwaCamera {
    let mut cameras = NokhwaCamera::list();
    cameras.retain(|camera| camera.name().starts_with(name));
    assert_eq!(cameras.len(), 1, "its node for metadata is no camera: {cameras:?}");
    cameras.remove(0)
}

fn watch(camera: NokhwaCamera) -> (CameraHandle, Events) {
    let (sink, events) = events();
    (run(Arc::new(camera), CameraOptions::default(), sink), events)
}

#[test]
fn a_webcam_is_read_frozen_pulled_out_and_comes_back() {
    wait_for_none();
    let pictures =
        [Picture::Shown(shown(CODE)), Picture::Damaged(empty()), Picture::Shown(empty())];
    let mut webcam = Webcam::new(GUESTS, 0, &pictures);
    webcam.plug();
    webcam.wait_for_node();
    let listed: Vec<_> = list_devices().into_iter().map(|device| device.kind).collect();
    assert_eq!(listed, [DeviceKind::Camera]);
    let (watching, events) = watch(camera(GUESTS));
    events.state(Working);
    let started = Instant::now();
    assert_eq!(events.text(), CODE);
    eprintln!("    read after {} ms", started.elapsed().as_millis());

    // Damaged frames come for a while, and good ones again.
    webcam.next();
    std::thread::sleep(TOLD);
    assert_eq!(watching.state(), Working);
    webcam.next();
    std::thread::sleep(TOLD);
    webcam.next();
    assert_eq!(events.text(), CODE, "it left, and was shown again");

    for _ in 0..2 {
        let since = Instant::now();
        webcam.freeze();
        comes(&events, Lost, TOLD, since);
        let since = Instant::now();
        webcam.thaw();
        comes(&events, Working, BACK, since);
    }
    for _ in 0..3 {
        let since = Instant::now();
        webcam.unplug();
        comes(&events, Lost, TOLD, since);
        let since = Instant::now();
        webcam.plug();
        comes(&events, Working, BACK, since);
        assert_eq!(events.text(), CODE);
    }
    // Pulled out while it is frozen, as a camera that hangs is mended.
    webcam.freeze();
    events.state(Lost);
    webcam.unplug();
    let since = Instant::now();
    webcam.plug();
    comes(&events, Working, BACK, since);
    assert_eq!(events.text(), CODE);
    watching.stop();
    threads_end();
}

#[test]
fn a_webcam_that_another_program_uses_is_busy_and_taken_when_it_is_free() {
    wait_for_none();
    let mut webcam = Webcam::new(GUESTS, 2, &[Picture::Shown(shown(CODE))]);
    webcam.plug();
    webcam.wait_for_node();
    let (first, its_events) = watch(camera(GUESTS));
    its_events.state(Working);
    let (second, events) = watch(camera(GUESTS));
    events.state(Busy);
    first.stop();
    let since = Instant::now();
    comes(&events, Working, BACK, since);
    assert_eq!(events.text(), CODE);
    second.stop();
    threads_end();
}

#[test]
fn two_webcams_are_read_at_once_and_one_goes_on_without_the_other() {
    wait_for_none();
    let mut guests = Webcam::new(GUESTS, 0, &[Picture::Shown(shown(CODE))]);
    let mut documents = Webcam::new(DOCUMENTS, 4, &[Picture::Shown(shown(OTHER_CODE))]);
    for webcam in [&mut guests, &mut documents] {
        webcam.plug();
        webcam.wait_for_node();
    }
    let (of_guests, guests_events) = watch(camera(GUESTS));
    let (of_documents, documents_events) = watch(camera(DOCUMENTS));
    assert_eq!(guests_events.text(), CODE);
    assert_eq!(documents_events.text(), OTHER_CODE);

    // The numbers change, the names do not: each comes back as itself.
    for webcam in [&mut guests, &mut documents] {
        webcam.unplug();
    }
    guests_events.state(Lost);
    documents_events.state(Lost);
    documents.plug();
    documents.wait_for_node();
    assert_eq!(documents_events.text(), OTHER_CODE);
    assert_eq!(of_guests.state(), Lost, "the documents' camera is not taken for the guests'");
    guests.plug();
    assert_eq!(guests_events.text(), CODE);
    assert_eq!(of_documents.state(), Working);
    of_guests.stop();
    of_documents.stop();
    threads_end();
}

#[test]
fn two_webcams_of_one_make_are_told_apart_by_where_they_are_plugged_in() {
    wait_for_none();
    let mut left = Webcam::new(GUESTS, 0, &[Picture::Shown(shown(CODE))]);
    let mut right = Webcam::new(GUESTS, 4, &[Picture::Shown(shown(OTHER_CODE))]);
    left.plug();
    left.wait_for_node();
    let its_id = camera(GUESTS).id();
    right.plug();
    let until = Instant::now() + BACK;
    let other_id = loop {
        let ids = NokhwaCamera::list().into_iter().map(|camera| camera.id());
        if let Some(other) = ids.into_iter().find(|id| *id != its_id) {
            break other;
        }
        assert!(Instant::now() < until, "the second does not come");
    };
    for (id, code) in [(&other_id, OTHER_CODE), (&its_id, CODE)] {
        let (watching, events) = watch(NokhwaCamera::of(id).expect("a camera's id"));
        assert_eq!(events.text(), code);
        watching.stop();
    }
    // Plugged in elsewhere it is found by its name, beside its twin, which is in use.
    let (of_right, right_events) = watch(NokhwaCamera::of(&other_id).expect("a camera's id"));
    assert_eq!(right_events.text(), OTHER_CODE);
    let (of_left, left_events) = watch(NokhwaCamera::of(&its_id).expect("a camera's id"));
    assert_eq!(left_events.text(), CODE);
    left.unplug();
    left_events.state(Lost);
    left.plug();
    assert_eq!(left_events.text(), CODE);
    assert_eq!(of_right.state(), Working);
    of_left.stop();
    of_right.stop();
    threads_end();
}

fn setting(text: &str) -> ControlSetting {
    text.parse().expect("a setting")
}

/// The controls in a line each, as they are now.
fn lines(controls: &[CameraControl]) -> Vec<String> {
    let line = |it: &CameraControl| {
        let (name, value, range) = (it.kind.name(), it.value, (it.least, it.most, it.step));
        format!("{name} {value} of {range:?}, {:?}", it.automatic)
    };
    controls.iter().map(line).collect()
}

#[test]
fn a_webcam_without_controls_has_none() {
    wait_for_none();
    let mut webcam = Webcam::new(GUESTS, 0, &[Picture::Shown(shown(CODE))]);
    webcam.plug();
    webcam.wait_for_node();
    assert_eq!(camera(GUESTS).controls(), []);
    let (watching, events) = watch(camera(GUESTS));
    events.state(Working);
    assert_eq!(watching.panel().controls(), Ok(vec![]));
    let brightness = setting("brightness=1");
    let missing = Err(ControlError::Missing(brightness.kind));
    assert_eq!(watching.panel().set(brightness), missing);
    assert_eq!(events.text(), CODE);
    watching.stop();
    threads_end();
}

#[test]
fn a_webcams_controls_are_listed_set_and_set_again_after_it_was_pulled_out() {
    wait_for_none();
    let mut webcam = Webcam::new(GUESTS, 2, &[Picture::Shown(shown(CODE))]).with_controls();
    webcam.plug();
    webcam.wait_for_node();
    let listed = camera(GUESTS).controls();
    if listed.is_empty() {
        eprintln!("    the webcam of these guest's programs has no controls; nothing was tried");
        return;
    }
    let usual = [
        "brightness 0 of (-64, 64, 1), None",
        "contrast 40 of (0, 95, 5), None",
        "exposure 250 of (3, 2047, 1), Some(true)",
        "focus 0 of (0, 250, 5), Some(true)",
    ];
    assert_eq!(lines(&listed), usual);

    let (watching, events) = watch(camera(GUESTS));
    assert_eq!(events.text(), CODE);
    assert_eq!(lines(&watching.panel().controls().expect("it works")), usual);
    // The webcam takes no focus and no exposure while it sees to them itself.
    for text in ["brightness=-20", "contrast=55", "exposure=300", "focus=125"] {
        watching.panel().set(setting(text)).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    let set = [
        "brightness -20 of (-64, 64, 1), None",
        "contrast 55 of (0, 95, 5), None",
        "exposure 300 of (3, 2047, 1), Some(false)",
        "focus 125 of (0, 250, 5), Some(false)",
    ];
    assert_eq!(lines(&watching.panel().controls().expect("it works")), set);
    let error = watching.panel().set(setting("brightness=65")).expect_err("64 is the most");
    assert_eq!(error.to_string(), "brightness is from -64 to 64 here, in steps of 1");

    webcam.unplug();
    events.state(Lost);
    assert_eq!(watching.panel().controls(), Err(ControlError::Away));
    webcam.plug();
    events.state(Working);
    assert_eq!(
        lines(&watching.panel().controls().expect("it works")),
        set,
        "it had forgotten them"
    );
    assert_eq!(events.text(), CODE);
    let now = watching.panel().set(setting("exposure=auto")).expect("it has that");
    assert_eq!(now[2].automatic, Some(true));

    // Another program sets it meanwhile, as `yanma camera` does.
    camera(GUESTS).set_control(setting("focus=auto")).expect("it has that");
    let now = watching.panel().controls().expect("it works");
    assert_eq!(now[3].automatic, Some(true));
    watching.stop();
    threads_end();
}
