//! What devices have to say.

use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use yanma_barcode::Symbology;

use crate::camera::Advice;

/// Where events go. It is called from device threads and should return soon; while it runs, that
/// device waits.
pub type Sink = Arc<dyn Fn(DeviceEvent) + Send + Sync>;

/// Names a device on this machine: `camera:HD Webcam@1-2:1.0`, `pictures:/path`, `serial:/dev/ttyACM0`, `wedge`,
/// `hid:0c2e:0b61`, `card:/dev/ttyUSB0`, `card:10.0.0.7:4001`, `turnstile:/dev/ttyUSB1`, `printer:/dev/usb/lp0`.
/// It stays the same when a device is unplugged and plugged in again, as far as the operating
/// system lets it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceId(String);

impl DeviceId {
    /// A camera by what tells it from others: its name and where it is plugged in, see
    /// [`crate::camera::NokhwaCamera`].
    #[must_use]
    pub fn camera(identity: &str) -> Self {
        Self(format!("camera:{identity}"))
    }

    /// A picture folder by its path.
    #[must_use]
    pub fn pictures(folder: &std::path::Path) -> Self {
        Self(format!("pictures:{}", folder.display()))
    }

    /// A serial port by its path or name.
    #[must_use]
    pub fn serial(port: &str) -> Self {
        Self(format!("serial:{port}"))
    }

    /// A smart-card reader by the name that the system's service gives it.
    #[must_use]
    pub fn chip_reader(name: &str) -> Self {
        Self(format!("chip:{name}"))
    }

    /// The keyboard: there is one stream of keys, whatever types them.
    #[must_use]
    pub fn wedge() -> Self {
        Self("wedge".into())
    }

    /// The id as text, for settings and screens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes an id back from settings. Any text is an id; whether there is such a device shows
    /// when it is opened.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceKind {
    /// A camera.
    Camera,
    /// A folder whose newest picture is what the camera sees.
    Pictures,
    /// A scanner on a serial port.
    Serial,
    /// A scanner in the mode HID POS.
    Hid,
    /// A scanner that types.
    Wedge,
    /// A reader of chip cards.
    Card,
    /// A turnstile behind a relay.
    Turnstile,
    /// A printer of slips.
    Printer,
}

impl DeviceKind {
    /// The stable name for screens and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Pictures => "pictures",
            Self::Serial => "serial",
            Self::Hid => "hid",
            Self::Wedge => "wedge",
            Self::Card => "card",
            Self::Turnstile => "turnstile",
            Self::Printer => "printer",
        }
    }
}

/// How a device stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceState {
    /// It is being opened.
    Opening,
    /// It delivers.
    Working,
    /// It is gone, or its pictures stopped. It is tried again without being asked.
    Lost,
    /// Another program uses it. It is tried again without being asked.
    Busy,
    /// The operating system forbids it, or it has no format that can be read. It is tried again,
    /// but someone should look.
    Refused,
    /// It was stopped.
    Off,
}

impl DeviceState {
    /// How a device stands that could not be opened.
    pub(crate) fn of(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::PermissionDenied => Self::Refused,
            ErrorKind::ResourceBusy => Self::Busy,
            _ => Self::Lost,
        }
    }

    /// The stable name for screens and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Working => "working",
            Self::Lost => "lost",
            Self::Busy => "busy",
            Self::Refused => "refused",
            Self::Off => "off",
        }
    }
}

/// By what kind of device something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeenKind {
    /// In a picture, by a camera or in a folder.
    Camera,
    /// By a scanner on a serial port.
    Serial,
    /// By a scanner in the mode HID POS.
    Hid,
    /// By a scanner that types.
    Wedge,
}

/// One thing presented at the desk, as the device saw it: not yet understood, let alone judged.
#[derive(Clone, PartialEq)]
pub struct Seen {
    /// Which device saw it.
    pub source: DeviceId,
    /// What kind of device that is.
    pub kind: SeenKind,
    /// The kind of symbol, where the device tells: cameras do, and scanners in the mode HID POS.
    pub symbology: Option<Symbology>,
    /// What it says. Bytes of a scanner that are no UTF-8 are replaced here and kept in `bytes`.
    pub text: String,
    /// The same as it came.
    pub bytes: Vec<u8>,
    /// Its outline in frame pixels, from cameras.
    pub corners: Option<[(f32, f32); 4]>,
    /// Width and height of the frame in pixels, from cameras.
    pub frame_size: Option<(u32, u32)>,
}

impl fmt::Debug for Seen {
    /// Without text and bytes: they are a person's code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen")
            .field("source", &self.source)
            .field("symbology", &self.symbology)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// A symbol in the present frame, for drawing its outline. Unlike [`Seen`] it comes again with
/// every frame, also for a code that was handed on before.
#[derive(Clone, PartialEq)]
pub struct Found {
    /// The kind of symbol.
    pub symbology: Symbology,
    /// What it says.
    pub text: String,
    /// The outline in frame pixels, clockwise.
    pub corners: [(f32, f32); 4],
    /// Width of the frame in pixels.
    pub width: u32,
    /// Height of the frame in pixels.
    pub height: u32,
}

impl fmt::Debug for Found {
    /// Without the text: it is a person's code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found")
            .field("symbology", &self.symbology)
            .field("corners", &self.corners)
            .finish_non_exhaustive()
    }
}

/// Something that went wrong once, while the device goes on working.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A file in the picture folder is no PNG or JPEG, or is damaged. It is skipped.
    NotAPicture,
    /// A file in the picture folder is too large. It is skipped.
    PictureTooLarge,
    /// A scanner sent more than [`MAX_READING_BYTES`](crate::serial::MAX_READING_BYTES) without
    /// an end. What it sent was thrown away.
    ReadingTooLong,
    /// A part of what a scanner sent is missing. What was there was thrown away.
    ReadingBroken,
    /// What came on a serial port makes no sense, and nobody set its speed. It was thrown away, and
    /// other speeds are tried until something does; told once each time the port is opened.
    WrongSpeed,
}

impl Notice {
    /// The stable code for screens and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAPicture => "NOT-A-PICTURE",
            Self::PictureTooLarge => "PICTURE-TOO-LARGE",
            Self::ReadingTooLong => "READING-TOO-LONG",
            Self::ReadingBroken => "READING-BROKEN",
            Self::WrongSpeed => "WRONG-SPEED",
        }
    }
}

/// What a device thread tells.
#[derive(Debug, Clone, PartialEq)]
pub enum DeviceEvent {
    /// Something was presented.
    Seen(Seen),
    /// The symbol nearest the middle of the present frame, or none any more.
    Found {
        /// Whose frame.
        id: DeviceId,
        /// The symbol; `None` is sent once, when the last one has left.
        found: Option<Found>,
    },
    /// What would help whoever shows a code that cannot be read, or none any more. Told when it
    /// changes.
    Advice {
        /// Whose frames.
        id: DeviceId,
        /// The advice; `None` is sent once, when it is over.
        advice: Option<Advice>,
    },
    /// A small picture for the screen, JPEG. At most two are on their way: acknowledge each with
    /// [`CameraHandle::ack_preview`](crate::camera::CameraHandle::ack_preview), or none follow.
    Preview {
        /// Whose picture.
        id: DeviceId,
        /// The JPEG, up to 640×360 pixels.
        jpeg: Arc<Vec<u8>>,
    },
    /// The device's state changed.
    State {
        /// Whose state.
        id: DeviceId,
        /// The new state.
        state: DeviceState,
    },
    /// Something went wrong once.
    Notice {
        /// With which device.
        id: DeviceId,
        /// What.
        notice: Notice,
    },
}
