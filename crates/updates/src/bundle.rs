//! How this program came onto this computer, and so how another takes its place.

use std::env::consts::{ARCH, OS};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use semver::Version;

/// What the package for Debian is called, and what it has.
const DEB_LIST: &str = "/var/lib/dpkg/info/yanma.list";

/// Where a program says for which processor it is (System V ABI, `e_machine`).
const MACHINE: std::ops::Range<usize> = 18..20;

/// How this program was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bundle {
    /// One file that runs, which lies here.
    AppImage(PathBuf),
    /// The package for Debian and Ubuntu.
    Deb,
    /// The installer for Windows.
    Nsis,
    /// Built here, or installed in a way from which it cannot be replaced: it is told what there
    /// is, and no more.
    Other,
}

/// Why the new version did not take the place of this one, which runs on.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// It cannot be replaced from inside.
    #[error("this program was installed in a way from which it does not replace itself")]
    NotByItself,
    /// The file is signed, and of another kind.
    #[error("the file is no {0}")]
    OtherKind(&'static str),
    /// The file is signed, and a program for another kind of processor.
    #[error("the file is for computers with another processor")]
    OtherMachine,
    /// The place where the program lies cannot be written.
    #[error("the program cannot be replaced where it lies: {0}")]
    Io(#[from] io::Error),
    /// There is nobody to ask for the right to install packages.
    #[error("packages cannot be installed from here: let `apt install {}` be run as root", .0.display())]
    NoRight(PathBuf),
    /// The system's installer did not do it: what it said last.
    #[error("the installer did not do it: {0}")]
    Refused(String),
}

impl Bundle {
    /// How the names of the files begin.
    pub(crate) const FILE: &'static str = "yanma-";

    /// How the running program was installed.
    pub fn of_this_program() -> Self {
        let Ok(program) = std::env::current_exe() else { return Self::Other };
        let variable = |name| std::env::var_os(name).map(PathBuf::from);
        if let Some((image, inside)) = variable("APPIMAGE").zip(variable("APPDIR"))
            && program.starts_with(inside.canonicalize().unwrap_or(inside))
        {
            return Self::AppImage(image);
        }
        let listed = std::fs::read_to_string(DEB_LIST).unwrap_or_default();
        if listed.lines().any(|line| Path::new(line) == program) {
            return Self::Deb;
        }
        if cfg!(windows) && program.with_file_name("uninstall.exe").is_file() {
            return Self::Nsis;
        }
        Self::Other
    }

    /// Whether [`Bundle::install`] can do anything.
    pub fn replaces_itself(&self) -> bool {
        *self != Self::Other
    }

    /// `appimage`, `deb`, `nsis`, as Tauri calls them.
    const fn name(&self) -> &'static str {
        match self {
            Self::AppImage(_) => "appimage",
            Self::Deb => "deb",
            Self::Nsis => "nsis",
            Self::Other => "other",
        }
    }

    /// Under which the description has its file, as `linux-x86_64-appimage`.
    pub fn target(&self) -> String {
        let os = if OS == "macos" { "darwin" } else { OS };
        format!("{os}-{ARCH}-{}", self.name())
    }

    pub(crate) fn file_name(&self, version: &Version) -> String {
        let ending = match self {
            Self::AppImage(_) => "AppImage",
            Self::Deb => "deb",
            Self::Nsis => "exe",
            Self::Other => "bin",
        };
        format!("{}{version}.{ending}", Self::FILE)
    }

    /// Puts a file that [`Source::fetch`](crate::Source::fetch) gave in the place of this program.
    /// On Linux the program has to be started again afterwards. On Windows the installer is
    /// started, which ends this program and starts the new one with these arguments.
    ///
    /// # Errors
    /// [`InstallError`]; the program that is there stays.
    pub fn install(&self, file: &Path, arguments: &[&str]) -> Result<(), InstallError> {
        let (offset, magic): (usize, &[u8]) = match self {
            Self::AppImage(_) => (8, b"AI\x02"),
            Self::Deb => (0, b"!<arch>\n"),
            Self::Nsis => (0, b"MZ"),
            Self::Other => return Err(InstallError::NotByItself),
        };
        let head = head_of(file)?;
        if head.get(offset..offset + magic.len()) != Some(magic) {
            return Err(InstallError::OtherKind(self.name()));
        }
        if let Self::AppImage(image) = self
            && head.get(MACHINE) != head_of(image)?.get(MACHINE)
        {
            return Err(InstallError::OtherMachine);
        }
        match self {
            Self::AppImage(image) => replace(image, file),
            Self::Deb => install_package(file),
            Self::Nsis => start_installer(file, arguments),
            Self::Other => Err(InstallError::NotByItself),
        }
    }
}

fn head_of(file: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(file)?.take(20).read_to_end(&mut head)?;
    Ok(head)
}

/// The new file is whole beside the old one before it takes its name: whoever starts the program
/// at any instant starts one of the two.
fn replace(image: &Path, file: &Path) -> Result<(), InstallError> {
    let folder = image.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".yanma-").tempfile_in(folder)?;
    io::copy(&mut File::open(file)?, &mut new)?;
    new.flush()?;
    let rights = std::fs::metadata(image)?.permissions();
    new.as_file().set_permissions(rights)?;
    new.as_file().sync_all()?;
    new.persist(image).map_err(|error| error.error)?;
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// apt asks for what a new version needs beside the old one; dpkg alone would leave it half there.
#[cfg(unix)]
fn install_package(file: &Path) -> Result<(), InstallError> {
    let is_root = rustix::process::geteuid().is_root();
    let mut command = Command::new(if is_root { "apt-get" } else { "pkexec" });
    if !is_root {
        command.arg("apt-get");
    }
    command.args(["--yes", "--quiet", "--no-install-recommends", "install"]).arg(file);
    command.env("DEBIAN_FRONTEND", "noninteractive").stdin(std::process::Stdio::null());
    let no_right = || InstallError::NoRight(file.to_owned());
    let output = match command.output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(no_right()),
        other => other?,
    };
    match output.status.code() {
        Some(0) => Ok(()),
        // pkexec: somebody dismissed the question, or there is nobody to put it.
        Some(126 | 127) if !is_root => Err(no_right()),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().rev().find(|line| !line.trim().is_empty());
            Err(InstallError::Refused(last.unwrap_or("it said nothing").to_owned()))
        }
    }
}

#[cfg(not(unix))]
fn install_package(_file: &Path) -> Result<(), InstallError> {
    Err(InstallError::NotByItself)
}

/// `/P` shows how far it is and asks nothing, `/R` starts the program afterwards, with what follows
/// `/ARGS`: arguments of the installers that Tauri makes.
fn start_installer(file: &Path, arguments: &[&str]) -> Result<(), InstallError> {
    Command::new(file).args(["/P", "/UPDATE", "/R", "/ARGS"]).args(arguments).spawn()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a program in it and a file that shall take its place.
    fn folder(new: &[u8]) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (image, file) = (folder.path().join("Yanma.AppImage"), folder.path().join("new"));
        std::fs::write(&image, b"\x7fELF\x02\x01\x01\x00AI\x02 old").unwrap();
        std::fs::write(&file, new).unwrap();
        (folder, image, file)
    }

    #[test]
    #[cfg(unix)]
    fn an_appimage_takes_the_place_of_another_and_may_run() {
        use std::os::unix::fs::PermissionsExt as _;
        let new = b"\x7fELF\x02\x01\x01\x00AI\x02 new";
        let (folder, image, file) = folder(new);
        std::fs::set_permissions(&image, std::fs::Permissions::from_mode(0o755)).unwrap();
        Bundle::AppImage(image.clone()).install(&file, &[]).unwrap();
        assert_eq!(std::fs::read(&image).unwrap(), new);
        assert_eq!(image.metadata().unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn what_is_of_another_kind_replaces_nothing() {
        for new in [&b"!<arch>\ndebian-binary"[..], b"\x7fELF\x02\x01\x01\x00\x00\x00\x00", b""] {
            let (_folder, image, file) = folder(new);
            let before = std::fs::read(&image).unwrap();
            let error = Bundle::AppImage(image.clone()).install(&file, &[]).unwrap_err();
            assert!(matches!(error, InstallError::OtherKind("appimage")), "{error}");
            assert_eq!(std::fs::read(&image).unwrap(), before);
        }
    }

    #[test]
    fn a_program_for_another_processor_replaces_nothing() {
        let image_for = |machine: u8| {
            let mut bytes = *b"\x7fELF\x02\x01\x01\x00AI\x02.......\x00\x00";
            bytes[18] = machine;
            bytes
        };
        let (_folder, image, file) = folder(&image_for(0xb7));
        std::fs::write(&image, image_for(0x3e)).unwrap();
        let error = Bundle::AppImage(image.clone()).install(&file, &[]).unwrap_err();
        assert!(matches!(error, InstallError::OtherMachine), "{error}");
        assert_eq!(std::fs::read(&image).unwrap(), image_for(0x3e));
    }

    #[test]
    fn a_program_that_was_built_here_does_not_replace_itself() {
        assert_eq!(Bundle::of_this_program(), Bundle::Other);
        let (_folder, _, file) = folder(b"MZ");
        let error = Bundle::Other.install(&file, &[]).unwrap_err();
        assert!(matches!(error, InstallError::NotByItself));
    }
}
