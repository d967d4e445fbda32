//! From facts to a colour, by rules that are data.
//!
//! [`Scheme::evaluate`] is a pure function of the facts about one person and an instant, so
//! a fact of fourteen days ends by itself: the same question later has another answer.
//! Each answer also says when it will change next, and [`reevaluate`] asks again then.

mod changes;
mod evaluate;
mod history;
mod in_force;
mod known;
mod reevaluate;
mod scheme;

use jiff::Timestamp;
use yanma_domain::Colour;
use yanma_protocol::claims::Because;
use yanma_protocol::facts::FactKind;

pub(crate) use changes::{
    CHANGES, CHANGES_8, COLUMNS as CHANGES_COLUMNS, Cause, ColourChange, KnownFact, Reasons,
    Report, TakenBack, insert as insert_changes, oldest as oldest_change,
    remove_before as remove_changes_before,
};
pub(crate) use evaluate::Weighed;
pub(crate) use history::{Had, Reader, history};
pub use in_force::{InForce, LastKnown};
pub(crate) use in_force::{TABLE_2, TABLE_8, generation, put_in_force, read_in_force, response};
pub use reevaluate::{recolour_all, reevaluate};
pub use scheme::{NegativeTests, Rule, Scheme, Stage};

/// Something that was reported about a person, without the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// What happened.
    pub kind: FactKind,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it is over whatever its rule says; `None` for what departments report, whose end
    /// is the rule's.
    pub ends_at: Option<Timestamp>,
}

/// The colour of a person at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The worst colour that a fact in force calls for; green without any.
    pub colour: Colour,
    /// The facts in force behind the colour, earliest first, and by kind where they are of one
    /// instant. A fact that calls for a lesser colour is not among them.
    pub because: Vec<Because>,
    /// When this answer becomes another one by the passing of time alone: a millisecond
    /// before it is still this one. `None` when it never does.
    pub next_change: Option<Timestamp>,
}
