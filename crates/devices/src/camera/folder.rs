//! A folder of pictures that behaves like a camera.
//!
//! The newest PNG or JPEG in the folder is what the camera sees, for as long as it is the newest;
//! an empty folder is an empty desk. Placing a file is showing it: a new name, or the same name
//! written again, counts as shown anew. Write under another name first (`.part`, `.tmp`, or with a
//! leading dot, which are not looked at) and rename; a file that is read half-written all the same
//! is tried again until it has stopped changing.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use yanma_barcode::{GreyImage, MAX_FILE_BYTES, PictureError, load};

use super::frame::{Frame, content_number};
use super::{Camera, CameraError, CameraStream};
use crate::event::{DeviceId, Notice};

/// Time between frames.
const EVERY: Duration = Duration::from_millis(100);

/// A file that cannot be read counts as still being written until it has not changed for so long.
const SETTLED: Duration = Duration::from_millis(700);

/// The empty desk.
const EMPTY: (u32, u32, u8) = (640, 360, 96);

/// The folder. It need not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureFolder {
    path: PathBuf,
}

impl PictureFolder {
    /// A folder by its path.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Camera for PictureFolder {
    fn id(&self) -> DeviceId {
        DeviceId::pictures(&self.path)
    }

    fn open(&self) -> Result<Box<dyn CameraStream>, CameraError> {
        fs::read_dir(&self.path).map_err(|error| reason(&error))?;
        Ok(Box::new(FolderStream {
            path: self.path.clone(),
            shown: None,
            unreadable: HashMap::new(),
            last: None,
        }))
    }
}

fn reason(error: &std::io::Error) -> CameraError {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => CameraError::Refused,
        _ => CameraError::Lost,
    }
}

/// When a file was placed, and its size: another stamp is another content.
type Stamp = (Placed, u64);

struct FolderStream {
    path: PathBuf,
    /// The file that is shown; no file is the empty desk.
    shown: Option<(Option<(PathBuf, Stamp)>, Frame)>,
    unreadable: HashMap<PathBuf, Unreadable>,
    last: Option<Instant>,
}

struct Unreadable {
    stamp: Stamp,
    since: Instant,
    told: bool,
}

impl CameraStream for FolderStream {
    fn next(&mut self) -> Result<Frame, CameraError> {
        if let Some(last) = self.last {
            thread::sleep(EVERY.saturating_sub(last.elapsed()));
        }
        self.last = Some(Instant::now());
        let files = newest_first(&self.path)?;
        self.unreadable.retain(|path, _| files.iter().any(|(file, _)| file == path));
        for (file, stamp) in files {
            if let Some((Some((shown, since)), frame)) = &self.shown
                && (shown, since) == (&file, &stamp)
            {
                return Ok(frame.clone());
            }
            if self.unreadable.get(&file).is_some_and(|it| it.told && it.stamp == stamp) {
                continue;
            }
            match self.read(&file, stamp)? {
                Some(grey) => {
                    self.unreadable.remove(&file);
                    return Ok(self.show(Some((file, stamp)), grey));
                }
                None => continue,
            }
        }
        match &self.shown {
            Some((None, frame)) => Ok(frame.clone()),
            _ => {
                let (width, height, grey) = EMPTY;
                let pixels = vec![grey; (width * height) as usize];
                let grey = GreyImage::new(width, height, pixels);
                Ok(self.show(None, grey.map_err(|_| CameraError::Skipped(None))?))
            }
        }
    }
}

impl FolderStream {
    fn show(&mut self, file: Option<(PathBuf, Stamp)>, grey: GreyImage) -> Frame {
        let number = content_number();
        let frame = Frame::from_grey(grey, number, number);
        self.shown = Some((file, frame.clone()));
        frame
    }

    /// The picture; none while the file may still be being written. What turns out to be no
    /// picture is an error once.
    fn read(&mut self, file: &Path, stamp: Stamp) -> Result<Option<GreyImage>, CameraError> {
        let now = Instant::now();
        let settled = self
            .unreadable
            .get(file)
            .is_some_and(|it| it.stamp == stamp && now.duration_since(it.since) >= SETTLED);
        let loaded = match contents(file) {
            // Decoders fill the rest of a cut JPEG with grey and call it whole.
            Ok(bytes) if !settled && is_cut_jpeg(&bytes) => Err(Notice::NotAPicture),
            Ok(bytes) => load(&bytes).map_err(|error| match error {
                PictureError::TooLarge { .. } => Notice::PictureTooLarge,
                _ => Notice::NotAPicture,
            }),
            Err(_) => Err(Notice::NotAPicture),
        };
        match loaded {
            Ok(grey) => Ok(Some(grey)),
            Err(notice) => {
                let fresh = Unreadable { stamp, since: now, told: false };
                let known = self.unreadable.entry(file.to_owned()).or_insert(fresh);
                if known.stamp != stamp {
                    *known = Unreadable { stamp, since: now, told: false };
                }
                if !settled {
                    return Ok(None);
                }
                known.told = true;
                Err(CameraError::Skipped(Some(notice)))
            }
        }
    }
}

fn contents(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than is allowed, so that too large is seen as too large.
    File::open(file)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_cut_jpeg(bytes: &[u8]) -> bool {
    /// Phones append data of their own behind the end mark.
    const TAIL: usize = 64 << 10;
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or(bytes);
    bytes.starts_with(&[0xFF, 0xD8]) && !tail.windows(2).any(|pair| pair == [0xFF, 0xD9])
}

fn newest_first(folder: &Path) -> Result<Vec<(PathBuf, Stamp)>, CameraError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| reason(&error))? {
        // A file may vanish while the folder is read; the others are still there.
        let Ok(entry) = entry else { continue };
        let path = entry.path();
        if is_temporary(&path) {
            continue;
        }
        // Follows links; anything but a file (a pipe would block) is not looked at.
        if let Ok(about) = fs::metadata(&path)
            && about.is_file()
        {
            files.push((path, (placed(&about), about.len())));
        }
    }
    files.sort_by(|(a, (placed_a, _)), (b, (placed_b, _))| (placed_b, b).cmp(&(placed_a, a)));
    Ok(files)
}

fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.')
        || [".part", ".tmp", ".crdownload", "~"].iter().any(|end| name.ends_with(end))
}

/// Orders files by when they were placed. On Unix a rename counts, so a picture that was written
/// long ago and moved here now is new.
#[cfg(unix)]
type Placed = (i64, i64);

#[cfg(unix)]
fn placed(about: &Metadata) -> Placed {
    use std::os::unix::fs::MetadataExt;
    (about.ctime(), about.ctime_nsec())
}

#[cfg(not(unix))]
type Placed = Option<std::time::SystemTime>;

#[cfg(not(unix))]
fn placed(about: &Metadata) -> Placed {
    about.modified().ok().max(about.created().ok())
}

#[cfg(test)]
mod tests {
    use super::super::frame::tests::jpeg;
    use super::*;
    use tempfile::TempDir;
    use yanma_barcode::draw;

    fn stream(folder: &TempDir) -> Box<dyn CameraStream> {
        PictureFolder::new(folder.path()).open().unwrap()
    }

    fn place(folder: &TempDir, name: &str, bytes: &[u8]) {
        let part = folder.path().join(format!("{name}.part"));
        fs::write(&part, bytes).unwrap();
        fs::rename(part, folder.path().join(name)).unwrap();
    }

    fn png(side: u32) -> Vec<u8> {
        GreyImage::new(side, side, vec![7; (side * side) as usize]).unwrap().to_png()
    }

    /// Takes frames until one is as wide as wanted, and gives its showing.
    fn until(stream: &mut dyn CameraStream, width: u32) -> u64 {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if let Ok(frame) = stream.next()
                && frame.grey.width() == width
            {
                return frame.showing;
            }
        }
        panic!("no frame of width {width} came");
    }

    fn next_notice(stream: &mut dyn CameraStream) -> Notice {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if let Err(CameraError::Skipped(Some(notice))) = stream.next() {
                return notice;
            }
        }
        panic!("no notice came");
    }

    #[test]
    fn the_newest_file_is_what_is_seen() {
        let folder = TempDir::new().unwrap();
        let mut stream = stream(&folder);
        let empty = until(stream.as_mut(), EMPTY.0);
        place(&folder, "b.png", &png(20));
        let first = until(stream.as_mut(), 20);
        assert_ne!(first, empty);
        assert_eq!(until(stream.as_mut(), 20), first, "it stays the same showing");
        // Placed later under an earlier name: the time decides. File times have a grain.
        thread::sleep(Duration::from_millis(30));
        place(&folder, "a.jpg", &jpeg(24, 24, |_, _| 7));
        let second = until(stream.as_mut(), 24);
        thread::sleep(Duration::from_millis(30));
        place(&folder, "a.jpg", &jpeg(24, 24, |_, _| 7));
        let begun = Instant::now();
        while until(stream.as_mut(), 24) == second {
            assert!(begun.elapsed() < Duration::from_secs(20), "written again, shown again");
        }
        fs::remove_file(folder.path().join("a.jpg")).unwrap();
        fs::remove_file(folder.path().join("b.png")).unwrap();
        until(stream.as_mut(), EMPTY.0);
    }

    #[test]
    fn a_file_that_is_no_picture_is_told_once_and_skipped() {
        let folder = TempDir::new().unwrap();
        place(&folder, "good.png", &png(20));
        let mut stream = stream(&folder);
        until(stream.as_mut(), 20);
        thread::sleep(Duration::from_millis(30));
        place(&folder, "notes.txt", b"not a picture");
        assert_eq!(next_notice(stream.as_mut()), Notice::NotAPicture);
        for _ in 0..12 {
            let frame = stream.next().expect("told once");
            assert_eq!(frame.grey.width(), 20, "what was there before is still seen");
        }
    }

    #[test]
    fn a_half_written_file_is_waited_for() {
        let folder = TempDir::new().unwrap();
        for (name, whole, width) in
            [("a.png", png(30), 30), ("b.jpg", jpeg(40, 40, |x, y| (x * y) as u8), 40)]
        {
            let mut stream = stream(&folder);
            fs::write(folder.path().join(name), &whole[..whole.len() / 2]).unwrap();
            for _ in 0..3 {
                let frame = stream.next().expect("not told: it may still grow");
                assert_ne!(frame.grey.width(), width);
            }
            fs::write(folder.path().join(name), &whole).unwrap();
            until(stream.as_mut(), width);
        }
    }

    #[test]
    fn a_bomb_is_told_as_too_large() {
        let folder = TempDir::new().unwrap();
        let bomb = fs::File::create(folder.path().join("bomb.png")).unwrap();
        std::io::Write::write_all(&mut &bomb, &png(20)).unwrap();
        bomb.set_len(MAX_FILE_BYTES as u64 + 10).unwrap();
        assert_eq!(next_notice(stream(&folder).as_mut()), Notice::PictureTooLarge);
    }

    #[test]
    fn temporary_files_and_folders_are_not_looked_at() {
        let folder = TempDir::new().unwrap();
        for name in [".hidden.png", "x.png.part", "y.tmp", "z.png~"] {
            fs::write(folder.path().join(name), png(20)).unwrap();
        }
        fs::create_dir(folder.path().join("folder.png")).unwrap();
        let mut stream = stream(&folder);
        for _ in 0..3 {
            assert_eq!(stream.next().unwrap().grey.width(), EMPTY.0);
        }
    }

    #[test]
    fn a_folder_that_vanishes_is_a_lost_camera() {
        let folder = TempDir::new().unwrap();
        let mut stream = stream(&folder);
        stream.next().unwrap();
        fs::remove_dir(folder.path()).unwrap();
        assert_eq!(stream.next().err(), Some(CameraError::Lost));
        let again = PictureFolder::new(folder.path());
        assert_eq!(again.open().err(), Some(CameraError::Lost));
        fs::create_dir(folder.path()).unwrap();
        place(&folder, "a.png", &draw::qr("x").unwrap().to_png());
        assert_eq!(again.open().unwrap().next().unwrap().grey.width(), 29 * 8);
    }
}
