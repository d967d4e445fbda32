//! Starting it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::image;

/// What is unpacked and not whole yet.
const PART: &str = ".part-";

/// Does what the command line says: starts what is packed, unless the first word is one of the
/// options that every AppImage has.
pub(crate) fn run() -> Result<()> {
    let image = std::env::current_exe().context("this file is not found")?;
    let mut words = std::env::args_os();
    let called = words.next().unwrap_or_default();
    let mut words: Vec<OsString> = words.collect();
    match words.first().and_then(|word| word.to_str()) {
        Some("--appimage-offset") => println!("{}", image::end_of_program(&image)?),
        Some("--appimage-extract") => image::unpack(&image, Path::new("squashfs-root"))?,
        first => {
            if first == Some("--appimage-extract-and-run") {
                words.remove(0);
            }
            start(&image, &called, &words)?;
        }
    }
    Ok(())
}

/// Does not return when it goes well: another program is in the place of this one.
fn start(image: &Path, called: &OsStr, words: &[OsString]) -> Result<()> {
    let unpacked = Unpacked::of(image, &cache()?)?;
    unpacked.keep_while_this_runs()?;
    let error = Command::new(unpacked.tree.join("AppRun"))
        .args(words)
        .env("APPIMAGE", image)
        .env("APPDIR", &unpacked.tree)
        .env("ARGV0", called)
        .exec();
    Err(error).context("what is packed has no AppRun that can be started")
}

/// A folder that is the user's alone.
fn cache() -> Result<PathBuf> {
    let told =
        std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|dir| dir.is_absolute());
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    let folder = told.or_else(home).context("neither XDG_CACHE_HOME nor HOME is set")?;
    let folder = folder.join("yanma/appimage");
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// A version that was unpacked.
struct Unpacked {
    tree: PathBuf,
    /// Locked by every program that runs out of it, and their children.
    in_use: File,
}

impl Unpacked {
    /// Unpacks it if that was not done yet, and takes away what nobody runs any more.
    fn of(image: &Path, cache: &Path) -> Result<Self> {
        // One at a time; the lock ends with the process, however that ends.
        let alone = lock_file(&cache.join("lock"))?;
        alone.lock()?;
        let name = which(image)?;
        let in_use = lock_file(&cache.join(format!("{name}.lock")))?;
        in_use.lock_shared()?;
        let tree = cache.join(&name);
        if !tree.is_dir() {
            let part = tempfile::Builder::new().prefix(PART).tempdir_in(cache)?;
            image::unpack(image, part.path())?;
            // Whole on the disk before it has its name: after a power cut it would not be made anew.
            rustix::fs::syncfs(File::open(part.path())?)?;
            fs::rename(part.path(), &tree)?;
        }
        if let Err(error) = tidy(cache, &name) {
            eprintln!("what was unpacked of other versions stays: {error:#}");
        }
        Ok(Self { tree, in_use })
    }

    /// The lock goes over to the program that is started.
    fn keep_while_this_runs(&self) -> Result<()> {
        Ok(rustix::io::fcntl_setfd(&self.in_use, rustix::io::FdFlags::empty())?)
    }
}

/// Another file, or the same written anew, is another version.
fn which(image: &Path) -> Result<String> {
    let file = fs::metadata(image)?;
    let changed = (file.mtime(), file.mtime_nsec());
    Ok(format!("{:x}-{:x}-{:x}-{:x}", file.ino(), file.size(), changed.0, changed.1))
}

fn lock_file(path: &Path) -> Result<File> {
    let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
    opened.with_context(|| path.display().to_string())
}

/// Takes away other versions that nobody runs, and what a kill left half unpacked.
fn tidy(cache: &Path, kept: &str) -> Result<()> {
    for entry in fs::read_dir(cache)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.path().is_dir() || name == kept {
            continue;
        }
        let lock = cache.join(format!("{name}.lock"));
        if !name.starts_with(PART) && lock_file(&lock)?.try_lock().is_err() {
            continue;
        }
        // A kill in the middle of it leaves nothing that would be started.
        let part = cache.join(format!("{PART}{name}"));
        fs::rename(entry.path(), &part)?;
        fs::remove_dir_all(part)?;
        let _ = fs::remove_file(lock);
    }
    Ok(())
}
