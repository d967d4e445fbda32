//! The font of paper codes: a name may have any Chinese character, so the font is one of the
//! machine's own.

use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;

use fontdb::{Database, Family, Query, Source};
use krilla::text::Font;

use crate::error::Error;

/// Families with simplified Chinese characters that Linux, Windows and macOS come with or
/// have in their packages, the best first.
const FAMILIES: [&str; 8] = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "SimHei",
];

/// A font that is looked for when it is first needed.
#[derive(Default)]
pub struct PaperFont {
    file: Option<PathBuf>,
    font: OnceLock<Option<Font>>,
}

impl PaperFont {
    /// The font in a file (TrueType, OpenType, or the first of a collection); one of the
    /// system's without a file.
    pub fn new(file: Option<PathBuf>) -> Self {
        Self { file, font: OnceLock::new() }
    }

    /// The font.
    ///
    /// # Errors
    ///
    /// [`Error::NoFont`].
    pub(super) fn load(&self) -> Result<&Font, Error> {
        self.font.get_or_init(|| self.find()).as_ref().ok_or(Error::NoFont)
    }

    fn find(&self) -> Option<Font> {
        if let Some(file) = &self.file {
            return Font::new(std::fs::read(file).ok()?.into(), 0);
        }
        let mut database = Database::new();
        database.load_system_fonts();
        let id = FAMILIES.iter().find_map(|family| {
            database.query(&Query { families: &[Family::Name(family)], ..Query::default() })
        })?;
        let (source, face) = database.face_source(id)?;
        let data = match source {
            Source::File(path) | Source::SharedFile(path, _) => std::fs::read(path).ok()?,
            Source::Binary(data) => data.as_ref().as_ref().to_vec(),
        };
        Font::new(data.into(), face)
    }
}

impl fmt::Debug for PaperFont {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaperFont").field("file", &self.file).finish_non_exhaustive()
    }
}
