//! Who calls, and what is theirs to call.

use super::description::Operation;

/// Somebody who calls the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// Whoever has an account; and whoever has nothing, for what asks for nothing.
    Citizen,
    /// An enrolled desk.
    Desk,
    /// Somebody at the console, with what their role may do.
    Official(&'static str),
    /// A department, with everything at the console: it may report facts, and nothing else.
    Department,
    /// A citizen and an administrator who give up what they call with.
    Leaving,
}

/// What ends the session, the code or the paper that the other requests are made with.
const ENDING: [&str; 4] =
    ["citizen.logout", "citizen.withdraw", "papers.withdraw", "second_factor.sign_out"];

impl Caller {
    /// In this order: an administrator may end others' tokens, which are made for each anew.
    pub(super) const ALL: [Self; 9] = [
        Self::Citizen,
        Self::Desk,
        Self::Official("clerk"),
        Self::Official("epidemiologist"),
        Self::Official("site-manager"),
        Self::Official("auditor"),
        Self::Official("administrator"),
        Self::Department,
        Self::Leaving,
    ];

    /// For names of files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Desk => "desk",
            Self::Official(role) => role,
            Self::Department => "department",
            Self::Leaving => "leaving",
        }
    }

    /// For people.
    pub(super) fn words(self) -> String {
        match self {
            Self::Citizen => "as a citizen".to_owned(),
            Self::Desk => "as a desk".to_owned(),
            Self::Official(role) => format!("as {role}"),
            Self::Department => "as a department, with all of the console".to_owned(),
            Self::Leaving => "as people who leave".to_owned(),
        }
    }

    /// Whether to call this operation.
    pub(super) fn calls(self, operation: &Operation) -> bool {
        let needs = |scheme: &str| operation.schemes.iter().any(|named| named == scheme);
        if ENDING.contains(&operation.id.as_str()) {
            return self == Self::Leaving;
        }
        match self {
            Self::Citizen => operation.schemes.is_empty() || needs("session"),
            Self::Desk => needs("station") || needs("region"),
            Self::Official(_) => needs("clerk") && self.may(operation),
            Self::Department => needs("clerk"),
            Self::Leaving => false,
        }
    }

    /// Whether some of the requests are to succeed.
    pub(super) fn may(self, operation: &Operation) -> bool {
        let role = match self {
            Self::Official(role) => role,
            Self::Department => "department",
            Self::Citizen | Self::Desk | Self::Leaving => return true,
        };
        operation.roles.as_ref().is_none_or(|roles| roles.iter().any(|named| named == role))
    }
}
