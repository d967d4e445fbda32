//! How one Chinese character may be written in plain capitals.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use pinyin::ToPinyinMulti;

/// A way of writing Mandarin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    /// Hanyu pinyin (GB/T 16159), of the mainland.
    Pinyin,
    /// Wade–Giles as Taiwan writes it in passports: without marks.
    WadeGiles,
}

/// Every way to write a character in a system, in capitals, each once. All its readings
/// count, those that only surnames have among them: 单 is DAN, CHAN and SHAN.
pub(super) fn readings(character: char, system: System) -> Vec<String> {
    let multi = character.to_pinyin_multi();
    let mut found = Vec::new();
    for plain in multi.into_iter().flatten().map(pinyin::Pinyin::plain) {
        match system {
            System::Pinyin => found.extend(plain_u(plain)),
            System::WadeGiles => found.push(wade_giles(plain)),
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Pinyin in capitals. ü is written U, V or YU: 吕 is LU, LV, LYU.
fn plain_u(syllable: &str) -> Vec<String> {
    let upper = |u: &str| syllable.replace('ü', u).to_ascii_uppercase();
    if syllable.contains('ü') { ["U", "V", "YU"].map(upper).to_vec() } else { vec![upper("")] }
}

/// A syllable of pinyin in Wade–Giles, without aspiration marks and umlauts.
fn wade_giles(syllable: &str) -> String {
    const WHOLE: [(&str, &str); 17] = [
        ("zhi", "CHIH"),
        ("chi", "CHIH"),
        ("shi", "SHIH"),
        ("ri", "JIH"),
        ("zi", "TZU"),
        ("ci", "TZU"),
        ("si", "SSU"),
        ("er", "ERH"),
        ("you", "YU"),
        ("yan", "YEN"),
        ("ye", "YEH"),
        ("yi", "I"),
        ("ge", "KO"),
        ("ke", "KO"),
        ("he", "HO"),
        ("e", "O"),
        ("gui", "KUEI"),
    ];
    const INITIALS: [(&str, &str); 14] = [
        ("zh", "CH"),
        ("ch", "CH"),
        ("sh", "SH"),
        ("b", "P"),
        ("p", "P"),
        ("d", "T"),
        ("t", "T"),
        ("g", "K"),
        ("k", "K"),
        ("j", "CH"),
        ("q", "CH"),
        ("x", "HS"),
        ("r", "J"),
        ("z", "TS"),
    ];
    const FINALS: [(&str, &str); 6] =
        [("ong", "UNG"), ("ian", "IEN"), ("ie", "IEH"), ("üe", "UEH"), ("ue", "UEH"), ("uo", "O")];
    if let Some((_, whole)) = WHOLE.iter().find(|(pinyin, _)| *pinyin == syllable) {
        return (*whole).to_owned();
    }
    let initial =
        INITIALS.iter().find_map(|(pinyin, to)| Some((*to, syllable.strip_prefix(pinyin)?)));
    let (initial, rest) = match (initial, syllable.strip_prefix('c')) {
        (Some(found), _) => found,
        (None, Some(rest)) => ("TS", rest),
        (None, None) => {
            let end = syllable.find(['a', 'e', 'i', 'o', 'u', 'ü']).unwrap_or(0);
            syllable.split_at(end)
        }
    };
    // guo, kuo, huo and shuo keep their u.
    let keeps = matches!(syllable, "guo" | "kuo" | "huo" | "shuo");
    let changed = FINALS.iter().find(|(pinyin, _)| *pinyin == rest && !(keeps && *pinyin == "uo"));
    let rest = changed.map_or_else(|| rest.replace('ü', "u"), |(_, to)| (*to).to_owned());
    format!("{initial}{rest}").to_ascii_uppercase()
}

/// Whether a text can be parted into syllables of pinyin.
pub(super) fn is_pinyin(text: &str) -> bool {
    static SYLLABLES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let characters = '\u{4E00}'..='\u{9FFF}';
        let all = characters.flat_map(|character| readings(character, System::Pinyin));
        // Not the calls that are written without a vowel, such as hm.
        all.filter(|syllable| syllable.contains(['A', 'E', 'I', 'O', 'U', 'V'])).collect()
    });
    const LONGEST: usize = 6;
    text.is_empty()
        || (1..=LONGEST.min(text.len())).any(|end| {
            let parts = text.get(..end).zip(text.get(end..));
            parts.is_some_and(|(one, rest)| SYLLABLES.contains(one) && is_pinyin(rest))
        })
}

/// Whether a surname is known to be written so in Hong Kong, Macau, Taiwan or by Chinese
/// overseas.
pub(super) fn is_known(spelled: &str, surname: char) -> bool {
    known_of(surname).any(|spellings| spellings.contains(&spelled))
}

/// Whether there are known spellings of a surname.
pub(super) fn has_known(surname: char) -> bool {
    known_of(surname).next().is_some()
}

/// Whether it is the known spelling of some surname.
pub(super) fn is_known_of_any(spelled: &str) -> bool {
    KNOWN.iter().any(|(_, spellings)| spellings.contains(&spelled))
}

fn known_of(surname: char) -> impl Iterator<Item = &'static [&'static str]> {
    KNOWN.iter().filter(move |(of, _)| of.contains(surname)).map(|(_, spellings)| *spellings)
}

/// Surnames, simplified and traditional, and how they are written by Cantonese, Hokkien,
/// Teochew and Hakka reading in Hong Kong, Macau, Taiwan and overseas: the most common of
/// Hong Kong's. Another one is not told to be different.
const KNOWN: [(&str, &[&str]); 66] = [
    ("陈陳", &["CHAN", "TAN", "CHIN", "CHEN"]),
    ("黄黃", &["WONG", "HUANG", "NG", "OOI", "UY", "HWANG", "BONG"]),
    ("王", &["WONG", "ONG", "HENG", "WANG"]),
    ("汪", &["WONG", "ONG"]),
    ("李", &["LEE", "LEI", "LI", "DY"]),
    ("黎", &["LAI"]),
    ("赖賴", &["LAI", "LOI"]),
    ("张張", &["CHEUNG", "CHEONG", "TEO", "TEOH", "TIONG", "CHONG", "CHANG"]),
    ("章", &["CHEUNG", "CHEONG", "CHANG"]),
    ("林", &["LAM", "LIM", "LING", "LUM"]),
    ("蓝藍", &["LAM", "NAM"]),
    ("刘劉", &["LAU", "LAO", "LOW", "LIEW", "LIU", "LEW"]),
    ("吴吳", &["NG", "GOH", "GO", "WU", "UNG"]),
    ("伍", &["NG", "NGO"]),
    ("梁", &["LEUNG", "LEONG", "NEO", "NIO", "LEANG"]),
    ("何", &["HO", "HOR", "HOE"]),
    ("杨楊", &["YEUNG", "YEONG", "YEO", "YEOH", "YOUNG", "IEONG"]),
    ("许許", &["HUI", "KHO", "KHOO", "KOH", "HSU", "SHU", "KAW"]),
    ("徐", &["TSUI", "CHUI", "HSU", "SHU"]),
    ("崔", &["TSUI", "CHUI"]),
    ("郑鄭", &["CHENG", "TAY", "TEE", "CHIANG", "TEH", "CHEANG"]),
    ("谢謝", &["TSE", "CHE", "SIA", "CHIA", "HSIEH", "DER"]),
    ("郭", &["KWOK", "KWOCK", "KUO", "QUEK", "KUEK", "GUEK"]),
    ("蔡", &["CHOI", "CHOY", "TSAI", "CHUA", "TSOI", "CHAI"]),
    ("曾", &["TSANG", "TSENG", "CHAN", "CHENG", "TZENG"]),
    ("邓鄧", &["TANG", "TENG", "TEN"]),
    ("冯馮", &["FUNG", "FONG", "PANG", "PHANG"]),
    ("方", &["FONG", "PUNG", "PNG"]),
    ("苏蘇", &["SO", "SOO", "SOH", "SOU"]),
    ("叶葉", &["YIP", "IP", "YAP", "YEH", "YEAP"]),
    ("吕呂", &["LUI", "LOUIE", "LU", "LOO"]),
    ("雷", &["LUI", "LOUI"]),
    ("罗羅", &["LAW", "LO", "LOH", "NO"]),
    ("卢盧", &["LO", "LOO", "LOU"]),
    ("周", &["CHOW", "CHAU", "CHOU", "CHEW", "CHAO", "JOE"]),
    ("邹鄒", &["CHOW", "CHAU", "TSOU"]),
    ("赵趙", &["CHIU", "CHAO", "TEO", "CHEW", "CHIO"]),
    ("招", &["CHIU", "CHAO"]),
    ("胡", &["WU", "WOO", "OH", "HU"]),
    ("朱", &["CHU", "CHOO", "CHEE", "TJOE"]),
    ("余", &["YU", "YUE", "YEE", "EE", "U"]),
    ("于", &["YU", "YUE"]),
    ("潘", &["POON", "PUN", "PHUA", "PAN"]),
    ("关關", &["KWAN", "KUAN", "QUAN"]),
    ("梅", &["MUI", "MOY", "MEI"]),
    ("马馬", &["MA", "MAH", "BEH"]),
    ("孙孫", &["SUEN", "SUN", "SOON", "SNG"]),
    ("沈", &["SHUM", "SHEN", "SIM", "SUM"]),
    ("岑", &["SHUM", "SUM"]),
    ("简簡", &["KAN", "CHIEN"]),
    ("江", &["KONG", "KANG", "CHIANG"]),
    ("蒋蔣", &["CHIANG", "CHEUNG", "TSEUNG"]),
    ("萧蕭肖", &["SIU", "SIEW", "HSIAO", "SEOW", "SHIU"]),
    ("欧歐区區", &["AU", "OW", "OU", "AO"]),
    ("麦麥", &["MAK", "MAI"]),
    ("莫", &["MOK", "MO"]),
    ("彭", &["PANG", "PHANG"]),
    ("洪", &["HUNG", "ANG", "HONG"]),
    ("孔", &["HUNG", "KUNG"]),
    ("袁阮", &["YUEN", "YUAN"]),
    ("温溫尹云", &["WAN", "WEN"]),
    ("文", &["MAN", "WEN"]),
    ("甘", &["KAM", "KAN"]),
    ("金", &["KAM", "KIM", "CHIN"]),
    ("詹", &["CHIM", "TSIM", "CHAN"]),
    ("高", &["KO", "KAO", "KOH"]),
];
