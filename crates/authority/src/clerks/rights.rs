//! What each role may do: the one place that says so.

use yanma_protocol::clerks::Role;

/// What a caller must be allowed to do.
pub(crate) trait Needed {
    /// The right; `None` when every role will do.
    const RIGHT: Option<Right>;
}

/// Every role will do.
pub(crate) enum Anybody {}

impl Needed for Anybody {
    const RIGHT: Option<Right> = None;
}

macro_rules! rights {
    ($($(#[$doc:meta])* $right:ident = $name:literal: $($role:ident)|+;)*) => {
        /// Something that not everybody may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Right {
            $($(#[$doc])* $right,)*
        }

        impl Right {
            /// Every right.
            pub(crate) const ALL: [Self; [$($name),*].len()] = [$(needed::$right::OF),*];

            /// The name on the wire.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$right => $name,)* }
            }
        }

        /// Each right as a type, for the signature of whatever needs it.
        pub(crate) mod needed {
            $($(#[$doc])* pub(crate) enum $right {}

            impl $right {
                pub(super) const OF: super::Right = super::Right::$right;
            }

            impl super::Needed for $right {
                const RIGHT: Option<super::Right> = Some(Self::OF);
            })*
        }

        /// Whether a role includes a right.
        pub(super) fn includes(role: Role, right: Right) -> bool {
            match right { $(Right::$right => matches!(role, $(Role::$role)|+),)* }
        }
    };
}

/// The roles that include a right.
pub(crate) fn roles_with(right: Right) -> impl Iterator<Item = Role> {
    Role::ALL.into_iter().filter(move |role| includes(*role, right))
}

rights! {
    /// Report facts about people.
    ReportFacts = "report-facts": Clerk | Department | Epidemiologist;
    /// Read entries in the order of arrival, without whose they were.
    ReadEntries = "read-entries": Clerk | Epidemiologist;
    /// Decide what holders contest.
    DecideAppeals = "decide-appeals": Clerk;
    /// Find a holder by document, telephone or index, and see who it is.
    FindHolders = "find-holders": Clerk | Epidemiologist;
    /// Withdraw a holder's code at the counter.
    WithdrawCodes = "withdraw-codes": Clerk;
    /// End the account of somebody at the counter.
    EndAccounts = "end-accounts": Clerk;
    /// Ask who was where.
    Trace = "trace": Epidemiologist;
    /// Hand out enrolment codes; a site manager for their own sites.
    EnrolStations = "enrol-stations": Clerk | SiteManager | Administrator;
    /// List stations and how they are; a site manager those of their own sites.
    SeeStations = "see-stations": Clerk | SiteManager | Administrator | Auditor;
    /// End a station; a site manager at their own sites.
    RevokeStations = "revoke-stations": SiteManager | Administrator;
    /// List sites; a site manager their own.
    SeeSites = "see-sites": Clerk | Epidemiologist | SiteManager | Administrator | Auditor;
    /// Add sites and change them.
    PutSites = "put-sites": Administrator;
    /// Read the policies that desks judge by.
    SeePolicies = "see-policies": Clerk | SiteManager | Administrator | Auditor;
    /// Put policies in force.
    PutPolicies = "put-policies": Administrator;
    /// Read the rules of colour.
    SeeRules = "see-rules": Clerk | Epidemiologist | Administrator | Auditor;
    /// Put rules of colour in force.
    PutRules = "put-rules": Administrator;
    /// List other regions and how they are.
    SeeRegions = "see-regions": Clerk | Epidemiologist | Administrator | Auditor;
    /// Trust other regions, or no longer.
    PutRegions = "put-regions": Administrator;
    /// Make people and end their tokens.
    ManageClerks = "manage-clerks": Administrator;
    /// Read who did what.
    ReadAudit = "read-audit": Auditor;
    /// Read figures, in which nobody can be found.
    SeeStatistics = "see-statistics": Clerk | Epidemiologist | SiteManager | Administrator | Auditor;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_rules_over_people_and_machines_sees_no_holder() {
        for right in [
            Right::FindHolders,
            Right::WithdrawCodes,
            Right::EndAccounts,
            Right::Trace,
            Right::ReadEntries,
            Right::DecideAppeals,
        ] {
            assert!(!includes(Role::Administrator, right), "{right:?}");
            assert!(!includes(Role::Auditor, right), "{right:?}");
            assert!(!includes(Role::SiteManager, right), "{right:?}");
        }
    }

    #[test]
    fn whoever_reads_the_audit_changes_nothing() {
        let reads = |right: Right| {
            right.as_str().starts_with("see-") || right.as_str().starts_with("read-")
        };
        for right in Right::ALL {
            if includes(Role::Auditor, right) {
                assert!(reads(right), "{right:?}");
            }
            assert_eq!(
                includes(Role::Department, right),
                right == Right::ReportFacts,
                "a department reports, and nothing else: {right:?}"
            );
        }
    }
}
