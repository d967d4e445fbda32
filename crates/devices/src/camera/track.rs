//! Which symbols in view are new. A code held before a camera is seen in every frame; the desk
//! wants it once.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use yanma_barcode::{Symbol, Symbology};

use super::frame::Frame;
use crate::event::Found;

/// How long the outline stays when a frame or two could not be read, or came late: it would
/// flicker.
const LINGER: Duration = Duration::from_millis(600);

/// So much of the time between two frames is time in which whatever is in neither was out of view:
/// a machine that is too busy to look has not seen it leave.
const LOOKED: Duration = Duration::from_millis(500);

/// More codes than this in view at once are not told apart from new ones.
const MAX_IN_VIEW: usize = 256;

/// What one frame says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Told {
    /// The symbols that were not in view before, the one nearest the middle first.
    pub(crate) new: Vec<Symbol>,
    /// The outline to draw: some, none any more, or no change.
    pub(crate) outline: Option<Option<Found>>,
}

/// Remembers what is in view. It has no clock.
pub(crate) struct Track {
    leaves_after: Duration,
    showing: u64,
    /// For how long each was out of view.
    in_view: HashMap<(Symbology, Vec<u8>), Duration>,
    last_frame: Option<Instant>,
    outlined: Option<Instant>,
}

impl Track {
    pub(crate) fn new(leaves_after: Duration) -> Self {
        let in_view = HashMap::new();
        Self { leaves_after, showing: 0, in_view, last_frame: None, outlined: None }
    }

    /// Takes what was read in a frame.
    pub(crate) fn frame(&mut self, frame: &Frame, mut symbols: Vec<Symbol>, now: Instant) -> Told {
        if frame.showing != self.showing {
            self.showing = frame.showing;
            self.in_view.clear();
        }
        let since = |last: Instant| now.saturating_duration_since(last);
        let passed = self.last_frame.replace(now).map_or(Duration::ZERO, since);
        self.in_view.retain(|_, away| {
            *away += passed.min(LOOKED);
            *away <= self.leaves_after
        });
        let (width, height) = (frame.grey.width(), frame.grey.height());
        symbols.sort_by(|a, b| {
            from_middle(a, width, height).total_cmp(&from_middle(b, width, height))
        });
        let outline = match symbols.first() {
            Some(symbol) => {
                self.outlined = Some(now);
                Some(Some(Found {
                    symbology: symbol.symbology,
                    text: symbol.text.clone(),
                    corners: symbol.corners,
                    width,
                    height,
                }))
            }
            None => self.gone(now).then_some(None),
        };
        let mut new = Vec::new();
        for symbol in symbols {
            let key = (symbol.symbology, symbol.bytes.clone());
            if self.in_view.len() >= MAX_IN_VIEW && !self.in_view.contains_key(&key) {
                continue;
            }
            if self.in_view.insert(key, Duration::ZERO).is_none() {
                new.push(symbol);
            }
        }
        Told { new, outline }
    }

    /// Whether the outline has to go; true once. Also asked while no frame comes.
    pub(crate) fn gone(&mut self, now: Instant) -> bool {
        let over = self.outlined.is_some_and(|last| now.saturating_duration_since(last) >= LINGER);
        if over {
            self.outlined = None;
        }
        over
    }
}

fn from_middle(symbol: &Symbol, width: u32, height: u32) -> f32 {
    let sum = symbol.corners.iter().fold((0.0, 0.0), |sum, (x, y)| (sum.0 + x, sum.1 + y));
    (sum.0 / 4.0 - width as f32 / 2.0).hypot(sum.1 / 4.0 - height as f32 / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use yanma_barcode::GreyImage;

    const LEAVES: Duration = Duration::from_millis(1_500);

    fn frame(showing: u64) -> Frame {
        Frame::from_grey(GreyImage::new(100, 100, vec![0; 10_000]).unwrap(), showing, showing)
    }

    fn symbol(text: &str, x: f32) -> Symbol {
        let corners = [(x, 40.0), (x + 20.0, 40.0), (x + 20.0, 60.0), (x, 60.0)];
        let bytes = text.as_bytes().to_vec();
        let (text, attempt) = (text.into(), "test");
        Symbol { symbology: Symbology::Qr, text, bytes, corners, attempt, part: None }
    }

    /// Frames at their times in milliseconds, each with what is in it and what of it is new.
    fn check(frames: &[(u64, &[&str], &[&str])]) {
        let start = Instant::now();
        let mut track = Track::new(LEAVES);
        for (at_ms, seen, expected) in frames {
            let symbols = seen.iter().map(|text| symbol(text, 40.0)).collect();
            let told = track.frame(&frame(0), symbols, start + Duration::from_millis(*at_ms));
            let new: Vec<_> = told.new.iter().map(|symbol| symbol.text.as_str()).collect();
            assert_eq!(new, *expected, "at {at_ms} ms");
        }
    }

    #[test]
    fn a_code_is_new_once_while_it_stays() {
        check(&[(0, &["a"], &["a"]), (100, &["a"], &[]), (200, &["a"], &[])]);
    }

    #[test]
    fn a_code_is_new_again_after_it_left_for_long_enough() {
        let away = |last_ms: u64| {
            let mut frames: Vec<(u64, &[&str], &[&str])> = vec![(0, &["a"], &["a"])];
            frames.extend((500..last_ms).step_by(500).map(|at| (at, &[][..], &[][..])));
            frames
        };
        let stays = [(1_500, &["a"][..], &[][..]), (2_000, &["a"], &[])];
        check(&[away(1_500), stays.to_vec()].concat());
        check(&[away(1_501), vec![(1_501, &["a"], &["a"])]].concat());
    }

    #[test]
    fn nothing_leaves_while_nobody_looks() {
        check(&[(0, &["a"], &["a"]), (20_000, &["a"], &[])]);
        let seldom = [(0, &["a"][..], &["a"][..]), (4_000, &[], &[]), (8_000, &[], &[])];
        check(&[&seldom[..], &[(12_000, &["a"], &[])]].concat());
        check(&[&seldom[..], &[(12_000, &[], &[]), (12_001, &["a"], &["a"])]].concat());
    }

    #[test]
    fn another_code_beside_it_is_new_of_itself() {
        check(&[(0, &["a"], &["a"]), (100, &["a", "b"], &["b"]), (200, &["b"], &[])]);
    }

    #[test]
    fn a_new_showing_makes_everything_new() {
        let start = Instant::now();
        let mut track = Track::new(LEAVES);
        for (showing, expected) in [(1, 1), (1, 0), (2, 1), (2, 0)] {
            let told = track.frame(&frame(showing), vec![symbol("a", 40.0)], start);
            assert_eq!(told.new.len(), expected, "showing {showing}");
        }
    }

    #[test]
    fn the_one_in_the_middle_comes_first_and_is_outlined() {
        let mut track = Track::new(LEAVES);
        let symbols = vec![symbol("left", 0.0), symbol("middle", 42.0), symbol("right", 75.0)];
        let told = track.frame(&frame(0), symbols, Instant::now());
        let order: Vec<_> = told.new.iter().map(|symbol| symbol.text.as_str()).collect();
        assert_eq!(order, ["middle", "right", "left"]);
        assert_eq!(told.outline.unwrap().unwrap().text, "middle");
    }

    #[test]
    fn the_outline_lingers_a_moment_and_leaves_once() {
        let start = Instant::now();
        let mut track = Track::new(LEAVES);
        let mut outline = |at_ms: u64, symbols: Vec<Symbol>| {
            track.frame(&frame(0), symbols, start + Duration::from_millis(at_ms)).outline
        };
        assert!(matches!(outline(0, vec![symbol("a", 40.0)]), Some(Some(_))));
        assert!(matches!(outline(100, vec![symbol("a", 40.0)]), Some(Some(_))), "drawn again");
        assert_eq!(outline(699, vec![]), None);
        assert_eq!(outline(700, vec![]), Some(None));
        assert_eq!(outline(800, vec![]), None);
    }
}
