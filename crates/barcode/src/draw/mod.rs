//! Text to symbol: the QR of a health code, and Code 128 for card slips and makers' barcodes.

mod code128;
mod qr;

use thiserror::Error;

pub use code128::{FNC3, code128};
pub use qr::{QrPicture, qr, qr_for_code};

/// Why a text cannot be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DrawError {
    /// A health code is `HTTPS://HOST/` in capitals followed by digits and nothing else.
    #[error("not the text of a health code: capitals and a host, a slash, then digits")]
    NotACode,
    /// More than a QR of version 40 at level M holds, or more than 80 characters in Code 128.
    #[error("the text is too long for the symbol")]
    TooLong,
    /// Code 128 holds printable ASCII and [`FNC3`] only, and at least one character.
    #[error("Code 128 holds printable ASCII only")]
    NotAscii,
}
