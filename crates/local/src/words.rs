//! The words of a verdict, in the two languages that other systems show.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::http::{HeaderMap, header};
use serde::Deserialize;
use yanma_station::domain::verdict::Decision;

/// Chinese or English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

impl Language {
    /// The first of the two that `accept-language` names; Chinese if none.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
        let mut tags = asked.unwrap_or_default().split(',').map(str::trim);
        let first = tags.find(|tag| tag.starts_with("zh") || tag.starts_with("en"));
        if first.is_some_and(|tag| tag.starts_with("en")) { Self::English } else { Self::Chinese }
    }
}

/// A reason, and what to do next.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Words {
    pub(crate) title: String,
    pub(crate) next: String,
}

#[derive(Deserialize)]
struct Both {
    zh: Words,
    en: Words,
}

/// The words of a reason; of the verdict itself when it has none.
pub(crate) fn of(decision: Decision, code: Option<&str>, language: Language) -> Words {
    static ALL: OnceLock<BTreeMap<String, Both>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let text = include_str!("../../../assets/words/reasons.json");
        serde_json::from_str(text).unwrap_or_default()
    });
    let known = code.and_then(|code| all.get(code));
    known.map_or_else(
        || plain(decision, language),
        |both| match language {
            Language::Chinese => both.zh.clone(),
            Language::English => both.en.clone(),
        },
    )
}

fn plain(decision: Decision, language: Language) -> Words {
    let (title, next) = match (decision, language) {
        (Decision::Admit, Language::Chinese) => ("各项核验通过", "可以放行。"),
        (Decision::Admit, Language::English) => ("Every check passed", "Let the person in."),
        (Decision::Refuse, Language::Chinese) => ("不放行", "请本台工作人员处理。"),
        (Decision::Refuse, Language::English) => {
            ("Not to be let in", "Call whoever is at the desk.")
        }
        (Decision::Refer, Language::Chinese) => ("需要人工处理", "请本台工作人员处理。"),
        (Decision::Refer, Language::English) => {
            ("Somebody has to look", "Call whoever is at the desk.")
        }
    };
    Words { title: title.to_owned(), next: next.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_that_is_spoken() {
        for (asked, expect) in [
            (None, Language::Chinese),
            (Some("en"), Language::English),
            (Some("en-GB, zh;q=0.5"), Language::English),
            (Some("fr, zh-CN;q=0.9, en;q=0.8"), Language::Chinese),
            (Some("fr"), Language::Chinese),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(asked) = asked {
                headers.insert(header::ACCEPT_LANGUAGE, asked.parse().unwrap());
            }
            assert_eq!(Language::of(&headers), expect, "{asked:?}");
        }
    }

    #[test]
    fn every_reason_has_words_of_its_own() {
        for reason in yanma_station::domain::reason::Reason::ALL {
            let words = of(Decision::Refer, Some(reason.code()), Language::English);
            assert_ne!(words.title, "Somebody has to look", "{}", reason.code());
        }
    }
}
