//! Grey picture to symbols, text to symbol. Pure computation: no camera, no file, no wall clock,
//! and no opinion on what a text means.
//!
//! * [`load`] turns a PNG or JPEG into a [`GreyImage`], within limits that a hostile file cannot
//!   stretch.
//! * [`read`] finds every symbol in a picture within a [`Budget`]. zxing-cpp, rxing and rqrr do
//!   the decoding, on threads of their own, because one of them is known to panic and to never
//!   end; what is ours is the order of looks and the pictures they are given.
//! * [`mrz`] finds the lines of a machine-readable zone, and leaves it to check digits which
//!   reading is right.
//! * [`draw`] makes the QR of a health code, and Code 128 for card slips.
//! * [`Reader`] does so for a camera, frame by frame: what is not readable in one frame may be in
//!   several laid over each other.
//! * [`Parts`] puts together what several symbols hold of one text.
//! * [`Hint`] says why a code that is there could not be read.
//!
//! A symbol is reported only when its own error correction or
//! check characters agree.
//!
//! ```
//! use yanma_barcode::{Budget, Formats, draw, read};
//!
//! let drawn = draw::qr_for_code("HTTPS://YM.TEST/0123456789")?;
//! let picture = drawn.to_grey(4, 4);
//! let found = read(&picture, &Formats::CODES, Budget::PATIENT);
//! assert_eq!(found[0].text, "HTTPS://YM.TEST/0123456789");
//! # Ok::<(), yanma_barcode::draw::DrawError>(())
//! ```

mod bounded;
pub mod draw;
mod geometry;
mod hint;
mod hunt;
mod jpeg;
mod load;
pub mod mrz;
mod parts;
mod picture;
mod prepare;
mod read;
mod reader;
mod rqrr_engine;
mod rxing_engine;
mod symbol;
mod unfold;
mod upright;
mod zxing_engine;

pub use hint::Hint;
pub use load::{MAX_FILE_BYTES, MAX_PIXELS, MAX_SIDE, load};
pub use parts::{Joined, Missing, Parts, join};
pub use picture::{GreyImage, PictureError};
pub use read::{Budget, read, read_or_hint};
pub use reader::{Reader, Sight};
pub use symbol::{Formats, Part, Symbol, Symbology};
