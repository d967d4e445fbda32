//! The font of paper codes: a name may have any Chinese character, so the font is one of the
//! machine's own.

use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;

use krilla::text::Font;

use crate::error::Error;

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
        yanma_print::chinese_font()
    }
}

impl fmt::Debug for PaperFont {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaperFont").field("file", &self.file).finish_non_exhaustive()
    }
}
