//! The second engine, rqrr: QR only, slower and weaker, but of other descent, so it now and then
//! reads what the first does not. It is known to panic and to never end: run it in a lane.

use std::sync::mpsc::Sender;

use crate::picture::GreyImage;
use crate::symbol::{Symbol, Symbology};

/// Looks once for QR and sends what it finds.
pub(crate) fn look(image: &GreyImage, out: &Sender<Symbol>) {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let pixels = image.pixels();
    let grey = |x: usize, y: usize| pixels.get(y * width + x).copied().unwrap_or(u8::MAX);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    for grid in prepared.detect_grids() {
        let mut bytes = Vec::new();
        if grid.decode_to(&mut bytes).is_err() {
            continue;
        }
        // It drops character set marks, so text in another set than UTF-8 would be wrong.
        let Ok(text) = String::from_utf8(bytes.clone()) else { continue };
        let corners = grid.bounds.map(|point| (point.x as f32, point.y as f32));
        let (symbology, attempt, part) = (Symbology::Qr, "rqrr", None);
        let symbol = Symbol { symbology, text, bytes, corners, attempt, part };
        if out.send(symbol).is_err() {
            return;
        }
    }
}
