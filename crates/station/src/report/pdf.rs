//! The report on paper: one page A4, figures first, then a bar for each hour, then who.

use jiff::tz::TimeZone;
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};

use super::{DayReport, Tally};
use crate::error::DeskError;
use crate::inside::Comings;

/// Points in a millimetre: a point is 1/72 of an inch.
const PT: f32 = 72.0 / 25.4;
/// A4 in millimetres.
const PAGE: (f32, f32) = (210.0, 297.0);
const LEFT: f32 = 20.0;
/// Where the longest bar ends.
const RIGHT: f32 = 150.0;
/// Most lines of operators that a page has room for.
const MOST_OPERATORS: usize = 14;

type Colour = (u8, u8, u8);
const INK: Colour = (0x1c, 0x1f, 0x26);
const SOFT: Colour = (0x5a, 0x60, 0x6b);
const ADMIT: Colour = (0x0b, 0x66, 0x3a);
const REFER: Colour = (0xd9, 0x9a, 0x12);
const REFUSE: Colour = (0xae, 0x12, 0x1d);

/// The page as a PDF, with the used part of the font in it.
pub(super) fn page(report: &DayReport, font: &Font) -> Result<Vec<u8>, DeskError> {
    let mut document = Document::new();
    let title = format!("日报 {}", report.day);
    document.set_metadata(Metadata::new().title(title).language("zh".to_owned()));
    let settings = PageSettings::from_wh(PAGE.0 * PT, PAGE.1 * PT).ok_or(DeskError::UnknownForm)?;
    let mut page = document.start_page_with(settings);
    {
        let mut sheet = Sheet { surface: page.surface(), font };
        sheet.draw(report);
    }
    page.finish();
    document.finish().map_err(|_| DeskError::UnknownForm)
}

struct Sheet<'a, 'b> {
    surface: Surface<'b>,
    font: &'a Font,
}

impl Sheet<'_, '_> {
    fn draw(&mut self, report: &DayReport) {
        let (zh, en) = &report.site;
        self.text(LEFT, 24.0, 20.0, INK, &format!("核验日报  {}", report.day));
        self.text(LEFT, 31.0, 11.0, SOFT, &format!("Report of the day {}", report.day));
        self.text(LEFT, 40.0, 12.0, INK, &join(&[zh, &report.station]));
        self.text(LEFT, 45.5, 9.0, SOFT, en);

        let figures = [
            ("人次 People", report.total.people().to_string(), INK),
            ("放行 Admit", report.total.admit.to_string(), ADMIT),
            ("人工 Refer", report.total.refer.to_string(), REFER),
            ("不放行 Refuse", report.total.refuse.to_string(), REFUSE),
            ("无法识读 Unread", report.total.unread.to_string(), SOFT),
            ("中位用时 Median", seconds(report.total), INK),
        ];
        for (i, (name, figure, colour)) in figures.into_iter().enumerate() {
            let x = LEFT + 29.0 * i as f32;
            self.text(x, 58.0, 9.0, SOFT, name);
            self.text(x, 68.0, 22.0, colour, &figure);
        }

        self.text(LEFT, 82.0, 12.0, INK, "每小时 By the hour");
        self.text(RIGHT + 4.0, 82.0, 9.0, SOFT, "人次");
        self.text(RIGHT + 18.0, 82.0, 9.0, SOFT, "中位用时 Median");
        let most = report.hours.iter().map(|(_, tally)| tally.people()).max().unwrap_or(0).max(1);
        let mut y = 89.0;
        for (hour, tally) in &report.hours {
            self.text(LEFT, y, 9.0, INK, &format!("{hour:02}:00"));
            self.bar(y, *tally, most);
            let people = tally.people().to_string();
            self.text(RIGHT + 4.0, y, 9.0, INK, &people);
            self.text(RIGHT + 18.0, y, 9.0, SOFT, &seconds(*tally));
            y += 5.6;
        }
        if report.hours.is_empty() {
            self.text(LEFT, y, 9.0, SOFT, "今天没有人来过 Nobody came");
            y += 5.6;
        }

        y += 8.0;
        self.text(LEFT, y, 12.0, INK, "值守 At work");
        y += 7.0;
        for (operator, tally) in report.operators.iter().take(MOST_OPERATORS) {
            let name = operator.as_deref().unwrap_or("未登录 nobody signed in");
            self.text(LEFT, y, 9.0, INK, name);
            self.text(RIGHT + 4.0, y, 9.0, INK, &tally.people().to_string());
            y += 5.6;
        }
        let more = report.operators.len().saturating_sub(MOST_OPERATORS);
        if more > 0 {
            self.text(LEFT, y, 9.0, SOFT, &format!("另有 {more} 人 and {more} more"));
            y += 5.6;
        }
        y += 4.0;
        for (act, count) in &report.acts {
            let words = match *act {
                "override" => "特殊放行 Let in against a refusal",
                "export-log" => "导出记录 Log taken out",
                _ => "口令错误 Wrong pins",
            };
            self.text(LEFT, y, 9.0, SOFT, words);
            self.text(RIGHT + 4.0, y, 9.0, SOFT, &count.to_string());
            y += 5.0;
        }
        if let Some(Comings { came, left, inside }) = report.comings {
            let words = format!("进入 {came} · 离开 {left} · 在内 {inside}");
            self.text(LEFT, y, 9.0, SOFT, &words);
            let words = format!("{came} in, {left} out, {inside} inside");
            self.text(LEFT + 70.0, y, 9.0, SOFT, &words);
        }
        let made = report.made_at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S");
        self.text(LEFT, PAGE.1 - 12.0, 8.0, SOFT, &format!("Yanma 验码  {made}"));
    }

    /// A bar of an hour: ADMIT, REFER, REFUSE beside each other.
    fn bar(&mut self, y: f32, tally: Tally, most: u64) {
        let unit = (RIGHT - LEFT - 14.0) / most as f32;
        let mut x = LEFT + 14.0;
        for (count, colour) in [(tally.admit, ADMIT), (tally.refer, REFER), (tally.refuse, REFUSE)]
        {
            let width = unit * count as f32;
            if let Some(rect) = Rect::from_xywh(x * PT, (y - 3.4) * PT, width * PT, 4.2 * PT) {
                let mut path = PathBuilder::new();
                path.push_rect(rect);
                if let Some(path) = path.finish() {
                    self.colour(colour);
                    self.surface.draw_path(&path);
                }
            }
            x += width;
        }
    }

    fn text(&mut self, x: f32, y: f32, size: f32, colour: Colour, text: &str) {
        self.colour(colour);
        let at = Point::from_xy(x * PT, y * PT);
        self.surface.draw_text(at, self.font.clone(), size, text, false, TextDirection::Auto);
    }

    fn colour(&mut self, (red, green, blue): Colour) {
        let paint = rgb::Color::new(red, green, blue).into();
        self.surface.set_fill(Some(Fill { paint, ..Fill::default() }));
    }
}

/// The median as the page has it.
fn seconds(tally: Tally) -> String {
    if tally.median.is_none() { "–".to_owned() } else { format!("{} s", tally.median_seconds()) }
}

fn join(texts: &[&str]) -> String {
    texts.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(" · ")
}
