//! Places where a symbol was seen and not read, looked at closely.

use yanma_zxing::Effort;

use super::{HARDER, Hunt, Told, busy};
use crate::geometry::{self, Quad};
use crate::picture::GreyImage;
use crate::prepare;
use crate::unfold;
use crate::upright::Upright;
use crate::zxing_engine;

/// The most places that are looked at closely in one picture.
const MOST_PLACES: usize = 4;

type UprightLook = (&'static str, fn(&GreyImage) -> GreyImage, Effort);
type CloseLook = (&'static str, fn(&GreyImage) -> GreyImage, f32, Effort);

const CLOSING: Effort = Effort { close: true, invert: true, errors: false, ..HARDER };
const GLOBAL: Effort = Effort { global_threshold: true, invert: true, errors: false, ..HARDER };
const TELLING: Effort = Effort { invert: true, ..HARDER };
const PLAIN: Effort = Effort { invert: true, errors: false, ..HARDER };

/// How a place is looked at closely: a name, a preparation, how many times smaller, how hard.
const CLOSE_LOOKS: &[CloseLook] = &[
    ("close-sharp", |part| prepare::sharpen(part, 2, 6), 1.0, PLAIN),
    ("close-double", prepare::double, 0.5, PLAIN),
];

const CLOSER_LOOKS: &[CloseLook] = &[
    ("close-flat", |part| prepare::flatten(part, 12), 1.0, PLAIN),
    ("close-smooth", |part| prepare::mean(part, 1), 1.0, PLAIN),
    ("close-double-sharp", |part| prepare::sharpen(&prepare::double(part), 3, 10), 0.5, PLAIN),
    ("close-global", GreyImage::clone, 1.0, GLOBAL),
    ("close-half", prepare::halve, 2.0, CLOSING),
    ("close-double-flat", |part| prepare::flatten(&prepare::double(part), 20), 0.5, PLAIN),
    ("close-double-global", prepare::double, 0.5, GLOBAL),
    ("close-flat-small", |part| prepare::flatten(part, 6), 1.0, GLOBAL),
    ("close-thick", |part| prepare::darken(&prepare::double(part)), 0.5, PLAIN),
    ("close-deblur", |part| prepare::deblur(&prepare::double(part), 2), 0.5, PLAIN),
    ("close-deblur-more", |part| prepare::deblur(&prepare::double(part), 3), 0.5, PLAIN),
    ("close-double-keen", |part| prepare::sharpen(&prepare::double(part), 4, 20), 0.5, GLOBAL),
];

/// How an upright copy is looked at.
const UPRIGHT_LOOKS: &[UprightLook] = &[
    ("upright", GreyImage::clone, PLAIN),
    ("upright-flat", |part| prepare::flatten(part, 16), CLOSING),
    ("upright-keen", |part| prepare::sharpen(part, 4, 12), PLAIN),
    ("upright-deblur", |part| prepare::deblur(part, 3), GLOBAL),
];

/// How the surroundings of a place are looked at; what is seen there is looked at closely.
const REGION_LOOKS: &[CloseLook] = &[
    ("region-sharp", |part| prepare::sharpen(part, 2, 8), 1.0, TELLING),
    ("region-flat", |part| prepare::flatten(part, 10), 1.0, TELLING),
    ("region-smooth", |part| prepare::mean(part, 1), 1.0, TELLING),
];

/// How a busy place without such a sign is looked at.
const BUSY_LOOKS: &[CloseLook] = &[
    ("busy-sharp", |part| prepare::sharpen(part, 2, 8), 1.0, TELLING),
    ("busy-double", prepare::double, 0.5, TELLING),
    ("busy-double-sharp", |part| prepare::sharpen(&prepare::double(part), 3, 10), 0.5, TELLING),
    ("busy-double-flat", |part| prepare::flatten(&prepare::double(part), 16), 0.5, TELLING),
];

/// The most busy places that are looked at.
const MOST_BUSY: usize = 2;

/// Most pixels of a busy place: in what is larger, modules are large too, and were seen.
const MOST_PIXELS: f32 = 100_000.0;

impl Hunt<'_> {
    /// Looks closely at what was seen and not read, once each.
    pub(super) fn closely(&mut self) {
        for at in 0..self.damaged.len().min(MOST_PLACES) {
            let Some((quad, false)) = self.damaged.get(at).copied() else { continue };
            if self.done() {
                return;
            }
            self.damaged[at].1 = true;
            let before = self.found.len();
            self.place(&quad, 0.2, CLOSE_LOOKS);
            if self.found.len() == before && !self.late() {
                self.unfolded(&quad);
            }
        }
    }

    /// Looks around the signs of symbols that nothing has read so far.
    pub(super) fn regions(&mut self) {
        for region in std::mem::take(&mut self.regions) {
            if self.done() {
                return;
            }
            self.place(&region, 0.3, REGION_LOOKS);
            self.closely();
        }
    }

    /// Looks at the busiest places, and closely at what is seen there.
    pub(super) fn busy(&mut self) {
        for place in busy::places(self.image, MOST_BUSY) {
            let [low, _, high, _] = place;
            if self.done() || (high.0 - low.0) * (high.1 - low.1) > MOST_PIXELS {
                continue;
            }
            let _ = self.out.send(Told::Busy(place));
            self.place(&place, 0.1, BUSY_LOOKS);
            self.closely();
        }
    }

    /// Looks once more, with what is dear and seldom pays.
    pub(super) fn more_closely(&mut self) {
        for (quad, _) in self.damaged.clone().into_iter().take(MOST_PLACES) {
            if self.done() {
                return;
            }
            let before = self.found.len();
            self.place(&quad, 0.2, CLOSER_LOOKS);
            if self.found.len() == before {
                self.turned_upright(&quad);
            }
        }
    }

    /// Looks at a place with a margin, which is a share of its longer side.
    fn place(&mut self, quad: &Quad, margin: f32, looks: &[CloseLook]) {
        let [low, _, high, _] = geometry::bounds(quad, self.image);
        let margin = ((high.0 - low.0).max(high.1 - low.1) * margin).max(8.0);
        let (from, to) = ((low.0 - margin, low.1 - margin), (high.0 + margin, high.1 + margin));
        let (part, (left, top)) = prepare::crop(self.image, from, to);
        let side = part.width().max(part.height());
        let before = self.found.len();
        for (attempt, prepare, scale, effort) in looks {
            if self.late() {
                return;
            }
            if *scale < 1.0 && side > 900 || *scale > 1.0 && side < 150 {
                continue;
            }
            let seen = zxing_engine::look(&prepare(&part), self.formats.fields(), *effort, attempt);
            self.take(seen, |(x, y)| (x * scale + left, y * scale + top));
            if self.found.len() > before {
                return;
            }
        }
    }

    /// The place once more, projected onto an upright square: askew and steep becomes straight,
    /// large becomes small.
    fn turned_upright(&mut self, quad: &Quad) {
        let upright = Upright::of(quad);
        let picture = upright.picture(self.image);
        let before = self.found.len();
        for (attempt, prepare, effort) in UPRIGHT_LOOKS {
            if self.late() {
                return;
            }
            let seen =
                zxing_engine::look(&prepare(&picture), self.formats.fields(), *effort, attempt);
            self.take(seen, |place| upright.back(place));
            if self.found.len() > before {
                return;
            }
        }
    }

    /// The place once more, with its modules followed over folds.
    fn unfolded(&mut self, quad: &Quad) {
        let Some(unfolded) = unfold::unfold(self.image, quad) else { return };
        let before = self.found.len();
        let looks = [("unfolded", unfolded.modules), ("unfolded-straight", unfolded.straight)];
        for (attempt, picture) in looks {
            if self.late() {
                return;
            }
            let mut seen = zxing_engine::look(&picture, self.formats.fields(), PLAIN, attempt);
            seen.symbols.iter_mut().for_each(|symbol| symbol.corners = *quad);
            self.take(seen, |place| place);
            if self.found.len() > before {
                return;
            }
        }
    }
}
