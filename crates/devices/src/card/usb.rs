//! A reader that speaks over USB in its own way.
//!
//! Vendor and product are 0400:C35A; its first interface is of no class, has a bulk endpoint in
//! and one out, and takes and gives the frames of the serial line, whole and with their preamble.
//! Source: the open drivers that there are for these readers, which agree.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use nusb::MaybeFuture;
use nusb::io::{EndpointRead, EndpointWrite};
use nusb::transfer::{Bulk, Direction, In, Out};

use crate::wire::is_pause;

/// Vendor and product of these readers.
const READER: (u16, u16) = (0x0400, 0xC35A);

/// How long one look at the reader may last: stopping waits for it.
const LOOK: Duration = Duration::from_millis(20);

/// How long one write may last.
const WRITE: Duration = Duration::from_millis(500);

/// Bytes of one transfer. An answer with text, photo and fingerprints has 2321.
const TRANSFER: usize = 4096;

/// An open reader. Dropping it gives it back.
pub(super) struct UsbReader {
    from: EndpointRead<Bulk>,
    to: EndpointWrite<Bulk>,
}

impl UsbReader {
    /// Opens the first reader that is there.
    ///
    /// # Errors
    /// `NotFound` when there is none, `PermissionDenied` when this user may not use it,
    /// `ResourceBusy` when another program does, `Unsupported` when it is another kind of device.
    pub(super) fn open() -> io::Result<Self> {
        let reader = nusb::list_devices()
            .wait()?
            .find(|device| (device.vendor_id(), device.product_id()) == READER)
            .ok_or(ErrorKind::NotFound)?;
        let device = reader.open().wait().map_err(told)?;
        let interface = device.claim_interface(0).wait().map_err(told)?;
        let (mut from, mut to) = (None, None);
        for endpoint in interface.descriptor().ok_or(ErrorKind::Unsupported)?.endpoints() {
            let place = match endpoint.direction() {
                Direction::In => &mut from,
                Direction::Out => &mut to,
            };
            if endpoint.transfer_type() == nusb::descriptors::TransferType::Bulk {
                place.get_or_insert(endpoint.address());
            }
        }
        let from = interface.endpoint::<Bulk, In>(from.ok_or(ErrorKind::Unsupported)?);
        let to = interface.endpoint::<Bulk, Out>(to.ok_or(ErrorKind::Unsupported)?);
        Ok(Self {
            from: from.map_err(told)?.reader(TRANSFER).with_read_timeout(LOOK),
            to: to.map_err(told)?.writer(TRANSFER).with_write_timeout(WRITE),
        })
    }

    /// Waits a little for bytes, as a serial line does.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.from.read(buffer)
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes)?;
        self.to.flush()
    }

    /// Throws away what has come and nobody has read.
    pub(super) fn discard_input(&mut self) -> io::Result<()> {
        let mut buffer = [0; 512];
        self.from.set_read_timeout(Duration::ZERO);
        // A reader that never stops sending must not hold us here.
        let mut last = Ok(1);
        for _ in 0..16 {
            last = self.from.read(&mut buffer);
            if !matches!(last, Ok(1..)) {
                break;
            }
        }
        self.from.set_read_timeout(LOOK);
        match last {
            Err(error) if !is_pause(&error) => Err(error),
            _ => Ok(()),
        }
    }
}

/// As a serial port tells it.
fn told(error: nusb::Error) -> io::Error {
    match error.kind() {
        nusb::ErrorKind::Busy => ErrorKind::ResourceBusy.into(),
        _ => error.into(),
    }
}
