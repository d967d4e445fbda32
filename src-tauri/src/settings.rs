//! Settings of the window, kept in the desk's file.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Under which the settings lie in the store.
pub(crate) const KEY: &str = "window";

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
    /// The camera, by its identity.
    pub(crate) camera: Option<String>,
    /// A folder whose newest picture is what the desk sees.
    pub(crate) picture_folder: Option<String>,
    /// The serial scanner's port.
    pub(crate) serial_port: Option<String>,
    /// Its speed in bits a second.
    pub(crate) serial_baud: u32,
    /// The card reader: its serial port, or host:port.
    pub(crate) card_reader: Option<String>,
    /// The turnstile's relay: its kind, where it is, and what differs from the usual.
    pub(crate) turnstile: Option<String>,
    /// The printer of slips: where it is, and how wide.
    pub(crate) printer: Option<String>,
    /// Where the authority is; changed by enrolling.
    pub(crate) authority_url: Option<String>,
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
            picture_folder: None,
            serial_port: None,
            serial_baud: 115_200,
            card_reader: None,
            turnstile: None,
            printer: None,
            authority_url: None,
        }
    }
}
