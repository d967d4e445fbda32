//! Against a tree that looks like a desk's.

use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, path: &str, content: &[u8]) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("made");
        fs::write(path, content).expect("written");
        self
    }

    fn link(&self, path: &str, target: &str) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("made");
        symlink(target, path).expect("linked");
        self
    }

    /// What is found, a line each.
    fn found(&self) -> Vec<String> {
        let line = |one: Attached| {
            let node = one.node.map_or("-".to_owned(), |node| node.display().to_string());
            let usb = one.usb.map_or("-".to_owned(), |(v, p)| format!("{v:04x}:{p:04x}"));
            format!("{:?} {} {usb} {node} {:?}", one.kind, one.name, one.access)
        };
        list(self.0.path()).into_iter().map(line).collect()
    }
}

#[test]
fn an_empty_machine_has_nothing() {
    assert_eq!(Machine::new().found(), [] as [&str; 0]);
}

#[test]
fn a_webcam_is_listed_once_and_without_its_metadata() {
    let machine = Machine::new();
    for (node, index) in [("video0", "1"), ("video1", "0")] {
        let class = format!("sys/class/video4linux/{node}");
        machine.file(&format!("{class}/name"), b"HD Webcam\n");
        machine.file(&format!("{class}/index"), index.as_bytes());
        machine.file(&format!("dev/{node}"), b"");
    }
    assert_eq!(machine.found(), ["Camera HD Webcam - /dev/video1 Free"]);
}

#[test]
fn a_printer_is_listed_with_its_device_file() {
    let machine = Machine::new();
    let device = "sys/devices/usb1/1-3";
    machine
        .file(&format!("{device}/idVendor"), b"0416\n")
        .file(&format!("{device}/idProduct"), b"5011\n")
        .file(&format!("{device}/product"), b"POS80 Printer\n")
        .file(&format!("{device}/1-3:1.0/x"), b"")
        .link("sys/class/usbmisc/lp0/device", "../../../devices/usb1/1-3/1-3:1.0")
        .file("sys/class/usbmisc/hiddev0/x", b"")
        .file("dev/usb/lp0", b"");
    assert_eq!(machine.found(), ["Printer POS80 Printer 0416:5011 /dev/usb/lp0 Free"]);
}

#[test]
fn ports_with_hardware_are_listed_with_their_cable_and_who_holds_them() {
    let machine = Machine::new();
    let cable = "sys/devices/usb1/1-2";
    machine
        .file(&format!("{cable}/idVendor"), b"1a86\n")
        .file(&format!("{cable}/idProduct"), b"7523\n")
        .file(&format!("{cable}/product"), b"USB Serial\n")
        .file(&format!("{cable}/1-2:1.0/ttyUSB0/x"), b"")
        .link("sys/class/tty/ttyUSB0/device", "../../../devices/usb1/1-2/1-2:1.0/ttyUSB0")
        .file("dev/ttyUSB0", b"")
        .file("sys/class/tty/ttyS0/type", b"4\n")
        .file("sys/class/tty/ttyS1/type", b"0\n")
        .file("sys/class/tty/tty1/dev", b"4:1\n")
        .file("proc/77/comm", b"ModemManager\n")
        .link("proc/77/fd/9", "/dev/ttyUSB0")
        .link("proc/self/fd/9", "/dev/ttyUSB0");
    assert_eq!(
        machine.found(),
        [
            "Serial ttyS0 - /dev/ttyS0 Nowhere",
            "Serial USB Serial 1a86:7523 /dev/ttyUSB0 Held { by: \"ModemManager\" }",
        ]
    );
}

#[test]
fn a_group_goes_by_its_name_or_else_its_number() {
    let machine = Machine::new();
    machine.file("etc/group", b"root:x:0:\ndialout:x:20:anna\n");
    assert_eq!(group_name(machine.0.path(), 20), "dialout");
    assert_eq!(group_name(machine.0.path(), 21), "21");
}

#[test]
fn hid_devices_are_told_apart_by_their_usage_page() {
    let machine = Machine::new();
    let keyboard: &[u8] = &[0x05, 0x01, 0x09, 0x06, 0xA1, 0x01];
    let scanner: &[u8] = &[0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01];
    let long_scanner: &[u8] = &[0x06, 0x8C, 0x00, 0x09, 0x02];
    let mouse: &[u8] = &[0x05, 0x01, 0x09, 0x02, 0xA1, 0x01];
    let cut_off: &[u8] = &[0x05];
    for (at, descriptor) in
        [keyboard, scanner, long_scanner, mouse, cut_off].into_iter().enumerate()
    {
        let device = format!("sys/class/hidraw/hidraw{at}/device");
        let about = format!("HID_ID=0003:00000C2E:0000{at:04}\nHID_NAME=Scanner {at}\n");
        machine.file(&format!("{device}/report_descriptor"), descriptor);
        machine.file(&format!("{device}/uevent"), about.as_bytes());
    }
    assert_eq!(
        machine.found(),
        [
            "Keyboard Scanner 0 0c2e:0000 /dev/hidraw0 Free",
            "PointOfSale Scanner 1 0c2e:0001 /dev/hidraw1 Nowhere",
            "PointOfSale Scanner 2 0c2e:0002 /dev/hidraw2 Nowhere",
        ]
    );
}

#[test]
fn readers_on_their_own_protocol_and_cables_without_a_driver_are_found() {
    let machine = Machine::new();
    let device = |name: &str, ids: (&str, &str), product: &str| {
        let folder = format!("sys/bus/usb/devices/{name}");
        machine.file(&format!("{folder}/idVendor"), ids.0.as_bytes());
        machine.file(&format!("{folder}/idProduct"), ids.1.as_bytes());
        machine.file(&format!("{folder}/product"), product.as_bytes());
        folder
    };
    let reader = device("1-1", ("0400", "c35a"), "ID card reader");
    machine.file(&format!("{reader}/busnum"), b"1\n").file(&format!("{reader}/devnum"), b"12\n");
    machine.file("dev/bus/usb/001/012", b"");
    device("1-2", ("10c4", "ea60"), "CP2102");
    let driven = device("1-3", ("1a86", "7523"), "USB Serial");
    machine.file(&format!("{driven}/1-3:1.0/driver/x"), b"");
    device("1-4", ("1d6b", "0002"), "root hub");
    assert_eq!(
        machine.found(),
        [
            "UsbCardReader ID card reader 0400:c35a /dev/bus/usb/001/012 Free",
            "Driverless(\"cp210x\") CP2102 10c4:ea60 - Nowhere",
        ]
    );
}
