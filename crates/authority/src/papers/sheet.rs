//! The sheet that is printed: A6, or the size of a card.

use jiff::civil::Date;
use krilla::Document;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use yanma_barcode::draw::QrPicture;
use yanma_domain::document::DocumentType;
use yanma_protocol::papers::SheetSize;

use crate::error::Error;

/// Points in a millimetre: a point is 1/72 of an inch.
const PT: f32 = 72.0 / 25.4;

/// Light modules around the code (ISO/IEC 18004 asks for four); here only to the sides of
/// which the paper is not white anyway.
const QUIET: f32 = 4.0;

/// What stands on a sheet. The colour does not: it changes, and paper does not.
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) document: String,
    pub(super) document_type: DocumentType,
    pub(super) from: Date,
    pub(super) until: Date,
    pub(super) qr: QrPicture,
}

/// Where things are, in millimetres from the top left.
struct Layout {
    page: (f32, f32),
    /// The left upper corner of the code with its quiet zone, and its side.
    code: (f32, f32, f32),
    /// Left edge and base line of each text, with its size in points.
    lines: &'static [(f32, f32, f32)],
}

const A6: Layout = Layout {
    page: (105.0, 148.0),
    code: (14.5, 24.0, 76.0),
    lines: &[
        (9.0, 15.0, 17.0),
        (9.0, 20.5, 9.0),
        (9.0, 108.0, 20.0),
        (9.0, 114.5, 11.0),
        (9.0, 118.5, 8.0),
        (9.0, 125.0, 11.0),
        (9.0, 131.5, 7.5),
        (9.0, 135.0, 7.5),
        (9.0, 139.5, 6.5),
        (9.0, 142.5, 6.5),
    ],
};

const CARD: Layout = Layout {
    page: (85.6, 54.0),
    code: (1.5, 1.5, 51.0),
    lines: &[
        (52.5, 8.0, 9.5),
        (52.5, 11.5, 5.5),
        (52.5, 20.0, 13.0),
        (52.5, 24.5, 6.0),
        (52.5, 29.5, 6.0),
        (52.5, 37.0, 4.8),
        (52.5, 39.6, 4.8),
        (52.5, 43.6, 4.2),
        (52.5, 45.8, 4.2),
    ],
};

impl Sheet {
    /// The sheet as a PDF with the used part of the font in it.
    pub(super) fn draw(&self, size: SheetSize, font: &Font) -> Result<Vec<u8>, Error> {
        let layout = match size {
            SheetSize::A6 => A6,
            SheetSize::Card => CARD,
        };
        let (width, height) = layout.page;
        let mut document = Document::new();
        document.set_metadata(Metadata::new().title("健康码".to_owned()).language("zh".to_owned()));
        let settings =
            PageSettings::from_wh(width * PT, height * PT).ok_or(Error::Asset("sheet"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        self.draw_code(&mut surface, layout.code)?;
        for ((x, y, size), text) in layout.lines.iter().zip(self.lines(size)) {
            let at = Point::from_xy(x * PT, y * PT);
            surface.draw_text(at, font.clone(), *size, &text, false, TextDirection::Auto);
        }
        surface.finish();
        page.finish();
        document.finish().map_err(|_| Error::Asset("sheet"))
    }

    fn draw_code(&self, surface: &mut Surface<'_>, at: (f32, f32, f32)) -> Result<(), Error> {
        let (left, top, side) = at;
        let module = side / (self.qr.size as f32 + 2.0 * QUIET);
        let mut path = PathBuilder::new();
        for (x, y) in (0..self.qr.size).flat_map(|y| (0..self.qr.size).map(move |x| (x, y))) {
            if self.qr.dark(x, y) {
                let (x, y) =
                    (left + module * (x as f32 + QUIET), top + module * (y as f32 + QUIET));
                let rect = Rect::from_xywh(x * PT, y * PT, module * PT, module * PT);
                path.push_rect(rect.ok_or(Error::Asset("sheet"))?);
            }
        }
        surface.draw_path(&path.finish().ok_or(Error::Asset("sheet"))?);
        Ok(())
    }

    fn lines(&self, size: SheetSize) -> Vec<String> {
        let (zh, en) = (self.document_type.name_zh(), self.document_type.name_en());
        let (from, until) = (self.from, self.until);
        let mut lines =
            vec!["健康码（纸质）".to_owned(), "Health code on paper".to_owned(), self.name.clone()];
        match size {
            SheetSize::A6 => lines.extend([
                format!("{zh}  {}", self.document),
                en.to_owned(),
                format!("有效期 Valid  {from} — {until}"),
                "颜色以核验台显示为准。遗失或重新制作后，本张作废。".to_owned(),
                "The desk shows the colour. This sheet is void when lost or made anew.".to_owned(),
                "请勿交给他人或上传网络。".to_owned(),
                "Do not give it away, and do not put it online.".to_owned(),
            ]),
            SheetSize::Card => lines.extend([
                self.document.clone(),
                format!("{from} — {until}"),
                "颜色以核验台显示为准；".to_owned(),
                "重新制作后，本张作废。".to_owned(),
                "The desk shows the colour.".to_owned(),
                "Void when made anew.".to_owned(),
            ]),
        }
        lines
    }
}
