//! One call: a picture, a budget, the symbols in it.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use yanma_zxing::Finder;

use crate::bounded::Lane;
use crate::geometry::{self, Quad};
use crate::hint::{self, Hint};
use crate::hunt::{self, Hunt, Told};
use crate::picture::GreyImage;
use crate::rqrr_engine;
use crate::symbol::{Formats, Symbol, Symbology};
use crate::zxing_engine::Seen;

/// zxing-cpp and rxing end, only sometimes late: threads left behind are on their last step.
static HUNTS: Lane = Lane::new("yanma-read", 8, 4);

/// rqrr may never end: one at a time, and none while one is stuck.
static RQRR: Lane = Lane::new("yanma-rqrr", 1, 1);

/// In a picture of so many pixels zxing-cpp looks once for symbols of modules within [`SMALL_TIME`],
/// whatever is in it: the first look needs no thread then, and a thread costs as much as the look.
const SMALL: u64 = 150_000;

/// See [`SMALL`]; a tenth of a live budget.
const SMALL_TIME: Duration = Duration::from_millis(10);

/// How much may be spent on one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// After this the answer is what has been found so far. It is a wall, not a wish: [`read`]
    /// returns then, whatever its engines are doing.
    pub time: Duration,
    /// Whether to go on looking after a look has found something. A camera shows the same desk
    /// again in a moment and need not; a picture file is only shown once.
    pub exhaustive: bool,
}

impl Budget {
    /// For a frame of a camera: 100 ms, and the first look that finds something ends it.
    pub const LIVE: Self = Self { time: Duration::from_millis(100), exhaustive: false };

    /// For a picture file: 5 s, and every look is taken.
    pub const PATIENT: Self = Self { time: Duration::from_secs(5), exhaustive: true };
}

/// Finds the symbols in a picture, at most one for each text, kind and place; the one nearest the
/// middle of the picture comes first.
///
/// zxing-cpp looks first, at the picture as it is. What it saw and could not read is looked at
/// closely, in a dozen preparations; then the whole picture is looked at inverted, smaller,
/// sharpened, with the light taken out; and when the budget is exhaustive, twice as large and with
/// rxing. rqrr comes last, and only when nothing was found. An engine that panics or does not end
/// costs its own findings and nothing else.
///
/// An empty answer means that nothing was read, never that nothing is there.
#[must_use]
pub fn read(image: &GreyImage, formats: &Formats, budget: Budget) -> Vec<Symbol> {
    look(image, formats, budget).symbols
}

/// Looks as [`read`] does, and says why nothing could be read when a code is there all the same.
#[must_use]
pub fn read_or_hint(
    image: &GreyImage,
    formats: &Formats,
    budget: Budget,
) -> (Vec<Symbol>, Option<Hint>) {
    let looked = look(image, formats, budget);
    let hint = hint::of(image, &looked);
    (looked.symbols, hint)
}

/// What looking at a picture gave.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    pub(crate) symbols: Vec<Symbol>,
    /// Places where a symbol was seen and not read.
    pub(crate) damaged: Vec<Quad>,
    /// What looks like a corner of QR; only looked for when nothing was read soon.
    pub(crate) finders: Vec<Finder>,
    /// Where it is as busy as in a code; only looked for when nothing was read soon.
    pub(crate) busy: Vec<Quad>,
}

pub(crate) fn look(image: &GreyImage, formats: &Formats, budget: Budget) -> Looked {
    let deadline = Instant::now() + budget.time;
    let first = is_small(image, budget).then(|| hunt::first_look(image, *formats));
    let looked = match first {
        Some(Seen { symbols, damaged })
            if !budget.exhaustive && damaged.is_empty() && !symbols.is_empty() =>
        {
            Looked { symbols, ..Looked::default() }
        }
        first => hunt(image, *formats, budget, deadline, first),
    };
    in_order(looked, image)
}

fn hunt(
    image: &GreyImage,
    formats: Formats,
    budget: Budget,
    deadline: Instant,
    first: Option<Seen>,
) -> Looked {
    let picture = image.clone();
    let work = move |out: &Sender<Told>| {
        Hunt::new(&picture, formats, budget, deadline, out).run(first);
    };
    let mut looked = Looked::default();
    for told in HUNTS.run(deadline, work) {
        match told {
            Told::Symbol(symbol) => looked.symbols.push(symbol),
            Told::Damaged(quad) => looked.damaged.push(quad),
            Told::Finder(finder) => looked.finders.push(finder),
            Told::Busy(quad) => looked.busy.push(quad),
        }
    }
    let last = looked.symbols.is_empty() && formats.contains(Symbology::Qr) && budget.exhaustive;
    if last && Instant::now() < deadline {
        let picture = image.clone();
        looked.symbols = RQRR.run(deadline, move |out| rqrr_engine::look(&picture, out));
    }
    looked
}

/// Whether the first look is over so soon that no deadline needs to be held over it.
fn is_small(image: &GreyImage, budget: Budget) -> bool {
    let pixels = u64::from(image.width()) * u64::from(image.height());
    yanma_zxing::AVAILABLE && pixels <= SMALL && budget.time >= SMALL_TIME
}

/// Each symbol once, that nearest the middle first; places that were read are not damaged.
fn in_order(mut looked: Looked, image: &GreyImage) -> Looked {
    looked.symbols = distinct(looked.symbols);
    looked.symbols.sort_by(|a, b| {
        let far = |symbol: &Symbol| geometry::from_middle(&symbol.corners, image);
        far(a).total_cmp(&far(b))
    });
    let read = |quad: &Quad| looked.symbols.iter().any(|one| geometry::overlap(&one.corners, quad));
    looked.damaged.retain(|quad| !read(quad));
    looked
}

fn distinct(symbols: Vec<Symbol>) -> Vec<Symbol> {
    let mut kept: Vec<Symbol> = Vec::with_capacity(symbols.len());
    for symbol in symbols {
        let known = |other: &Symbol| {
            other.symbology == symbol.symbology
                && other.text == symbol.text
                && geometry::overlap(&other.corners, &symbol.corners)
        };
        if !kept.iter().any(known) {
            kept.push(symbol);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw;

    use crate::rxing_engine::{self, Look};
    use std::sync::mpsc;

    fn rxing_only(image: &GreyImage, look: Look) -> Vec<String> {
        let (sender, receiver) = mpsc::channel();
        let later = Instant::now() + Duration::from_secs(60);
        rxing_engine::look(image, Formats::CODES, look, later, &sender);
        drop(sender);
        receiver.iter().map(|symbol| symbol.text).collect()
    }

    #[test]
    fn both_engines_read_a_drawn_code_alike() {
        for digits in [1, 17, 223, 224, 271] {
            let text = format!("HTTPS://YM.TEST/{}", "9876543210".repeat(28).split_at(digits).0);
            let image = draw::qr_for_code(&text).unwrap().to_grey(4, 4);
            for look in [Look::Global, Look::Hybrid, Look::Filtered] {
                assert_eq!(rxing_only(&image, look), [text.as_str()], "{look:?}, {digits} digits");
            }
            let (sender, receiver) = mpsc::channel();
            rqrr_engine::look(&image, &sender);
            drop(sender);
            let read: Vec<_> = receiver.iter().map(|symbol| (symbol.text, symbol.bytes)).collect();
            assert_eq!(read, [(text.clone(), text.into_bytes())], "rqrr, {digits} digits");
        }
    }

    #[test]
    fn no_time_means_no_answer_and_no_wait() {
        let image = draw::qr("x").unwrap().to_grey(4, 4);
        let budget = Budget { time: Duration::ZERO, exhaustive: true };
        assert_eq!(read(&image, &Formats::CODES, budget), []);
    }

    #[test]
    fn no_formats_means_nothing_is_found() {
        let image = draw::qr("x").unwrap().to_grey(4, 4);
        assert_eq!(read(&image, &Formats::of(&[]), Budget::PATIENT), []);
    }
}
