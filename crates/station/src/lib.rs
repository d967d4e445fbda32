//! The use cases of a desk: take a reading, check it, record it, keep in step.
//!
//! A [`Desk`] knows no device and opens no window: readings are poured in, verdicts come
//! out. It answers at once from what it knows ([`Desk::present`]), asks the authority
//! beside that ([`Desk::ask`]), follows the feeds ([`Desk::sync`]) and sends its entries
//! ([`Desk::upload`]); [`run::keep_in_step`] does the last two for ever.
//!
//! It does not decide who may pass: that is `yanma_domain::judge`. It does not know how
//! bytes lie in a file or on the wire: those are `yanma_store` and `yanma_protocol`.

mod at_the_desk;
pub mod authority;
mod check;
mod chip;
mod clock;
mod deadline;
mod desk;
mod enrolment;
mod error;
pub mod family;
mod finish;
pub mod flights;
mod gate;
pub mod guests;
pub mod inside;
mod knowledge;
pub mod lanes;
mod leave;
pub mod lists;
pub mod log;
mod log_check;
mod mend;
mod online;
mod open;
pub mod operators;
pub mod policies;
pub mod private;
pub mod reading;
mod record;
pub mod report;
mod retention;
pub mod rights;
pub mod run;
pub mod scenes;
mod sealed_log;
mod settings;
pub mod slip;
mod status;
mod subscription;
pub mod sync;
mod told;
mod upload;
mod watch;
mod words;

pub use yanma_domain as domain;
pub use yanma_protocol as protocol;
pub use yanma_store as store;

pub use check::Checked;
pub use clock::{Clock, StandingClock, SystemClock};
pub use desk::{Desk, Duty};
pub use enrolment::Enrolment;
pub use error::DeskError;
pub use finish::{Done, Finished, Override};
pub use knowledge::{Knowledge, KnownDirectory, KnownList};
pub use leave::LOCKED_AFTER_DAYS;
pub use log_check::LogCheck;
pub use open::{Mode, Opened, file_in};
pub use reading::{Input, Method, Reading, Via};
pub use record::{Amends, EntryBody, Receipt};
pub use retention::Ended;
pub use status::{Connection, Notice, Standing};
pub use subscription::Subscription;
pub use told::{Asked, Kind, Told};
pub use upload::Uploaded;
