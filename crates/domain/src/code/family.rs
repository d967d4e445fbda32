//! Several people's codes in one text, so that a family shows one symbol.

use super::body::DecodedCode;
use super::text::{CodeHost, PART_DIGITS};
use super::{CodeError, Field};

/// The most people in one text: oneself and 13 family members.
pub const MOST_IN_FAMILY: usize = 14;

/// The codes of several people, as they stand in one text:
///
/// ```text
/// HTTPS://<HOST>/<digits>/<digits>…
/// ```
///
/// Each is a whole code by itself, signed by itself. Nothing says that they belong together, or
/// that all of them are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyCode(Vec<DecodedCode>);

impl FamilyCode {
    /// Of two or more codes, each of another person.
    ///
    /// # Errors
    /// [`CodeError::Malformed`] for one code, too many, or the same person's twice.
    pub fn new(codes: Vec<DecodedCode>) -> Result<Self, CodeError> {
        let who = |code: &DecodedCode| (code.body().key.issuer, code.body().index);
        let fits = (2..=MOST_IN_FAMILY).contains(&codes.len());
        let twice = (1..codes.len())
            .any(|at| codes[..at].iter().any(|before| who(before) == who(&codes[at])));
        if fits && !twice { Ok(Self(codes)) } else { Err(CodeError::Malformed(Field::People)) }
    }

    /// The codes, in the order in which they stand.
    pub fn codes(&self) -> &[DecodedCode] {
        &self.0
    }

    /// The one text of these codes.
    pub fn to_text(&self, host: &CodeHost) -> String {
        let digits: Vec<String> = self.0.iter().map(DecodedCode::digits).collect();
        format!("HTTPS://{}/{}", host.as_str(), digits.join("/"))
    }

    /// Reads it from a text with two or more runs of digits that are codes or parts of codes,
    /// whatever stands between them: keyboard layouts garble everything but digits. `None` for any
    /// other text. A run that is no code, one that is cut off at the end included, makes the whole
    /// text one that was not read: nobody of a family is left out unseen.
    ///
    /// # Errors
    /// As [`DecodedCode::from_text`] and [`FamilyCode::new`].
    pub fn from_text(text: &str) -> Option<Result<Self, CodeError>> {
        let runs: Vec<&str> = text
            .split(|c: char| !c.is_ascii_digit())
            .skip_while(|run| run.len() < PART_DIGITS)
            .take(MOST_IN_FAMILY + 1)
            .collect();
        if runs.iter().filter(|run| run.len() >= PART_DIGITS).count() < 2 {
            return None;
        }
        if runs.len() > MOST_IN_FAMILY {
            return Some(Err(CodeError::Malformed(Field::People)));
        }
        let codes: Result<Vec<_>, _> = runs.into_iter().map(DecodedCode::from_text).collect();
        let mut codes = match codes {
            Ok(codes) => codes,
            Err(error) => return Some(Err(error)),
        };
        // A scanner that read one code twice has read one code.
        codes.dedup();
        (codes.len() > 1).then(|| Self::new(codes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{CodeBody, Lifetime, Profile};
    use crate::colour::Colour;
    use crate::document::{DirectoryKey, DocumentNumber, DocumentType};
    use crate::evidence::{Evidence, read};
    use crate::ids::{IssuerId, KeyId, KeySlot, StatusIndex};
    use crate::name::MaskedName;

    fn code(index: u32) -> DecodedCode {
        let body = CodeBody {
            key: KeyId { issuer: IssuerId::FUJIAN, slot: KeySlot::CODES },
            profile: Profile::Ed25519,
            colour: Colour::Green,
            document_type: DocumentType::ResidentId,
            issued_at: "2020-07-01T08:00:00Z".parse().unwrap(),
            lifetime: Lifetime::PHONE,
            index: StatusIndex(index),
            document: DirectoryKey::from_bytes([9; 32]).hash(&anna()),
            name: MaskedName::parse("张*明").unwrap(),
        };
        DecodedCode::new(body, [7; 64]).unwrap()
    }

    fn anna() -> DocumentNumber {
        DocumentNumber::parse(DocumentType::ResidentId, "11010519491231002X").unwrap()
    }

    fn family(people: u32) -> FamilyCode {
        FamilyCode::new((1..=people).map(code).collect()).unwrap()
    }

    fn host() -> CodeHost {
        CodeHost::parse("YM.TEST").unwrap()
    }

    #[test]
    fn what_was_written_is_read_whatever_a_keyboard_makes_of_it() {
        for people in [2, 3, 14] {
            let text = family(people).to_text(&host());
            for text in [
                text.clone(),
                text.to_lowercase(),
                text.replace('/', "-"),
                text.replace("HTTPS://", "HTTPSM§§"),
                format!("  {text}\r\n"),
                text.chars().map(full_width).collect(),
            ] {
                assert_eq!(read(&text), Evidence::Family(family(people)), "{text}");
            }
        }
    }

    fn full_width(c: char) -> char {
        if c.is_ascii_digit() { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c }
    }

    #[test]
    fn nobody_is_left_out_unseen() {
        let text = family(3).to_text(&host());
        let second_ends = text.rfind('/').unwrap();
        // Cut off anywhere behind the first code, it is no smaller family.
        for cut in second_ends - 150..text.len() {
            let read = read(text.get(..cut).unwrap());
            if cut == second_ends {
                assert_eq!(read, Evidence::Family(family(2)), "which nobody can tell");
            } else {
                assert!(matches!(read, Evidence::BrokenCode(_)), "{cut}: {read:?}");
            }
        }
        let (first, rest) = text.split_at(text.len() - 300);
        let misread = format!("{first}{}", rest.replacen(|c: char| c.is_ascii_digit(), "x", 1));
        assert!(matches!(read(&misread), Evidence::BrokenCode(_)));
    }

    #[test]
    fn one_person_twice_or_too_many_are_none() {
        let people = |codes| FamilyCode::new(codes);
        let none = Err(CodeError::Malformed(Field::People));
        assert_eq!(people(vec![code(1)]), none);
        assert_eq!(people(vec![code(1), code(2), code(1)]), none);
        assert_eq!(people((1..=15).map(code).collect()), none);
        let again = format!("{0}\n{0}", code(1).to_text(&host()));
        assert_eq!(read(&again), Evidence::Code(Box::new(code(1))), "one code, read twice");
        let many: Vec<_> = (1..=15).map(|index| code(index).digits()).collect();
        let text = format!("HTTPS://YM.TEST/{}", many.join("/"));
        assert!(matches!(read(&text), Evidence::BrokenCode(CodeError::Malformed(Field::People))));
    }
}
