//! What printed pages have in common. The name of a site or a person may have any Chinese
//! character, so the font is one of the machine's own.

mod dots;

pub use dots::{Dots, Line, SlipFont};

use fontdb::{Database, Family, Query, Source};
use krilla::text::Font;

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

/// A font of this machine with simplified Chinese characters. It is looked for anew each time,
/// which reads the folders of fonts. `None` when there is none, or it cannot be read.
#[must_use]
pub fn chinese_font() -> Option<Font> {
    let (data, face) = chinese_face()?;
    Font::new(data.into(), face)
}

/// The file of such a font, and which face of it.
fn chinese_face() -> Option<(Vec<u8>, u32)> {
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
    Some((data, face))
}
