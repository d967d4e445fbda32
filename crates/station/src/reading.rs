//! What is poured into the desk: readings of devices and of the keyboard.

use yanma_domain::document::{CardError, ChipCard, DocumentNumber, DocumentType};
use yanma_domain::evidence::{self, Evidence};

/// One reading, as its device gave it.
#[derive(Clone)]
pub struct Reading {
    /// What was read.
    pub input: Input,
    /// What read it.
    pub via: Via,
}

/// What was read.
#[derive(Clone)]
pub enum Input {
    /// A text of unknown kind; the desk finds out.
    Text(String),
    /// A number of which a person said what document it is on.
    Number(DocumentType, String),
    /// The chip of a card, read whole. A card that could not be read is no reading.
    Card(Box<ChipCard>),
}

/// What read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A camera, or a picture.
    Camera,
    /// A scanner, as keyboard or in HID POS mode.
    Scanner,
    /// A device on a serial line: a scanner, or a thermometer.
    Serial,
    /// A person at the keyboard.
    Keyboard,
    /// A reader of chip cards.
    CardReader,
}

impl Reading {
    /// The reading of a card, from a card reader's whole answer to "read text and photo".
    ///
    /// # Errors
    /// When the answer holds no card, or the card says what no such card can. That is no
    /// reading: nobody is judged by it.
    pub fn of_card(frame: &[u8]) -> Result<Self, CardError> {
        let card = Box::new(ChipCard::parse_frame(frame)?);
        Ok(Self { input: Input::Card(card), via: Via::CardReader })
    }

    /// Understands the reading. Nothing it says is believed yet.
    pub fn evidence(&self) -> Evidence {
        match &self.input {
            Input::Text(text) => evidence::read(text),
            Input::Number(document_type, text) => {
                match DocumentNumber::parse(*document_type, text) {
                    Ok(number) => Evidence::Document(number),
                    Err(error) => Evidence::BrokenNumber(*document_type, error),
                }
            }
            Input::Card(card) => Evidence::NamedDocument(card.number.clone(), card.name.clone()),
        }
    }

    /// The text that was read; a card has none.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.input {
            Input::Text(text) | Input::Number(_, text) => Some(text),
            Input::Card(_) => None,
        }
    }

    /// The word an entry keeps for how this evidence came.
    pub(crate) fn method(&self, evidence: &Evidence) -> Method {
        match (evidence, self.via) {
            (Evidence::Code(_) | Evidence::BrokenCode(_), _) => Method::Code,
            (_, Via::Keyboard) => Method::Typed,
            (_, Via::CardReader) => Method::Card,
            (_, Via::Camera | Via::Scanner | Via::Serial) => Method::Scanned,
        }
    }
}

/// Never shows what was read.
impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match &self.input {
            Input::Text(_) => "text",
            Input::Number(..) => "number",
            Input::Card(_) => "card",
        };
        write!(f, "Reading({kind}, {:?})", self.via)
    }
}

/// How evidence came to the desk.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// A health code, from whatever device.
    Code,
    /// The chip of a card.
    Card,
    /// A number typed by hand.
    Typed,
    /// A number or zone read by scanner or camera.
    Scanned,
}

impl Method {
    /// `code`, `card`, `typed` or `scanned`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Card => "card",
            Self::Typed => "typed",
            Self::Scanned => "scanned",
        }
    }
}
