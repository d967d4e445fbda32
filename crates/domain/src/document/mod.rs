//! Identity documents: their types, numbers, check digits, masks, directory hashes, and the
//! text that the chip of a card carries.
//!
//! A [`DocumentNumber`] exists only if it is valid for its [`DocumentType`]: it came through
//! [`DocumentNumber::parse`] (the type is known, from a choice or a chip) or
//! [`DocumentNumber::recognise`] (a bare text, from a scanner or a keyboard). Nothing here
//! asks whether the document was ever issued, or whether its holder is old enough to exist:
//! there is no clock and no register in this crate.
//!
//! ```
//! use yanma_domain::document::{DocumentNumber, DocumentType, NumberError, Recognised};
//!
//! let number = DocumentNumber::parse(DocumentType::ResidentId, "350100 19000101 000４")?;
//! assert_eq!(number.reveal(), "350100190001010004");
//! assert_eq!(number.to_string(), "3501**********0004");
//!
//! // One digit mistyped: it still looks like a resident number, and says what is wrong.
//! let broken = DocumentNumber::recognise("350100190001010005");
//! assert_eq!(
//!     broken,
//!     Recognised::Broken {
//!         document_type: DocumentType::ResidentId,
//!         error: NumberError::CheckDigit,
//!     }
//! );
//! # Ok::<(), NumberError>(())
//! ```

pub mod card;
pub mod check_digit;
mod directory;
mod number;
mod recognise;
mod regional;
mod shape;
mod types;
mod zone;

pub use card::{CardError, CardField, CardLayout, ChipCard};
pub use directory::{DirectoryKey, DocumentHash, HexError};
pub use number::{DocumentNumber, Edition, NumberError, Sex};
pub use recognise::Recognised;
pub use regional::{RegionalError, RegionalNumber};
pub use types::{DocumentType, UnknownDocumentType};
pub use zone::{OtherDocument, Zone, ZoneDate, ZoneDocument, ZoneError, ZoneField, ZoneLayout};
