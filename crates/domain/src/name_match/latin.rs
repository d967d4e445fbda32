//! Names in Latin letters: plain capitals of any spelling, and when two of them are one name.

use super::NameMatch;
use super::pass::PassName;

/// A name of a document.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct LatinName {
    surname: Vec<String>,
    given: Vec<String>,
    /// Whether it may go on behind its end.
    cut: bool,
}

impl LatinName {
    /// Takes `SURNAME, GIVEN NAMES`.
    pub(super) fn read(text: &str, cut: bool) -> Self {
        let (surname, given) = text.split_once(", ").unwrap_or((text, ""));
        let words = |part: &str| -> Vec<String> {
            let parts = part.split(|c: char| c.is_whitespace() || c == '-');
            parts.map(letters).filter(|word| !word.is_empty()).collect()
        };
        Self { surname: words(surname), given: words(given), cut }
    }

    /// Whether a pass writes this name. Tickets leave out middle names, take one of two
    /// surnames, and put given names first; that is the same name.
    pub(super) fn compare(&self, pass: &PassName, has_umlauts: bool) -> NameMatch {
        // In pinyin ue is a sound of its own (xue), elsewhere how ü is written.
        let folds: &[fn(&str) -> String] =
            if has_umlauts { &[as_is, u_of_pinyin, umlauts] } else { &[as_is, u_of_pinyin] };
        if folds.iter().any(|fold| self.is_written_by(pass, *fold)) {
            return NameMatch::Same;
        }
        let nothing_to_compare =
            pass.given.is_empty() || self.surname.is_empty() || self.given.is_empty();
        if nothing_to_compare { NameMatch::CannotTell } else { NameMatch::Different }
    }

    fn is_written_by(&self, pass: &PassName, fold: fn(&str) -> String) -> bool {
        let all = |words: &[String]| words.iter().map(|word| fold(word)).collect::<String>();
        let (surname, given) = (all(&self.surname), all(&self.given));
        let on_pass = fold(&pass.surname);
        if pass.given.is_empty() {
            let whole = format!("{surname}{given}");
            return on_pass == whole || (pass.cut && whole.starts_with(&on_pass));
        }
        let surname_agrees = on_pass == surname
            || self.surname.iter().any(|word| fold(word) == on_pass)
            || (self.cut && given.is_empty() && on_pass.starts_with(&surname));
        pass.given.iter().map(|given| fold(given)).any(|on_pass_given| {
            let given_agrees = self.is_given(&on_pass_given, pass.cut, fold)
                || (self.cut && !given.is_empty() && on_pass_given.starts_with(&given));
            let turned = on_pass == given && on_pass_given == surname;
            (surname_agrees && given_agrees) || turned
        })
    }

    /// Whether it is all of the given names, the first of them, or one of them.
    fn is_given(&self, name: &str, cut: bool, fold: fn(&str) -> String) -> bool {
        let words: Vec<_> = self.given.iter().map(|word| fold(word)).collect();
        let first = |count: usize| words.iter().take(count).map(String::as_str).collect::<String>();
        (1..=words.len()).any(|count| first(count) == name)
            || words.iter().any(|word| word == name)
            || (cut && first(words.len()).starts_with(name))
    }
}

fn as_is(text: &str) -> String {
    text.to_owned()
}

/// Without the E that stands for the two points of Ä, Ö, Ü where points cannot be written.
fn umlauts(text: &str) -> String {
    text.replace("AE", "A").replace("OE", "O").replace("UE", "U")
}

/// With U for the ü of pinyin, which passports write YU (since 2012), V or U: 吕 is LYU, LV, LU.
fn u_of_pinyin(text: &str) -> String {
    let mut text = text.to_owned();
    for initial in ["L", "N"] {
        for written in ["YU", "V"] {
            text = text.replace(&format!("{initial}{written}"), &format!("{initial}U"));
        }
    }
    text
}

/// The letters of a text as plain capitals, by the table of ICAO 9303 part 3 section 6.A;
/// whatever is no letter is left out.
pub(super) fn letters(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_uppercase) {
        match c {
            'A'..='Z' => plain.push(c),
            'Ä' | 'Æ' => plain.push_str("AE"),
            'Å' => plain.push_str("AA"),
            'Ö' | 'Ø' | 'Œ' => plain.push_str("OE"),
            'Ü' => plain.push_str("UE"),
            'ẞ' => plain.push_str("SS"),
            'Þ' => plain.push_str("TH"),
            'Ĳ' => plain.push_str("IJ"),
            _ => plain.extend(ACCENTED.iter().find(|(_, all)| all.contains(c)).map(|(to, _)| *to)),
        }
    }
    plain
}

/// The plain letter of every other letter of the table.
const ACCENTED: [(char, &str); 19] = [
    ('A', "ÁÀÂÃĂĀĄǍ"),
    ('C', "ÇĆĈĊČ"),
    ('D', "ÐĎĐ"),
    ('E', "ÉÈÊËĔĒĖĘĚ"),
    ('G', "ĜĞĠĢ"),
    ('H', "ĤĦ"),
    ('I', "ÍÌÎÏĨĪĬĮİ"),
    ('J', "Ĵ"),
    ('K', "Ķ"),
    ('L', "ŁĹĻĽĿ"),
    ('N', "ÑŃŅŇŊ"),
    ('O', "ÓÒÔÕŌŎŐ"),
    ('R', "ŔŖŘ"),
    ('S', "ŚŜŞŠȘ"),
    ('T', "ŢŤŦȚ"),
    ('U', "ÚÙÛŨŪŬŮŰŲǓǕǗǙǛ"),
    ('W', "Ŵ"),
    ('Y', "ÝŶŸ"),
    ('Z', "ŹŻŽ"),
];
