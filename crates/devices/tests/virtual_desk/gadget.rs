//! Scanners made of the kernel's own USB gadgets, on a controller that is plugged into itself.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::scanned::reports;

const CONFIGS: &str = "/sys/kernel/config";

/// A scanner as makers describe theirs: a count, the symbology, 56 bytes, and a bit at the end.
const DESCRIPTOR: &[u8] = &[
    0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x85, 0x02, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x05,
    0x01, 0x95, 0x01, 0x09, 0x3B, 0x81, 0x02, 0x05, 0x8C, 0x95, 0x03, 0x09, 0xFB, 0x09, 0xFC, 0x09,
    0xFD, 0x81, 0x02, 0x95, 0x38, 0x09, 0xFE, 0x82, 0x02, 0x01, 0x95, 0x02, 0x81, 0x03, 0x75, 0x01,
    0x95, 0x01, 0x09, 0xFF, 0x81, 0x02, 0x95, 0x07, 0x81, 0x03, 0xC0,
];

/// A scanner. Dropping it takes it apart.
pub(crate) struct Gadget {
    folder: PathBuf,
    function: &'static str,
}

impl Gadget {
    /// In the mode HID POS, plugged in.
    pub(crate) fn scanner() -> Self {
        let gadget = Self::new("hid.usb0", "0x0b61");
        let function = gadget.folder.join("functions/hid.usb0");
        write(&function.join("protocol"), b"0");
        write(&function.join("subclass"), b"0");
        write(&function.join("report_length"), b"64");
        write(&function.join("report_desc"), DESCRIPTOR);
        gadget.started()
    }

    /// On a serial port, plugged in.
    pub(crate) fn serial() -> Self {
        Self::new("acm.usb0", "0x0b6a").started()
    }

    fn new(function: &'static str, product: &str) -> Self {
        if !Path::new(CONFIGS).join("usb_gadget").exists() {
            let mounted = Command::new("mount").args(["-t", "configfs", "none", CONFIGS]).status();
            assert!(mounted.expect("mount").success());
        }
        let folder = Path::new(CONFIGS).join("usb_gadget/scanner");
        for part in ["strings/0x409", "configs/c.1", "functions"] {
            fs::create_dir_all(folder.join(part)).expect("a gadget");
        }
        fs::create_dir(folder.join("functions").join(function)).expect("a function");
        write(&folder.join("idVendor"), b"0x0c2e");
        write(&folder.join("idProduct"), product.as_bytes());
        write(&folder.join("strings/0x409/manufacturer"), b"Virtual Desk");
        write(&folder.join("strings/0x409/product"), b"Virtual Scanner");
        write(&folder.join("strings/0x409/serialnumber"), b"S1");
        Self { folder, function }
    }

    fn started(mut self) -> Self {
        let function = self.folder.join("functions").join(self.function);
        std::os::unix::fs::symlink(function, self.folder.join("configs/c.1").join(self.function))
            .expect("the function is used");
        self.plug();
        self
    }

    pub(crate) fn plug(&mut self) {
        let controllers = fs::read_dir("/sys/class/udc").expect("controllers");
        let controller = controllers.flatten().next().expect("a controller").file_name();
        write(&self.folder.join("UDC"), controller.as_encoded_bytes());
        if self.function == "acm.usb0" {
            let raw = ["-F", "/dev/ttyGS0", "raw", "-echo"];
            assert!(Command::new("stty").args(raw).status().expect("stty").success());
        }
    }

    pub(crate) fn unplug(&mut self) {
        write(&self.folder.join("UDC"), b"\n");
    }

    /// Reads a code: tells all of it.
    pub(crate) fn scan(&self, text: &[u8], aim: [u8; 3]) {
        self.tell(&reports(text, aim));
    }

    /// Begins to tell a code, and falls silent.
    pub(crate) fn begin_scan(&self, text: &[u8], aim: [u8; 3]) {
        let mut reports = reports(text, aim);
        reports.pop();
        self.tell(&reports);
    }

    fn tell(&self, reports: &[Vec<u8>]) {
        // The node comes with the plug; the kernel takes reports when it has asked for them.
        let until = Instant::now() + Duration::from_secs(5);
        let mut scanner = loop {
            match File::options().write(true).open("/dev/hidg0") {
                Ok(scanner) => break scanner,
                Err(error) => assert!(Instant::now() < until, "/dev/hidg0: {error}"),
            }
            thread::sleep(Duration::from_millis(20));
        };
        for report in reports {
            scanner.write_all(report).expect("a report is taken");
        }
    }
}

impl Drop for Gadget {
    fn drop(&mut self) {
        // What a failed test leaves behind must not fail the next one.
        let _ = fs::write(self.folder.join("UDC"), "\n");
        let _ = fs::remove_file(self.folder.join("configs/c.1").join(self.function));
        let _ = fs::remove_dir(self.folder.join("functions").join(self.function));
    }
}

#[track_caller]
fn write(path: &Path, bytes: &[u8]) {
    if let Err(error) = fs::write(path, bytes) {
        panic!("{}: {error}", path.display());
    }
}
