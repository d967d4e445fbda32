//! Who comes before the desk, and what hears the verdict on them: the page, the guest's screen, the
//! voice, the turnstile, the printer.

use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::AppHandle;
use tauri_specta::Event;
use uuid::Uuid;
use yanma_local::Take;
use yanma_station::lists::Expectation;
use yanma_station::{Checked, Desk, DeskError, Finished, Input, Reading, Via};

use crate::family::FamilyEvent;
use crate::out::SlipEvent;
use crate::scene::{FilledEvent, GuestEvent};
use crate::shell::{Shell, tell};
use crate::trial;
use crate::views::{VerdictEvent, VerdictView};

/// What brought somebody before the desk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// They stand at it: the guest's screen speaks to them, a turnstile opens.
    Desk,
    /// Another program asked, and they may be anywhere.
    Program,
}

/// What a verdict is to whoever stands at the desk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// The answer to what they show.
    First,
    /// A later word on it, when they may have gone: the authority's, or with a chip.
    Later,
}

/// Somebody showed something, and it could not be checked: what is on the screen is not theirs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "unchecked")]
pub(crate) struct UncheckedEvent;

impl Shell {
    /// Brings what another program asks before this desk, and shows it.
    pub(crate) fn taking(shell: Weak<Self>, app: AppHandle) -> Take {
        Arc::new(move |readings, asked| {
            let (shell, app) = (shell.upgrade(), app.clone());
            Box::pin(async move {
                let shell = shell.ok_or(DeskError::Interrupted)?;
                let present = move |desk: &Desk| desk.present_asked(&readings, Some(asked));
                Ok(shell.brought(&app, Before::Program, present).await?.0)
            })
        })
    }

    /// A reading without what the scanners of this desk put around a code.
    pub(crate) fn bare(&self, mut reading: Reading) -> Reading {
        if let (Via::Scanner | Via::Serial, Input::Text(text)) = (reading.via, &mut reading.input) {
            // Settings are checked when they are saved; what was saved by hand adds nothing.
            let settings = self.settings().unwrap_or_default();
            *text = settings.framing().unwrap_or_default().bare(text).to_owned();
        }
        reading
    }

    /// Takes what is not judged as it is: the code of a family, of which the operator says who is
    /// here, a symbol of a series of lists that is shown to the camera, an answer to a field of the
    /// scene. Whether it was one.
    pub(crate) async fn take_aside(&self, app: &AppHandle, reading: &Reading) -> bool {
        // Where nobody has signed in it is refused as any code is.
        if let Some(family) = reading.family().filter(|_| !self.desk.asks_for_sign_in()) {
            let members = family.into_iter().map(Into::into).collect();
            tell(FamilyEvent(members).emit(app));
            return true;
        }
        if let Some((field, answer)) = self.desk.fills(reading) {
            tell(FilledEvent { field, answer }.emit(app));
            return true;
        }
        trial::took(app, reading) || self.take_symbol(app, reading).await
    }

    async fn take_symbol(&self, app: &AppHandle, reading: &Reading) -> bool {
        let Input::Text(text) = &reading.input else { return false };
        let Some(seen) = self.desk.see_symbol(text).await else { return false };
        if let Err(error) = seen {
            tracing::warn!(%error, "a series of symbols was not taken over");
        }
        self.show_station(app);
        true
    }

    /// Takes a reading: shows the desk's verdict at once, and the authority's word when it
    /// changes anything.
    pub(crate) async fn take(
        self: Arc<Self>,
        app: &AppHandle,
        reading: Reading,
    ) -> Result<VerdictView, DeskError> {
        let presented = reading.clone();
        let view = Arc::clone(&self).take_by(app, move |desk| desk.present(&[presented])).await?;
        self.look_for_chip(app, &reading);
        Ok(view)
    }

    /// The same for whatever else brings somebody before the desk.
    pub(crate) async fn take_by(
        self: Arc<Self>,
        app: &AppHandle,
        present: impl FnOnce(&Desk) -> Result<Checked, DeskError> + Send + 'static,
    ) -> Result<VerdictView, DeskError> {
        Ok(self.brought(app, Before::Desk, present).await?.1)
    }

    async fn brought(
        self: Arc<Self>,
        app: &AppHandle,
        before: Before,
        present: impl FnOnce(&Desk) -> Result<Checked, DeskError> + Send + 'static,
    ) -> Result<(Checked, VerdictView), DeskError> {
        let desk = Arc::clone(&self.desk);
        let presented = async move {
            let presented = tauri::async_runtime::spawn_blocking(move || present(&desk));
            presented.await.map_err(|_| DeskError::Interrupted)?
        };
        let show = |checked: &Checked| self.show(app, checked, before, Word::First);
        let (checked, view) = in_turn(&self.turn, presented, show).await?;
        self.ask_about(app, &checked, before);
        Ok((checked, view))
    }

    /// Asks the authority about a verdict, and shows what it says when that changes anything.
    pub(crate) fn ask_about(self: Arc<Self>, app: &AppHandle, checked: &Checked, before: Before) {
        let (app, asked) = (app.clone(), checked.clone());
        tauri::async_runtime::spawn(async move {
            match self.desk.ask(&asked).await {
                Ok(Some(later)) => {
                    self.show(&app, &later, before, Word::Later);
                }
                Ok(None) | Err(DeskError::NotEnrolled) => {}
                Err(error) => tracing::info!(%error, "not confirmed"),
            }
            self.show_station(&app);
        });
    }

    pub(crate) fn show(
        &self,
        app: &AppHandle,
        checked: &Checked,
        before: Before,
        word: Word,
    ) -> VerdictView {
        let expectation = self.desk.expectation(checked).unwrap_or_else(|error| {
            tracing::error!(%error, "the lists of expected people cannot be read");
            Expectation::NoList
        });
        let inside = self.desk.inside_since(checked).unwrap_or_else(|error| {
            tracing::error!(%error, "nobody knows who is inside");
            None
        });
        let elsewhere = self.desk.checked_elsewhere(checked);
        let mut view =
            VerdictView::of(checked, &self.desk.knowledge(), expectation, inside, elsewhere);
        view.later = word == Word::Later;
        tell(VerdictEvent(view.clone()).emit(app));
        // A later word may come when somebody else stands there.
        let is_theirs = word == Word::First || self.desk.is_before(checked);
        if before == Before::Program || !is_theirs {
            return view;
        }
        let scene = self.desk.scene_in_force();
        let sees = scene.shown_to_guest(checked.verdict.decision);
        // What stands is not said again.
        let was = checked.amends.map(|amends| amends.decision);
        if !view.later || was != Some(checked.verdict.decision) {
            self.voice.say_both(sees.words);
            tell(GuestEvent::from(sees).emit(app));
        }
        if self.desk.opens(checked) {
            self.out.let_through(app, &self.desk, checked.entry);
        }
        view
    }

    /// What follows on the operator's word: somebody goes through, or gets a slip.
    pub(crate) fn follow(self: &Arc<Self>, app: &AppHandle, finished: &Finished) {
        if self.desk.opens_on_word(finished) {
            self.out.let_through(app, &self.desk, finished.entry);
        }
        let (shell, app, entry) = (Arc::clone(self), app.clone(), finished.entry);
        tauri::async_runtime::spawn(async move {
            if let Err(error) = shell.print_slip(&app, entry).await {
                tracing::error!(%error, "a slip could not be printed");
            }
        });
    }

    /// Draws the slip of an entry, where it has one and there is a printer, and hands it over.
    pub(crate) async fn print_slip(
        self: Arc<Self>,
        app: &AppHandle,
        entry: Uuid,
    ) -> Result<(), DeskError> {
        let Some(width_dots) = self.out.paper() else { return Ok(()) };
        let shell = Arc::clone(&self);
        let draw = move || -> Result<_, DeskError> {
            let slip = shell.desk.slip_of(entry)?;
            slip.map(|slip| slip.draw(width_dots)).transpose()
        };
        let drawn = tauri::async_runtime::spawn_blocking(draw).await;
        match drawn.map_err(|_| DeskError::Interrupted)? {
            Ok(Some(dots)) => self.out.print(app, entry, dots),
            Ok(None) => {}
            Err(DeskError::NoFont) => tell(SlipEvent::undrawn(entry).emit(app)),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Of two readings at nearly the same time the word on the first is shown first: the last one stays
/// on the screen.
async fn in_turn<P, V>(
    turn: &tokio::sync::Mutex<()>,
    presented: impl Future<Output = Result<P, DeskError>>,
    show: impl FnOnce(&P) -> V,
) -> Result<(P, V), DeskError> {
    let _turn = turn.lock().await;
    let presented = presented.await?;
    let shown = show(&presented);
    Ok((presented, shown))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn whoever_is_presented_first_is_shown_first() {
        let (turn, said) = (tokio::sync::Mutex::default(), Mutex::new(Vec::new()));
        let person = |name: &'static str, disk_ms: u64| {
            let presented = async move {
                tokio::time::sleep(std::time::Duration::from_millis(disk_ms)).await;
                Ok(name)
            };
            in_turn(&turn, presented, |name| said.lock().unwrap().push(*name))
        };
        let (first, second) = tokio::join!(person("first", 50), person("second", 0));
        assert_eq!((first.unwrap().0, second.unwrap().0), ("first", "second"));
        assert_eq!(*said.lock().unwrap(), ["first", "second"]);
    }
}
