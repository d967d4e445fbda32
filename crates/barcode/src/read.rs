//! The order in which a picture is looked at.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use crate::bounded::Lane;
use crate::geometry;
use crate::picture::GreyImage;
use crate::rqrr_engine;
use crate::rxing_engine::{self, Look};
use crate::symbol::{Formats, Symbol, Symbology};

/// rxing ends, only sometimes late: threads left behind are on their last step.
static RXING: Lane = Lane::new("yanma-rxing", 8, 4);

/// rqrr may never end: one at a time, and none while one is stuck.
static RQRR: Lane = Lane::new("yanma-rqrr", 1, 1);

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
    /// For a frame of a camera: 200 ms, and the first look that finds something ends it.
    pub const LIVE: Self = Self { time: Duration::from_millis(200), exhaustive: false };

    /// For a picture file: 5 s, and every look is taken.
    pub const PATIENT: Self = Self { time: Duration::from_secs(5), exhaustive: true };
}

/// Finds the symbols in a picture, at most one for each text, kind and place.
///
/// rxing looks first: with one threshold, then with local thresholds, then inverted, then (when
/// the budget is exhaustive) in smaller copies. rqrr comes last, and only when nothing was found.
/// An engine that panics or does not end costs its own findings and nothing else.
///
/// An empty answer means that nothing was read, never that nothing is there.
#[must_use]
pub fn read(image: &GreyImage, formats: &Formats, budget: Budget) -> Vec<Symbol> {
    let deadline = Instant::now() + budget.time;
    let (picture, wanted) = (image.clone(), *formats);
    let work = move |out: &Sender<Symbol>| {
        rxing_looks(&picture, wanted, budget.exhaustive, deadline, out);
    };
    let mut found = distinct(RXING.run(deadline, work));
    if found.is_empty() && formats.contains(Symbology::Qr) && Instant::now() < deadline {
        let picture = image.clone();
        found = distinct(RQRR.run(deadline, move |out| rqrr_engine::look(&picture, out)));
    }
    found
}

fn rxing_looks(
    image: &GreyImage,
    formats: Formats,
    exhaustive: bool,
    deadline: Instant,
    out: &Sender<Symbol>,
) {
    for look in [Look::Global, Look::Hybrid, Look::Inverted, Look::Filtered] {
        if Instant::now() >= deadline || (look == Look::Filtered && !exhaustive) {
            return;
        }
        let (mine, heard) = mpsc::channel();
        // A look that panics must not take the later ones with it.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            rxing_engine::look(image, formats, look, deadline, &mine);
        }));
        drop(mine);
        let mut any = false;
        for symbol in heard {
            any = true;
            if out.send(symbol).is_err() {
                return;
            }
        }
        if any && !exhaustive {
            return;
        }
    }
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
