//! Symbols that hold one text together: QR's structured append, and the like of it in Data Matrix,
//! Aztec and PDF417. What is in one picture or in many is put in order here, and nothing is told
//! as a whole before all of it is there and agrees.

use std::collections::BTreeMap;

use crate::symbol::{Part, Symbol, Symbology};

/// Wholes of which some is there, at once; the one that waited longest goes first.
const MOST_OPEN: usize = 4;

/// QR and Data Matrix have room for 16, Aztec for 26; PDF417 could say 99,999.
const MOST_PARTS: u32 = 64;

/// What is there of a text, after another of its parts was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Joined {
    /// All of it: the text and bytes are the whole's, the place is the last part's.
    Whole(Symbol),
    /// Some of it.
    Some(Missing),
    /// All parts are there, and together they are not what their parity says; or a part claims a
    /// place that cannot be, or does not say whose part it is. They are forgotten.
    Contradiction,
}

/// The parts that are still to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// How many were read.
    pub read: u32,
    /// How many there are; 0 as long as no part has said so.
    pub of: u32,
    /// Which are missing, counted from 0; of an unknown number those before the last one read.
    pub parts: Vec<u32>,
}

/// Puts parts together, in whatever order they come.
#[derive(Debug, Default)]
pub struct Parts {
    open: Vec<Open>,
}

/// One text of which parts were read.
#[derive(Debug)]
struct Open {
    symbology: Symbology,
    whole: String,
    of: u32,
    parts: BTreeMap<u32, (String, Vec<u8>)>,
}

impl Parts {
    /// Forgets everything: another guest.
    pub fn forget(&mut self) {
        self.open.clear();
    }

    /// Takes a symbol, and says what is there of its text now; `None` of one that is no part.
    /// A part read again changes nothing. One of the same text and place that says something else
    /// belongs to a newer text, and what was there of the older one is forgotten.
    pub fn add(&mut self, symbol: &Symbol) -> Option<Joined> {
        let Part { index, of, whole } = symbol.part.as_ref()?;
        let is_impossible = *index >= MOST_PARTS || *of > MOST_PARTS || (*of > 0 && index >= of);
        // Aztec need not say to which text a part belongs: then it may be another person's.
        if is_impossible || whole.is_empty() {
            return Some(Joined::Contradiction);
        }
        let said = (symbol.text.clone(), symbol.bytes.clone());
        let mut open = self.take(symbol.symbology, whole, *of);
        if open.parts.get(index).is_some_and(|known| *known != said) {
            open.parts.clear();
        }
        open.parts.insert(*index, said);
        open.of = open.of.max(*of);
        let joined = open.joined(symbol);
        if joined != Joined::Contradiction {
            self.open.push(open);
        }
        Some(joined)
    }

    /// What is there of a text, out of the list; its place is last again afterwards.
    fn take(&mut self, symbology: Symbology, whole: &str, of: u32) -> Open {
        let same = |open: &Open| {
            let as_many = open.of == of || open.of == 0 || of == 0;
            open.symbology == symbology && open.whole == whole && as_many
        };
        if let Some(at) = self.open.iter().position(same) {
            return self.open.remove(at);
        }
        if self.open.len() >= MOST_OPEN {
            self.open.remove(0);
        }
        Open { symbology, whole: whole.to_owned(), of, parts: BTreeMap::new() }
    }
}

impl Open {
    fn joined(&self, last: &Symbol) -> Joined {
        let read = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        let beyond = |index: &u32| self.of > 0 && *index >= self.of;
        if self.parts.keys().any(beyond) {
            return Joined::Contradiction;
        }
        if self.of == 0 || read < self.of {
            let end = self.parts.keys().last().map_or(0, |index| index + 1).max(self.of);
            let parts = (0..end).filter(|index| !self.parts.contains_key(index)).collect();
            return Joined::Some(Missing { read, of: self.of, parts });
        }
        let bytes: Vec<u8> = self.parts.values().flat_map(|(_, bytes)| bytes).copied().collect();
        let parity = bytes.iter().fold(0, |parity, byte| parity ^ byte);
        if self.symbology == Symbology::Qr && self.whole != parity.to_string() {
            return Joined::Contradiction;
        }
        let text = self.parts.values().map(|(text, _)| text.as_str()).collect();
        Joined::Whole(Symbol {
            text: self.across(&bytes).unwrap_or(text),
            bytes,
            attempt: "parts",
            part: None,
            ..last.clone()
        })
    }

    /// The text, when it is UTF-8 that was cut in the middle of a character: no part alone is.
    fn across(&self, bytes: &[u8]) -> Option<String> {
        let cut = self.parts.values().any(|(_, bytes)| std::str::from_utf8(bytes).is_err());
        cut.then(|| String::from_utf8(bytes.to_vec()).ok()).flatten()
    }
}

/// The symbols with parts put together where all are among them; the parts of others stay.
#[must_use]
pub fn join(symbols: Vec<Symbol>) -> Vec<Symbol> {
    let mut parts = Parts::default();
    let wholes: Vec<(Part, Symbol)> = symbols
        .iter()
        .filter_map(|symbol| match parts.add(symbol)? {
            Joined::Whole(whole) => Some((symbol.part.clone()?, whole)),
            Joined::Some(_) | Joined::Contradiction => None,
        })
        .collect();
    let joined = |symbol: &Symbol| {
        symbol.part.as_ref().is_some_and(|part| {
            wholes.iter().any(|(last, whole)| {
                whole.symbology == symbol.symbology
                    && last.whole == part.whole
                    && (last.of == part.of || last.of == 0 || part.of == 0)
            })
        })
    };
    let mut kept: Vec<Symbol> = symbols.iter().filter(|symbol| !joined(symbol)).cloned().collect();
    kept.extend(wholes.into_iter().map(|(_, whole)| whole));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "长码 in three";

    fn part(index: u32, of: u32, whole: &str, bytes: &[u8]) -> Symbol {
        Symbol {
            symbology: Symbology::Qr,
            text: String::from_utf8_lossy(bytes).into_owned(),
            bytes: bytes.to_vec(),
            corners: [(0.0, 0.0); 4],
            attempt: "test",
            part: Some(Part { index, of, whole: whole.to_owned() }),
        }
    }

    fn parity(text: &str) -> String {
        text.bytes().fold(0, |parity, byte| parity ^ byte).to_string()
    }

    /// `WHOLE` in three, the first cut in the middle of a character.
    fn three() -> [Symbol; 3] {
        let (bytes, parity) = (WHOLE.as_bytes(), parity(WHOLE));
        let cuts = [&bytes[..4], &bytes[4..9], &bytes[9..]];
        [0u32, 1, 2].map(|index| part(index, 3, &parity, cuts[index as usize]))
    }

    fn missing(read: u32, of: u32, parts: &[u32]) -> Option<Joined> {
        Some(Joined::Some(Missing { read, of, parts: parts.to_vec() }))
    }

    fn text_of(joined: Option<Joined>) -> String {
        match joined {
            Some(Joined::Whole(symbol)) => {
                assert_eq!((symbol.bytes, symbol.part), (symbol.text.clone().into_bytes(), None));
                symbol.text
            }
            other => panic!("no whole: {other:?}"),
        }
    }

    #[test]
    fn in_any_order_and_more_than_once() {
        let [a, b, c] = three();
        for order in [[&a, &b, &c], [&c, &a, &b], [&b, &c, &a]] {
            let mut parts = Parts::default();
            let left = |known: &[&Symbol]| -> Vec<u32> {
                let has = |index: &u32| {
                    known.iter().any(|one| one.part.as_ref().unwrap().index == *index)
                };
                (0..3).filter(|index| !has(index)).collect()
            };
            assert_eq!(parts.add(order[0]), missing(1, 3, &left(&order[..1])));
            assert_eq!(parts.add(order[0]), missing(1, 3, &left(&order[..1])), "again");
            assert_eq!(parts.add(order[1]), missing(2, 3, &left(&order[..2])));
            assert_eq!(text_of(parts.add(order[2])), WHOLE);
            assert_eq!(text_of(parts.add(order[0])), WHOLE, "while it stays in view");
        }
    }

    #[test]
    fn what_does_not_agree_is_no_whole() {
        let [a, b, _] = three();
        let mut parts = Parts::default();
        parts.add(&a);
        parts.add(&b);
        let strange = part(2, 3, &parity(WHOLE), b"of another");
        assert_eq!(parts.add(&strange), Some(Joined::Contradiction));
        assert_eq!(parts.add(&a), missing(1, 3, &[1, 2]), "and begins anew");
        assert_eq!(parts.add(&part(3, 3, "0", b"x")), Some(Joined::Contradiction));
        assert_eq!(parts.add(&part(0, 65, "0", b"x")), Some(Joined::Contradiction));
    }

    #[test]
    fn a_newer_text_takes_the_place_of_an_older_one() {
        let mut parts = Parts::default();
        parts.add(&part(0, 2, "5", b"old"));
        assert_eq!(parts.add(&part(0, 2, "5", b"new")), missing(1, 2, &[1]));
        let last = part(1, 2, "5", &[b'n' ^ b'e' ^ b'w' ^ 5]);
        assert!(text_of(parts.add(&last)).starts_with("new"));
    }

    #[test]
    fn other_texts_wait_but_not_for_ever() {
        let mut parts = Parts::default();
        for whole in 0..20 {
            assert_eq!(parts.add(&part(0, 2, &whole.to_string(), b"x")), missing(1, 2, &[1]));
        }
        assert_eq!(parts.open.len(), MOST_OPEN);
        let symbol = Symbol { part: None, ..part(0, 1, "", b"x") };
        assert_eq!(parts.add(&symbol), None, "no part");
    }

    #[test]
    fn an_unknown_number_is_waited_for() {
        let mut parts = Parts::default();
        let of_pdf =
            |index, of| Symbol { symbology: Symbology::Pdf417, ..part(index, of, "7", b"x") };
        assert_eq!(parts.add(&of_pdf(1, 0)), missing(1, 0, &[0]));
        assert_eq!(parts.add(&of_pdf(0, 0)), missing(2, 0, &[]));
        assert_eq!(text_of(parts.add(&of_pdf(2, 3))), "xxx");
        let mut parts = Parts::default();
        parts.add(&of_pdf(2, 0));
        assert_eq!(parts.add(&of_pdf(1, 2)), Some(Joined::Contradiction), "part 0 is missing");
        let of_nobody = Symbol { symbology: Symbology::Aztec, ..part(0, 2, "", b"x") };
        assert_eq!(parts.add(&of_nobody), Some(Joined::Contradiction));
    }

    #[test]
    fn in_one_picture() {
        let [a, b, c] = three();
        let alone = Symbol { part: None, ..part(0, 1, "", b"alone") };
        let texts = |symbols: Vec<Symbol>| -> Vec<String> {
            join(symbols).into_iter().map(|symbol| symbol.text).collect()
        };
        assert_eq!(texts(vec![b.clone(), alone.clone(), c, a.clone()]), ["alone", WHOLE]);
        assert_eq!(texts(vec![b.clone(), alone]), [b.text, "alone".to_owned()]);
    }
}
