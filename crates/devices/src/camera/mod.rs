//! Cameras: real ones, and a folder of pictures that behaves like one.

mod coach;
mod controls;
mod folder;
mod format;
mod frame;
mod native;
mod native_controls;
mod panel;
mod presence;
mod preview;
mod run;
mod track;

use thiserror::Error;

pub use coach::Advice;
pub use controls::{
    CameraControl, ControlError, ControlKind, ControlSetting, ControlValue, SettingError,
};
pub use folder::PictureFolder;
pub use frame::{Frame, Raw, content_number};
pub use native::{NokhwaCamera, PageCamera};
pub use run::{CameraHandle, CameraOptions, CameraPanel, run};

use crate::event::{DeviceId, Notice};

/// A camera that can be opened, and opened again after it was lost. Opening happens on a thread of
/// its own and may take its time; it may even never return.
pub trait Camera: Send + Sync + 'static {
    /// Its id.
    fn id(&self) -> DeviceId;

    /// Opens it.
    ///
    /// # Errors
    /// [`CameraError::Busy`], [`CameraError::Refused`] or [`CameraError::Lost`]: it is tried again
    /// later in any case.
    fn open(&self) -> Result<Box<dyn CameraStream>, CameraError>;
}

/// An open camera. It stays on the thread that opened it; dropping closes it.
pub trait CameraStream {
    /// Waits for the next frame; a stalled device may make it wait for ever.
    ///
    /// # Errors
    /// [`CameraError::Skipped`] when this frame cannot be used and the next may, any other when
    /// the camera has to be opened again.
    fn next(&mut self) -> Result<Frame, CameraError>;

    /// What can be set at it now; nothing where its driver has none, or fails when it is asked.
    fn controls(&mut self) -> Vec<CameraControl> {
        Vec::new()
    }

    /// Sets one of its controls to a value that it has.
    ///
    /// # Errors
    /// [`ControlError::Missing`] and [`ControlError::Refused`].
    fn set_control(&mut self, setting: ControlSetting) -> Result<(), ControlError> {
        Err(ControlError::Missing(setting.kind))
    }
}

/// Why a camera gives no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CameraError {
    /// Another program uses it. Close that program.
    #[error("the camera is used by another program")]
    Busy,
    /// The operating system forbids it, or it has no format that can be read. Check the
    /// permissions of this program, or take another camera.
    #[error("the camera may not be used, or has no usable format")]
    Refused,
    /// It is not there (any more). Plug it in.
    #[error("the camera is gone")]
    Lost,
    /// One frame is damaged or not there; the next may be good.
    #[error("this frame cannot be used")]
    Skipped(Option<Notice>),
}
