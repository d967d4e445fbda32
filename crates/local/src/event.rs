//! What happened at the desk, told to others without whom it is about.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;
use yanma_station::{Kind, Told};

use crate::answer::{Action, Outcome};
use crate::receipt::code_of;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EventKind {
    /// A verdict, or one that puts an earlier one right.
    Verdict,
    /// What was done with the person; `done` is `null` where it was taken back.
    Passage,
    /// Somebody was let in against a refusal.
    Override,
}

impl EventKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Passage => "passage",
            Self::Override => "override",
        }
    }
}

/// An event of the desk.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Event {
    /// What happened.
    #[serde(rename = "type")]
    pub(crate) kind: EventKind,
    /// When.
    pub(crate) timestamp: Timestamp,
    /// What is told of it.
    pub(crate) data: EventData,
}

/// What is told of an event.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct EventData {
    /// The desk.
    station: String,
    /// The entry in its log.
    pub(crate) entry: Uuid,
    /// The entry on the same person that this one puts right or completes.
    amends: Option<Uuid>,
    /// The scene.
    scene: String,
    /// The verdict, also where something was done after it.
    result: Outcome,
    /// The gravest reason; `null` for `OK`.
    code: Option<&'static str>,
    /// When the verdict was made.
    judged_at: Timestamp,
    /// How old the status list was that it rests on, in seconds.
    list_age_seconds: Option<i64>,
    /// Whether the authority's own answer counts in it.
    online: bool,
    /// What was done with the person.
    done: Option<Action>,
    /// What another program calls it, if one asked.
    reference: Option<String>,
}

impl Event {
    /// The event of an entry of the desk called `station`.
    pub(crate) fn of(told: &Told, station: String) -> Self {
        let kind = match told.kind {
            Kind::Verdict => EventKind::Verdict,
            Kind::Passage => EventKind::Passage,
            Kind::Override => EventKind::Override,
        };
        Self {
            kind,
            timestamp: told.at,
            data: EventData {
                station,
                entry: told.entry,
                amends: told.amends,
                scene: told.scene.clone(),
                result: told.decision.into(),
                code: code_of(told),
                judged_at: told.judged_at,
                list_age_seconds: told.list_age_seconds,
                online: told.online,
                done: told.done.map(Action::from),
                reference: told.reference.clone(),
            },
        }
    }
}
