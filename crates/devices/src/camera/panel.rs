//! Setting a camera that is watched: on the thread that opened it, between two frames, and again
//! each time it is opened.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use super::CameraStream;
use super::controls::{self, CameraControl, ControlError, ControlSetting};
use crate::threads::lock;

/// How long an answer is waited for: a frame, and a driver that asks the camera.
const ANSWERS: Duration = Duration::from_secs(2);

type Answer = Result<Vec<CameraControl>, ControlError>;

/// What is set, and what somebody wants to know or to have set.
pub(super) struct Panel {
    kept: Mutex<Vec<ControlSetting>>,
    questions: Mutex<Vec<Question>>,
}

/// What is to be done before the controls are told.
#[derive(Clone, Copy)]
pub(super) enum Wish {
    Look,
    Set(ControlSetting),
    /// Everything as the camera came, and nothing kept.
    Reset,
}

struct Question {
    wish: Wish,
    /// From here on nobody waits for it.
    until: Instant,
    answer: Sender<Answer>,
}

impl Panel {
    pub(super) fn new(kept: Vec<ControlSetting>) -> Self {
        Self { kept: Mutex::new(kept), questions: Mutex::default() }
    }

    /// The controls, after what is wished.
    ///
    /// # Errors
    /// Why it was not set, and [`ControlError::Away`] when no frame comes meanwhile.
    pub(super) fn ask(&self, wish: Wish) -> Answer {
        let (answer, answers) = channel();
        let until = Instant::now() + ANSWERS;
        lock(&self.questions).push(Question { wish, until, answer });
        answers.recv_timeout(ANSWERS).unwrap_or(Err(ControlError::Away))
    }

    /// Sets a camera that was just opened to what is kept; what it does not take is left.
    pub(super) fn opened(&self, stream: &mut dyn CameraStream) {
        let kept = lock(&self.kept).clone();
        set_all(stream, kept);
    }

    /// Answers what was asked since the last frame; whether anybody asked.
    pub(super) fn answer(&self, stream: &mut dyn CameraStream) -> bool {
        let questions = std::mem::take(&mut *lock(&self.questions));
        let asked = !questions.is_empty();
        for Question { wish, until, answer } in questions {
            if until <= Instant::now() {
                continue;
            }
            let done = self.fulfil(wish, stream);
            // Whoever asked may have gone.
            let _ = answer.send(done.map(|()| list(stream)));
        }
        asked
    }

    fn fulfil(&self, wish: Wish, stream: &mut dyn CameraStream) -> Result<(), ControlError> {
        match wish {
            Wish::Look => {}
            Wish::Set(setting) => {
                set(stream, setting)?;
                self.keep(setting);
            }
            Wish::Reset => {
                lock(&self.kept).clear();
                let as_it_came = list(stream).iter().map(CameraControl::as_it_came).collect();
                set_all(stream, as_it_came);
            }
        }
        Ok(())
    }

    fn keep(&self, setting: ControlSetting) {
        let mut kept = lock(&self.kept);
        kept.retain(|other| other.kind != setting.kind);
        kept.push(setting);
    }
}

/// The controls of an open camera; none when its driver falls over.
fn list(stream: &mut dyn CameraStream) -> Vec<CameraControl> {
    catch_unwind(AssertUnwindSafe(|| stream.controls())).unwrap_or_default()
}

/// Sets what the camera takes, and leaves the rest.
fn set_all(stream: &mut dyn CameraStream, settings: Vec<ControlSetting>) {
    for setting in settings {
        if let Err(error) = set(stream, setting) {
            tracing::warn!(%setting, %error, "a camera was not set");
        }
    }
}

fn set(stream: &mut dyn CameraStream, setting: ControlSetting) -> Result<(), ControlError> {
    controls::check(&list(stream), setting)?;
    let set = catch_unwind(AssertUnwindSafe(|| stream.set_control(setting)));
    set.unwrap_or(Err(ControlError::Refused(setting.kind)))
}
