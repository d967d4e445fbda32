//! Who works at the console: roles, and the people who have them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::facts::FactKind;
use crate::field::{self, FieldError};
use crate::secret::Secret;

/// `GET` → 200 [`MeResponse`]; by anybody with a token or a session.
pub const ME_PATH: &str = "/v1/clerks/me";
/// `GET` → 200 [`ClerksResponse`]; `POST` [`ClerkRequest`] → 201 [`ClerkCreated`]; by an
/// administrator.
pub const CLERKS_PATH: &str = "/v1/clerks";
/// `POST` [`RevokeRequest`] → 200 [`ClerkRecord`]; by an administrator.
pub const REVOKE_CLERK_PATH: &str = "/v1/clerks/{id}/revoke";

/// Most sites that one person answers for.
pub const MAX_SITES: usize = 200;

/// What somebody is to the authority; it decides what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// 经办人员: reports facts, reads entries, helps holders, hands out enrolment codes.
    Clerk,
    /// 部门: reports facts of the kinds that are theirs, and nothing else.
    Department,
    /// 流调人员: asks who was where, each time with a reason.
    Epidemiologist,
    /// 场所管理员: looks after the stations of their own sites.
    SiteManager,
    /// 系统管理员: sites, stations, policies and people; sees no holder.
    Administrator,
    /// 审计员: reads who did what, and does nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Clerk,
        Self::Department,
        Self::Epidemiologist,
        Self::SiteManager,
        Self::Administrator,
        Self::Auditor,
    ];

    /// The name on the wire: `site-manager`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Department => "department",
            Self::Epidemiologist => "epidemiologist",
            Self::SiteManager => "site-manager",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Who is calling, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ClerkMeResponse"))]
pub struct MeResponse {
    /// Their number.
    pub id: i64,
    /// Whom the token was made for.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The sites they are bound to; empty when they are bound to none.
    pub sites: Vec<String>,
    /// What they may do with this token or session, in kebab-case: `trace`, `read-audit`;
    /// nothing before a second factor that is wanted was shown. Text, because a newer
    /// authority may know more.
    pub rights: Vec<String>,
    /// Whether a one-time password is wanted before the rights count.
    pub second_factor: SecondFactor,
}

/// How far somebody has proven to be more than the finder of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SecondFactor {
    /// The role needs none.
    NotNeeded,
    /// An app is to be set up first.
    ToSetUp,
    /// The token alone was shown; a session is opened with a one-time password.
    ToShow,
    /// This is such a session.
    Shown,
}

/// Makes a person of a role, with a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClerkRequest {
    /// Whom the token is for, 1 to 60 characters.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Label"))]
    pub name: String,
    /// What they are to be.
    pub role: Role,
    /// The sites of a site manager, 1 to 200 of them; nobody else is bound to sites.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Word>", length(max = MAX_SITES)))]
    pub sites: Vec<String>,
    /// The kinds of facts that a department may report, each once; every kind when left out.
    /// Nobody else is bound to kinds.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = FactKind::ALL.len())))]
    pub kinds: Vec<FactKind>,
}

impl ClerkRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `name`, `sites` or `kinds`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::label("name", &self.name)?;
        match self.role {
            Role::SiteManager => field::count("sites", self.sites.len(), 1, MAX_SITES)?,
            _ => field::count("sites", self.sites.len(), 0, 0)?,
        }
        self.sites.iter().try_for_each(|site| field::word("sites", site))?;
        let most = if self.role == Role::Department { FactKind::ALL.len() } else { 0 };
        field::count("kinds", self.kinds.len(), 0, most)?;
        // Whatever somebody reported they may take back; what homes answer nobody reports.
        let theirs = |kind: &FactKind| !kind.is_from_home() && *kind != FactKind::Retraction;
        let once = |(n, kind): (usize, &FactKind)| !self.kinds.iter().take(n).any(|it| it == kind);
        field::form("kinds", self.kinds.iter().all(theirs))?;
        field::form("kinds", self.kinds.iter().enumerate().all(once))
    }
}

/// A new person; the token is told this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClerkCreated {
    /// Who it is.
    pub clerk: ClerkRecord,
    /// What they sign in with.
    pub token: Secret,
}

/// Somebody who works at the console, or did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClerkRecord {
    /// Their number.
    pub id: i64,
    /// Whom the token was made for.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The sites they are bound to.
    pub sites: Vec<String>,
    /// The kinds of facts that a department is bound to; empty when it is bound to none.
    pub kinds: Vec<FactKind>,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when the token counts no longer.
    pub revoked_at: Option<Timestamp>,
    /// Whether one-time passwords are set up.
    pub second_factor: bool,
}

/// Everybody, in the order of making.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClerksResponse {
    /// The people.
    pub clerks: Vec<ClerkRecord>,
}

/// Ends a token or a station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeRequest {
    /// Why, 4 to 200 characters; it is kept.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Reason"))]
    pub reason: String,
}

impl RevokeRequest {
    /// Checks the limits.
    ///
    /// # Errors
    /// `reason`.
    pub fn check(&self) -> Result<(), FieldError> {
        field::reason("reason", &self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_named_alike_in_json_and_in_code() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{}\"", role.as_str()));
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_name("emperor"), None);
    }

    #[test]
    fn a_site_manager_has_sites_and_nobody_else_has() {
        let sites = |n: usize| (0..n).map(|n| format!("site-{n}")).collect::<Vec<_>>();
        for (role, count, good) in [
            (Role::SiteManager, 0, false),
            (Role::SiteManager, 1, true),
            (Role::SiteManager, MAX_SITES, true),
            (Role::SiteManager, MAX_SITES + 1, false),
            (Role::Clerk, 0, true),
            (Role::Clerk, 1, false),
        ] {
            let request = ClerkRequest {
                name: "林".to_owned(),
                role,
                sites: sites(count),
                kinds: Vec::new(),
            };
            assert_eq!(request.check().is_ok(), good, "{role:?} {count}");
        }
    }

    #[test]
    fn a_department_may_have_kinds_and_nobody_else_has() {
        use FactKind::{Antipyretic, Cleared, HomeRed, Retraction};
        for (role, kinds, good) in [
            (Role::Department, vec![], true),
            (Role::Department, vec![Antipyretic, Cleared], true),
            (Role::Department, vec![Cleared, Antipyretic, Cleared], false),
            (Role::Department, vec![Retraction], false),
            (Role::Department, vec![HomeRed], false),
            (Role::Clerk, vec![Antipyretic], false),
            (Role::Epidemiologist, vec![Antipyretic], false),
        ] {
            let case = format!("{role:?} {kinds:?}");
            let request =
                ClerkRequest { name: "药店".to_owned(), role, sites: Vec::new(), kinds };
            assert_eq!(request.check().is_ok(), good, "{case}");
        }
    }
}
