//! What is plugged in, and how to mend what cannot be used.

use std::time::Duration;

use yanma_devices::attached::{Access, Attached, AttachedKind, attached};
use yanma_devices::card::{ReaderAddress, Trial, try_reader};
use yanma_devices::printer::{PrinterOptions, try_printer};
use yanma_devices::scanners::{Aim, Family, Known, known, plugged_in as scanners};
use yanma_devices::serial::{SerialDevice, SerialReading, try_serial};
use yanma_devices::turnstile::{Control, TurnstileOptions, try_relay};
use yanma_devices::{DeviceKind, Framing, list_devices};
use yanma_station::domain::evidence;
use yanma_station::domain::scene::Celsius;

use super::Finding;

/// How long a serial device is listened to.
const HEARD: Duration = Duration::from_secs(10);

/// Programs that take serial ports for themselves, and how to keep them away.
const TAKERS: [(&str, &str); 2] = [
    (
        "ModemManager",
        "it takes every port for a modem: put `ATTRS{idVendor}==\"VENDOR\", \
         ENV{ID_MM_DEVICE_IGNORE}=\"1\"` into /etc/udev/rules.d/70-yanma.rules, then run \
         `sudo udevadm control --reload` and plug it in again",
    ),
    (
        "brltty",
        "it takes this cable for a braille display: `sudo apt remove brltty` if nobody needs one, \
         then plug it in again",
    ),
];

/// A line for everything that is plugged in; one that says so when nothing is.
pub(super) fn plugged_in() -> Vec<Finding> {
    let all = attached();
    if all.is_empty() {
        // Where the system tells nothing of its devices, what could be opened is listed.
        let names: Vec<_> = list_devices().into_iter().map(|device| device.name).collect();
        let devices =
            if names.is_empty() { nothing() } else { Finding::good("devices", names.join(", ")) };
        return [devices].into_iter().chain(scanners().into_iter().map(of_unknown_mode)).collect();
    }
    let usable = [
        AttachedKind::Camera,
        AttachedKind::Serial,
        AttachedKind::PointOfSale,
        AttachedKind::Keyboard,
    ];
    let mut findings: Vec<_> = all.iter().map(of_device).collect();
    if !all.iter().any(|device| usable.contains(&device.kind)) {
        findings.push(nothing());
    }
    findings
}

fn nothing() -> Finding {
    Finding::bad(
        "devices",
        "no camera, no serial port and no keyboard was found",
        "plug in what this desk shall read with",
    )
}

/// What a serial device says while it is listened to.
pub(super) fn serial(device: &SerialDevice) -> Finding {
    let what = "serial";
    match try_serial(device, HEARD) {
        Ok(Some(SerialReading::Bytes(bytes))) => {
            let kind = kind_of(Framing::default().bare(&String::from_utf8_lossy(&bytes)));
            Finding::good(what, format!("{device} says: {kind}"))
        }
        Ok(Some(SerialReading::TooLong)) => Finding::bad(
            what,
            format!("{device} says more than any code has"),
            "see whether another speed is right: it is set in the device, and `baud=115200` behind \
             the port is what this desk takes",
        ),
        Ok(None) => Finding::could_be_better(
            what,
            format!("{device} is open and said nothing for {} s", HEARD.as_secs()),
            "scan or measure something meanwhile; if nothing comes, see whether it is set to serial, \
             and whether this is its port",
        ),
        Err(error) => Finding::bad(
            what,
            format!("{device} cannot be opened: {error}"),
            "see the line of its port",
        ),
    }
}

/// What a desk takes it for; not what it says.
fn kind_of(text: &str) -> &'static str {
    match evidence::read(text).kind() {
        "unknown" if text.trim().parse::<Celsius>().is_ok() => "degrees",
        kind => kind,
    }
}

/// What a reader answers when it is asked who it is.
pub(super) fn reader(address: &ReaderAddress) -> Finding {
    let what = "reader";
    let place = address.id(DeviceKind::Card);
    match try_reader(address) {
        Trial::Answers { module, baud } => {
            let module = module.map(|module| format!(", module {module}")).unwrap_or_default();
            let baud = baud.map(|baud| format!(" at {baud} baud")).unwrap_or_default();
            Finding::good(what, format!("{place} answers{baud}{module}"))
        }
        Trial::Silent => Finding::bad(
            what,
            format!("{place} is open and nothing answers as a reader does"),
            "look whether this is the reader's port, whether it has power, and whether the cable \
             is its own; a network adapter must pass bytes on unchanged (raw TCP), at the \
             reader's speed",
        ),
        Trial::NotOpened(error) => Finding::bad(
            what,
            format!("{place} cannot be opened: {error}"),
            "see the line of its port; of a network adapter, see whether `ping` reaches it",
        ),
    }
}

/// Whether a turnstile's relay is there. It is not opened for that.
pub(super) fn turnstile(options: &TurnstileOptions) -> Finding {
    let what = "turnstile";
    let place = options.id();
    let answers = match &options.control {
        Control::Modbus { .. } | Control::Http { turned: Some(_), .. } => "answers",
        Control::Http { turned: None, .. } => "takes connections",
        Control::Lcus { .. } | Control::Bytes { .. } => "is open; such boards do not say more",
    };
    match try_relay(options) {
        Ok(()) => Finding::good(what, format!("{place} {answers}")),
        Err(error) => Finding::bad(
            what,
            format!("{place} cannot be reached: {error}"),
            "see the line of its port, or whether `ping` reaches it; on a serial line also its \
             speed, its unit number and the two wires, which may be crossed",
        ),
    }
}

/// How a printer is.
pub(super) fn printer(options: &PrinterOptions) -> Finding {
    let what = "printer";
    let place = options.id();
    match try_printer(options) {
        Ok(None) => Finding::good(what, format!("{place} is ready")),
        Ok(Some(trouble)) => Finding::bad(what, format!("{place} is there"), trouble.in_english()),
        Err(error) => Finding::bad(
            what,
            format!("{place} cannot be opened: {error}"),
            "see whether it is switched on; for /dev/usb/lp0 join the group `lp` and see that CUPS \
             does not use it, for a serial port see its line, for an address whether `ping` \
             reaches it",
        ),
    }
}

fn of_device(device: &Attached) -> Finding {
    let what = match device.kind {
        AttachedKind::Camera => "camera",
        AttachedKind::Serial => "serial",
        AttachedKind::PointOfSale => "scanner",
        AttachedKind::Keyboard => "hid",
        AttachedKind::UsbCardReader => "reader",
        AttachedKind::Printer => "printer",
        AttachedKind::Driverless(_) => "usb",
    };
    let mut detail = device.name.clone();
    if let Some((vendor, product)) = device.usb {
        detail.push_str(&format!(" [{vendor:04x}:{product:04x}]"));
    }
    if let Some(node) = &device.node {
        detail.push_str(&format!(" {}", node.display()));
    }
    let scanner = device.usb.and_then(|(vendor, _)| known(vendor)).zip(mode(device.kind));
    if let Some((scanner, mode)) = scanner {
        let name = match scanner {
            Known::Family(family) => &family.name,
            Known::LeftOut(other) => &other.name,
        };
        detail.push_str(&format!(", {name}, {mode}"));
    }
    match (mend(device), scanner) {
        (Some((wrong, mend)), _) => Finding::bad(what, format!("{detail}: {wrong}"), mend),
        (None, Some((scanner, _))) if device.kind == AttachedKind::Keyboard => {
            Finding::could_be_better(what, detail, instead_of_typing(scanner))
        }
        (None, _) => Finding::good(what, detail),
    }
}

/// The mode of a scanner that is attached as this.
const fn mode(kind: AttachedKind) -> Option<&'static str> {
    match kind {
        AttachedKind::Keyboard => Some("as a keyboard"),
        AttachedKind::Serial => Some("as a serial port"),
        AttachedKind::PointOfSale => Some("in HID POS mode"),
        _ => None,
    }
}

/// A scanner that types is slow, and what it types depends on the layout.
fn instead_of_typing(scanner: Known) -> String {
    let better = match scanner {
        Known::Family(family) => better_mode(family),
        Known::LeftOut(_) => None,
    };
    better.unwrap_or_else(|| {
        "in HID POS mode or as a serial port it is quicker, whatever the keyboard layout: scan the \
         barcode for that in its manual"
            .to_owned()
    })
}

fn better_mode(family: &Family) -> Option<String> {
    let aim = [Aim::HidPos, Aim::Serial].into_iter().find(|aim| family.setting(*aim).is_some())?;
    Some(format!(
        "in HID POS mode or as a serial port it is quicker, whatever the keyboard layout: \
         `yanma scanner --family {} --mode {}` shows the barcode to scan",
        family.id,
        aim.id()
    ))
}

/// Where the system does not tell what a scanner is attached as.
fn of_unknown_mode(family: &Family) -> Finding {
    let how = better_mode(family).unwrap_or_else(|| {
        format!("`yanma scanner --family {}` shows what its barcodes set it to", family.id)
    });
    Finding::could_be_better("scanner", format!("{}, in whatever mode", family.name), how)
}

/// What is wrong with a device, and what to do.
fn mend(device: &Attached) -> Option<(String, String)> {
    match (device.kind, &device.access) {
        (AttachedKind::Driverless(module), _) => Some((
            "a serial cable without a driver".to_owned(),
            format!(
                "run `sudo modprobe {module}`; if the kernel has no such module, install its \
                 package of extra modules"
            ),
        )),
        (_, Access::Denied { group }) => Some((
            format!("this user may not use it; it belongs to the group {group}"),
            match group.as_str() {
                "root" => permit_by_rule(device),
                _ => format!("run `sudo usermod -aG {group} $USER`, then sign out and in again"),
            },
        )),
        (AttachedKind::UsbCardReader, Access::Held { by }) => {
            Some((format!("{by} has it open"), format!("close {by}, unless it is this desk")))
        }
        (_, Access::Held { by }) if device.kind == AttachedKind::Serial => Some((
            format!("{by} has it open"),
            TAKERS.iter().find(|(taker, _)| by.starts_with(taker)).map_or_else(
                || format!("close {by}, unless it is this desk"),
                |(_, mend)| mend.replace("VENDOR", &vendor(device)),
            ),
        )),
        _ => None,
    }
}

/// A rule that gives a device to whoever sits at the machine.
fn permit_by_rule(device: &Attached) -> String {
    let vendor = vendor(device);
    format!(
        "put `ATTRS{{idVendor}}==\"{vendor}\", MODE=\"0660\", TAG+=\"uaccess\"` into \
         /etc/udev/rules.d/70-yanma.rules, then run `sudo udevadm control --reload` and plug it in \
         again"
    )
}

fn vendor(device: &Attached) -> String {
    device.usb.map_or_else(|| "0000".to_owned(), |(vendor, _)| format!("{vendor:04x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(kind: AttachedKind, access: Access) -> Attached {
        Attached {
            kind,
            name: "USB Serial".to_owned(),
            usb: Some((0x1A86, 0x7523)),
            node: Some("/dev/ttyUSB0".into()),
            access,
        }
    }

    #[track_caller]
    fn check(kind: AttachedKind, access: Access, detail: &str, mend: Option<&str>) {
        let finding = of_device(&port(kind, access));
        assert!(finding.detail.contains(detail), "{}", finding.detail);
        assert_eq!(finding.ok, mend.is_none());
        if let Some(mend) = mend {
            let says = finding.mend.unwrap_or_default();
            assert!(says.contains(mend), "{says}");
        }
    }

    #[test]
    fn a_scanner_says_its_mode_and_a_better_one() {
        let check = |usb, kind, detail: &str, how: Option<&str>| {
            let finding = of_device(&Attached { usb: Some(usb), ..port(kind, Access::Free) });
            assert!(finding.ok, "{}", finding.detail);
            assert!(finding.detail.ends_with(detail), "{}", finding.detail);
            match how {
                None => assert_eq!(finding.mend, None),
                Some(how) => assert!(finding.mend.clone().unwrap_or_default().contains(how)),
            }
        };
        use AttachedKind::{Camera, Keyboard, PointOfSale, Serial};
        let m3y = "`yanma scanner --family m3y --mode hid-pos`";
        check((0x26f1, 0x5650), Keyboard, "M3Y-W, as a keyboard", Some(m3y));
        check((0x26f1, 0x8803), PointOfSale, "M3Y-W, in HID POS mode", None);
        check((0x05e0, 0x1200), Keyboard, "Zebra DS2200, as a keyboard", Some("in its manual"));
        check((0x1eab, 0x0022), Keyboard, "Newland, as a keyboard", Some("in its manual"));
        check((0x0c2e, 0x0206), Serial, "Honeywell Xenon 1900, as a serial port", None);
        check((0x046d, 0xc31c), Keyboard, "/dev/ttyUSB0", None);
        check((0x05e0, 0x1200), Camera, "/dev/ttyUSB0", None);
    }

    #[test]
    fn every_finding_says_how_to_mend_it() {
        use Access::{Denied, Free, Held, Nowhere};
        use AttachedKind::{Camera, Driverless, Keyboard, PointOfSale, Serial, UsbCardReader};
        let group = |group: &str| Denied { group: group.to_owned() };
        let held = |by: &str| Held { by: by.to_owned() };
        check(Serial, Free, "USB Serial [1a86:7523] /dev/ttyUSB0", None);
        check(Keyboard, Free, "USB Serial", None);
        check(Serial, group("dialout"), "the group dialout", Some("usermod -aG dialout"));
        check(Camera, group("video"), "the group video", Some("usermod -aG video"));
        check(Serial, group("root"), "the group root", Some("idVendor}==\"1a86\", MODE=\"0660\""));
        check(
            Serial,
            held("ModemManager"),
            "ModemManager",
            Some("{idVendor}==\"1a86\", ENV{ID_MM"),
        );
        check(Serial, held("brltty"), "brltty", Some("apt remove brltty"));
        check(Serial, held("minicom"), "minicom", Some("close minicom"));
        check(Camera, held("yanma-desk"), "USB Serial", None);
        check(Driverless("ch341"), Nowhere, "without a driver", Some("modprobe ch341"));
        check(UsbCardReader, Free, "USB Serial", None);
        check(UsbCardReader, group("root"), "the group root", Some("idVendor}==\"1a86\""));
        check(UsbCardReader, held("idreader"), "idreader", Some("close idreader"));
        check(PointOfSale, Free, "USB Serial", None);
        check(
            PointOfSale,
            group("root"),
            "the group root",
            Some("idVendor}==\"1a86\", MODE=\"0660\", TAG+=\"uaccess\""),
        );
    }
}
