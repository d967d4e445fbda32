//! Everything that can go wrong inside the authority.

use std::path::PathBuf;

use yanma_protocol::FieldError;

use crate::claims::FamilyRule;
use crate::database::DatabaseError;

/// Why the authority did not do what it was asked.
///
/// No variant carries a personal value, so every one may be logged. `http::error` is the one
/// place that turns it into an answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One field of a request misses its limits.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Name and number do not stand together in the population register. Check both; import
    /// the register when the person should be in it.
    #[error("name and number are not together in the population register")]
    NotRegistered,
    /// The phone number or the document already has an account. Log in instead.
    #[error("an account with this phone number or document exists")]
    AccountExists,
    /// Another account holds the code of this document.
    #[error("another account holds the code of this document")]
    AlreadyClaimed,
    /// A rule for families stands against the claim.
    #[error("a rule for families stands against the claim: {0:?}")]
    Family(FamilyRule),
    /// Came from abroad, and the arrivals register has no such person. The national entry
    /// code is for them.
    #[error("not in the arrivals register")]
    NoArrival,
    /// Entered before the day from which this authority gives codes to arrivals.
    #[error("entered before the first day for arrivals")]
    ArrivedTooEarly,
    /// Known from the arrivals register only, and claimed in another group.
    #[error("known from the arrivals register only")]
    ClaimFromAbroad,
    /// Not in the register of residents and with a number from elsewhere, and claimed as a
    /// resident.
    #[error("not in the register of residents")]
    ClaimFromElsewhere,
    /// Claimed in the group of other provinces, with a household of this one.
    #[error("the household is of this province")]
    HouseholdHere,
    /// Unknown phone number or wrong password; which of the two is not told.
    #[error("the phone number or the password is wrong")]
    WrongPassword,
    /// No session or token, or one that has ended.
    #[error("no valid session or token")]
    Unauthorised,
    /// The token of a station that was ended. It may be enrolled anew.
    #[error("the station was revoked")]
    StationRevoked,
    /// A signature of an unknown key, or one that does not fit what was signed.
    #[error("the signature does not hold")]
    Signature,
    /// The caller's role does not include this.
    #[error("the caller's role does not include this")]
    Forbidden,
    /// The caller's role wants one-time passwords and none are set up. Set up an app at the
    /// console, with the token.
    #[error("an app for one-time passwords is to be set up first")]
    SecondFactorToSetUp,
    /// The caller showed a token where a session is needed. Open one with a one-time password.
    #[error("a session is to be opened with a one-time password first")]
    SecondFactorToShow,
    /// The one-time password or recovery code is another one, has ended, or was used.
    #[error("the one-time password or recovery code does not count")]
    SecondFactorWrong,
    /// The caller's role wants no one-time passwords.
    #[error("the caller's role wants no one-time passwords")]
    SecondFactorNotNeeded,
    /// No app waits to be confirmed. Ask for a secret first.
    #[error("no app waits to be confirmed")]
    NoSetUp,
    /// The span of time holds more than one answer takes. Ask about a shorter one.
    #[error("the span of time holds too much")]
    SpanHoldsTooMuch,
    /// Nobody ends their own token. Ask another administrator, or use the command line.
    #[error("nobody ends their own token")]
    OwnToken,
    /// The holder has no code, or has withdrawn it. Claim one.
    #[error("no code was claimed")]
    NoCode,
    /// The code from home cannot be verified, or is one of ours. Recognise the region.
    #[error("the code from home cannot be verified")]
    HomeCodeUnknown,
    /// The code from home has ended. It is to be shown anew.
    #[error("the code from home has ended")]
    HomeCodeOld,
    /// The code from home is somebody else's.
    #[error("the code from home is somebody else's")]
    HomeCodeOther,
    /// The question of another region was answered before.
    #[error("the question was answered before")]
    Replayed,
    /// The code is green, so there is nothing to contest.
    #[error("the code is green")]
    NothingToContest,
    /// An appeal about this person waits already.
    #[error("an appeal about this person waits already")]
    AppealOpen,
    /// Somebody has decided the appeal.
    #[error("the appeal was decided before")]
    AppealDecided,
    /// The appeal was not granted, or its grant was set aside before.
    #[error("no grant of this appeal is in force")]
    NotGranted,
    /// Other facts are in force than those that the clerk was shown.
    #[error("other facts are in force than those that were shown")]
    AppealChanged,
    /// The claim needs a better proof of who one is.
    #[error("the claim needs a better proof of identity")]
    IdentityLevel,
    /// The account has this proof of identity, or a better one.
    #[error("the account has this proof of identity already")]
    LevelReached,
    /// No identity service is configured, or it does not offer this.
    #[error("no identity service offers this")]
    IdentityNotOffered,
    /// The identity service says that the code or the face is another one.
    #[error("the code or the face is another one")]
    IdentityDiffers,
    /// The identity service did not answer; nothing is known.
    #[error("the identity service does not answer")]
    IdentityUnavailable {
        /// When to try again, in seconds.
        retry_after_seconds: u32,
    },
    /// The address or the secret of the identity service cannot be used: the secret has 32
    /// characters or more, and the address is `https`, or `http` on this machine.
    #[error("the identity service is not set up well")]
    IdentitySettings,
    /// No paper was made, or it has ended. Make one.
    #[error("no paper was made, or it has ended")]
    NoPaper,
    /// The machine has no font with Chinese characters. Install one, such as Debian's
    /// fonts-noto-cjk, or name a file with `--paper-font`.
    #[error("no font with Chinese characters is installed")]
    NoFont,
    /// What was asked for does not exist.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The enrolment code is unknown, used, or expired. Ask for a new one.
    #[error("the enrolment code is unknown, used or expired")]
    EnrolmentCode,
    /// Too many attempts.
    #[error("too many attempts")]
    RateLimited {
        /// When to try again, in seconds.
        retry_after_seconds: u32,
    },
    /// The body of a request cannot be read.
    #[error("the body cannot be read: {0}")]
    Body(BodyProblem),
    /// The request names a protocol version that is not spoken here.
    #[error("the protocol version is not spoken here")]
    UnsupportedVersion,
    /// The path exists, the method does not.
    #[error("the path does not take this method")]
    Method,
    /// The answer took too long; the request may or may not have been carried out.
    #[error("the request took too long")]
    TooSlow,
    /// The `--database` address is not understood.
    #[error("a database address looks like sqlite:PATH or postgres://USER@HOST/NAME")]
    DatabaseUrl,
    /// The `--database` address asks for TLS in a way that is not safe: without certificates
    /// to believe, or only if it happens to be there.
    #[error(
        "TLS to the database needs sslrootcert=FILE in its address, with sslmode=verify-full or none"
    )]
    DatabaseTls,
    /// The file that `sslrootcert` names cannot be used.
    #[error("the certificates in {file} cannot be used: {reason}")]
    DatabaseRoots {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A newer version of this program wrote the database. Install that version.
    #[error("the database has schema {found}, this program knows up to {known}")]
    SchemaTooNew {
        /// The schema of the file.
        found: u32,
        /// The newest schema that this program knows.
        known: u32,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DatabaseError),
    /// A commit failed, so nothing was kept. The disk may be full.
    #[error("the change could not be stored")]
    NotStored(#[source] DatabaseError),
    /// What is answered is recorded, and as many records as may wait are waiting for the
    /// database already. Nothing was answered; try again in some seconds.
    #[error("no more records can wait for the database")]
    JournalFull,
    /// The database went away during a commit, and it is not known what became of it. Ask, or
    /// send the same again.
    #[error("it is not known whether the change was stored")]
    Unsure,
    /// A value in the database is not of its type: it was changed by hand or is damaged.
    #[error("the database holds a value that does not fit: {0}")]
    Damaged(&'static str),
    /// The instant of a code lies before 2020 or too far ahead: check the clock.
    #[error("the instant does not fit a code")]
    CodeOutOfRange,
    /// All indexes are given out.
    #[error("no status index is left")]
    IndexesUsedUp,
    /// Hashing a password failed.
    #[error("the password could not be hashed")]
    Password(argon2::password_hash::Error),
    /// The machine's source of randomness failed.
    #[error("no randomness is to be had")]
    Randomness(getrandom::Error),
    /// A colour scheme does not read; the field at fault is named, such as `rules[3].days`.
    /// Correct the file.
    #[error("the colour scheme does not read")]
    Scheme(#[source] FieldError),
    /// A key file is missing, readable by others, or damaged.
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
    /// The feeds could not be published; what was published before stays.
    #[error(transparent)]
    Publish(#[from] crate::feeds::PublishError),
    /// Another process publishes in the same folder. Stop it, or give this one another
    /// `--data` folder: two publishers would undo each other's work.
    #[error("another authority publishes in {0}")]
    SecondPublisher(PathBuf),
    /// A file or socket.
    #[error("{path}")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is imported could not be read to its end. The rows that were named before
    /// are kept; import the whole file again.
    #[error("the file broke off; the rows before that are kept")]
    BrokenOff(#[source] std::io::Error),
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
    /// A part of the program panicked or has ended; the log above says where.
    #[error("a part of the authority stopped")]
    Panicked,
    /// A data file that is built in does not read; a test keeps this from happening.
    #[error("a built-in data file does not read: {0}")]
    Asset(&'static str),
}

/// What is wrong with the body of a request as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyProblem {
    /// Not declared as `application/json`.
    #[error("content-type must be application/json")]
    ContentType,
    /// Over the limit.
    #[error("larger than 1 MiB")]
    TooLarge,
    /// Not JSON in UTF-8, or an object in it has a field twice.
    #[error("not JSON, or a field twice, at line {line}, column {column}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1 (0 at the start of a line).
        column: usize,
    },
    /// The connection broke off in the middle.
    #[error("the connection ended early")]
    Broken,
}
