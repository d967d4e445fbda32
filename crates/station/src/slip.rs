//! What goes with a person on paper: where to go, or that they are a visitor.
//!
//! No name, no number, no colour, no reason: whoever finds a slip learns that somebody was at
//! this place at this time. Its own number leads to the entry, for those who may look there.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;
use yanma_domain::scene::{Action, Path};
use yanma_domain::trust::Words;
use yanma_domain::verdict::Decision;
use yanma_print::{Line, SlipFont};

pub use yanma_print::Dots;

use crate::check::Checked;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::rights::Right;

/// A slip, before it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// The site, once the desk was enrolled.
    pub site: Option<Words>,
    /// What it is, or where to.
    pub title: Words,
    /// What the person is asked to do.
    pub words: Option<Words>,
    /// What the scene says beside that.
    pub note: Option<Words>,
    /// When, where the desk stands: `2021-11-03 09:41`.
    pub at: String,
    /// Six characters of the entry's id, by which the log finds it.
    pub number: String,
}

impl Desk {
    /// The slip of what was done with the person of an entry, by the last word on them; `None`
    /// where nothing was, or the scene has none for it. It may be asked for again, when the
    /// printer had no paper.
    ///
    /// # Errors
    /// [`DeskError::NotAllowed`], [`DeskError::NoSuchEntry`].
    pub fn slip_of(&self, entry: Uuid) -> Result<Option<Slip>, DeskError> {
        self.allow(Right::Check)?;
        let (body, _) = self.written(self.last_word(entry)?)?;
        let scene = self.scenes().get(&body.scene);
        let path = scene.path(body.decision);
        let said = (body.decision != Decision::Admit).then(|| path.guest.clone());
        let printed = body.done().filter(|action| path.prints_after(*action));
        Ok(printed.map(|action| self.slip(path, said, action, body.id, body.at)))
    }

    /// The slip of a verdict, on a desk where nobody says what was done: of what the scene
    /// usually does. None for a verdict that only puts right one with a slip of its own.
    pub fn slip_unattended(&self, checked: &Checked) -> Option<Slip> {
        let scene = self.scene_in_force();
        let path = scene.path(checked.verdict.decision);
        let action = *path.actions.first()?;
        let before = checked.amends.map(|amends| scene.path(amends.decision));
        let had_one = before.is_some_and(|path| {
            path.actions.first().is_some_and(|action| path.prints_after(*action))
        });
        let said = (checked.verdict.decision != Decision::Admit).then(|| path.guest.clone());
        (path.prints_after(action) && !had_one)
            .then(|| self.slip(path, said, action, checked.entry, checked.at))
    }

    fn slip(
        &self,
        path: &Path,
        said: Option<Words>,
        action: Action,
        entry: Uuid,
        at: Timestamp,
    ) -> Slip {
        let title = match (action, &path.to) {
            (Action::Sent, Some(to)) => to.clone(),
            (Action::Admitted, _) => words("访客", "Visitor"),
            _ => words("暂未放行", "Not let in"),
        };
        let id = entry.simple().to_string();
        let number: String = id.chars().skip(id.len() - 6).collect();
        Slip {
            site: self.enrolment().map(|enrolment| enrolment.site.name.clone()),
            title,
            words: said.filter(|_| action != Action::Admitted),
            note: path.slip_note.clone(),
            at: at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
            number: number.to_uppercase(),
        }
    }
}

fn words(zh: &str, en: &str) -> Words {
    Words { zh: zh.to_owned(), en: en.to_owned() }
}

impl Slip {
    /// Every line of it, with its height in dots on 80 mm paper.
    pub fn lines(&self) -> Vec<(String, u16)> {
        let both =
            |words: &Words, zh: u16, en: u16| [(words.zh.clone(), zh), (words.en.clone(), en)];
        let mut lines = Vec::new();
        lines.extend(self.site.iter().flat_map(|site| both(site, 30, 22)));
        lines.extend(both(&self.title, 72, 36));
        lines.extend(self.words.iter().flat_map(|words| both(words, 32, 24)));
        lines.extend(self.note.iter().flat_map(|note| both(note, 28, 22)));
        lines.push((format!("{}    编号 No. {}", self.at, self.number), 24));
        lines
    }

    /// The slip as dots for paper of this width, with a font of this machine. That reads the
    /// folders of fonts, so it is no work for a thread that others wait for.
    ///
    /// # Errors
    /// [`DeskError::NoFont`].
    pub fn draw(&self, width_dots: u16) -> Result<Dots, DeskError> {
        let font = SlipFont::of_this_machine().ok_or(DeskError::NoFont)?;
        let lines = self.lines();
        // On narrow paper the same slip is smaller rather than longer.
        let fit = |height: u16| height.min(height * (width_dots / 8) / 60).max(18);
        let lines: Vec<_> =
            lines.iter().map(|(text, height)| Line { text, height: fit(*height) }).collect();
        Ok(font.draw(&lines, width_dots))
    }
}
