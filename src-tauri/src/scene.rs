//! The scene as the page shows it, and what the operator says was done.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, State};
use tauri_specta::Event;
use yanma_station::Done;
use yanma_station::domain::scene::{Action, Field, FieldKind, GuestSees, Path, Scene};
use yanma_station::domain::verdict::Decision;
use yanma_station::inside::Amiss;
use yanma_station::rights::Right;
use yanma_station::store::InsideRow;

use crate::commands::{Answer, CommandError};
use crate::shell::Shell;
use crate::views::{DecisionView, WordsView};

/// The scene in force.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SceneView {
    id: String,
    name: WordsView,
    dignity: bool,
    guest_register: bool,
    boarding_pass: bool,
    counts_inside: bool,
    admit: PathView,
    refer: PathView,
    refuse: PathView,
    fields: Vec<FieldView>,
}

/// A scene to choose.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct SceneName {
    id: String,
    name: WordsView,
}

/// What follows a verdict.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct PathView {
    operator: WordsView,
    guest: WordsView,
    to: Option<WordsView>,
    actions: Vec<ActionView>,
    slip: bool,
}

/// Something to fill in.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldView {
    id: String,
    label: WordsView,
    kind: FieldKindView,
    options: Vec<OptionView>,
    longest: Option<u16>,
    least: Option<u32>,
    most: Option<u32>,
    required_when: Vec<ActionView>,
    /// Only where these fields have one of these answers.
    required_with: BTreeMap<String, Vec<String>>,
}

/// What a device read for a field: an appointment's number, a temperature.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "filled")]
pub(crate) struct FilledEvent {
    pub(crate) field: String,
    pub(crate) answer: String,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, Serialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FieldKindView {
    Choice,
    Text,
    Number,
    Temperature,
}

/// One option of a field.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct OptionView {
    id: String,
    label: WordsView,
}

/// What was done with a person.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ActionView {
    Admitted,
    Sent,
    TurnedAway,
    Left,
}

impl From<Action> for ActionView {
    fn from(action: Action) -> Self {
        match action {
            Action::Admitted => Self::Admitted,
            Action::Sent => Self::Sent,
            Action::TurnedAway => Self::TurnedAway,
            Action::Left => Self::Left,
        }
    }
}

impl From<ActionView> for Action {
    fn from(action: ActionView) -> Self {
        match action {
            ActionView::Admitted => Self::Admitted,
            ActionView::Sent => Self::Sent,
            ActionView::TurnedAway => Self::TurnedAway,
            ActionView::Left => Self::Left,
        }
    }
}

/// What the guest's own screen shows.
#[derive(Clone, Debug, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "guest")]
pub(crate) struct GuestEvent {
    words: WordsView,
    to: Option<WordsView>,
    /// The verdict for its colour, where the scene does not keep it from the screen.
    decision: Option<DecisionView>,
}

impl From<GuestSees<'_>> for GuestEvent {
    fn from(sees: GuestSees<'_>) -> Self {
        Self {
            words: sees.words.into(),
            to: sees.to.map(WordsView::from),
            decision: sees.decision.map(DecisionView::from),
        }
    }
}

impl From<&Scene> for SceneView {
    fn from(scene: &Scene) -> Self {
        Self {
            id: scene.id.clone(),
            name: (&scene.name).into(),
            dignity: scene.dignity,
            guest_register: scene.guest_register,
            boarding_pass: scene.boarding_pass,
            counts_inside: scene.counts_inside,
            admit: scene.path(Decision::Admit).into(),
            refer: scene.path(Decision::Refer).into(),
            refuse: scene.path(Decision::Refuse).into(),
            fields: scene.fields.iter().map(FieldView::from).collect(),
        }
    }
}

impl From<&Path> for PathView {
    fn from(path: &Path) -> Self {
        Self {
            operator: (&path.operator).into(),
            guest: (&path.guest).into(),
            to: path.to.as_ref().map(WordsView::from),
            actions: path.actions.iter().copied().map(ActionView::from).collect(),
            slip: path.slip,
        }
    }
}

impl From<&Field> for FieldView {
    fn from(field: &Field) -> Self {
        let plain = |kind| Self {
            id: field.id.clone(),
            label: (&field.label).into(),
            kind,
            options: Vec::new(),
            longest: None,
            least: None,
            most: None,
            required_when: field.required_when.iter().copied().map(ActionView::from).collect(),
            required_with: field.required_with.clone(),
        };
        match &field.takes {
            FieldKind::Choice { options } => {
                let view = |id: &str, label| OptionView { id: id.to_owned(), label };
                let options = options.iter().map(|one| view(&one.id, (&one.label).into()));
                Self { options: options.collect(), ..plain(FieldKindView::Choice) }
            }
            FieldKind::Text { longest, .. } => {
                Self { longest: Some(*longest), ..plain(FieldKindView::Text) }
            }
            FieldKind::Number { least, most } => {
                Self { least: Some(*least), most: Some(*most), ..plain(FieldKindView::Number) }
            }
            FieldKind::Temperature { .. } => plain(FieldKindView::Temperature),
        }
    }
}

/// What the operator did.
#[derive(Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DoneView {
    action: ActionView,
    /// Field → answer, as typed.
    answers: BTreeMap<String, String>,
    /// Who allows it and why, when it goes against the verdict.
    overriding: Option<OverrideView>,
}

/// A supervisor's word.
#[derive(Deserialize, Type)]
pub(crate) struct OverrideView {
    supervisor: String,
    pin: String,
    reason: String,
}

/// Never shows a pin.
impl std::fmt::Debug for OverrideView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OverrideView").finish_non_exhaustive()
    }
}

/// What was written down.
#[derive(Debug, Serialize, Type)]
pub(crate) struct FinishedView {
    entry: String,
    recorded: bool,
    action: ActionView,
    fever: bool,
    amiss: Option<AmissView>,
}

/// What does not fit with who was inside.
#[derive(Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum AmissView {
    InsideAlready { since: String },
    NeverCameIn,
}

impl From<Amiss> for AmissView {
    fn from(amiss: Amiss) -> Self {
        match amiss {
            Amiss::InsideAlready(since) => Self::InsideAlready { since: since.to_string() },
            Amiss::NeverCameIn => Self::NeverCameIn,
        }
    }
}

/// Somebody who is inside, masked.
#[derive(Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InsideView {
    /// The entry by which they came.
    entry: String,
    name: Option<String>,
    document: Option<String>,
    came_at: String,
}

/// Whoever came last first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn inside(shell: State<'_, Arc<Shell>>) -> Answer<Vec<InsideView>> {
    let inside = shell.work(|shell| shell.desk.inside()).await?;
    let shown = |one: InsideRow| InsideView {
        entry: one.entry.to_string(),
        name: one.name,
        document: one.document,
        came_at: one.came_at.to_string(),
    };
    Ok(inside.into_iter().map(shown).collect())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn scene(shell: State<'_, Arc<Shell>>) -> Answer<SceneView> {
    Ok((&shell.desk.scene_in_force()).into())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn scenes(shell: State<'_, Arc<Shell>>) -> Answer<Vec<SceneName>> {
    let scenes = shell.desk.scenes();
    let name = |scene: &Scene| SceneName { id: scene.id.clone(), name: (&scene.name).into() };
    Ok(scenes.iter().map(name).collect())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn finish(
    app: AppHandle,
    shell: State<'_, Arc<Shell>>,
    entry: String,
    done: DoneView,
) -> Answer<FinishedView> {
    let entry = entry.parse().map_err(|_| CommandError::bad_field("entry", "not an entry's id"))?;
    // A pin takes its time, and an entry the disk's.
    let finish = move |shell: &Shell| {
        let desk = &shell.desk;
        let overriding = match done.overriding {
            Some(OverrideView { supervisor, pin, reason }) => {
                Some((desk.approve(Right::Override, &supervisor, &pin)?, reason))
            }
            None => None,
        };
        let done = Done { action: Some(done.action.into()), answers: done.answers, overriding };
        desk.finish(entry, &done)
    };
    let finished = shell.work(finish).await?;
    shell.follow(&app, &finished);
    shell.show_station(&app);
    Ok(FinishedView {
        entry: finished.entry.to_string(),
        recorded: finished.recorded,
        action: finished.action.into(),
        fever: finished.fever,
        amiss: finished.amiss.map(AmissView::from),
    })
}
