//! Reads `/sys`, `/dev` and `/proc` below a root, which tests put elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Access, Attached, AttachedKind};

/// Card readers with a USB protocol of their own.
const CARD_READER: (u16, u16) = (0x0400, 0xC35A);

/// Cables from USB to serial that card readers and scanners come with, and the kernel's module.
const CABLES: [((u16, u16), &str); 6] = [
    ((0x1A86, 0x7523), "ch341"),
    ((0x1A86, 0x5523), "ch341"),
    ((0x10C4, 0xEA60), "cp210x"),
    ((0x0403, 0x6001), "ftdi_sio"),
    ((0x0403, 0x6015), "ftdi_sio"),
    ((0x067B, 0x2303), "pl2303"),
];

pub(super) fn list(root: &Path) -> Vec<Attached> {
    let mut all = Vec::new();
    all.extend(class(root, "video4linux").into_iter().filter_map(|node| camera(root, &node)));
    all.extend(class(root, "tty").into_iter().filter_map(|node| serial(root, &node)));
    all.extend(class(root, "hidraw").into_iter().filter_map(|node| hid(root, &node)));
    all.extend(class(root, "usbmisc").into_iter().filter_map(|node| printer(root, &node)));
    all.extend(
        folders(&root.join("sys/bus/usb/devices")).iter().filter_map(|node| usb(root, node)),
    );
    all
}

/// The folders of a class, by name.
fn class(root: &Path, name: &str) -> Vec<PathBuf> {
    folders(&root.join("sys/class").join(name))
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn camera(root: &Path, node: &Path) -> Option<Attached> {
    // The first node of a webcam gives pictures, the others only tell about them.
    if text(&node.join("index")).is_some_and(|index| index != "0") {
        return None;
    }
    let name = text(&node.join("name")).unwrap_or_else(|| last(node));
    Some(at_node(root, AttachedKind::Camera, name, node))
}

fn serial(root: &Path, node: &Path) -> Option<Attached> {
    let name = last(node);
    // A built-in port that the kernel made room for has type 0, and terminals have no device.
    let built_in = name.starts_with("ttyS");
    let hardware = node.join("device").exists();
    let kind = text(&node.join("type"));
    let real = if built_in { kind.is_some_and(|kind| kind != "0") } else { hardware };
    real.then(|| {
        let usb = usb_above(&node.join("device"));
        let product = usb.as_ref().and_then(|(_, folder)| text(&folder.join("product")));
        let mut port = at_node(root, AttachedKind::Serial, product.unwrap_or(name), node);
        port.usb = usb.map(|(ids, _)| ids);
        port
    })
}

fn hid(root: &Path, node: &Path) -> Option<Attached> {
    let descriptor = fs::read(node.join("device/report_descriptor")).ok()?;
    let kind = kind_of(&descriptor)?;
    let uevent = text(&node.join("device/uevent")).unwrap_or_default();
    let field = |key: &str| uevent.lines().find_map(|line| line.strip_prefix(key));
    let name = field("HID_NAME=").map_or_else(|| last(node), str::to_owned);
    let mut device = at_node(root, kind, name, node);
    // HID_ID=0003:00000C2E:00000B61: bus, vendor, product.
    let mut ids = field("HID_ID=")
        .into_iter()
        .flat_map(|ids| ids.split(':').skip(1))
        .filter_map(|id| u32::from_str_radix(id, 16).ok()?.try_into().ok());
    device.usb = ids.next().zip(ids.next());
    if kind == AttachedKind::Keyboard {
        // Its keys come through the window; nobody has to open it.
        device.access = Access::Free;
    }
    Some(device)
}

/// A printer behind the kernel's own driver (usblp), whose nodes lie in a folder of their own.
fn printer(root: &Path, node: &Path) -> Option<Attached> {
    let name = last(node);
    name.starts_with("lp").then(|| {
        let usb = usb_above(&node.join("device"));
        let product = usb.as_ref().and_then(|(_, folder)| text(&folder.join("product")));
        let node = Path::new("/dev/usb").join(&name);
        let access = access(root, &node);
        let (kind, usb) = (AttachedKind::Printer, usb.map(|(ids, _)| ids));
        Attached { kind, name: product.unwrap_or(name), usb, node: Some(node), access }
    })
}

/// What a HID report descriptor is of: its usage pages are the items 05 (one byte) and 06 (two);
/// the usage is the item 09. Source: HID 1.11, 6.2.2.
fn kind_of(descriptor: &[u8]) -> Option<AttachedKind> {
    let mut at = 0;
    let mut page = 0;
    while let Some(&item) = descriptor.get(at) {
        let size = [0, 1, 2, 4][usize::from(item & 3)];
        let data = descriptor.get(at + 1..at + 1 + size)?;
        let value = data.iter().rev().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
        match item & 0xFC {
            0x04 => page = value,
            0x08 if page == 1 && value == 6 => return Some(AttachedKind::Keyboard),
            _ => {}
        }
        if page == 0x8C {
            return Some(AttachedKind::PointOfSale);
        }
        at += 1 + size;
    }
    None
}

fn usb(root: &Path, device: &Path) -> Option<Attached> {
    let ids = usb_ids(device)?;
    let name = text(&device.join("product")).unwrap_or_else(|| last(device));
    if ids == CARD_READER {
        let number = |name| text(&device.join(name))?.parse::<u8>().ok();
        let node = number("busnum").zip(number("devnum"));
        let node = node.map(|(bus, device)| format!("/dev/bus/usb/{bus:03}/{device:03}").into());
        let access = node.as_deref().map_or(Access::Nowhere, |node| access(root, node));
        return Some(Attached {
            kind: AttachedKind::UsbCardReader,
            name,
            usb: Some(ids),
            node,
            access,
        });
    }
    let cable = CABLES.iter().find(|(cable, _)| *cable == ids);
    let kind = match cable {
        // Its interfaces lie below it, and the one in use names its driver.
        Some((_, module)) if !folders(device).iter().any(|part| part.join("driver").exists()) => {
            AttachedKind::Driverless(module)
        }
        _ => return None,
    };
    Some(Attached { kind, name, usb: Some(ids), node: None, access: Access::Nowhere })
}

/// The USB device that this one is a part of.
fn usb_above(device: &Path) -> Option<((u16, u16), PathBuf)> {
    let whole = device.canonicalize().ok()?;
    whole.ancestors().find_map(|folder| Some((usb_ids(folder)?, folder.to_owned())))
}

fn usb_ids(device: &Path) -> Option<(u16, u16)> {
    let id = |name| u16::from_str_radix(&text(&device.join(name))?, 16).ok();
    id("idVendor").zip(id("idProduct"))
}

fn at_node(root: &Path, kind: AttachedKind, name: String, class: &Path) -> Attached {
    let node = Path::new("/dev").join(last(class));
    let access = access(root, &node);
    Attached { kind, name, usb: None, node: Some(node), access }
}

#[cfg(unix)]
fn access(root: &Path, node: &Path) -> Access {
    use std::os::unix::fs::MetadataExt;

    use rustix::fs::{Access as Wanted, access};

    let here = root.join(node.strip_prefix("/").unwrap_or(node));
    let Ok(about) = fs::metadata(&here) else { return Access::Nowhere };
    if access(&here, Wanted::READ_OK | Wanted::WRITE_OK).is_err() {
        return Access::Denied { group: group_name(root, about.gid()) };
    }
    holder(root, node).map_or(Access::Free, |by| Access::Held { by })
}

#[cfg(not(unix))]
fn access(_root: &Path, _node: &Path) -> Access {
    Access::Nowhere
}

#[cfg(unix)]
fn group_name(root: &Path, number: u32) -> String {
    let groups = text(&root.join("etc/group")).unwrap_or_default();
    let named = groups.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| number.to_string())
}

/// The first program that has a node open, as far as this user may see it.
#[cfg(unix)]
fn holder(root: &Path, node: &Path) -> Option<String> {
    let processes = folders(&root.join("proc"));
    let numbered =
        processes.iter().filter(|path| last(path).bytes().all(|byte| byte.is_ascii_digit()));
    numbered.into_iter().find_map(|process| {
        let open = folders(&process.join("fd"));
        let holds = open.iter().any(|fd| fs::read_link(fd).is_ok_and(|target| target == node));
        holds.then(|| text(&process.join("comm")).unwrap_or_else(|| last(process)))
    })
}

fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

fn last(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
