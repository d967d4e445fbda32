//! The name on a boarding pass, taken apart as far as that can be done.

use super::latin::letters;
use crate::name::HolderName;

/// The characters of the name field of a pass, the stroke between the names included
/// (IATA Resolution 792).
const FIELD: usize = 20;

/// Titles that airlines glue to the given name.
const TITLES: [&str; 9] = ["MISS", "MSTR", "PROF", "MRS", "MR", "MS", "DR", "CHD", "INF"];

/// A name of a pass in plain capitals.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PassName {
    /// The surname; all of the name where the pass has no stroke in it.
    pub surname: String,
    /// The given name as it stands, and without what may be a title; empty without one.
    pub given: Vec<String>,
    /// Whether the field is full, so that the name may go on behind its end.
    pub cut: bool,
}

impl PassName {
    /// Takes the name that [`crate::boarding_pass`] gives: `SURNAME, GIVEN NAME`.
    pub(super) fn read(name: &HolderName) -> Self {
        let text = name.reveal();
        let (surname, given) = text.split_once(", ").unwrap_or((text, ""));
        let stroke = usize::from(!given.is_empty());
        let cut = surname.chars().count() + stroke + given.chars().count() >= FIELD;
        Self { surname: letters(surname), given: without_title(&letters(given), cut), cut }
    }
}

/// The given name, and what is left of it without each title that it may end with. At the end
/// of a full field a title may have lost its own end.
fn without_title(given: &str, cut: bool) -> Vec<String> {
    let mut found: Vec<_> = [given].into_iter().filter(|given| !given.is_empty()).collect();
    for title in TITLES {
        let shortest = if cut { 1 } else { title.len() };
        for end in shortest..=title.len() {
            let left = title.get(..end).and_then(|title| given.strip_suffix(title));
            found.extend(left.filter(|left| !left.is_empty() && !found.contains(left)));
        }
    }
    found.into_iter().map(str::to_owned).collect()
}
