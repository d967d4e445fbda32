//! Settings by file, for many desks that are to be alike: what the file says is put in force at
//! every start of the window, and what it does not say stays as it was set.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use yanma_devices::DeviceId;
use yanma_local::Settings as ProgramSettings;
use yanma_nearby::{LaneKeyError, Settings as NearbySettings};
use yanma_station::domain::IssuerId;
use yanma_station::protocol::city_list::CityCode;
use yanma_station::{Desk, DeskError, Subscription};
use yanma_updates::Settings as UpdateSettings;

use crate::commands::CommandError;
use crate::devices::cameras;
use crate::devices::controls::Kept;
use crate::settings::{self, Language, Settings};

/// Where the file lies unless `YANMA_SETTINGS` names another place.
#[cfg(not(windows))]
const USUAL_PLACE: &str = "/etc/yanma/desk.toml";
#[cfg(windows)]
const USUAL_PLACE: &str = r"C:\ProgramData\yanma\desk.toml";
/// The longest file, in bytes: a page of settings.
const LONGEST: u64 = 64 * 1024;

/// Why the file was not taken. Nothing of it is in force then.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FleetError {
    /// It is there and cannot be read, or is no text.
    #[error("{} cannot be read", .0.display())]
    Unreadable(PathBuf),
    /// It says something that is no setting: which, and where.
    #[error("{}: {what}", .path.display())]
    Wrong {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong, with the line.
        what: String,
    },
    /// The desk's file.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// What the file may say. Unknown keys are refused, so that a misspelt setting is never one left
/// out.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Fleet {
    language: Option<Language>,
    scene: Option<String>,
    sound: Option<bool>,
    voice: Option<bool>,
    camera: Option<String>,
    document_camera: Option<String>,
    /// Of the cameras that it names; none in a list means what the camera came with.
    camera_controls: Option<Kept>,
    picture_folder: Option<String>,
    serial: Option<Vec<String>>,
    /// The one serial device that a desk had before it could have several, and its speed.
    serial_port: Option<String>,
    serial_baud: Option<u32>,
    scanner_prefix: Option<String>,
    scanner_suffix: Option<String>,
    card_reader: Option<String>,
    turnstile: Option<String>,
    printer: Option<String>,
    guest_screen: Option<String>,
    programs: Programs,
    nearby: Nearby,
    lists: Lists,
    updates: Updates,
}

/// What it may say of the lists that the desk has.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Lists {
    documents: Option<bool>,
    /// None in it means the whole directory.
    cities: Option<Vec<CityCode>>,
    regions: Option<Vec<IssuerId>>,
}

/// What it may say of other desks in the same network.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Nearby {
    give: Option<bool>,
    take: Option<bool>,
    /// As a string, so that no error about it shows it.
    lane_key: Option<String>,
}

/// What it may say of new versions.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Updates {
    address: Option<String>,
    key: Option<String>,
}

/// What it may say of other programs.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Programs {
    on: Option<bool>,
    port: Option<u16>,
    /// SHA-256 of the token, as hexadecimal digits.
    token_sha256: Option<String>,
}

/// What the file says, or what was kept; an empty text takes it away.
fn text(said: &Option<String>, kept: Option<String>) -> Option<String> {
    match said.as_deref() {
        None => kept,
        Some("") => None,
        Some(said) => Some(said.to_owned()),
    }
}

impl Fleet {
    /// The settings with what the file says of them.
    fn over(&self, kept: Settings) -> Settings {
        Settings {
            language: self.language.unwrap_or(kept.language),
            sound: self.sound.unwrap_or(kept.sound),
            voice: self.voice.unwrap_or(kept.voice),
            camera: text(&self.camera, kept.camera),
            document_camera: text(&self.document_camera, kept.document_camera),
            camera_controls: self.controls_over(kept.camera_controls),
            picture_folder: text(&self.picture_folder, kept.picture_folder),
            serial: self.serial_over(kept.serial),
            scanner_prefix: text(&self.scanner_prefix, kept.scanner_prefix),
            scanner_suffix: text(&self.scanner_suffix, kept.scanner_suffix),
            card_reader: text(&self.card_reader, kept.card_reader),
            turnstile: text(&self.turnstile, kept.turnstile),
            printer: text(&self.printer, kept.printer),
            guest_screen: text(&self.guest_screen, kept.guest_screen),
            ..kept
        }
    }

    fn controls_over(&self, mut kept: Kept) -> Kept {
        let said = self.camera_controls.clone().unwrap_or_default();
        // What a camera was set to on screen is kept under the id that it had there.
        let named: Vec<_> = said.keys().map(|id| DeviceId::from_text(id)).collect();
        kept.retain(|id, _| {
            let id = DeviceId::from_text(id);
            !named.iter().any(|named| cameras::may_be_one(named, &id))
        });
        kept.extend(said);
        kept.retain(|_, texts| !texts.is_empty());
        kept
    }

    fn serial_over(&self, kept: Vec<String>) -> Vec<String> {
        if let Some(serial) = &self.serial {
            return serial.clone();
        }
        match self.serial_port.as_deref() {
            None => kept,
            Some("") => Vec::new(),
            Some(port) => vec![settings::one_serial(port, self.serial_baud)],
        }
    }

    fn programs_over(&self, kept: ProgramSettings) -> ProgramSettings {
        let said = &self.programs;
        ProgramSettings {
            on: said.on.unwrap_or(kept.on),
            port: said.port.unwrap_or(kept.port),
            token: said.token_sha256.clone().or(kept.token),
            ..kept
        }
    }
}

impl Lists {
    fn over(&self, kept: Subscription) -> Subscription {
        Subscription {
            documents: self.documents.unwrap_or(kept.documents),
            cities: match &self.cities {
                Some(cities) => Some(cities.clone()).filter(|cities| !cities.is_empty()),
                None => kept.cities,
            },
            regions: self.regions.clone().or(kept.regions),
        }
    }
}

impl Updates {
    fn over(&self, kept: UpdateSettings) -> UpdateSettings {
        UpdateSettings {
            address: text(&self.address, kept.address),
            key: text(&self.key, kept.key),
        }
    }
}

impl Nearby {
    fn over(&self, kept: NearbySettings) -> Result<NearbySettings, LaneKeyError> {
        let lane_key = self.lane_key.as_deref().map(str::parse).transpose()?;
        Ok(NearbySettings {
            give: self.give.unwrap_or(kept.give),
            take: self.take.unwrap_or(kept.take),
            lane_key: lane_key.or(kept.lane_key),
        })
    }
}

/// Takes the file of this computer, where there is one.
pub(crate) fn take(desk: &Desk) -> Result<(), FleetError> {
    let named = std::env::var_os("YANMA_SETTINGS").map(PathBuf::from);
    take_from(desk, &named.unwrap_or_else(|| PathBuf::from(USUAL_PLACE)))
}

fn take_from(desk: &Desk, path: &Path) -> Result<(), FleetError> {
    let unreadable = || FleetError::Unreadable(path.to_owned());
    let length = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|_| unreadable())?.len(),
    };
    if length > LONGEST {
        return Err(unreadable());
    }
    let text = std::fs::read_to_string(path).map_err(|_| unreadable())?;
    let wrong = |what: String| FleetError::Wrong { path: path.to_owned(), what };
    let fleet: Fleet = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if fleet.serial.is_some() && (fleet.serial_port.is_some() || fleet.serial_baud.is_some()) {
        return Err(wrong("serial stands in the place of serial-port and serial-baud".to_owned()));
    }
    let settings = fleet.over(Settings::of(desk)?);
    let programs = fleet.programs_over(ProgramSettings::of(desk)?);
    let field = |error| match error {
        CommandError::BadField { field, reason } => wrong(format!("{field}: {reason}")),
        _ => unreadable(),
    };
    settings.check().map_err(field)?;
    if programs.token.as_deref().is_some_and(|digest| !is_digest(digest)) {
        return Err(wrong("programs.token-sha256 is not 64 hexadecimal digits".to_owned()));
    }
    if !ProgramSettings::is_port(programs.port) {
        return Err(wrong("programs.port is not 1024 to 65535".to_owned()));
    }
    let nearby = fleet.nearby.over(NearbySettings::of(desk)?);
    let nearby = nearby.map_err(|error| wrong(format!("nearby.lane-key: {error}")))?;
    let updates = fleet.updates.over(UpdateSettings::of(desk)?);
    updates.check().map_err(|error| wrong(format!("updates: {error}")))?;
    if let Some(scene) = &fleet.scene {
        desk.take_scene(scene).map_err(|error| match error {
            DeskError::NoPolicy => wrong(format!("there is no policy for the scene {scene:?}")),
            error => error.into(),
        })?;
    }
    settings.take(desk)?;
    programs.take(desk)?;
    nearby.take(desk)?;
    updates.take(desk)?;
    desk.take_subscription(&fleet.lists.over(desk.subscription()?))?;
    Ok(())
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use yanma_station::rights::Role;
    use yanma_station::{Mode, SystemClock};

    use super::*;

    /// A desk in a folder, and a file of settings beside it.
    fn desk_and_file(text: &str) -> (tempfile::TempDir, Desk, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("desk.toml");
        std::fs::write(&file, text).unwrap();
        let desk = Desk::at(&folder.path().join("desk"), Mode::Work, Arc::new(SystemClock));
        (folder, desk.unwrap().desk, file)
    }

    fn settings(desk: &Desk) -> Settings {
        Settings::of(desk).unwrap()
    }

    #[test]
    fn what_the_file_says_is_in_force_and_the_rest_stays() {
        let (_folder, desk, file) = desk_and_file(
            r#"
            language = "en"
            scene = "hotel"
            camera = ""
            document-camera = "pictures:/srv/counter"
            card-reader = "10.0.0.5:9000"
            [programs]
            port = 9000
            [nearby]
            take = true
            [lists]
            cities = [3501, 0]
            regions = [33, 36]
            "#,
        );
        let before = Settings {
            camera: Some("camera-0".to_owned()),
            printer: Some("/dev/usb/lp0".to_owned()),
            ..Settings::default()
        };
        before.clone().change(&desk).unwrap();
        take_from(&desk, &file).unwrap();
        let now = settings(&desk);
        assert_eq!(now.language, Language::English);
        assert_eq!((now.camera, now.printer), (None, before.printer));
        assert_eq!(now.document_camera.as_deref(), Some("pictures:/srv/counter"));
        assert_eq!(now.card_reader.as_deref(), Some("10.0.0.5:9000"));
        assert_eq!(desk.scene(), "hotel");
        let programs = ProgramSettings::of(&desk).unwrap();
        assert_eq!((programs.on, programs.port), (false, 9000));
        let regions = Some(vec![IssuerId(33), IssuerId(36)]);
        let cities = Some(vec![CityCode(3501), CityCode::NONE]);
        let wanted = Subscription { documents: true, cities, regions };
        assert_eq!(desk.subscription().unwrap(), wanted);
        std::fs::write(&file, "[lists]\ndocuments = true").unwrap();
        take_from(&desk, &file).unwrap();
        assert_eq!(desk.subscription().unwrap(), wanted, "what it does not say stays");
        std::fs::write(&file, "[lists]\ncities = []").unwrap();
        take_from(&desk, &file).unwrap();
        assert_eq!(desk.subscription().unwrap(), Subscription { cities: None, ..wanted });
        let nearby = NearbySettings::of(&desk).unwrap();
        assert_eq!((nearby.give, nearby.take), (false, true));
    }

    #[test]
    fn a_camera_that_the_file_names_is_set_as_it_says_and_others_stay() {
        let (_folder, desk, file) =
            desk_and_file("[camera-controls]\n\"camera:A\" = [\"focus=120\"]\n\"camera:B@2\" = []");
        let set = |text: &str| vec![text.to_owned()];
        // On screen it was kept where the first one was plugged in.
        let before = ["camera:A@1", "camera:B@2", "camera:B@4", "camera:C@3"];
        let before = before.map(|camera| (camera.to_owned(), set("brightness=40"))).into();
        Settings { camera_controls: before, ..Settings::default() }.change(&desk).unwrap();
        take_from(&desk, &file).unwrap();
        let stays = ["camera:B@4", "camera:C@3"].map(|camera| (camera, "brightness=40"));
        let expect = [("camera:A", "focus=120")].into_iter().chain(stays);
        let expect = expect.map(|(camera, text)| (camera.to_owned(), set(text)));
        assert_eq!(settings(&desk).camera_controls, expect.collect());
    }

    #[test]
    fn the_page_shows_every_key_and_no_other() {
        let page = include_str!("../../docs/desk-settings.md");
        let example = page.split("```").find_map(|part| part.strip_prefix("toml\n")).unwrap();
        let said: Fleet = toml::from_str(example).unwrap();
        assert_eq!(said.programs.port, Some(8790));
        let keys = example.lines().filter(|line| line.contains(" = ")).count();
        assert_eq!(keys, 26, "and the page names all of them");
        let (_folder, desk, file) = desk_and_file(example);
        take_from(&desk, &file).unwrap();
    }

    #[test]
    fn a_file_of_an_earlier_version_has_one_serial_device() {
        let check = |text: &str, serial: &[&str]| {
            let (_folder, desk, file) = desk_and_file(text);
            let before = Settings { serial: vec!["COM9".to_owned()], ..Settings::default() };
            before.change(&desk).unwrap();
            take_from(&desk, &file).unwrap();
            assert_eq!(settings(&desk).serial, serial, "{text}");
        };
        check("", &["COM9"]);
        check("serial-port = \"/dev/ttyUSB0\"\nserial-baud = 9600", &["/dev/ttyUSB0 baud=9600"]);
        check("serial-port = \"/dev/ttyUSB0\"", &["/dev/ttyUSB0 baud=115200"]);
        check("serial-port = \"\"", &[]);
        check("serial-baud = 9600", &["COM9"]);
        check("serial = []", &[]);
        check("serial = [\"COM3\", \"COM4 baud=19200\"]", &["COM3", "COM4 baud=19200"]);
    }

    #[test]
    fn nobody_needs_to_have_signed_in_and_it_is_in_the_audit_once() {
        let (_folder, desk, file) = desk_and_file("serial = [\"COM3\"]");
        desk.set_operator("anna", "安娜", Role::Administrator, Some("7294")).unwrap();
        assert!(desk.asks_for_sign_in());
        take_from(&desk, &file).unwrap();
        take_from(&desk, &file).unwrap();
        assert_eq!(settings(&desk).serial, ["COM3"]);
        desk.sign_in("anna", "7294").unwrap();
        let rows = desk.audit(None, 100).unwrap();
        let by_file = rows.iter().filter(|row| row.detail.as_deref() == Some("file"));
        assert_eq!(by_file.count(), 1, "what does not change is not written down");
    }

    #[test]
    fn a_file_that_is_wrong_anywhere_changes_nothing_and_says_where() {
        for (text, said) in [
            ("langauge = \"en\"", "langauge"),
            ("language = \"en\"\nsound = \"yes\"", "line 2"),
            ("language = \"klingon\"", "klingon"),
            ("[programs]\nhooks = []", "hooks"),
            ("[nearby]\ngive = 1", "line 2"),
            ("[nearby]\nlane-key = \"5a5a\"", "36 hexadecimal digits"),
            ("serial = [\"COM3\", \"COM3\"]", "serial"),
            ("camera = \"camera:A\"\ndocument-camera = \"camera:A\"", "documentCamera"),
            ("[camera-controls]\n\"camera:A\" = [\"zoom=1\"]", "cameraControls"),
            ("serial = [\"COM3\"]\nserial-port = \"COM4\"", "serial-port"),
            ("language = \"en\"\ncard-reader = \"nowhere at all\"", "cardReader"),
            ("language = \"en\"\nturnstile = \"wish\"", "turnstile"),
            ("language = \"en\"\n[programs]\ntoken-sha256 = \"secret\"", "token-sha256"),
            ("language = \"en\"\n[programs]\nport = 80", "port"),
            ("language = \"en\"\n[updates]\naddress = \"http://updates.example/\"", "https"),
            ("language = \"en\"\n[updates]\nkey = \"RWQ\"", "public key"),
            ("language = \"en\"\nscene = \"moon\"", "moon"),
        ] {
            let (_folder, desk, file) = desk_and_file(text);
            let error = take_from(&desk, &file).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
            assert!(error.contains("desk.toml"), "{error}");
            assert_eq!(settings(&desk), Settings::default(), "{text}");
        }
    }

    #[test]
    fn no_file_is_no_error_and_an_unreadable_one_is() {
        let (folder, desk, _) = desk_and_file("");
        take_from(&desk, &folder.path().join("none.toml")).unwrap();
        let error = take_from(&desk, folder.path()).unwrap_err();
        assert!(matches!(error, FleetError::Unreadable(_)), "a folder is no file");
        let (_folder, desk, file) = desk_and_file(&"# \n".repeat(30_000));
        assert!(matches!(take_from(&desk, &file), Err(FleetError::Unreadable(_))));
    }
}
