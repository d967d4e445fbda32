//! The font of a printed report: names of sites and people may have any Chinese character,
//! so it is one of the machine's own.

use fontdb::{Database, Family, Query, Source};
use krilla::text::Font;

use crate::error::DeskError;

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

/// One of them.
///
/// # Errors
/// [`DeskError::NoFont`].
pub(super) fn load() -> Result<Font, DeskError> {
    find().ok_or(DeskError::NoFont)
}

fn find() -> Option<Font> {
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
