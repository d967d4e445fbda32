//! Health cards in parts: collected in any order, put together when all are there.

use super::CertificateError;
use super::smart_health_card::{MARK, looks_like_one};

/// The most parts of a card, and so of what is kept while one is collected.
const MOST_PARTS: u8 = 12;

/// One part of a card. `Debug` shows its place only.
#[derive(Clone, PartialEq, Eq)]
pub struct CardPart {
    /// Which part, from 1.
    pub number: u8,
    /// Of how many.
    pub of: u8,
    digits: String,
}

/// The parts of one card as they come.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CardParts {
    parts: Vec<Option<String>>,
}

impl CardPart {
    /// Whether a text is one part of several: two numbers stand before the digits.
    #[must_use]
    pub fn looks_like_one(text: &str) -> bool {
        let text = text.trim_start();
        looks_like_one(text) && text.get(MARK.len()..).is_some_and(|rest| rest.contains('/'))
    }

    /// Takes a part: `shc:/`, its number, how many there are, and the digits.
    ///
    /// # Errors
    /// [`CertificateError::Part`] for numbers that cannot be, [`CertificateError::Text`] when
    /// the rest is no digits.
    pub fn read(text: &str) -> Result<Self, CertificateError> {
        let rest = text.trim().get(MARK.len()..).ok_or(CertificateError::Text)?;
        let mut parts = rest.splitn(3, '/');
        let mut number = || parts.next().and_then(|number| number.parse::<u8>().ok());
        let (Some(number), Some(of)) = (number(), number()) else {
            return Err(CertificateError::Part);
        };
        if number == 0 || number > of || of > MOST_PARTS {
            return Err(CertificateError::Part);
        }
        let digits = parts.next().unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(CertificateError::Text);
        }
        Ok(Self { number, of, digits: digits.to_owned() })
    }
}

impl CardParts {
    /// Adds a part; gives the whole card's text once none is missing, and again when one of
    /// its parts is read again. A part of another card begins that card anew.
    pub fn add(&mut self, part: CardPart) -> Option<String> {
        let at = usize::from(part.number) - 1;
        let another = self.parts.len() != usize::from(part.of)
            || self
                .parts
                .get(at)
                .is_some_and(|had| had.as_ref().is_some_and(|had| *had != part.digits));
        if another {
            self.parts = vec![None; usize::from(part.of)];
        }
        if let Some(place) = self.parts.get_mut(at) {
            *place = Some(part.digits);
        }
        if self.parts.iter().any(Option::is_none) {
            return None;
        }
        let digits: String = self.parts.iter().flatten().map(String::as_str).collect();
        Some(format!("{MARK}{digits}"))
    }

    /// How many parts are there already.
    pub fn have(&self) -> usize {
        self.parts.iter().flatten().count()
    }
}

impl std::fmt::Debug for CardPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CardPart({} of {})", self.number, self.of)
    }
}

impl std::fmt::Debug for CardParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CardParts({} of {})", self.have(), self.parts.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> CardPart {
        CardPart::read(text).unwrap()
    }

    #[test]
    fn parts_come_in_any_order() {
        let three = ["shc:/1/3/1122", "SHC:/2/3/33", "shc:/3/3/445566\r\n"];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
            let mut parts = CardParts::default();
            let whole: Vec<_> = order.iter().map(|at| parts.add(part(three[*at]))).collect();
            assert_eq!(whole, [None, None, Some("shc:/112233445566".to_owned())], "{order:?}");
            let again = parts.add(part(three[1]));
            assert_eq!(again.as_deref(), Some("shc:/112233445566"), "a part read again");
        }
    }

    #[test]
    fn a_part_twice_is_one_part_and_another_card_begins_anew() {
        let mut parts = CardParts::default();
        assert_eq!(parts.add(part("shc:/1/2/11")), None);
        assert_eq!(parts.add(part("shc:/1/2/11")), None);
        assert_eq!(parts.have(), 1);
        assert_eq!(parts.add(part("shc:/1/2/99")), None, "another card's first part");
        assert_eq!(parts.add(part("shc:/2/2/22")).as_deref(), Some("shc:/9922"));
        assert_eq!(parts.add(part("shc:/1/3/11")), None);
        assert_eq!(parts.add(part("shc:/2/2/22")), None, "of two parts now");
        assert_eq!(parts.add(part("shc:/1/2/11")).as_deref(), Some("shc:/1122"));
        assert_eq!(parts.add(part("shc:/1/1/77")).as_deref(), Some("shc:/77"));
    }

    #[test]
    fn an_impossible_part_is_refused() {
        for (text, error) in [
            ("shc:/0/2/11", CertificateError::Part),
            ("shc:/3/2/11", CertificateError::Part),
            ("shc:/1/13/11", CertificateError::Part),
            ("shc:/1/300/11", CertificateError::Part),
            ("shc:/x/2/11", CertificateError::Part),
            ("shc:/1/2", CertificateError::Text),
            ("shc:/1/2/", CertificateError::Text),
            ("shc:/1/2/1x", CertificateError::Text),
            ("shc:/1/2/11/22", CertificateError::Text),
        ] {
            assert!(CardPart::looks_like_one(text), "{text}");
            assert_eq!(CardPart::read(text), Err(error), "{text}");
        }
        assert!(!CardPart::looks_like_one("shc:/5676"));
    }
}
