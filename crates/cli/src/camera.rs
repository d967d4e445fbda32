//! `yanma camera`: which cameras there are, and what of them can be set.

use std::process::ExitCode;

use serde_json::json;
use yanma_devices::camera::{Camera as _, CameraControl, ControlSetting, NokhwaCamera};

use crate::output;

/// Says which cameras there are and what of them can be set, and sets it.
///
/// What is set stays until the camera is unplugged or somebody else sets it; `yanma watch --set`
/// sets it again. A camera may be set while a desk uses it.
#[derive(clap::Args)]
pub(crate) struct Camera {
    /// Its number, its id or the beginning of its name; without it, every camera.
    #[arg(value_name = "CAMERA")]
    camera: Option<String>,
    /// Sets brightness, contrast, exposure or focus to a number or to auto, as in brightness=40;
    /// once for each.
    #[arg(long, value_name = "CONTROL=VALUE", requires = "camera")]
    set: Vec<ControlSetting>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Camera {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let mut cameras = NokhwaCamera::list();
        if let Some(wanted) = &self.camera {
            cameras.retain(|camera| is_meant(camera, wanted));
            anyhow::ensure!(!cameras.is_empty(), "there is no camera {wanted}");
        }
        anyhow::ensure!(
            self.set.is_empty() || cameras.len() == 1,
            "several cameras are named so; give a number or an id"
        );
        for camera in &cameras {
            for setting in &self.set {
                camera.set_control(*setting)?;
            }
            self.tell(camera)?;
        }
        if cameras.is_empty() && !self.json {
            output::line("no camera")?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn tell(&self, camera: &NokhwaCamera) -> anyhow::Result<()> {
        let (id, controls) = (camera.id(), camera.controls());
        if self.json {
            let controls: Vec<_> = controls.iter().map(in_json).collect();
            let (number, name) = (camera.index(), camera.name());
            return output::json(
                &json!({ "camera": id.as_str(), "number": number, "name": name, "controls": controls }),
            );
        }
        output::line(&format!("{} {id}", camera.index()))?;
        if controls.is_empty() {
            return output::line("  nothing of it can be set");
        }
        controls.iter().try_for_each(|control| output::line(&in_words(control)))
    }
}

fn is_meant(camera: &NokhwaCamera, wanted: &str) -> bool {
    camera.index().to_string() == wanted
        || camera.id().as_str() == wanted
        || (wanted.parse::<u32>().is_err() && camera.name().starts_with(wanted))
}

fn in_json(control: &CameraControl) -> serde_json::Value {
    json!({
        "control": control.kind.name(),
        "value": control.value,
        "least": control.least,
        "most": control.most,
        "step": control.step,
        "default": control.default,
        "automatic": control.automatic,
    })
}

fn in_words(control: &CameraControl) -> String {
    let CameraControl { kind, value, least, most, step, default, automatic } = control;
    let steps = if *step == 1 { String::new() } else { format!(" in steps of {step}") };
    let automatic = match automatic {
        Some(true) => "; automatic",
        Some(false) => "; may be automatic",
        None => "",
    };
    let name = kind.name();
    format!("  {name:<11}{value}, {least} to {most}{steps}, usually {default}{automatic}")
}

#[cfg(test)]
mod tests {
    use yanma_devices::camera::ControlKind;

    use super::*;

    #[test]
    fn a_control_is_a_line() {
        let mut control = CameraControl {
            kind: ControlKind::Brightness,
            value: 40,
            least: -64,
            most: 64,
            step: 1,
            default: 0,
            automatic: None,
        };
        assert_eq!(in_words(&control), "  brightness 40, -64 to 64, usually 0");
        (control.kind, control.step, control.automatic) = (ControlKind::Focus, 5, Some(true));
        assert_eq!(
            in_words(&control),
            "  focus      40, -64 to 64 in steps of 5, usually 0; automatic"
        );
    }
}
