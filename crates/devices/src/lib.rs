//! Lists, opens and reads what stands on a desk: cameras, picture folders, scanners on serial
//! ports, in HID POS mode and as keyboards, card readers. It judges nothing: what is seen is handed
//! on as text and bytes. And it serves what goes out of a desk: a turnstile, a printer of slips.
//!
//! * [`list_devices`] says what is there, [`attached::attached`] also what cannot be used, and why.
//! * [`camera::run`] watches a camera: [`camera::NokhwaCamera`] or [`camera::PictureFolder`].
//! * [`card::run`] reads second-generation cards, [`chip::read_chip`] the chips of passports.
//! * [`serial::run`] listens to a scanner or a thermometer on a serial port, one for each port.
//! * [`hid::run`] listens to a scanner in the mode HID POS.
//! * [`wedge::KeyRun`] tells the keys of a scanner that types from those of a person.
//! * [`turnstile::run`] opens a turnstile and hears whether its arm turned.
//! * [`printer::run`] prints slips.
//! * [`Framing`] takes off what a scanner puts around a code.
//! * [`scanners::families`] are the makers' barcodes that set a scanner to another mode.
//! * [`stick::sticks`] says which disks were plugged in.
//!
//! Everything arrives at a [`Sink`] as a [`DeviceEvent`]. Devices vanish, stall, are busy and
//! come back; each such change is a [`DeviceEvent::State`], and a device that comes back is used
//! again without being asked. Nothing here panics or blocks its caller when a device does.
//!
//! ```no_run
//! use std::sync::Arc;
//! use yanma_devices::camera::{self, CameraOptions, PictureFolder};
//! use yanma_devices::DeviceEvent;
//!
//! let folder = Arc::new(PictureFolder::new("/tmp/shown"));
//! let (sender, events) = std::sync::mpsc::channel();
//! let watching = camera::run(folder, CameraOptions::default(), Arc::new(move |event| {
//!     let _ = sender.send(event);
//! }));
//! for event in events {
//!     if let DeviceEvent::Preview { .. } = event {
//!         watching.ack_preview();
//!     }
//! }
//! ```

pub mod attached;
pub mod camera;
pub mod card;
pub mod chip;
mod event;
mod framing;
pub mod hid;
mod list;
pub mod printer;
pub mod scanners;
pub mod serial;
mod simulated;
pub mod stick;
mod threads;
pub mod turnstile;
pub mod wedge;
mod wire;

pub use event::{
    DeviceEvent, DeviceId, DeviceKind, DeviceState, Found, Notice, Seen, SeenKind, Sink,
};
pub use framing::{Affix, AffixError, Framing};
pub use list::{DeviceInfo, list_cameras, list_devices};
pub use simulated::SimulatedPort;
pub use wire::{AddressError, LineAddress};
pub use yanma_barcode as barcode;
