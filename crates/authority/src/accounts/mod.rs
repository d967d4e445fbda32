//! Accounts of citizens: open one, prove who one is again later.

mod password;
mod sessions;
mod table;

use jiff::{SignedDuration, Timestamp};
use yanma_protocol::Secret;
use yanma_protocol::accounts::{Account, LoginRequest, Registration};

use crate::database::{Change, Database, Session};
use crate::error::Error;
use crate::identity::{IdentityCheck, proofs};
use crate::secret::{self, TokenHash};

pub use password::{PasswordCost, Passwords};
pub(crate) use sessions::{LoggedIn, TABLE_1 as SESSIONS_1};
pub(crate) use table::{AccountRow, TABLE_1, find_by_person, other_form, phone_in};

/// How long a session lasts without logging in again.
pub const SESSION_HOURS: i64 = 12;

/// A session that was just opened.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The cookie's value.
    pub(crate) token: String,
    pub(crate) account: Account,
}

/// Opens an account for a person of the register, and a session.
///
/// # Errors
///
/// [`Error::NotRegistered`], [`Error::IdentityUnavailable`], [`Error::AccountExists`].
pub(crate) async fn register(
    database: &Database,
    identity: &IdentityCheck,
    passwords: &Passwords,
    registration: Registration,
    now: Timestamp,
) -> Result<Opened, Error> {
    let Registration { document, name, phone, password } = registration;
    // Asked before the password is hashed: hashing is the costly part.
    let person = identity.person(database, document, name, now).await?;
    let password_hash = passwords.hash(password).await?;
    database
        .write(move |change| {
            let account = table::insert(change, &person, phone.reveal(), &password_hash, now)?;
            // Nothing of whoever had it before it was ended.
            sessions::end_all(change, account.id)?;
            proofs::remove(change, account.id)?;
            open_session(change, &account, now)
        })
        .await
}

/// Opens a session for the owner of a phone number.
///
/// # Errors
///
/// [`Error::WrongPassword`], and the time it takes does not tell whether the phone number
/// has an account.
pub(crate) async fn login(
    database: &Database,
    passwords: &Passwords,
    request: LoginRequest,
    now: Timestamp,
) -> Result<Opened, Error> {
    let LoginRequest { phone, password } = request;
    let account =
        database.read(move |connection| table::find_by_phone(connection, phone.reveal())).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let matches = passwords.matches(password, hash).await?;
    match account {
        Some(account) if matches => {
            let open = move |change: &Change<'_>| {
                // It may have been ended while the password was compared.
                if !table::has_password(change, &account)? {
                    return Err(Error::WrongPassword);
                }
                open_session(change, &account, now)
            };
            database.write(open).await
        }
        _ => Err(Error::WrongPassword),
    }
}

/// Ends a session; one that has ended before is no error.
pub(crate) async fn logout(database: &Database, token: TokenHash) -> Result<(), Error> {
    database.write(move |change| sessions::end(change, &token)).await
}

/// Ends the account of a person with its sessions and proofs; says which it was, `None` when
/// there is none. What it claimed is left alone.
pub(crate) fn end(change: &Change<'_>, person: i64) -> Result<Option<i64>, Error> {
    let ended = table::end(change, person)?;
    if let Some(account) = ended {
        sessions::end_all(change, account)?;
        proofs::remove(change, account)?;
    }
    Ok(ended)
}

/// Passes an account that was read before and is still open, and still the same owner's: whoever
/// waited for something else between then and the change asks again within it.
///
/// # Errors
///
/// [`Error::Unauthorised`] when it was ended meanwhile.
pub(crate) fn check_open(session: &Session<'_>, account: &AccountRow) -> Result<(), Error> {
    if table::has_password(session, account)? { Ok(()) } else { Err(Error::Unauthorised) }
}

/// Whose sessions these are. One that has ended by itself may be among them.
pub(crate) fn of_sessions(
    session: &Session<'_>,
    tokens: &[TokenHash],
) -> Result<Vec<(TokenHash, LoggedIn)>, Error> {
    sessions::accounts(session, tokens)
}

/// The telephone number of an account.
pub(crate) async fn phone(database: &Database, account: i64) -> Result<Secret, Error> {
    let phone = database.read(move |session| table::phone(session, account)).await?;
    phone.ok_or(Error::Unauthorised)
}

/// Removes sessions that have ended.
pub(crate) async fn forget_ended_sessions(
    database: &Database,
    now: Timestamp,
) -> Result<(), Error> {
    database.write(move |change| sessions::end_expired(change, now)).await
}

fn open_session(
    change: &Change<'_>,
    account: &AccountRow,
    now: Timestamp,
) -> Result<Opened, Error> {
    let token = secret::new_token()?;
    let ends = now + SignedDuration::from_hours(SESSION_HOURS);
    sessions::insert(change, &secret::hash(&token), account.id, ends)?;
    Ok(Opened { token, account: account.masked() })
}

impl AccountRow {
    /// The account as its owner sees it.
    pub(crate) fn masked(&self) -> Account {
        Account {
            name_masked: self.person.name.mask().as_str().to_owned(),
            document_masked: self.person.document.masked(),
            document_type: self.person.document.document_type(),
            level: self.level,
        }
    }
}
