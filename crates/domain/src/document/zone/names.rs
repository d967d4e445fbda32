//! The names in a zone: Latin with fillers, and Chinese in letters for half bytes.

use crate::name::HolderName;

/// The name in the order of a travel document: `SURNAME, GIVEN NAMES`.
///
/// `<<` parts surname and given names, one `<` the words of either. `None` when there are
/// only fillers.
pub(super) fn latin(field: &[u8]) -> Option<HolderName> {
    let text: String = field.iter().copied().map(char::from).collect();
    let text = text.trim_end_matches('<');
    let (surname, given) = text.split_once("<<").unwrap_or((text, ""));
    let words =
        |part: &str| part.split('<').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let (surname, given) = (words(surname), words(given));
    let name = match (surname.is_empty(), given.is_empty()) {
        (true, _) => given,
        (_, true) => surname,
        _ => format!("{surname}, {given}"),
    };
    HolderName::parse(&name).ok()
}

/// A Chinese name written in the letters `A` to `P`, one for each half of a GBK byte, as in
/// `NGKE` for 证 (D6 A4). `None` when it is none, or not whole.
///
/// `omitted` is the letter that counts the characters left out: `A` for none.
pub(super) fn chinese(field: &[u8], omitted: Option<u8>) -> Option<HolderName> {
    if omitted != Some(b'A') {
        return None;
    }
    let end = field.iter().position(|byte| *byte == b'<').unwrap_or(field.len());
    let (letters, fillers) = field.split_at_checked(end)?;
    if fillers.iter().any(|byte| *byte != b'<') {
        return None;
    }
    let mut bytes = Vec::with_capacity(letters.len() / 2);
    for pair in letters.chunks(2) {
        let [high @ b'A'..=b'P', low @ b'A'..=b'P'] = pair else { return None };
        bytes.push((high - b'A') << 4 | (low - b'A'));
    }
    let name = encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(&bytes)?;
    HolderName::parse(&name).ok()
}
