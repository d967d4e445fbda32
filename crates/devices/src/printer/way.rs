//! The way to a printer.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::thread;
use std::time::Duration;

use super::PrinterAddress;
use crate::wire::{LineAddress, Wire, is_pause};

/// What serial printers are set to when they leave the factory.
const BAUD: u32 = 9600;

/// How long one look at a device file waits.
const LOOK: Duration = Duration::from_millis(20);

/// An open way.
pub(super) enum Way {
    Line(Wire),
    File(File),
}

impl PrinterAddress {
    pub(super) fn open(&self) -> io::Result<Way> {
        Ok(match self {
            Self::Line(line) => Way::Line(line.open(line.baud().unwrap_or(BAUD))?),
            Self::File(path) => Way::File(device_file(path)?),
        })
    }

    /// Whether the way stays open between jobs: one over the network is not ours alone.
    pub(super) fn is_kept(&self) -> bool {
        !matches!(self, Self::Line(LineAddress::Tcp(_)))
    }
}

#[cfg(unix)]
fn device_file(path: &str) -> io::Result<File> {
    use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};

    use rustix::fs::OFlags;

    // A printer that has no paper would else hold us in the middle of a write for ever.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let flags = i32::try_from(flags).map_err(|_| ErrorKind::Unsupported)?;
    let file = File::options().read(true).write(true).custom_flags(flags).open(path)?;
    // A file of that name would be written full of slips, and no printer would be missed.
    if file.metadata()?.file_type().is_char_device() {
        Ok(file)
    } else {
        Err(ErrorKind::NotFound.into())
    }
}

#[cfg(not(unix))]
fn device_file(_path: &str) -> io::Result<File> {
    Err(ErrorKind::Unsupported.into())
}

impl Way {
    /// Takes what has come, waiting a little for it; 0 when nothing has.
    pub(super) fn read_some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (read, is_file) = match self {
            Self::Line(wire) => (wire.read(buffer), false),
            Self::File(file) => (file.read(buffer), true),
        };
        match read {
            // The file of a printer that has nothing to say is at its end.
            Ok(0) if is_file => {
                thread::sleep(LOOK);
                Ok(0)
            }
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Err(error) if is_pause(&error) => {
                if is_file {
                    thread::sleep(LOOK);
                }
                Ok(0)
            }
            other => other,
        }
    }

    /// Hands on as much as is taken now, waiting a little for it; 0 when nothing was.
    pub(super) fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (written, is_file) = match self {
            Self::Line(wire) => (wire.write(bytes), false),
            Self::File(file) => (file.write(bytes), true),
        };
        match written {
            Err(error) if is_pause(&error) => {
                if is_file {
                    thread::sleep(LOOK);
                }
                Ok(0)
            }
            other => other,
        }
    }

    /// Throws away what has come and nobody has read.
    pub(super) fn discard_input(&mut self) -> io::Result<()> {
        match self {
            Self::Line(wire) => wire.discard_input(),
            Self::File(file) => {
                let mut buffer = [0; 64];
                // A printer that never stops sending must not hold us here.
                for _ in 0..16 {
                    if !matches!(file.read(&mut buffer), Ok(count) if count > 0) {
                        break;
                    }
                }
                Ok(())
            }
        }
    }
}
