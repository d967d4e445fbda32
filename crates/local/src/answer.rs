//! What another program is answered about an entry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yanma_station::domain::verdict::Decision;
use yanma_station::{Desk, DeskError, Told};

use crate::receipt::{ReceiptKey, code_of};
use crate::words::{self, Language};

/// The verdict, in the words of systems that ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// May pass.
    Ok,
    /// May not pass.
    Nok,
    /// Somebody has to look: it could not be checked, or it is for a person to decide. Never
    /// to be taken for OK or NOK.
    Check,
}

impl From<Decision> for Outcome {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Admit => Self::Ok,
            Decision::Refuse => Self::Nok,
            Decision::Refer => Self::Check,
        }
    }
}

/// What was done with the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// Let in.
    Admitted,
    /// Sent on to another place, such as the fever clinic.
    Sent,
    /// Not let in.
    TurnedAway,
    /// Went out again.
    Left,
}

impl From<yanma_station::domain::scene::Action> for Action {
    fn from(action: yanma_station::domain::scene::Action) -> Self {
        use yanma_station::domain::scene::Action as Done;
        match action {
            Done::Admitted => Self::Admitted,
            Done::Sent => Self::Sent,
            Done::TurnedAway => Self::TurnedAway,
            Done::Left => Self::Left,
        }
    }
}

/// An entry of this desk, without whom it is about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CheckAnswer {
    /// The entry in the desk's log.
    entry: Uuid,
    /// The verdict. Anything else than this field with status 200 is to be taken as `CHECK`.
    result: Outcome,
    /// The gravest reason, a stable code such as `C-RED`; `null` for `OK`.
    code: Option<&'static str>,
    /// The reason in a few words, Chinese or English as `accept-language` asks.
    reason: String,
    /// What to do next, in the same language.
    next: String,
    /// When the verdict was made.
    at: jiff::Timestamp,
    /// How old the status list was that it rests on, in seconds; `null` if none was looked at.
    list_age_seconds: Option<i64>,
    /// Whether the authority's own answer counts in it; else only the desk's lists.
    online: bool,
    /// What the caller called it; `null` once the personal part of the entry was deleted.
    reference: Option<String>,
    /// What was done with the person, if anything yet.
    done: Option<Action>,
    /// The earlier entry on the same person that this one puts right.
    amends: Option<Uuid>,
    /// The newest entry on the same person, if that is another one: it is the one that counts.
    amended_by: Option<Uuid>,
    /// Whether the entry is on the disk. If not, the disk is full; the verdict stands, and the
    /// entry is written as soon as it can be.
    recorded: bool,
    /// The same for others to believe: a compact JWS, signed with the key in `/v1/health`.
    receipt: String,
}

impl CheckAnswer {
    /// The answer on an entry, to whoever calls it `reference`.
    pub(crate) fn of(
        desk: &Desk,
        key: &ReceiptKey,
        told: Told,
        reference: Option<String>,
        language: Language,
    ) -> Result<Self, DeskError> {
        let reference = reference.or_else(|| told.reference.clone());
        let code = code_of(&told);
        let words = words::of(told.decision, code, language);
        Ok(Self {
            entry: told.entry,
            result: told.decision.into(),
            code,
            reason: words.title,
            next: words.next,
            at: told.judged_at,
            list_age_seconds: told.list_age_seconds,
            online: told.online,
            done: told.done.map(Action::from),
            amends: told.amends,
            amended_by: desk.told_since(told.entry)?,
            recorded: told.number.is_some(),
            receipt: key.sign(&told, &station_of(desk), reference.as_deref()),
            reference,
        })
    }
}

/// What the authority calls this desk; `not-enrolled` before it was enrolled.
pub(crate) fn station_of(desk: &Desk) -> String {
    desk.enrolment().map_or_else(|| "not-enrolled".to_owned(), |it| it.station.clone())
}
