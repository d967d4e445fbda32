//! The order in which a picture is looked at: what is cheap and pays most comes first, what is
//! dear only where something was seen.
//!
//! zxing-cpp tells where a symbol is whose error correction failed. That place is worth a dozen
//! preparations, and they cost little, because it is a small part of the picture. `places.rs` has
//! those.

mod busy;
mod places;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use yanma_zxing::{Effort, Finder};

use crate::bounded::Lane;
use crate::geometry::{self, Place, Quad};
use crate::picture::GreyImage;
use crate::prepare;
use crate::read::Budget;
use crate::rxing_engine::{self, Look};
use crate::symbol::{Formats, Symbol, Symbology};
use crate::zxing_engine::{self, Seen};

/// The share of a live budget that a picture of up to a million pixels gets in which there is
/// hardly a sign of a symbol; larger ones get more.
const SHARE_OF_DOUBT: u32 = 5;

/// The most damaged places whose surroundings are prepared once more.
const MOST_REGIONS: usize = 2;

/// How long rxing may look for PDF417 in a live picture, and in a picture file: it is done within
/// some milliseconds, but for some noise that passes for bars, of which it tries to make a text for
/// minutes.
const PDF417_TIME: Duration = Duration::from_millis(40);
const PDF417_TIME_IN_FILE: Duration = Duration::from_secs(1);

/// One that does not end is left behind, and bars are zxing-cpp's alone until it ends.
static PDF417: Lane = Lane::new("yanma-pdf417", 8, 1);

/// Every look is this at least.
const HARDER: Effort = Effort {
    harder: true,
    rotate: false,
    invert: false,
    downscale: false,
    close: false,
    errors: true,
    global_threshold: false,
};

/// What is told while looking, so that a deadline loses nothing.
#[derive(Debug)]
pub(crate) enum Told {
    Symbol(Symbol),
    /// There is a symbol here that could not be read.
    Damaged(Quad),
    /// Something here looks like a corner of QR.
    Finder(Finder),
    /// It is as busy here as in a code.
    Busy(Quad),
}

/// The first look at a picture, as it is, for symbols of modules.
pub(crate) fn first_look(image: &GreyImage, formats: Formats) -> Seen {
    match formats.fields() {
        fields if fields == Formats::of(&[]) => Seen::default(),
        fields => zxing_engine::look(image, fields, HARDER, "zxing"),
    }
}

/// One picture being looked at.
pub(crate) struct Hunt<'a> {
    image: &'a GreyImage,
    formats: Formats,
    exhaustive: bool,
    deadline: Instant,
    /// When to stop as long as there is hardly a sign of a symbol.
    doubtful: Instant,
    out: &'a Sender<Told>,
    found: Vec<Quad>,
    /// Places of unread symbols, and whether they were looked at closely.
    damaged: Vec<(Quad, bool)>,
    /// Where there are signs of a symbol, damaged or of finder patterns alone.
    regions: Vec<Quad>,
}

impl<'a> Hunt<'a> {
    pub(crate) fn new(
        image: &'a GreyImage,
        formats: Formats,
        budget: Budget,
        deadline: Instant,
        out: &'a Sender<Told>,
    ) -> Self {
        let (found, damaged, exhaustive) = (Vec::new(), Vec::new(), budget.exhaustive);
        let millions = u64::from(image.width()) * u64::from(image.height()) / 1_000_000;
        let doubt = budget.time / SHARE_OF_DOUBT * u32::try_from(millions).unwrap_or(1).max(1);
        let saved = if exhaustive { Duration::ZERO } else { budget.time.saturating_sub(doubt) };
        let doubtful = deadline.checked_sub(saved).unwrap_or(deadline);
        let regions = Vec::new();
        Self { image, formats, exhaustive, deadline, doubtful, out, found, damaged, regions }
    }

    /// Looks until everything was tried, the deadline has passed, or (unless exhaustive)
    /// something was found and what else was seen was looked at closely. `first` is what
    /// [`first_look`] saw, if somebody has taken it.
    pub(crate) fn run(mut self, first: Option<Seen>) {
        if !yanma_zxing::AVAILABLE {
            self.rxing(self.formats, &[Look::Global, Look::Hybrid, Look::Inverted]);
            if self.exhaustive && !self.late() {
                self.rxing(self.formats, &[Look::Filtered]);
            }
            return;
        }
        let fields = self.formats.fields();
        let image = self.image;
        let seen = match first {
            Some(seen) => seen,
            None if self.late() => return,
            None => first_look(image, self.formats),
        };
        self.take(seen, |place| place);
        if self.stop() {
            return;
        }
        self.bars();
        if self.done() {
            return;
        }
        self.frames(fields, &prepare::halve(image));
        if !self.exhaustive || self.late() {
            return;
        }
        self.patiently(fields);
    }

    /// The picture as a whole, prepared in other ways, for symbols of modules. What is dear, a live
    /// picture gets only where it is as busy as a code, or where signs of a symbol were seen.
    fn frames(&mut self, fields: Formats, half: &GreyImage) {
        if fields == Formats::of(&[]) {
            return;
        }
        let image = self.image;
        let closing = Effort { close: true, ..HARDER };
        self.whole(half, fields, closing, "half", 2.0);
        if self.stop() {
            return;
        }
        let inverted = prepare::invert(half);
        self.whole(&inverted, fields, HARDER, "half-inverted", 2.0);
        if self.stop() {
            return;
        }
        let flat = prepare::flatten(half, 8);
        self.whole(&flat, fields, HARDER, "half-flat", 2.0);
        if self.stop() {
            return;
        }
        self.signs(&flat);
        if !self.exhaustive {
            self.busy();
            self.regions();
            return;
        }
        self.whole(&prepare::sharpen(image, 2, 8), fields, HARDER, "sharp", 1.0);
        if self.stop() {
            return;
        }
        self.whole(&prepare::flatten(image, 10), fields, HARDER, "flat", 1.0);
        if self.stop() {
            return;
        }
        let global = Effort { global_threshold: true, ..HARDER };
        self.whole(image, fields, global, "global", 1.0);
        if self.stop() {
            return;
        }
        if image.width().min(image.height()) >= 480 {
            self.whole(&prepare::halve(half), fields, closing, "quarter", 4.0);
            if self.stop() {
                return;
            }
        }
        self.whole(&prepare::invert(image), fields, HARDER, "inverted", 1.0);
        if self.stop() {
            return;
        }
        self.whole(&prepare::invert(&flat), fields, closing, "half-flat-inverted", 2.0);
        self.closely();
        self.busy();
        self.more_closely();
    }

    /// Looks for signs of a symbol, in a copy of half the size with the light taken out.
    fn signs(&mut self, flat: &GreyImage) {
        let finders = zxing_engine::finders(flat, 2.0);
        if !self.damaged.is_empty() || geometry::has_three_of_a_kind(&finders) {
            self.doubtful = self.deadline;
        }
        self.regions = self.damaged.iter().map(|(quad, _)| *quad).take(MOST_REGIONS).collect();
        let region = geometry::region(&finders);
        let known = |region: &Quad| self.regions.iter().any(|one| geometry::overlap(one, region));
        self.regions.extend(region.filter(|region| !known(region)));
        for finder in finders {
            let _ = self.out.send(Told::Finder(finder));
        }
    }

    /// What takes long: for picture files.
    fn patiently(&mut self, fields: Formats) {
        let image = self.image;
        let closing = Effort { close: true, ..HARDER };
        if u64::from(image.width()) * u64::from(image.height()) <= 3_000_000 {
            let double = prepare::double(image);
            self.whole(&double, fields, closing, "double", 0.5);
            self.closely();
            if self.late() {
                return;
            }
            let flat = prepare::flatten(&double, 16);
            self.whole(&flat, fields, closing, "double-flat", 0.5);
            self.closely();
        }
        let mut smaller = prepare::halve(&prepare::halve(image));
        let mut scale = 4.0;
        while smaller.width().min(smaller.height()) >= 160 && !self.late() {
            smaller = prepare::halve(&smaller);
            scale *= 2.0;
            self.whole(&smaller, fields, closing, "small", scale);
        }
        if !self.late() {
            self.whole(&prepare::mean(image, 1), fields, closing, "smooth", 1.0);
            self.closely();
        }
        let looks = [Look::Global, Look::Hybrid, Look::Inverted];
        self.rxing(self.formats.without(Symbology::Pdf417), &looks);
        for look in looks {
            self.pdf417(look, PDF417_TIME_IN_FILE);
        }
        self.rxing(self.formats, &[Look::Filtered]);
    }

    fn bars(&mut self) {
        let bars = self.formats.bars();
        if bars == Formats::of(&[]) || self.late() {
            return;
        }
        if !self.exhaustive {
            // It reads as many in a tenth of the time, and finds out sooner that there is none.
            self.pdf417(Look::Hybrid, PDF417_TIME);
            if self.done() {
                return;
            }
        }
        let effort = Effort { rotate: true, downscale: true, ..HARDER };
        self.whole(self.image, bars, Effort { errors: false, ..effort }, "zxing", 1.0);
    }

    /// Looks at a copy of the picture, `scale` times smaller.
    fn whole(
        &mut self,
        copy: &GreyImage,
        formats: Formats,
        effort: Effort,
        attempt: &'static str,
        scale: f32,
    ) {
        if formats == Formats::of(&[]) || self.late() {
            return;
        }
        let seen = zxing_engine::look(copy, formats, effort, attempt);
        self.take(seen, |(x, y)| (x * scale, y * scale));
    }

    fn take(&mut self, seen: Seen, back: impl Fn(Place) -> Place) {
        for mut symbol in seen.symbols {
            symbol.corners = symbol.corners.map(&back);
            self.found.push(symbol.corners);
            self.damaged.retain(|(quad, _)| !geometry::overlap(quad, &symbol.corners));
            // Nobody listening means the deadline has passed.
            let _ = self.out.send(Told::Symbol(symbol));
        }
        for quad in seen.damaged {
            let quad = quad.map(&back);
            if !geometry::is_plausible(&quad) {
                continue;
            }
            let near = |other: &Quad| geometry::overlap(other, &quad);
            if !self.found.iter().any(near) && !self.damaged.iter().any(|(other, _)| near(other)) {
                self.damaged.push((quad, false));
                let _ = self.out.send(Told::Damaged(quad));
            }
        }
    }

    fn rxing(&mut self, formats: Formats, looks: &[Look]) {
        let read = self.found.clone();
        for look in looks {
            if self.late() {
                return;
            }
            let (mine, heard) = mpsc::channel();
            let (image, deadline) = (self.image, self.deadline);
            // A look that panics must not take the later ones with it.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                rxing_engine::look(image, formats, *look, deadline, &mine);
            }));
            drop(mine);
            self.take_over(heard, &read);
            if self.done() {
                return;
            }
        }
    }

    /// Looks for PDF417 with rxing, for no longer than `time`.
    fn pdf417(&mut self, look: Look, time: Duration) {
        if !self.formats.contains(Symbology::Pdf417) || self.late() {
            return;
        }
        let until = self.deadline.min(Instant::now() + time);
        let (image, read) = (self.image.clone(), self.found.clone());
        let pdf417 = Formats::of(&[Symbology::Pdf417]);
        let seen = PDF417.run(until, move |out| {
            rxing_engine::look(&image, pdf417, look, until, out);
        });
        self.take_over(seen, &read);
    }

    /// Takes over what rxing has read, but for what zxing-cpp `read` before.
    fn take_over(&mut self, seen: impl IntoIterator<Item = Symbol>, read: &[Quad]) {
        for symbol in seen {
            // What zxing-cpp has read stands: rxing takes the name and number of a part for text.
            let known = read.iter().any(|quad| geometry::overlap(quad, &symbol.corners));
            // Other characters, of which a symbol does not say the set, are left to zxing-cpp.
            let plain = self.exhaustive || !yanma_zxing::AVAILABLE || symbol.text.is_ascii();
            if plain && !known {
                self.found.push(symbol.corners);
                let _ = self.out.send(Told::Symbol(symbol));
            }
        }
    }

    fn stop(&mut self) -> bool {
        self.closely();
        self.done()
    }

    fn done(&self) -> bool {
        self.late() || (!self.exhaustive && !self.found.is_empty())
    }

    fn late(&self) -> bool {
        Instant::now() >= self.deadline.min(self.doubtful)
    }
}

impl Formats {
    /// Those made of modules.
    fn fields(self) -> Self {
        let fields: Vec<Symbology> = self.iter().filter(|kind| !kind.is_bars()).collect();
        Self::of(&fields)
    }

    fn without(self, other: Symbology) -> Self {
        let others: Vec<Symbology> = self.iter().filter(|kind| *kind != other).collect();
        Self::of(&others)
    }

    /// Those made of bars.
    fn bars(self) -> Self {
        let bars: Vec<Symbology> = self.iter().filter(|kind| kind.is_bars()).collect();
        Self::of(&bars)
    }
}
