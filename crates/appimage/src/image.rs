//! The file: a program, and a squashfs behind it.

use std::fs::{self, File};
use std::io::{self, BufReader, Read as _};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path};

use anyhow::{Context as _, Result, ensure};
use backhand::{FilesystemReader, InnerNode};

/// The header of an ELF file of 64 bits, in bytes (System V ABI, chapter 4).
const HEADER: usize = 64;

/// Where the program ends, in bytes: behind the table of its sections, which linkers put last.
pub(crate) fn end_of_program(image: &Path) -> Result<u64> {
    let mut header = [0; HEADER];
    File::open(image)?.read_exact(&mut header).context("no program")?;
    ensure!(header.starts_with(b"\x7fELF\x02\x01"), "no program of 64 bits, little-endian");
    let sections = u64::from_le_bytes(header[0x28..0x30].try_into()?);
    let two = |at: usize| u64::from(u16::from_le_bytes([header[at], header[at + 1]]));
    Ok(sections + two(0x3A) * two(0x3C))
}

/// Unpacks what is behind the program into a folder.
pub(crate) fn unpack(image: &Path, folder: &Path) -> Result<()> {
    let packed = BufReader::new(File::open(image)?);
    let tree = FilesystemReader::from_reader_with_offset(packed, end_of_program(image)?)
        .context("nothing is packed into it")?;
    for node in tree.files() {
        let inside = node.fullpath.strip_prefix("/")?;
        let is_plain = inside.components().all(|part| matches!(part, Component::Normal(_)));
        ensure!(is_plain, "{} leads out of it", inside.display());
        let to = folder.join(inside);
        match &node.inner {
            InnerNode::Dir(_) => fs::create_dir_all(&to)?,
            InnerNode::Symlink(link) => symlink(&link.link, &to)?,
            InnerNode::File(file) => {
                io::copy(&mut tree.file(file).reader(), &mut File::create(&to)?)?;
                let rights = u32::from(node.header.permissions);
                fs::set_permissions(&to, PermissionsExt::from_mode(rights))?;
            }
            _ => {}
        }
    }
    Ok(())
}
