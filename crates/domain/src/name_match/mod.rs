//! Whether a boarding pass and a code or document name the same person.
//!
//! A pass has at most 20 plain capitals, with a title glued to their end, and nothing else of
//! a person. What the other side has may be Chinese characters, the Latin letters of a
//! machine-readable zone, or a masked name. So there are three answers, and "different" is only
//! said where no way of writing the one gives the other: a surname of Hong Kong or Taiwan
//! beside Chinese characters is [`NameMatch::CannotTell`].
//!
//! Full names are compared while they are in memory and are not kept: an encounter keeps the
//! answer.

mod chinese;
mod latin;
mod pass;
mod spelling;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::latin::LatinName;
use self::pass::PassName;
use crate::document::{DocumentType, ZoneDocument, ZoneField};
use crate::evidence::Evidence;
use crate::name::HolderName;

/// What comparing the name of a pass with the others can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameMatch {
    /// The pass writes the name of the other.
    Same,
    /// No way of writing the one gives the other.
    Different,
    /// Written in a way that cannot be told, or too little of it is there.
    CannotTell,
}

/// A name as a piece of evidence shows it, in full as far as it has it. For memory only: its
/// `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownName(Shown);

#[derive(Clone, PartialEq, Eq)]
enum Shown {
    Pass(PassName),
    Holder(Box<Holder>),
}

/// How a code or a document writes a name.
#[derive(Clone, Default, PartialEq, Eq)]
struct Holder {
    latin: Option<LatinName>,
    chinese: Option<Vec<char>>,
    /// The first and the last character of a masked name, where they are shown.
    masked: Option<(Option<char>, Option<char>)>,
    /// Whether the rules have this holder's Latin name written in pinyin: documents of the
    /// mainland (GB/T 28039).
    in_pinyin: bool,
    /// Whether it may have an Ä, Ö or Ü in it: no document of China has.
    umlauts: bool,
    /// Whether a letter of the Latin name may be another that is read alike.
    is_doubtful: bool,
}

impl ShownName {
    /// The name on a piece of evidence; `None` when it has none to compare.
    pub fn of(evidence: &Evidence) -> Option<Self> {
        let mut holder = Holder::default();
        match evidence {
            Evidence::BoardingPass(pass) => {
                return Some(Self(Shown::Pass(PassName::read(&pass.name))));
            }
            Evidence::Code(code) => {
                let body = code.body();
                holder.is_of(body.document_type);
                holder.masked = Some(masked(body.name.as_str()));
            }
            Evidence::NamedDocument(number, name) => {
                holder.is_of(number.document_type());
                holder.take(name, false);
            }
            Evidence::Zone(zone) => {
                match zone.document() {
                    ZoneDocument::Known(number) => holder.is_of(number.document_type()),
                    ZoneDocument::Other(_) => holder.umlauts = true,
                }
                holder.is_doubtful = zone.doubtful().contains(&ZoneField::Name);
                for name in [zone.latin_name(), zone.chinese_name()].into_iter().flatten() {
                    holder.take(name, zone.name_is_cut());
                }
            }
            Evidence::Licence(licence) => {
                holder.umlauts = true;
                holder.take(&licence.name, false);
            }
            _ => return None,
        }
        let has_any = holder.latin.is_some() || holder.chinese.is_some() || holder.masked.is_some();
        has_any.then(|| Self(Shown::Holder(Box::new(holder))))
    }
}

/// Never shows the name.
impl fmt::Debug for ShownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Shown::Pass(_) => "ShownName(pass)",
            Shown::Holder(_) => "ShownName(holder)",
        })
    }
}

impl Holder {
    fn is_of(&mut self, kind: DocumentType) {
        use DocumentType::{
            ExitHkMacau, ExitTaiwan, ForeignPassport, PermanentResidence, ResidentId,
        };
        // A Chinese passport may be one of Hong Kong or Macau.
        self.in_pinyin = matches!(kind, ResidentId | ExitHkMacau | ExitTaiwan);
        self.umlauts = matches!(kind, ForeignPassport | PermanentResidence);
    }

    fn take(&mut self, name: &HolderName, cut: bool) {
        let text = name.reveal();
        if text.chars().any(chinese::is_han) {
            self.chinese = Some(text.chars().filter(|c| !c.is_whitespace()).collect());
        } else {
            self.latin = Some(LatinName::read(text, cut));
        }
    }

    /// The Latin name of a document is the one that tickets are written by; Chinese characters
    /// beside it may still confirm what it cannot.
    fn compare(&self, pass: &PassName) -> NameMatch {
        let latin = self.latin.as_ref().map(|latin| latin.compare(pass, self.umlauts));
        let found = [
            latin.map(|found| match found {
                NameMatch::Different if self.is_doubtful => NameMatch::CannotTell,
                found => found,
            }),
            self.chinese.as_ref().map(|name| chinese::compare(pass, name, self.in_pinyin)),
            self.masked.map(|shown| chinese::compare_masked(pass, shown, self.in_pinyin)),
        ];
        let found: Vec<_> = found.into_iter().flatten().collect();
        if found.contains(&NameMatch::Same) {
            return NameMatch::Same;
        }
        found.first().copied().unwrap_or(NameMatch::CannotTell)
    }
}

/// Compares every pass with every other name. One pass that is somebody else's counts, whatever
/// the others are; what a masked name leaves open, a full one beside it answers. `None` without
/// a pass, or with nothing to compare it with.
pub fn compare_names(names: &[ShownName]) -> Option<NameMatch> {
    let passes = names.iter().filter_map(|name| match &name.0 {
        Shown::Pass(pass) => Some(pass),
        Shown::Holder(_) => None,
    });
    let holders = || {
        names.iter().filter_map(|name| match &name.0 {
            Shown::Holder(holder) => Some(holder),
            Shown::Pass(_) => None,
        })
    };
    let found: Vec<_> =
        passes.flat_map(|pass| holders().map(|holder| holder.compare(pass))).collect();
    [NameMatch::Different, NameMatch::Same, NameMatch::CannotTell]
        .into_iter()
        .find(|answer| found.contains(answer))
}

/// The characters that a mask leaves: `张*明` has two, `张*` one, `*` none.
fn masked(text: &str) -> (Option<char>, Option<char>) {
    let shown = |c: Option<char>| c.filter(|c| *c != '*');
    let mut characters = text.chars();
    (shown(characters.next()), shown(characters.next_back()))
}
