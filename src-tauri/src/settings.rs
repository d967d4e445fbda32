//! Settings of the window, kept in the desk's file.

use serde::{Deserialize, Serialize};
use specta::Type;
use yanma_devices::serial::SerialDevice;
use yanma_devices::{AffixError, Framing};
use yanma_station::{Desk, DeskError};

use crate::commands::CommandError;
use crate::{card_reader, devices, out};

/// Under which the settings lie in the store.
const KEY: &str = "window";

/// Language, sound and devices of this desk; scene and operator are the desk's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Settings {
    /// The language of the screen.
    pub(crate) language: Language,
    /// The scene in force.
    pub(crate) scene: String,
    /// Who sits at the desk.
    pub(crate) operator: Option<String>,
    /// Whether verdicts sound.
    pub(crate) sound: bool,
    /// Whether what the guest's screen shows is said aloud.
    pub(crate) voice: bool,
    /// The camera of the guest's side, by its identity, or `pictures:` and a folder; the first there
    /// is without one.
    pub(crate) camera: Option<String>,
    /// The camera that looks down on the counter, in the same words; none without one.
    pub(crate) document_camera: Option<String>,
    /// What the cameras are set to; changed at the camera.
    pub(crate) camera_controls: devices::controls::Kept,
    /// A folder whose newest picture is what the desk sees.
    pub(crate) picture_folder: Option<String>,
    /// A line for each serial device, scanners and thermometers: its port, and its speed where it
    /// is not to be found by what comes.
    pub(crate) serial: Vec<String>,
    /// What the desk's scanners put before every code, as `Affix` reads it; it is taken off.
    pub(crate) scanner_prefix: Option<String>,
    /// What they put behind it.
    pub(crate) scanner_suffix: Option<String>,
    /// The card reader: its serial port, or host:port.
    pub(crate) card_reader: Option<String>,
    /// The turnstile's relay: its kind, where it is, and what differs from the usual.
    pub(crate) turnstile: Option<String>,
    /// The printer of slips: where it is, and how wide.
    pub(crate) printer: Option<String>,
    /// The guest's screen, by its name; the first that is not the operator's without one.
    pub(crate) guest_screen: Option<String>,
    /// Where the authority is; changed by enrolling.
    pub(crate) authority_url: Option<String>,
}

/// The settings as they lie in the desk's file.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "AnyForm", into = "Settings")]
struct Kept(Settings);

/// The same of any version: before there were several serial devices there was one, with its speed
/// beside it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnyForm {
    #[serde(flatten)]
    settings: Settings,
    serial_port: Option<String>,
    serial_baud: Option<u32>,
}

impl From<AnyForm> for Kept {
    fn from(AnyForm { mut settings, serial_port, serial_baud }: AnyForm) -> Self {
        if let Some(port) = serial_port.filter(|port| !port.is_empty()) {
            settings.serial.push(one_serial(&port, serial_baud));
        }
        Self(settings)
    }
}

impl From<Kept> for Settings {
    fn from(kept: Kept) -> Self {
        kept.0
    }
}

/// The line of the one serial device that a desk had before it could have several.
pub(crate) fn one_serial(port: &str, baud: Option<u32>) -> String {
    /// What its speed was while nobody had chosen one.
    const BAUD: u32 = 115_200;
    let port = port.strip_prefix("serial:").unwrap_or(port).to_owned();
    SerialDevice { port, baud: Some(baud.unwrap_or(BAUD)) }.to_string()
}

impl Settings {
    /// The settings of this desk.
    ///
    /// # Errors
    /// When the desk's file cannot be read.
    pub(crate) fn of(desk: &Desk) -> Result<Self, DeskError> {
        Ok(desk.settings::<Kept>(KEY)?.0)
    }

    /// Keeps them, for whoever is at the desk.
    ///
    /// # Errors
    /// When they may not, or it cannot be written.
    pub(crate) fn change(self, desk: &Desk) -> Result<(), DeskError> {
        desk.change_settings(KEY, &Kept(self))
    }

    /// Keeps them, for whoever looks after this computer.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn take(self, desk: &Desk) -> Result<(), DeskError> {
        desk.take_settings(KEY, &Kept(self))
    }

    /// These in the place of those that are kept, without what is the desk's own among them, or is
    /// changed at a camera: a page may have read it before it was.
    pub(crate) fn over(self, kept: Self) -> Self {
        Self {
            scene: kept.scene,
            operator: kept.operator,
            authority_url: kept.authority_url,
            camera_controls: kept.camera_controls,
            ..self
        }
    }

    /// What the desk's scanners put around every code.
    ///
    /// # Errors
    /// When a text is none.
    pub(crate) fn framing(&self) -> Result<Framing, CommandError> {
        let affix = |text: &Option<String>, field| {
            let read = text.as_deref().unwrap_or_default().parse();
            read.map_err(|error: AffixError| CommandError::bad_field(field, &error.to_string()))
        };
        Ok(Framing {
            prefix: affix(&self.scanner_prefix, "scannerPrefix")?,
            suffix: affix(&self.scanner_suffix, "scannerSuffix")?,
        })
    }

    /// Checks what they say of devices before they are kept.
    ///
    /// # Errors
    /// What cannot be read, or a camera or port that two would have.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        devices::cameras::check(self)?;
        devices::controls::check(&self.camera_controls)?;
        devices::serial_of(self)?;
        self.framing()?;
        card_reader::wanted(self)?;
        out::check(self)
    }
}

/// A language of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) enum Language {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh-CN")]
    Chinese,
    /// Traditional Chinese, as written in Taiwan and Hong Kong.
    #[serde(rename = "zh-Hant")]
    TraditionalChinese,
    /// English.
    #[serde(rename = "en")]
    English,
    /// Japanese.
    #[serde(rename = "ja")]
    Japanese,
    /// Korean.
    #[serde(rename = "ko")]
    Korean,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// Russian.
    #[serde(rename = "ru")]
    Russian,
    /// Vietnamese.
    #[serde(rename = "vi")]
    Vietnamese,
    /// Indonesian.
    #[serde(rename = "id")]
    Indonesian,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            scene: String::new(),
            operator: None,
            sound: true,
            voice: false,
            camera: None,
            document_camera: None,
            camera_controls: devices::controls::Kept::new(),
            picture_folder: None,
            serial: Vec::new(),
            scanner_prefix: None,
            scanner_suffix: None,
            card_reader: None,
            turnstile: None,
            printer: None,
            guest_screen: None,
            authority_url: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};
    use yanma_station::rights::Role;
    use yanma_station::{Mode, SystemClock};

    use super::*;

    #[track_caller]
    fn check(kept: Value, serial: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::at(folder.path(), Mode::Work, Arc::new(SystemClock)).unwrap().desk;
        desk.change_settings(KEY, kept.as_object().expect("an object")).unwrap();
        let settings = Settings::of(&desk).unwrap();
        assert_eq!(settings.serial, serial, "{kept}");
        assert_eq!(settings.camera.as_deref(), Some("camera-0"), "{kept}");
        settings.check().unwrap();
        desk.set_operator("chen", "陈站长", Role::Administrator, Some("739142")).unwrap();
        desk.sign_in("chen", "739142").unwrap();
        desk.set_operator("wang", "王小兰", Role::Operator, Some("9031")).unwrap();
        desk.sign_in("wang", "9031").unwrap();
        let english = Settings { language: Language::English, ..settings };
        english.clone().change(&desk).unwrap();
        assert_eq!(Settings::of(&desk).unwrap(), english, "nobody changed the devices");
    }

    #[test]
    fn the_one_serial_device_of_an_earlier_version_is_the_first_of_several() {
        let camera = "camera-0";
        let line = "/dev/ttyUSB0 baud=115200";
        for port in ["/dev/ttyUSB0", "serial:/dev/ttyUSB0"] {
            let before = json!({"camera": camera, "serialPort": port, "serialBaud": 115_200});
            check(before, &[line]);
            check(
                json!({"camera": camera, "serialPort": port, "serialBaud": 9600}),
                &["/dev/ttyUSB0 baud=9600"],
            );
            check(json!({"camera": camera, "serialPort": port}), &[line]);
        }
        check(json!({"camera": camera, "serialPort": null, "serialBaud": 115_200}), &[]);
        check(json!({"camera": camera}), &[]);
        check(json!({"camera": camera, "serial": ["COM3", "COM4"]}), &["COM3", "COM4"]);
    }

    /// Checks the settings, of which the field `expect` is wrong.
    #[track_caller]
    fn check_field(settings: Settings, expect: Option<&str>) {
        let field = settings.check().err().map(|error| match error {
            CommandError::BadField { field, .. } => field,
            other => panic!("{other:?}"),
        });
        assert_eq!(field.as_deref(), expect, "{settings:?}");
    }

    #[test]
    fn the_two_sides_have_a_camera_each() {
        let check = |camera, folder, document, expect| {
            let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let (camera, picture_folder) = (text(camera), text(folder));
            let document_camera = text(document);
            let settings =
                Settings { camera, picture_folder, document_camera, ..Settings::default() };
            check_field(settings, expect);
        };
        let taken = Some("documentCamera");
        check("", "", "", None);
        check("", "", "camera:Down", None);
        check("camera:Front", "", "camera:Down", None);
        check("camera:Front", "", "camera:Front", taken);
        check("camera:Cam@1-1:1.0", "", "camera:Cam@1-2:1.0", None);
        check("camera:Cam@1-1:1.0", "", "camera:Cam@1-1:1.0", taken);
        check("", "/front", "pictures:/down", None);
        check("", "/front", "pictures:/front/", taken);
        check("pictures:/front", "", "pictures:/front", taken);
        check("pictures:/front", "", "pictures:/down", None);
        // The folder is before the camera; without it the two would have one.
        check("camera:Front", "/front", "camera:Front", taken);
    }

    #[test]
    fn what_a_camera_is_set_to_is_changed_there_alone_by_whoever_may_and_written_down() {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::at(folder.path(), Mode::Work, Arc::new(SystemClock)).unwrap().desk;
        let set =
            |text: &str| devices::controls::Kept::from([("camera:A".into(), vec![text.into()])]);
        let with = |text: &str| Settings { camera_controls: set(text), ..Settings::default() };
        desk.set_operator("chen", "陈站长", Role::Administrator, Some("739142")).unwrap();
        desk.sign_in("chen", "739142").unwrap();
        desk.set_operator("lin", "林组长", Role::Supervisor, Some("5208")).unwrap();
        desk.set_operator("wang", "王小兰", Role::Operator, Some("9031")).unwrap();
        desk.sign_in("wang", "9031").unwrap();
        let refused = with("focus=120").change(&desk);
        assert!(matches!(refused, Err(DeskError::NotAllowed(_))), "{refused:?}");
        desk.sign_in("lin", "5208").unwrap();
        with("focus=120").change(&desk).unwrap();
        assert_eq!(Settings::of(&desk).unwrap(), with("focus=120"), "as after a restart");
        desk.sign_in("chen", "739142").unwrap();
        let rows = desk.audit(None, 100).unwrap();
        let row = rows.iter().find(|row| row.act == "settings").expect("it is in the audit");
        assert_eq!(row.subject.as_deref(), Some("cameraControls"), "and not to what");
        let before = Settings { sound: false, ..with("focus=0") };
        let expect = Settings { sound: false, ..with("focus=120") };
        assert_eq!(before.over(Settings::of(&desk).unwrap()), expect, "a page from before");
    }

    #[test]
    fn what_scanners_add_is_named_and_taken_off() {
        let with = |prefix: &str, suffix: &str| Settings {
            scanner_prefix: Some(prefix.to_owned()),
            scanner_suffix: Some(suffix.to_owned()),
            ..Settings::default()
        };
        check_field(with("\\x02*", "#"), None);
        check_field(with("\\n", ""), Some("scannerPrefix"));
        check_field(with("", &"a".repeat(33)), Some("scannerSuffix"));
        let framing = with("\\x02*", "#").framing().unwrap();
        assert_eq!(framing.bare("\u{2}*]C0350100190001010012#"), "350100190001010012");
        assert_eq!(Settings::default().framing().unwrap(), Framing::default());
    }

    #[test]
    fn a_port_is_one_devices_alone() {
        let check = check_field;
        let serial = |lines: &[&str]| Settings {
            serial: lines.iter().map(|&line| line.to_owned()).collect(),
            ..Settings::default()
        };
        let two = serial(&["/dev/ttyUSB0", "/dev/ttyUSB3 baud=115200"]);
        check(two.clone(), None);
        check(serial(&["/dev/ttyUSB0", "/dev/ttyUSB0 baud=115200"]), Some("serial"));
        check(serial(&["10.0.0.7:4001"]), Some("serial"));
        check(serial(&["COM3 baud=fast"]), Some("serial"));
        let third = Some("/dev/ttyUSB3".to_owned());
        check(Settings { card_reader: third.clone(), ..two.clone() }, Some("cardReader"));
        check(Settings { printer: third, ..two.clone() }, Some("printer"));
        let turnstile = Some("modbus:/dev/ttyUSB3".to_owned());
        check(Settings { turnstile, ..two }, Some("turnstile"));
    }
}
