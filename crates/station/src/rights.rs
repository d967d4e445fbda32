//! Who may do what at a desk.

/// What somebody is at this desk. Each may do what the one before may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Checks people.
    #[default]
    Operator,
    /// Also overrides a verdict, exports, sees the audit, changes scene and devices.
    Supervisor,
    /// Also says who works here and where the desk belongs.
    Administrator,
}

impl Role {
    /// `operator`, `supervisor`, `administrator`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
        }
    }

    /// The role of this name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Operator, Self::Supervisor, Self::Administrator]
            .into_iter()
            .find(|role| role.as_str() == name)
    }
}

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Check a person, and say what was done with them.
    Check,
    /// See how many came.
    SeeCounts,
    /// Search the log: masked names and numbers of other people.
    SearchLog,
    /// Take the log, or a list with what was found, out of the desk.
    ExportLog,
    /// Take in lists of people who are expected, see them, check them ahead.
    Lists,
    /// Write the register of guests and look into it.
    Guests,
    /// Take the register of guests out of the desk.
    ExportGuests,
    /// Let somebody in against a refusal.
    Override,
    /// See what was done with this desk.
    SeeAudit,
    /// Change scene and devices. Language and sound are whoever sits there's own.
    Settings,
    /// Say who works here.
    Operators,
    /// Give the desk to an authority.
    Enrol,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 12] = [
        Self::Check,
        Self::SeeCounts,
        Self::SearchLog,
        Self::ExportLog,
        Self::Lists,
        Self::Guests,
        Self::ExportGuests,
        Self::Override,
        Self::SeeAudit,
        Self::Settings,
        Self::Operators,
        Self::Enrol,
    ];

    /// The name for programs, such as `export-log`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::SeeCounts => "see-counts",
            Self::SearchLog => "search-log",
            Self::ExportLog => "export-log",
            Self::Lists => "lists",
            Self::Guests => "guests",
            Self::ExportGuests => "export-guests",
            Self::Override => "override",
            Self::SeeAudit => "see-audit",
            Self::Settings => "settings",
            Self::Operators => "operators",
            Self::Enrol => "enrol",
        }
    }

    /// The least role that has it.
    pub const fn least(self) -> Role {
        match self {
            Self::Check | Self::SeeCounts | Self::SearchLog | Self::Lists | Self::Guests => {
                Role::Operator
            }
            Self::ExportLog
            | Self::ExportGuests
            | Self::Override
            | Self::SeeAudit
            | Self::Settings => Role::Supervisor,
            Self::Operators | Self::Enrol => Role::Administrator,
        }
    }
}
