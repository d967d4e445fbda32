//! Who has called lately, in memory: a desk's token and a citizen's session are looked up
//! once, not with every request.
//!
//! What is known is never older than a second: twice a second the database is asked again
//! about all of them at once, so that a station which another process has revoked stops. What
//! this process ends itself it forgets at once. While the database is away nobody can be
//! revoked in it, and those who were known go on for ten minutes.

mod known;

use std::sync::Arc;

use jiff::Timestamp;

use self::known::Known;
use crate::accounts::{self, LoggedIn};
use crate::claims::{self, HolderRow};
use crate::database::Database;
use crate::error::Error;
use crate::secret::TokenHash;
use crate::stations::{self, Station};

/// Desks that are known at once; a province has some ten thousand.
const MOST_STATIONS: usize = 1 << 16;
/// Citizens, and accounts with their codes, that are known at once.
const MOST_SESSIONS: usize = 1 << 14;

/// Desks and citizens that have called lately.
#[derive(Debug)]
pub(crate) struct Callers {
    stations: Known<TokenHash, Station>,
    sessions: Known<TokenHash, LoggedIn>,
    /// The codes in force that an account has claimed, by the account.
    codes: Known<i64, Vec<HolderRow>>,
}

impl Callers {
    pub(crate) fn new() -> Self {
        Self {
            stations: Known::new(MOST_STATIONS, stations::find),
            sessions: Known::new(MOST_SESSIONS, accounts::of_sessions),
            codes: Known::new(MOST_SESSIONS, claims::of_accounts),
        }
    }

    /// The station with this token.
    ///
    /// # Errors
    ///
    /// [`Error::StationRevoked`] when it was revoked, [`Error::Unauthorised`] when there is
    /// none.
    pub(crate) async fn station(
        &self,
        database: &Database,
        token: &TokenHash,
    ) -> Result<Arc<Station>, Error> {
        if let Some(station) = self.stations.get(database, token).await? {
            return Ok(station);
        }
        let token = *token;
        let revoked = database.read(move |session| stations::is_revoked(session, &token)).await?;
        Err(if revoked { Error::StationRevoked } else { Error::Unauthorised })
    }

    /// Whose session this is.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthorised`] when there is no such session, or it has ended.
    pub(crate) async fn session(
        &self,
        database: &Database,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Arc<LoggedIn>, Error> {
        let known = self.sessions.get(database, token).await?;
        known.filter(|session| session.until > now).ok_or(Error::Unauthorised)
    }

    /// The codes in force that an account has claimed; `None` without any. Their colours may
    /// be a second old: the lists know better.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub(crate) async fn codes(
        &self,
        database: &Database,
        account: i64,
    ) -> Result<Option<Arc<Vec<HolderRow>>>, Error> {
        self.codes.get(database, &account).await
    }

    /// Asks about an account's codes anew with its next request: one was claimed or withdrawn.
    pub(crate) fn forget_codes(&self, account: i64) {
        self.codes.forget(|known, _| *known == account);
    }

    /// The same for every account that has a code of this person: it may have passed to
    /// another account.
    pub(crate) fn forget_person(&self, person: i64) {
        self.codes.forget(|_, codes| codes.iter().any(|holder| holder.person.id == person));
    }

    /// Asks about a station anew with its next request: it was revoked.
    pub(crate) fn forget_station(&self, id: &str) {
        self.stations.forget(|_, station| station.id == id);
    }

    /// Asks about a session anew with its next request: it was ended.
    pub(crate) fn forget_session(&self, token: &TokenHash) {
        self.sessions.forget(|known, _| known == token);
    }

    /// Asks about the sessions of an account anew: its person is known better.
    pub(crate) fn forget_account(&self, id: i64) {
        self.sessions.forget(|_, session| session.account.id == id);
    }

    /// Asks the database about everybody who has called lately.
    ///
    /// # Errors
    ///
    /// What the database says. Those who were known stay so for a while.
    pub(crate) async fn ask_again(&self, database: &Database) -> Result<(), Error> {
        self.stations.ask_again(database).await?;
        self.sessions.ask_again(database).await?;
        self.codes.ask_again(database).await
    }
}
