//! What document a bare text may be the number of.

use super::{DocumentNumber, DocumentType, NumberError, number, shape};

/// The answer to a bare text from a scanner or a keyboard, where nobody said which document
/// it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// A number of 15 or 18 characters whose own structure proves its type.
    One(DocumentNumber),
    /// It fits these types, in the order of their codes, and nothing in it proves one: ask
    /// for the type, then [`DocumentNumber::parse`]. Never empty; a single type is still a
    /// guess, since these numbers have no check digit.
    Several(Vec<DocumentType>),
    /// Right length and characters for exactly one type, but its date or check digit is
    /// wrong: a slip of the finger, a misprint, or an invention.
    Broken {
        /// The one type it looks like.
        document_type: DocumentType,
        /// [`NumberError::Date`] or [`NumberError::CheckDigit`].
        error: NumberError,
    },
    /// Not the number of any document.
    No,
}

/// The longest text taken for a foreign passport unasked, which is the longest a
/// machine-readable zone has; longer ones need the operator's word.
const LONGEST_UNASKED_PASSPORT: usize = 9;

impl DocumentNumber {
    /// Asks which document a text may be the number of. Spelling is forgiven as in
    /// [`DocumentNumber::parse`].
    #[must_use]
    pub fn recognise(text: &str) -> Recognised {
        let types: Vec<_> = DocumentType::ALL.into_iter().filter(|t| may_be(*t, text)).collect();
        match types.as_slice() {
            [] => Recognised::No,
            [only] if has_structure(*only) => match Self::parse(*only, text) {
                Ok(number) => Recognised::One(number),
                Err(error) => Recognised::Broken { document_type: *only, error },
            },
            _ => Recognised::Several(types),
        }
    }
}

/// Whether a text that nobody has named a type for has the shape of the type.
fn may_be(document_type: DocumentType, text: &str) -> bool {
    let text = number::normalise(document_type, text);
    shape::fit(document_type, &text).is_ok()
        && (document_type != DocumentType::ForeignPassport
            // Any short word has the shape of a foreign passport; a number has a digit.
            || text.len() <= LONGEST_UNASKED_PASSPORT && text.iter().any(u8::is_ascii_digit))
}

/// Whether every number of the type has a date, and so a structure that can be wrong.
fn has_structure(document_type: DocumentType) -> bool {
    matches!(
        document_type,
        DocumentType::ResidentId
            | DocumentType::HkMacauResidence
            | DocumentType::TaiwanResidence
            | DocumentType::PermanentResidence
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use DocumentType::*;

    #[track_caller]
    fn check_one(text: &str, document_type: DocumentType) {
        let expect = DocumentNumber::parse(document_type, text).unwrap();
        assert_eq!(DocumentNumber::recognise(text), Recognised::One(expect));
    }

    #[track_caller]
    fn check_several(text: &str, types: &[DocumentType]) {
        assert_eq!(DocumentNumber::recognise(text), Recognised::Several(types.to_vec()), "{text}");
        for t in types {
            assert!(DocumentNumber::parse(*t, text).is_ok(), "{text} parses as {t}");
        }
    }

    #[track_caller]
    fn check_broken(text: &str, document_type: DocumentType, error: NumberError) {
        assert_eq!(
            DocumentNumber::recognise(text),
            Recognised::Broken { document_type, error },
            "{text}"
        );
    }

    #[test]
    fn structure_proves_a_type() {
        check_one("11010519491231002X", ResidentId);
        check_one(" 110105 19491231 002x\r\n", ResidentId);
        check_one("１１０１０５１９４９１２３１００２ｘ", ResidentId);
        check_one("350100190001010004", ResidentId);
        check_one("110105491231002", ResidentId);
        check_one("810000199001010019", HkMacauResidence);
        check_one("820000199001010029", HkMacauResidence);
        check_one("830000199001010039", TaiwanResidence);
        check_one("911398199012310021", PermanentResidence);
        check_one("KAZ110090123105", PermanentResidence);
        check_one("uto350100010104", PermanentResidence);
    }

    #[test]
    fn a_wrong_digit_is_told_from_no_number() {
        check_broken("110105194912310021", ResidentId, NumberError::CheckDigit);
        check_broken("350100190002290004", ResidentId, NumberError::Date);
        check_broken("110105491331002", ResidentId, NumberError::Date);
        check_broken("810000199001010018", HkMacauResidence, NumberError::CheckDigit);
        check_broken("830000199001310039", TaiwanResidence, NumberError::CheckDigit);
        check_broken("911398199012310022", PermanentResidence, NumberError::CheckDigit);
        check_broken("KAZ110090123107", PermanentResidence, NumberError::CheckDigit);
        check_broken("KAZ110090133105", PermanentResidence, NumberError::Date);
    }

    #[test]
    fn numbers_without_a_check_are_left_to_a_choice() {
        check_several("00000001", &[ForeignPassport, MainlandTaiwan]);
        check_several("123456789", &[ForeignPassport]);
        check_several("140000000", &[ChinesePassport, ForeignPassport]);
        check_several("E00000000", &[ChinesePassport, ForeignPassport]);
        check_several("H12345678", &[ChinesePassport, ForeignPassport, HomeReturn]);
        check_several("MA0000001", &[ChinesePassport, ForeignPassport, HomeReturn]);
        check_several("C00000000", &[ForeignPassport, ExitHkMacau]);
        check_several("L00000000", &[ForeignPassport, ExitTaiwan]);
        check_several("L898902C3", &[ForeignPassport]);
        check_several("AB12<<<<5", &[ForeignPassport]);
        check_several("H1234567801", &[HomeReturn]);
        check_several("0000000001", &[MainlandTaiwan]);
        check_several("0000000001（B）", &[MainlandTaiwan]);
    }

    #[test]
    fn other_texts_are_no_number() {
        for text in [
            "",
            " ",
            "1234",
            "HELLO",
            "6901234567892",
            "H123456780",
            "11010519491231002",   // one short
            "1101051949123100211", // one over
            "110105-19491231-002X",
            "710000199001010010",
            "840000199001010010",
            "000000000000000000",
            "HTTPS://EXAMPLE.ORG/123456789012345678",
            "张三",
            "１２３４",
            "A12345(6)",
            "\u{0}\u{0}\u{0}\u{0}\u{0}",
        ] {
            assert_eq!(
                DocumentNumber::recognise(text),
                Recognised::No,
                "{text:?} is no document number"
            );
        }
        assert_eq!(DocumentNumber::recognise(&"1".repeat(100_000)), Recognised::No);
    }

    proptest! {
        #[test]
        fn every_text_gets_one_consistent_answer(text in "\\PC*|.*|[A-Z0-9<]{0,20}|[0-9]{15}|[1-9][0-9]{16}[0-9X]") {
            match DocumentNumber::recognise(&text) {
                Recognised::One(n) => {
                    prop_assert_eq!(DocumentNumber::parse(n.document_type(), &text), Ok(n));
                }
                Recognised::Several(types) => {
                    prop_assert!(!types.is_empty());
                    for t in types {
                        prop_assert!(DocumentNumber::parse(t, &text).is_ok());
                    }
                }
                Recognised::Broken { document_type, error } => {
                    prop_assert_eq!(DocumentNumber::parse(document_type, &text), Err(error));
                    prop_assert!(matches!(error, NumberError::Date | NumberError::CheckDigit));
                }
                Recognised::No => {
                    for t in DocumentType::ALL.into_iter().filter(|t| *t != ForeignPassport) {
                        prop_assert!(DocumentNumber::parse(t, &text).is_err());
                    }
                }
            }
        }
    }
}
