//! A name in Chinese characters beside one in plain capitals.

use super::NameMatch;
use super::pass::PassName;
use super::spelling::{self, System};

/// Surnames of two characters that are common enough to be met.
const COMPOUND: [&str; 24] = [
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "東方", "皇甫", "尉迟", "尉遲",
    "公孙", "公孫", "慕容", "令狐", "司徒", "夏侯", "端木", "南宫", "南宮", "长孙", "長孫", "宇文",
];

/// The longest name that pinyin is certain of, in characters. Longer ones are of peoples whose
/// names have a Latin spelling of their own.
const LONGEST_CERTAIN: usize = 4;

pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}' | '〇')
}

/// Whether a pass writes a whole name.
pub(super) fn compare(pass: &PassName, name: &[char], in_pinyin: bool) -> NameMatch {
    if is_written(pass, name, System::Pinyin) {
        return NameMatch::Same;
    }
    // Somebody of the mainland whose ticket is written as in Taiwan is worth a look.
    if is_written(pass, name, System::WadeGiles) {
        return if in_pinyin { NameMatch::CannotTell } else { NameMatch::Same };
    }
    let certain =
        in_pinyin && (2..=LONGEST_CERTAIN).contains(&name.len()) && name.iter().all(|c| is_han(*c));
    let surnames = surnames(name);
    match surname(pass, &surnames, certain) {
        NameMatch::Same => given(pass, certain),
        other => other,
    }
}

/// Whether a pass may write a name of which the first and the last character are seen: it can
/// be told to be another's, never to be the same.
pub(super) fn compare_masked(
    pass: &PassName,
    shown: (Option<char>, Option<char>),
    in_pinyin: bool,
) -> NameMatch {
    let (Some(first), last) = shown else { return NameMatch::CannotTell };
    let is_certain = in_pinyin && is_han(first) && last.is_none_or(is_han);
    if !is_certain || pass.given.is_empty() {
        return NameMatch::CannotTell;
    }
    // Of a surname of two characters one is seen, and whether it is one is not.
    let begins = |system| {
        spelling::readings(first, system).iter().any(|reading| pass.surname.starts_with(reading))
    };
    if !begins(System::Pinyin) {
        let is_other = !begins(System::WadeGiles) && spelling::is_pinyin(&pass.surname);
        let is_known = spelling::is_known(&pass.surname, first);
        return if is_other && !is_known { NameMatch::Different } else { NameMatch::CannotTell };
    }
    let Some(last) = last.filter(|_| !pass.cut) else { return NameMatch::CannotTell };
    let readings: Vec<_> = [System::Pinyin, System::WadeGiles]
        .into_iter()
        .flat_map(|system| spelling::readings(last, system))
        .collect();
    let ends = pass.given.iter().any(|given| readings.iter().any(|end| given.ends_with(end)));
    if !ends && is_pinyin_given(pass) { NameMatch::Different } else { NameMatch::CannotTell }
}

/// How many characters the surname may have.
fn surnames(name: &[char]) -> Vec<&[char]> {
    let two = name.get(..2).filter(|two| {
        let text: String = two.iter().collect();
        name.len() == LONGEST_CERTAIN || COMPOUND.contains(&text.as_str())
    });
    let one = name.get(..1).filter(|_| two.is_none() || name.len() == LONGEST_CERTAIN);
    [one, two].into_iter().flatten().collect()
}

/// Whether all of the name is on the pass in one system, the surname first or last.
fn is_written(pass: &PassName, name: &[char], system: System) -> bool {
    let readings: Vec<_> = name.iter().map(|c| spelling::readings(*c, system)).collect();
    if pass.given.is_empty() {
        return spells(&readings, &pass.surname, pass.cut);
    }
    surnames(name).iter().any(|surname| {
        let (surname, given) = readings.split_at(surname.len());
        pass.given.iter().any(|on_pass| {
            let straight =
                spells(surname, &pass.surname, false) && spells(given, on_pass, pass.cut);
            straight || (spells(given, &pass.surname, false) && spells(surname, on_pass, pass.cut))
        })
    })
}

/// Whether characters with these readings may be written so; where the text is cut, it may end
/// anywhere.
fn spells(characters: &[Vec<String>], text: &str, cut: bool) -> bool {
    let Some((first, rest)) = characters.split_first() else { return text.is_empty() };
    if cut && text.is_empty() {
        return true;
    }
    first.iter().any(|reading| match text.strip_prefix(reading.as_str()) {
        Some(left) => spells(rest, left, cut),
        None => cut && reading.starts_with(text),
    })
}

/// What the surnames alone tell, where the whole name does not match.
fn surname(pass: &PassName, surnames: &[&[char]], certain: bool) -> NameMatch {
    let is_spelled = |system| {
        surnames.iter().any(|surname| {
            let readings: Vec<_> = surname.iter().map(|c| spelling::readings(*c, system)).collect();
            spells(&readings, &pass.surname, false)
        })
    };
    if is_spelled(System::Pinyin) {
        return NameMatch::Same;
    }
    let firsts: Vec<_> = surnames.iter().filter_map(|surname| surname.first().copied()).collect();
    let is_known = firsts.iter().any(|first| spelling::is_known(&pass.surname, *first));
    if is_known || is_spelled(System::WadeGiles) || pass.given.is_empty() {
        return NameMatch::CannotTell;
    }
    let is_another = if certain {
        spelling::is_pinyin(&pass.surname)
    } else {
        // Of this surname the spellings are known, and this is the known one of others.
        firsts.iter().all(|first| spelling::has_known(*first))
            && spelling::is_known_of_any(&pass.surname)
    };
    if is_another { NameMatch::Different } else { NameMatch::CannotTell }
}

/// What the given name tells where the surname is right and the whole is not: only what is
/// written in pinyin throughout is certainly another name.
fn given(pass: &PassName, certain: bool) -> NameMatch {
    let is_another = certain && !pass.cut && is_pinyin_given(pass);
    if is_another { NameMatch::Different } else { NameMatch::CannotTell }
}

fn is_pinyin_given(pass: &PassName) -> bool {
    pass.given.iter().any(|given| spelling::is_pinyin(given))
}
