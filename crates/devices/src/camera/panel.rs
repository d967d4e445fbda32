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

struct Question {
    /// Nothing when only the controls are asked for.
    set: Option<ControlSetting>,
    /// From here on nobody waits for it.
    until: Instant,
    answer: Sender<Answer>,
}

impl Panel {
    pub(super) fn new(kept: Vec<ControlSetting>) -> Self {
        Self { kept: Mutex::new(kept), questions: Mutex::default() }
    }

    /// The controls, after one of them was set.
    ///
    /// # Errors
    /// Why it was not set, and [`ControlError::Away`] when no frame comes meanwhile.
    pub(super) fn ask(&self, set: Option<ControlSetting>) -> Answer {
        let (answer, answers) = channel();
        let until = Instant::now() + ANSWERS;
        lock(&self.questions).push(Question { set, until, answer });
        answers.recv_timeout(ANSWERS).unwrap_or(Err(ControlError::Away))
    }

    /// Sets a camera that was just opened to what is kept; what it does not take is left.
    pub(super) fn opened(&self, stream: &mut dyn CameraStream) {
        let kept = lock(&self.kept).clone();
        for setting in kept {
            if let Err(error) = set(stream, setting) {
                tracing::warn!(%setting, %error, "a camera was not set");
            }
        }
    }

    /// Answers what was asked since the last frame.
    pub(super) fn answer(&self, stream: &mut dyn CameraStream) {
        let questions = std::mem::take(&mut *lock(&self.questions));
        for Question { set: wish, until, answer } in questions {
            if until <= Instant::now() {
                continue;
            }
            let done = wish.map_or(Ok(()), |setting| {
                set(stream, setting)?;
                self.keep(setting);
                Ok(())
            });
            // Whoever asked may have gone.
            let _ = answer.send(done.map(|()| list(stream)));
        }
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

fn set(stream: &mut dyn CameraStream, setting: ControlSetting) -> Result<(), ControlError> {
    controls::check(&list(stream), setting)?;
    let set = catch_unwind(AssertUnwindSafe(|| stream.set_control(setting)));
    set.unwrap_or(Err(ControlError::Refused(setting.kind)))
}
