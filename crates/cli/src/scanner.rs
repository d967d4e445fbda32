//! `yanma scanner`: a maker's barcode that sets a scanner to another mode.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use yanma_barcode::GreyImage;
use yanma_devices::scanners::{Aim, Barcode, Family, families, left_out};

use crate::output;

/// Pixels a module of a PNG: large enough for a scanner that reads it off a screen.
const PNG_MODULE_PX: u32 = 6;

/// How many lines of a terminal the bars of Code 128 are high.
const BAR_LINES: usize = 8;

/// Shows a maker's barcode that sets a scanner to another mode.
#[derive(clap::Args)]
pub(crate) struct Scanner {
    /// Whose scanner it is; without it, every family and what its barcodes do.
    #[arg(long, value_name = "FAMILY", value_parser = family)]
    family: Option<&'static Family>,
    /// What it shall become: serial, hid-pos, keyboard, us-layout, controls, enter, no-suffix,
    /// defaults.
    #[arg(long, value_name = "MODE", value_parser = aim, requires = "family")]
    mode: Option<Aim>,
    /// Where there are several barcodes to scan in order: which one.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "mode")]
    step: usize,
    /// Write the barcode here as a PNG, and draw nothing.
    #[arg(long, value_name = "FILE", requires = "mode")]
    png: Option<PathBuf>,
}

fn family(text: &str) -> Result<&'static Family, String> {
    let names = || families().iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(", ");
    families().iter().find(|it| it.id == text).ok_or_else(|| format!("one of {}", names()))
}

fn aim(text: &str) -> Result<Aim, String> {
    let names = || Aim::ALL.map(Aim::id).join(", ");
    Aim::ALL.into_iter().find(|aim| aim.id() == text).ok_or_else(|| format!("one of {}", names()))
}

impl Scanner {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        match (self.family, self.mode) {
            (Some(family), Some(aim)) => self.show(family, aim)?,
            (Some(family), None) => describe(family)?,
            (None, _) => {
                for family in families() {
                    describe(family)?;
                }
                for other in left_out() {
                    output::line(&format!("not here    {}: {}", other.name, other.why))?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn show(&self, family: &Family, aim: Aim) -> anyhow::Result<()> {
        let setting = family.setting(aim).with_context(|| {
            format!("for {}, no barcode is known that sets it to {}", family.name, aim.id())
        })?;
        let of = setting.scan.len();
        let barcode = self
            .step
            .checked_sub(1)
            .and_then(|index| setting.scan.get(index))
            .with_context(|| format!("--step goes from 1 to {of} here"))?;
        if let Some(file) = &self.png {
            std::fs::write(file, barcode.draw(PNG_MODULE_PX)?.to_png())
                .with_context(|| format!("{} cannot be written", file.display()))?;
            output::line(&file.display().to_string())?;
        } else {
            for line in drawn(barcode)? {
                output::line(&line)?;
            }
        }
        let step = self.step;
        output::line(&format!("{}: {} ({step} of {of})", family.name, becomes(aim)))?;
        output::line(match (step < of, aim) {
            (true, _) => "Scan it; the scanner beeps. Then scan the next: --step.",
            (_, Aim::Serial) => {
                "Scan it; the scanner beeps and comes back as a serial port, which `yanma doctor` \
                 shows."
            }
            (_, Aim::HidPos) => {
                "Scan it; the scanner beeps and comes back in HID POS mode; `yanma doctor` shows it."
            }
            _ => "Scan it; the scanner beeps. Then try it.",
        })?;
        output::line("If it types or sends the text instead, it is not of this family.")
    }
}

fn describe(family: &Family) -> anyhow::Result<()> {
    output::line(&format!("{:<11} {}", family.id, family.name))?;
    for setting in &family.settings {
        output::line(&format!("  {:<10} {}", setting.to.id(), becomes(setting.to)))?;
        output::line(&format!("             {}", setting.source))?;
    }
    Ok(())
}

const fn becomes(aim: Aim) -> &'static str {
    match aim {
        Aim::Serial => "a serial port on USB (CDC)",
        Aim::HidPos => "HID POS",
        Aim::Keyboard => "a keyboard",
        Aim::UsLayout => "a keyboard with the layout of the United States",
        Aim::Controls => "control characters as Ctrl and a key",
        Aim::Enter => "Enter after each code",
        Aim::NoSuffix => "nothing after a code",
        Aim::Defaults => "as it left the factory",
    }
}

/// The barcode in block characters, black on white where the terminal has colours.
fn drawn(barcode: &Barcode) -> anyhow::Result<Vec<String>> {
    let picture = barcode.draw(1)?;
    let lines = match barcode {
        Barcode::Code128(_) => bars(&picture),
        Barcode::Qr(_) => square(&picture),
    };
    if !std::io::stdout().is_terminal() {
        return Ok(lines);
    }
    Ok(lines.into_iter().map(|line| format!("\x1b[30;107m{line}\x1b[0m")).collect())
}

/// Two modules a character.
fn bars(picture: &GreyImage) -> Vec<String> {
    let middle = picture.height() / 2;
    let dark = |x: u32| x < picture.width() && is_dark(picture, x, middle);
    let pair = |x: u32| match (dark(x), dark(x + 1)) {
        (true, true) => '█',
        (true, false) => '▌',
        (false, true) => '▐',
        (false, false) => ' ',
    };
    let line: String = (0..picture.width()).step_by(2).map(pair).collect();
    let blank = " ".repeat(line.chars().count());
    let mut lines = vec![line; BAR_LINES];
    lines.insert(0, blank.clone());
    lines.push(blank);
    lines
}

/// A character is as high as two modules.
fn square(picture: &GreyImage) -> Vec<String> {
    let dark = |x, y| y < picture.height() && is_dark(picture, x, y);
    let stacked = |x, y| match (dark(x, y), dark(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    let line = |y| (0..picture.width()).map(|x| stacked(x, y)).collect();
    (0..picture.height()).step_by(2).map(line).collect()
}

fn is_dark(picture: &GreyImage, x: u32, y: u32) -> bool {
    let place = y as usize * picture.width() as usize + x as usize;
    picture.pixels().get(place).is_some_and(|pixel| *pixel < 128)
}

#[cfg(test)]
mod tests {
    use yanma_barcode::{Budget, Formats, read};

    use super::*;

    /// What the lines say when a character is drawn as a block, twice as high as wide.
    fn read_back(lines: &[String]) -> Vec<String> {
        let (wide, high) = (4, 8);
        let columns = lines[0].chars().count() as u32;
        let dark = |x: u32, y: u32| {
            let character = lines[(y / high) as usize].chars().nth((x / wide) as usize).unwrap();
            let (left, upper) = (x % wide < wide / 2, y % high < high / 2);
            match character {
                '█' => true,
                '▌' => left,
                '▐' => !left,
                '▀' => upper,
                '▄' => !upper,
                _ => false,
            }
        };
        let (width, height) = (columns * wide, lines.len() as u32 * high);
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels = pixels.map(|(x, y)| if dark(x, y) { 0 } else { 255 }).collect();
        let picture = GreyImage::new(width, height, pixels).unwrap();
        read(&picture, &Formats::DESK, Budget::PATIENT).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn what_a_terminal_shows_can_be_read() {
        for barcode in families().iter().flat_map(|it| &it.settings).flat_map(|it| &it.scan) {
            let picture = barcode.draw(1).unwrap();
            let lines = match barcode {
                Barcode::Code128(_) => bars(&picture),
                Barcode::Qr(_) => square(&picture),
            };
            assert!(lines[0].chars().count() <= 100, "{barcode:?} is wider than a terminal");
            // A desk's camera believes no Code 128 of fewer characters.
            let believed = barcode.text().len() >= 4;
            let expected = Vec::from_iter(believed.then(|| barcode.text()));
            assert_eq!(read_back(&lines), expected, "{barcode:?}");
        }
    }

    #[test]
    fn only_what_is_known_can_be_asked_for() {
        assert_eq!(family("zebra").unwrap().id, "zebra");
        assert!(family("Zebra").unwrap_err().contains("honeywell"));
        assert_eq!(aim("hid-pos"), Ok(Aim::HidPos));
        assert!(aim("cdc").unwrap_err().contains("serial"));
    }
}
