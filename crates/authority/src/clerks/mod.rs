//! Those who work at the console: callers with a token and a role.

mod rights;
mod table;

use jiff::Timestamp;
use yanma_protocol::clerks::{ClerkRecord, ClerkRequest, SecondFactor};
use yanma_protocol::facts::FactKind;
use yanma_protocol::{FieldError, FieldProblem};

use crate::audit::{Deed, Note};
use crate::database::{Change, Session};
use crate::error::Error;
use crate::second_factor;
use crate::secret::{self, TokenHash};
use crate::stations;

pub(crate) use rights::{Anybody, Needed, Right, needed, roles_with};
pub(crate) use table::{KINDS_12, TABLE_1, TABLE_2, all};
pub use yanma_protocol::clerks::Role;

/// Somebody whose token counts.
#[derive(Debug, Clone)]
pub(crate) struct Clerk {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The sites of a site manager; nobody else is bound to sites.
    pub(crate) sites: Vec<String>,
    /// The kinds of facts that a department is bound to; empty when it is bound to none.
    pub(crate) kinds: Vec<FactKind>,
    /// Whether they have shown to be more than the finder of a token.
    pub(crate) second_factor: SecondFactor,
}

impl Clerk {
    /// Passes when the role includes it, and a second factor was shown if one is wanted.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`]; [`Error::SecondFactorToSetUp`] or [`Error::SecondFactorToShow`].
    pub(crate) fn may(&self, right: Right) -> Result<(), Error> {
        if !rights::includes(self.role, right) {
            return Err(Error::Forbidden);
        }
        match self.second_factor {
            SecondFactor::NotNeeded | SecondFactor::Shown => Ok(()),
            SecondFactor::ToSetUp => Err(Error::SecondFactorToSetUp),
            SecondFactor::ToShow => Err(Error::SecondFactorToShow),
        }
    }

    /// The same person where these roles want a second factor. Administrators always do:
    /// they make people of every role.
    pub(crate) fn second_factor_for(self, roles: &[Role]) -> Self {
        if self.role == Role::Administrator || roles.contains(&self.role) {
            self
        } else {
            Self { second_factor: SecondFactor::NotNeeded, ..self }
        }
    }

    /// Passes a site that is theirs: any, except for somebody who is bound to a few.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`].
    pub(crate) fn may_at(&self, site: &str) -> Result<(), Error> {
        match self.own_sites() {
            Some(own) if !own.iter().any(|each| each == site) => Err(Error::Forbidden),
            _ => Ok(()),
        }
    }

    /// Whether they may report a fact of this kind. Whoever reported a fact may take it back.
    pub(crate) fn may_report(&self, kind: FactKind) -> bool {
        kind == FactKind::Retraction || self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// The sites they are bound to, or `None` when they are bound to none.
    pub(crate) fn own_sites(&self) -> Option<&[String]> {
        (self.role == Role::SiteManager).then_some(&self.sites)
    }

    /// What they may do now, as the console shows it.
    pub(crate) fn rights(&self) -> Vec<String> {
        let own = Right::ALL.into_iter().filter(|right| self.may(*right).is_ok());
        own.map(|right| right.as_str().to_owned()).collect()
    }
}

/// Creates somebody and a token, which is told once.
///
/// # Errors
///
/// [`Error::Field`] at `sites` for a site that is not there.
pub(crate) fn create(
    change: &Change<'_>,
    request: &ClerkRequest,
    now: Timestamp,
) -> Result<(ClerkRecord, String), Error> {
    for site in &request.sites {
        if stations::find_site(change, site)?.is_none() {
            return Err(FieldError::new("sites", FieldProblem::Form).into());
        }
    }
    let token = secret::new_token()?;
    let id = table::insert(change, &request.name, request.role, Some(&secret::hash(&token)), now)?;
    table::bind_to_sites(change, id, &request.sites)?;
    table::bind_to_kinds(change, id, &request.kinds)?;
    let record = table::record(change, id)?.ok_or(Error::Damaged("clerk"))?;
    Ok((record, token))
}

/// How the making of somebody is noted: what they are, and what they are bound to.
pub(crate) fn noted(made: &ClerkRecord) -> Note {
    let kinds: Vec<_> = made.kinds.iter().map(|kind| kind.as_str()).collect();
    Note::new(Deed::CreateClerk, format!("clerk {}", made.id))
        .with("role", made.role.as_str())
        .with("sites", made.sites.join(" "))
        .with("kinds", kinds.join(" "))
}

/// Ends a token and the sessions that it opened. One that has ended already stays as it is.
///
/// # Errors
///
/// [`Error::NotFound`].
pub(crate) fn revoke(change: &Change<'_>, id: i64, now: Timestamp) -> Result<ClerkRecord, Error> {
    table::revoke(change, id, now)?;
    second_factor::end_sessions(change, id)?;
    table::record(change, id)?.ok_or(Error::NotFound("clerk"))
}

/// The clerk that stands for reports from the command line: whoever can write the database
/// needs no token.
pub(crate) fn command_line(change: &Change<'_>, now: Timestamp) -> Result<Clerk, Error> {
    without_token(change, "command line", now)
}

/// The clerk that stands for what the program does by itself.
pub(crate) fn program(change: &Change<'_>, now: Timestamp) -> Result<Clerk, Error> {
    without_token(change, "yanma-authority", now)
}

fn without_token(change: &Change<'_>, name: &str, now: Timestamp) -> Result<Clerk, Error> {
    let id = match table::without_token(change, name)? {
        Some(id) => id,
        None => table::insert(change, name, Role::Clerk, None, now)?,
    };
    Ok(Clerk {
        id,
        name: name.to_owned(),
        role: Role::Clerk,
        sites: Vec::new(),
        kinds: Vec::new(),
        second_factor: SecondFactor::NotNeeded,
    })
}

/// The one that stands for what other regions answer about people who came from there.
pub(crate) fn other_regions(change: &Change<'_>, now: Timestamp) -> Result<Clerk, Error> {
    without_token(change, "other regions", now)
}

/// The clerk with this token. A second factor is taken to be wanted, and was not shown.
pub(crate) fn find(session: &Session<'_>, token: &TokenHash) -> Result<Option<Clerk>, Error> {
    table::find(session, token)?.map(|clerk| bound(session, clerk)).transpose()
}

/// The clerk of this number, unless their token was ended; otherwise as [`find`].
pub(crate) fn find_by_id(session: &Session<'_>, id: i64) -> Result<Option<Clerk>, Error> {
    table::find_by_id(session, id)?.map(|clerk| bound(session, clerk)).transpose()
}

/// With what they are bound to.
fn bound(session: &Session<'_>, clerk: Clerk) -> Result<Clerk, Error> {
    let sites = table::sites_of(session, clerk.id)?;
    let kinds = table::kinds_of(session, clerk.id)?;
    Ok(Clerk { sites, kinds, ..clerk })
}

/// Takes away somebody's second factor, so that they set one up anew with their token.
///
/// # Errors
///
/// [`Error::NotFound`].
pub(crate) fn reset_second_factor(change: &Change<'_>, id: i64) -> Result<ClerkRecord, Error> {
    second_factor::reset(change, id)?;
    table::record(change, id)?.ok_or(Error::NotFound("clerk"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stations::{SiteRow, put_site};

    fn now() -> Timestamp {
        "2020-07-01T00:00:00Z".parse().unwrap()
    }

    fn request(role: Role, sites: &[&str]) -> ClerkRequest {
        let sites = sites.iter().map(|site| (*site).to_owned()).collect();
        ClerkRequest { name: "somebody".to_owned(), role, sites, kinds: Vec::new() }
    }

    #[test]
    fn a_site_manager_is_bound_to_sites_that_are_there() {
        crate::database::testing::with_change(|change| {
            put_site(change, &SiteRow::new("gate-1", "一号门", "Gate 1", "hospital")).unwrap();
            put_site(change, &SiteRow::new("gate-2", "二号门", "Gate 2", "hotel")).unwrap();
            let nowhere = create(change, &request(Role::SiteManager, &["gate-3"]), now());
            assert!(matches!(nowhere, Err(Error::Field(_))));
            let wanted = request(Role::SiteManager, &["gate-2"]);
            let (record, token) = create(change, &wanted, now()).unwrap();
            assert_eq!(record.sites, ["gate-2"]);
            let manager = find(change, &secret::hash(&token)).unwrap().unwrap();
            assert!(manager.may_at("gate-2").is_ok());
            assert!(matches!(manager.may_at("gate-1"), Err(Error::Forbidden)));
        });
    }

    #[test]
    fn a_revoked_token_counts_no_longer() {
        crate::database::testing::with_change(|change| {
            let (record, token) = create(change, &request(Role::Auditor, &[]), now()).unwrap();
            let hash = secret::hash(&token);
            assert!(find(change, &hash).unwrap().is_some());
            let revoked = revoke(change, record.id, now()).unwrap();
            assert_eq!(revoked.revoked_at, Some(now()));
            assert!(find(change, &hash).unwrap().is_none());
            assert!(matches!(revoke(change, record.id + 1, now()), Err(Error::NotFound(_))));
        });
    }
}
