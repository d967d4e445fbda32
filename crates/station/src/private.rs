//! Folders and files that are for the desk's own user alone.
//!
//! Where a system has no permissions like those of Unix, a folder of the user's own is what keeps
//! others out.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a folder, and those above it, that nobody else can enter.
///
/// # Errors
/// The system's.
pub fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Keeps everybody else out of a folder that is there.
///
/// # Errors
/// The system's.
pub fn close_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let found = fs::symlink_metadata(path)?;
        let mode = found.permissions().mode();
        // A link leads to what somebody else may have to enter.
        if !found.is_symlink() && mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Makes a file that nobody else can read, under a name that nothing has.
///
/// # Errors
/// The system's; [`io::ErrorKind::AlreadyExists`] for a link too, wherever that leads.
pub fn make_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn what_is_made_is_its_users_alone() {
        let place = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = place.path().join("data/exports");
        make_folder(&folder).unwrap();
        assert_eq!((mode(&folder), mode(&place.path().join("data"))), (0o700, 0o700));
        let file = folder.join("log.csv");
        make_file(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
        assert!(make_file(&file).is_err(), "there is one already");
        let elsewhere = place.path().join("desk.key");
        symlink(&elsewhere, folder.join("link.csv")).unwrap();
        assert!(make_file(&folder.join("link.csv")).is_err());
        assert!(!elsewhere.exists());
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        close_folder(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700, "one of before");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
        close_folder(&folder).unwrap();
        assert_eq!(mode(&folder), 0o500, "it is given no right that it did not have");
    }
}
