//! Cameras from outside: a picture folder, and fakes that stall, panic, are busy and come back.

mod events;

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use events::events;
use yanma_devices::barcode::{GreyImage, Symbology, draw};
use yanma_devices::camera::{
    Camera, CameraError, CameraOptions, CameraStream, Frame, PictureFolder, content_number, run,
};
use yanma_devices::{DeviceEvent, DeviceId, DeviceState, Notice};

/// As a portal page would be photographed, and as the window's own tests place it.
fn place(folder: &Path, name: &str, text: &str) {
    let part = folder.join(format!("{name}.part"));
    fs::write(&part, draw::qr(text).expect("a short text").to_png()).expect("written");
    fs::rename(part, folder.join(name)).expect("renamed");
}

fn quick() -> CameraOptions {
    CameraOptions {
        stalled_after: Duration::from_millis(500),
        retry_every: Duration::from_millis(50),
        ..CameraOptions::default()
    }
}

#[test]
fn a_picture_placed_in_a_folder_is_seen_once_and_again_when_placed_again() {
    let folder = tempfile::tempdir().unwrap();
    let (sink, events) = events();
    let watching = run(Arc::new(PictureFolder::new(folder.path())), CameraOptions::default(), sink);
    events.state(DeviceState::Working);
    place(folder.path(), "shown.png", "HTTPS://YM.TEST/42");
    let seen = events.wait("a code", |event| match event {
        DeviceEvent::Seen(seen) => Some(seen),
        _ => None,
    });
    assert_eq!((seen.text.as_str(), seen.symbology), ("HTTPS://YM.TEST/42", Some(Symbology::Qr)));
    assert_eq!(seen.source, DeviceId::pictures(folder.path()));
    assert_eq!(seen.frame_size, Some((232, 232)));
    let later = events.within(Duration::from_secs(1));
    let again = later.iter().filter(|event| matches!(event, DeviceEvent::Seen(_))).count();
    let outlines =
        later.iter().filter(|event| matches!(event, DeviceEvent::Found { found: Some(_), .. }));
    assert_eq!(again, 0, "it is only shown once");
    assert!(outlines.count() > 2, "and outlined for as long as it is there");
    place(folder.path(), "shown.png", "HTTPS://YM.TEST/42");
    assert_eq!(events.text(), "HTTPS://YM.TEST/42", "placed again is shown again");
    fs::remove_file(folder.path().join("shown.png")).unwrap();
    events.wait("the outline's end", |event| {
        matches!(event, DeviceEvent::Found { found: None, .. }).then_some(())
    });
    watching.stop();
}

#[test]
fn a_folder_that_vanishes_is_lost_and_found_again() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("pictures");
    let (sink, events) = events();
    let watching = run(Arc::new(PictureFolder::new(&folder)), quick(), sink);
    events.state(DeviceState::Lost);
    fs::create_dir(&folder).unwrap();
    events.state(DeviceState::Working);
    place(&folder, "a.png", "first");
    assert_eq!(events.text(), "first");
    fs::remove_dir_all(&folder).unwrap();
    events.state(DeviceState::Lost);
    fs::create_dir(&folder).unwrap();
    place(&folder, "a.png", "second");
    events.state(DeviceState::Working);
    assert_eq!(events.text(), "second");
    assert_eq!(watching.state(), DeviceState::Working);
    watching.stop();
    events.state(DeviceState::Off);
}

#[test]
fn a_file_that_is_no_picture_does_not_stop_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.png"), "not a picture").unwrap();
    let (sink, events) = events();
    let watching = run(Arc::new(PictureFolder::new(folder.path())), quick(), sink);
    assert_eq!(events.notice(), Notice::NotAPicture);
    place(folder.path(), "good.png", "good");
    assert_eq!(events.text(), "good");
    assert_eq!(watching.state(), DeviceState::Working);
}

/// What a fake camera does at each opening.
enum Act {
    Fails(CameraError),
    PanicsAtOpening,
    /// Shows a text, or an empty desk, for so many frames each.
    Shows(Vec<(Option<&'static str>, u32)>, End),
}

/// And how that ends.
enum End {
    Lost,
    Panics,
    /// Waits until something is sent, as a stalled device, and then shows a text for ever.
    Stalls(Receiver<()>, &'static str),
    GoesOn,
}

struct Fake(Mutex<VecDeque<Act>>);

struct FakeStream {
    shows: VecDeque<(Option<&'static str>, u32)>,
    end: End,
}

const FRAME: Duration = Duration::from_millis(10);

fn frame(text: Option<&str>) -> Frame {
    let grey = match text {
        Some(text) => draw::qr(text).expect("a short text").to_grey(5, 4),
        None => GreyImage::new(200, 200, vec![200; 40_000]).expect("40,000 pixels"),
    };
    Frame::from_grey(grey, content_number(), 0)
}

impl Camera for Fake {
    fn id(&self) -> DeviceId {
        DeviceId::camera("fake")
    }

    fn open(&self) -> Result<Box<dyn CameraStream>, CameraError> {
        let act = self.0.lock().expect("no test panics here").pop_front();
        match act {
            None => Err(CameraError::Lost),
            Some(Act::Fails(error)) => Err(error),
            Some(Act::PanicsAtOpening) => panic!("a driver fell over, as this test wants"),
            Some(Act::Shows(shows, end)) => Ok(Box::new(FakeStream { shows: shows.into(), end })),
        }
    }
}

impl CameraStream for FakeStream {
    fn next(&mut self) -> Result<Frame, CameraError> {
        thread::sleep(FRAME);
        while let Some((text, left)) = self.shows.front_mut() {
            if *left > 0 {
                *left -= 1;
                return Ok(frame(*text));
            }
            self.shows.pop_front();
        }
        match &self.end {
            End::Lost => Err(CameraError::Lost),
            End::Panics => panic!("a driver fell over, as this test wants"),
            End::Stalls(wait, text) => {
                let _ = wait.recv();
                Ok(frame(Some(text)))
            }
            End::GoesOn => Ok(frame(None)),
        }
    }
}

fn fake(acts: impl IntoIterator<Item = Act>) -> Arc<Fake> {
    Arc::new(Fake(Mutex::new(acts.into_iter().collect())))
}

#[test]
fn a_code_is_reported_again_only_after_it_left() {
    let brief = vec![(Some("a"), 60), (None, 5), (Some("a"), 60), (None, 200), (Some("a"), 60)];
    let camera = fake([Act::Shows(brief, End::GoesOn)]);
    let (sink, events) = events();
    let options = CameraOptions { leaves_after: Duration::from_secs(1), ..quick() };
    let watching = run(camera, options, sink);
    assert_eq!(events.text(), "a");
    assert_eq!(events.text(), "a", "gone for two seconds");
    let rest = events.within(Duration::from_secs(2));
    assert!(
        !rest.iter().any(|event| matches!(event, DeviceEvent::Seen(_))),
        "gone for 50 ms is not gone"
    );
    watching.stop();
}

#[test]
fn a_stalled_camera_is_replaced_and_its_late_frames_are_nobodys() {
    let (wake, stalled) = channel();
    let camera = fake([
        Act::Shows(vec![(Some("before"), 20)], End::Stalls(stalled, "from the grave")),
        Act::Fails(CameraError::Busy),
        Act::Shows(vec![(None, 5), (Some("after"), 20)], End::GoesOn),
    ]);
    let (sink, events) = events();
    let watching = run(camera, quick(), sink);
    events.state(DeviceState::Working);
    assert_eq!(events.text(), "before");
    events.state(DeviceState::Lost);
    events.wait("working", |event| match event {
        DeviceEvent::State { state, .. } => {
            assert_eq!(state, DeviceState::Working, "busy with itself is not busy");
            Some(())
        }
        _ => None,
    });
    assert_eq!(events.text(), "after");
    drop(wake);
    let rest = events.within(Duration::from_millis(500));
    assert!(!rest.iter().any(|event| matches!(event, DeviceEvent::Seen(_))), "{rest:?}");
    watching.stop();
}

#[test]
fn a_camera_that_goes_on_by_itself_is_working_again() {
    let (wake, stalled) = channel();
    let camera = fake([Act::Shows(vec![(None, 20)], End::Stalls(stalled, "awake"))]);
    let (sink, events) = events();
    let options = CameraOptions { stalled_after: Duration::from_secs(2), ..quick() };
    let watching = run(camera, options, sink);
    events.state(DeviceState::Working);
    events.state(DeviceState::Lost);
    drop(wake);
    events.state(DeviceState::Working);
    assert_eq!(events.text(), "awake");
    watching.stop();
}

#[test]
fn stopping_does_not_wait_for_a_stuck_camera() {
    let (wake, stalled) = channel();
    let camera = fake([Act::Shows(vec![(None, 5)], End::Stalls(stalled, "late"))]);
    let (sink, events) = events();
    let options = CameraOptions { stalled_after: Duration::from_secs(60), ..quick() };
    let watching = run(camera, options, sink);
    events.state(DeviceState::Working);
    thread::sleep(Duration::from_millis(200));
    let begun = Instant::now();
    watching.stop();
    assert!(begun.elapsed() < Duration::from_secs(10), "took {:?}", begun.elapsed());
    events.state(DeviceState::Off);
    drop(wake);
    assert_eq!(events.within(Duration::from_millis(300)), [], "nothing is told after off");
}

#[test]
fn panics_and_refusals_are_survived() {
    let camera = fake([
        Act::PanicsAtOpening,
        Act::Fails(CameraError::Refused),
        Act::Fails(CameraError::Busy),
        Act::Shows(vec![(Some("one"), 20)], End::Panics),
        Act::Shows(vec![(Some("two"), 20)], End::Lost),
        Act::Shows(vec![(Some("three"), 20)], End::GoesOn),
    ]);
    let (sink, events) = events();
    let watching = run(camera, quick(), sink);
    for state in [DeviceState::Opening, DeviceState::Lost, DeviceState::Refused, DeviceState::Busy]
    {
        events.state(state);
    }
    for text in ["one", "two", "three"] {
        events.state(DeviceState::Working);
        assert_eq!(events.text(), text);
    }
    watching.stop();
}

#[test]
fn previews_wait_for_the_screen() {
    let camera = fake([Act::Shows(vec![], End::GoesOn)]);
    let (sink, events) = events();
    let watching = run(camera, CameraOptions { preview: false, ..quick() }, sink);
    let previews = |time| {
        let told = events.within(time);
        told.iter().filter(|event| matches!(event, DeviceEvent::Preview { .. })).count()
    };
    assert_eq!(previews(Duration::from_millis(500)), 0, "not asked for");
    watching.set_preview(true);
    assert_eq!(previews(Duration::from_secs(1)), 2, "two unacknowledged ones, and no more");
    watching.ack_preview();
    assert_eq!(previews(Duration::from_secs(1)), 1);
    watching.stop();
}

#[test]
fn a_passport_before_the_camera_is_a_reading_where_zones_are_looked_for() {
    const BELOW: &str = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";
    let page =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/zone/pictures/td3-specimen.png");
    let folder = tempfile::tempdir().unwrap();
    fs::copy(page, folder.path().join("page.part")).unwrap();
    fs::rename(folder.path().join("page.part"), folder.path().join("page.png")).unwrap();
    let accept = |text: &str| text.ends_with(BELOW);
    let options = CameraOptions { zone: Some(accept), ..CameraOptions::default() };
    let (sink, events) = events();
    let watching = run(Arc::new(PictureFolder::new(folder.path())), options, sink);
    let seen = events.wait("a zone", |event| match event {
        DeviceEvent::Seen(seen) => Some(seen),
        _ => None,
    });
    assert_eq!(seen.symbology, Some(Symbology::Zone));
    assert_eq!(seen.text, format!("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n{BELOW}"));
    watching.stop();
}
