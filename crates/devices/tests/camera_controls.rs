//! Setting a camera that is watched: one that has controls, is lost and comes back; and those that
//! have none, or fall over when they are asked.

#[expect(dead_code, reason = "readings and notices are for other tests")]
mod events;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use ControlKind::{Brightness, Contrast, Exposure, Focus};
use ControlValue::{Automatic, Fixed};
use events::{Events, events};
use yanma_devices::barcode::GreyImage;
use yanma_devices::camera::{
    Camera, CameraControl, CameraError, CameraHandle, CameraOptions, CameraStream, ControlError,
    ControlKind, ControlSetting, ControlValue, Frame, content_number, run,
};
use yanma_devices::{DeviceEvent, DeviceId, DeviceState};

/// What a camera does when somebody asks for its controls.
#[derive(Clone, Copy)]
enum Driver {
    Has,
    HasNone,
    Panics,
    /// Lists them and takes nothing.
    Refuses,
}

struct Webcam {
    driver: Driver,
    is_plugged: AtomicBool,
    /// What it was set to since it was plugged in.
    set: Mutex<Vec<ControlSetting>>,
}

/// It before a watch, and its frames.
struct Frames(Arc<Webcam>);

impl Webcam {
    fn new(driver: Driver) -> Arc<Self> {
        Arc::new(Self { driver, is_plugged: true.into(), set: Mutex::default() })
    }

    fn plug(&self, is_plugged: bool) {
        self.set.lock().expect("no test panics here").clear();
        self.is_plugged.store(is_plugged, Ordering::Relaxed);
    }

    fn set(&self) -> Vec<ControlSetting> {
        self.set.lock().expect("no test panics here").clone()
    }
}

impl Camera for Frames {
    fn id(&self) -> DeviceId {
        DeviceId::camera("webcam")
    }

    fn open(&self) -> Result<Box<dyn CameraStream>, CameraError> {
        match self.0.is_plugged.load(Ordering::Relaxed) {
            true => Ok(Box::new(Self(self.0.clone()))),
            false => Err(CameraError::Lost),
        }
    }
}

impl CameraStream for Frames {
    fn next(&mut self) -> Result<Frame, CameraError> {
        thread::sleep(Duration::from_millis(10));
        if !self.0.is_plugged.load(Ordering::Relaxed) {
            return Err(CameraError::Lost);
        }
        let grey = GreyImage::new(64, 36, vec![128; 64 * 36]).expect("pixels");
        Ok(Frame::from_grey(grey, content_number(), 0))
    }

    fn controls(&mut self) -> Vec<CameraControl> {
        let now = |kind| self.0.set().into_iter().rfind(|it| it.kind == kind).map(|it| it.value);
        let control = |kind, most, step, automatic: Option<bool>| CameraControl {
            kind,
            value: match now(kind) {
                Some(Fixed(value)) => value,
                _ => 0,
            },
            least: 0,
            most,
            step,
            default: 0,
            automatic: automatic.map(|usual| now(kind).map_or(usual, |now| now == Automatic)),
        };
        match self.0.driver {
            Driver::Has | Driver::Refuses => {
                vec![control(Brightness, 100, 1, None), control(Focus, 250, 5, Some(true))]
            }
            Driver::HasNone => Vec::new(),
            Driver::Panics => panic!("a driver fell over, as this test wants"),
        }
    }

    fn set_control(&mut self, setting: ControlSetting) -> Result<(), ControlError> {
        if let Driver::Refuses = self.0.driver {
            return Err(ControlError::Refused(setting.kind));
        }
        self.0.set.lock().expect("no test panics here").push(setting);
        Ok(())
    }
}

fn watch(webcam: &Arc<Webcam>, controls: &[ControlSetting]) -> (CameraHandle, Events) {
    let (sink, events) = events();
    let retry_every = Duration::from_millis(50);
    let controls = controls.to_vec();
    let options = CameraOptions { retry_every, controls, ..CameraOptions::default() };
    let watching = run(Arc::new(Frames(webcam.clone())), options, sink);
    events.state(DeviceState::Working);
    (watching, events)
}

fn to(kind: ControlKind, value: ControlValue) -> ControlSetting {
    ControlSetting { kind, value }
}

#[test]
fn controls_are_listed_set_and_set_again_after_the_camera_was_away() {
    let webcam = Webcam::new(Driver::Has);
    // Its contrast cannot be set; that hinders nothing.
    let wanted = [to(Contrast, Fixed(1)), to(Focus, Fixed(20))];
    let (watching, events) = watch(&webcam, &wanted);
    let listed = watching.panel().controls().unwrap();
    let values = |listed: &[CameraControl]| -> Vec<_> {
        listed.iter().map(|it| (it.kind, it.value, it.automatic)).collect()
    };
    assert_eq!(values(&listed), [(Brightness, 0, None), (Focus, 20, Some(false))]);

    let listed = watching.panel().set(to(Brightness, Fixed(40))).unwrap();
    assert_eq!(values(&listed), [(Brightness, 40, None), (Focus, 20, Some(false))]);
    let listed = watching.panel().set(to(Focus, Automatic)).unwrap();
    assert_eq!(values(&listed), [(Brightness, 40, None), (Focus, 0, Some(true))]);
    watching.panel().set(to(Brightness, Fixed(41))).unwrap();
    for (setting, expected) in [
        (
            to(Brightness, Fixed(101)),
            ControlError::OutOfRange { kind: Brightness, least: 0, most: 100, step: 1 },
        ),
        (
            to(Focus, Fixed(7)),
            ControlError::OutOfRange { kind: Focus, least: 0, most: 250, step: 5 },
        ),
        (to(Brightness, Automatic), ControlError::NotAutomatic(Brightness)),
        (to(Exposure, Fixed(1)), ControlError::Missing(Exposure)),
    ] {
        assert_eq!(watching.panel().set(setting), Err(expected));
        assert!(expected.to_string().contains(setting.kind.name()), "{expected}");
    }

    webcam.plug(false);
    events.state(DeviceState::Lost);
    assert_eq!(watching.panel().controls(), Err(ControlError::Away));
    assert_eq!(watching.panel().set(to(Brightness, Fixed(1))), Err(ControlError::Away));
    webcam.plug(true);
    events.state(DeviceState::Working);
    let again = [to(Focus, Automatic), to(Brightness, Fixed(41))];
    assert_eq!(webcam.set(), again, "each as it was set last, and nothing that was not");

    let panel = watching.panel();
    let listed = panel.reset().unwrap();
    assert_eq!(values(&listed), [(Brightness, 0, None), (Focus, 0, Some(true))]);
    webcam.plug(false);
    events.state(DeviceState::Lost);
    assert_eq!(panel.reset(), Err(ControlError::Away));
    webcam.plug(true);
    events.state(DeviceState::Working);
    assert_eq!(webcam.set(), [], "nothing is kept of it");
    watching.stop();
    let begun = Instant::now();
    assert_eq!(panel.controls(), Err(ControlError::Away), "nobody watches it any more");
    assert!(begun.elapsed() < Duration::from_secs(1), "and no frame is waited for");
}

#[test]
fn a_dozing_watch_shows_picture_after_picture_while_its_camera_is_set() {
    let (sink, events) = events();
    let (dozes_after, preview_every) = (Duration::from_millis(200), Duration::ZERO);
    let options = CameraOptions { dozes_after, preview_every, ..CameraOptions::default() };
    let watching = run(Arc::new(Frames(Webcam::new(Driver::Has))), options, sink);
    events.state(DeviceState::Working);
    events.within(Duration::from_millis(400));
    // Dozing it shows one in a quarter of a second.
    let (begun, mut before) = (Instant::now(), None::<Instant>);
    while before.is_none_or(|before| before.elapsed() > Duration::from_millis(100)) {
        assert!(begun.elapsed() < Duration::from_secs(20), "it dozes on");
        watching.panel().controls().expect("it works");
        watching.ack_preview();
        before = Some(Instant::now());
        events
            .wait("a picture", |event| matches!(event, DeviceEvent::Preview { .. }).then_some(()));
    }
    watching.stop();
}

#[test]
fn a_camera_without_controls_or_whose_driver_falls_over_has_none_and_goes_on() {
    for driver in [Driver::HasNone, Driver::Panics] {
        let (watching, events) = watch(&Webcam::new(driver), &[to(Brightness, Fixed(1))]);
        assert_eq!(watching.panel().controls(), Ok(vec![]));
        let missing = Err(ControlError::Missing(Brightness));
        assert_eq!(watching.panel().set(to(Brightness, Fixed(1))), missing);
        events.within(Duration::from_millis(100));
        watching.set_preview(true);
        events.wait("its picture", |event| {
            matches!(event, DeviceEvent::Preview { .. }).then_some(())
        });
        assert_eq!(watching.state(), DeviceState::Working);
        watching.stop();
    }
    let (watching, _events) = watch(&Webcam::new(Driver::Refuses), &[]);
    let refused = Err(ControlError::Refused(Brightness));
    assert_eq!(watching.panel().set(to(Brightness, Fixed(1))), refused);
    watching.stop();
}
