//! A card's facts back to the text of its chip, for simulators and tests.

use jiff::civil::Date;

use super::text::{FROM, LONG_TERM, MARK, Place, TO};
use super::{CardError, CardField, CardLayout, ChipCard};
use crate::document::Sex;

impl ChipCard {
    /// The 256 bytes of text of a chip that says this. Fields that are not kept (nation,
    /// address, issuing office) are blank.
    ///
    /// # Errors
    /// [`CardError::Text`] with the field that does not fit into its place.
    pub fn to_text(&self) -> Result<[u8; 256], CardError> {
        let mut block = Block(spaces());
        let places = self.layout.places();
        // Without a Chinese name the card goes by the Latin one, and its field is blank.
        let own = self.latin_name.as_ref() != Some(&self.name);
        let name = if own { self.name.reveal() } else { "" };
        let latin = self.latin_name.as_ref().map_or("", |name| name.reveal());
        let to = self.to.map_or_else(|| LONG_TERM.to_owned(), digits);
        let sex = match self.sex {
            Some(Sex::Male) => "1",
            Some(Sex::Female) => "2",
            None => "9",
        };
        let mark = match self.layout {
            CardLayout::Resident => "",
            CardLayout::ResidencePermit => "J",
            CardLayout::Permanent2017 => "I",
            CardLayout::Permanent2023 => "Y",
        };
        block.write(CardField::Name, &[places.name], name)?;
        block.write(CardField::LatinName, places.latin_name, latin)?;
        block.write(CardField::Sex, &[places.sex], sex)?;
        block.write(CardField::Birth, &[places.birth], &digits(self.birth))?;
        block.write(CardField::Number, &[places.number], self.number.reveal())?;
        block.write(CardField::From, &[FROM], &digits(self.from))?;
        block.write(CardField::To, &[TO], &to)?;
        block.write(CardField::Number, &[MARK], mark)?;
        Ok(block.0)
    }
}

/// A block that is being filled in.
struct Block([u8; 256]);

impl Block {
    /// Writes a text over the given places, one after the other.
    fn write(&mut self, field: CardField, parts: &[Place], text: &str) -> Result<(), CardError> {
        let mut bytes = text.encode_utf16().flat_map(u16::to_le_bytes);
        for (offset, length) in parts {
            let cells = self.0.iter_mut().skip(*offset).take(*length);
            // By reference, so that no byte is lost where a part ends.
            for (cell, byte) in cells.zip(&mut bytes) {
                *cell = byte;
            }
        }
        if bytes.next().is_some() { Err(CardError::Text(field)) } else { Ok(()) }
    }
}

fn spaces() -> [u8; 256] {
    let mut block = [0; 256];
    block.iter_mut().step_by(2).for_each(|byte| *byte = b' ');
    block
}

/// `yyyymmdd`.
fn digits(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}
