//! Sticks: disks that were plugged in, and what carries files between desks without a network.

use std::path::{Path, PathBuf};

use sysinfo::{DiskRefreshKind, Disks};

/// Where Linux desktops mount what is plugged in, whatever they know of the disk.
const PLUGGED_IN: [&str; 2] = ["/media", "/run/media"];

/// A disk that was plugged in, and is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stick {
    /// What people call it: its label, or the letter of its drive.
    pub name: String,
    /// Its root.
    pub folder: PathBuf,
}

/// What is plugged in now. Looking takes some milliseconds.
#[must_use]
pub fn sticks() -> Vec<Stick> {
    let disks = match Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing()) {
        Ok(disks) => disks,
        Err(error) => {
            tracing::warn!(%error, "what is plugged in cannot be told");
            return Vec::new();
        }
    };
    let plugged_in =
        disks.iter().filter(|disk| disk.is_removable() || is_for_sticks(disk.mount_point()));
    let mut sticks: Vec<Stick> = plugged_in.map(|disk| Stick::at(disk.mount_point())).collect();
    sticks.sort_by(|a, b| a.folder.cmp(&b.folder));
    sticks
}

impl Stick {
    /// The stick that is mounted at a folder.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| folder.display().to_string());
        Self { name, folder: folder.to_owned() }
    }
}

fn is_for_sticks(folder: &Path) -> bool {
    PLUGGED_IN.iter().any(|root| folder.starts_with(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stick_is_called_what_it_is_mounted_as() {
        assert_eq!(Stick::at(Path::new("/media/li-na/LISTS 2")).name, "LISTS 2");
        assert_eq!(Stick::at(Path::new("/")).name, "/");
    }

    #[test]
    fn the_disk_of_the_system_is_no_stick() {
        assert!(sticks().iter().all(|stick| stick.folder != Path::new("/")));
        assert!(is_for_sticks(Path::new("/run/media/li-na/LISTS")));
        assert!(!is_for_sticks(Path::new("/mediated")));
    }
}
