//! What can go wrong at a desk, in the words of the person in front of it.

use yanma_domain::scene::AnswerError;
use yanma_protocol::{FieldError, FieldProblem};
use yanma_store::StoreError;

use crate::authority::{AuthorityError, UrlError};
use crate::operators::SignInError;
use crate::rights::Right;

/// Why the desk could not do what it was asked. A refused person is not an error: that is
/// a verdict.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The desk has not been enrolled. Enrol it with a code from the authority.
    #[error("this desk has not been enrolled")]
    NotEnrolled,
    /// The authority has not been heard of for so long that the desk checks nobody. It opens
    /// with the next head, from the network or from a stick.
    #[error("the authority has not been heard of for more than {days} days; this desk is locked")]
    Locked {
        /// After how many days a desk locks itself.
        days: u32,
    },
    /// The authority's list of keys has not arrived, so nothing can be sealed for it. Wait for
    /// the lists, or take them over from a stick.
    #[error("the authority's keys are not known yet; take its lists over first")]
    NoFeedKey,
    /// A field is not acceptable; it names the field.
    #[error("{0}")]
    Field(FieldError),
    /// The address of the authority cannot be one.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The station's file is there and its key is not. Put `desk.key` back beside it.
    #[error("the key of this desk is missing: put desk.key back beside desk.db")]
    KeyMissing,
    /// The key of the station's file.
    #[error(transparent)]
    Key(#[from] yanma_store::KeystoreError),
    /// The station's file: full disk, damage, another program. What was acknowledged
    /// before is kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority. The desk goes on with what it knows.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The folder that feeds are put into. Another stick, or room on this one.
    #[error("the folder cannot be written")]
    Folder(#[source] std::io::Error),
    /// A feed was refused; the old one stays in force with its true age.
    #[error(transparent)]
    Feed(#[from] crate::sync::SyncError),
    /// A large file is not all here yet, and others have their turn: the next go at it goes on.
    /// This ends a go, and no sync.
    #[error("a large file is still being fetched")]
    Unfinished,
    /// A symbol of a series, or all of them together. Show the series again.
    #[error(transparent)]
    Series(yanma_protocol::symbols::SeriesError),
    /// No entry with this id is in the log, or its receipt has been deleted.
    #[error("there is no such entry, or what it was judged from is no longer kept")]
    NoSuchEntry,
    /// An entry in the log cannot be read by this program.
    #[error("the entry was written in a form that this program does not know")]
    UnknownForm,
    /// The scene has no policy on this desk.
    #[error("there is no policy for this scene on this desk")]
    NoPolicy,
    /// Whoever is at the desk may not do this. Sign in as somebody who may, or call them.
    #[error("whoever is at this desk may not do this ({0:?})")]
    NotAllowed(Right),
    /// Name and pin, or the people who were set up.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// A field of the scene was filled in as it cannot be; it names the field.
    #[error("{0}")]
    Answer(#[from] AnswerError),
    /// The scene does not have this action after such a verdict.
    #[error("this scene does not do that after such a verdict")]
    NotOffered,
    /// Letting somebody in against a refusal needs a supervisor's pin and a reason.
    #[error("letting somebody in against a refusal needs a supervisor and a reason")]
    OverrideNeeded,
    /// This machine has no font with Chinese characters: install Noto Sans CJK.
    #[error("this machine has no font with Chinese characters; install Noto Sans CJK")]
    NoFont,
    /// Somebody with this document is in the register and has not left.
    #[error("somebody with this document is in the register and has not left")]
    GuestIsHere,
    /// There is no such guest in the register, or not any more.
    #[error("there is no such guest in the register")]
    NoSuchGuest,
    /// A file that should be a list of people is none; it says why.
    #[error(transparent)]
    List(#[from] crate::lists::ListError),
    /// Random numbers cannot be had from the operating system.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
    /// Work that was handed to another thread did not come back.
    #[error("the work was interrupted")]
    Interrupted,
}

impl DeskError {
    /// A field that is not of its form.
    pub(crate) fn bad_field(field: &str) -> Self {
        Self::Field(FieldError::new(field, FieldProblem::Form))
    }
}
