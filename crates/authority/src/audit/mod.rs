//! Who did what, when and why: a chain of records that is only ever added to.
//!
//! A deed that changes something is noted in the same change; one that only looks (tracing,
//! revealing, searching) is noted and on the disk before the answer is given. A record has no
//! personal value in it: a document stands under its keyed hash.

mod chain;
mod table;

use std::collections::BTreeMap;

use jiff::Timestamp;
use yanma_protocol::audit::{AuditPage, AuditQuery, AuditRecord};

use crate::clerks::Clerk;
use crate::database::{Change, Database, Session};
use crate::error::Error;

pub(crate) use table::TABLE_2;

/// Records that are looked at in one go while the chain is checked.
const CHECKED_AT_ONCE: usize = 1_000;

macro_rules! deeds {
    ($($(#[$doc:meta])* $deed:ident = $name:literal;)*) => {
        /// What is noted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Deed {
            $($(#[$doc])* $deed,)*
        }

        impl Deed {
            /// Every deed.
            const ALL: &[Self] = &[$(Self::$deed),*];

            /// The name on the wire.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$deed => $name,)* }
            }
        }
    };
}

deeds! {
    /// A person with a token was made.
    CreateClerk = "create-clerk";
    /// A token was ended.
    RevokeClerk = "revoke-clerk";
    /// An enrolment code was handed out.
    HandOutEnrolment = "hand-out-enrolment";
    /// A station was ended.
    RevokeStation = "revoke-station";
    /// A site was added or changed.
    PutSite = "put-site";
    /// Rules of colour were put in force.
    PutRules = "put-rules";
    /// An appeal was decided.
    DecideAppeal = "decide-appeal";
    /// The grant of an appeal was set aside.
    SetAppealAside = "set-appeal-aside";
    /// A policy was put in force.
    PutPolicy = "put-policy";
    /// Another region was added or changed.
    PutRegion = "put-region";
    /// Another region's codes count no longer.
    RemoveRegion = "remove-region";
    /// Holders were looked for.
    SearchHolders = "search-holders";
    /// Somebody saw who a holder is.
    RevealHolder = "reveal-holder";
    /// A code was withdrawn at the counter.
    WithdrawCode = "withdraw-code";
    /// An account was ended at the counter.
    EndAccount = "end-account";
    /// Somebody saw which colours a holder had, and why.
    ReadHistory = "read-history";
    /// Somebody asked who was at a site.
    TraceSite = "trace-site";
    /// Somebody asked where a holder was.
    TraceHolder = "trace-holder";
    /// Somebody asked who was where a holder was.
    TraceContacts = "trace-contacts";
    /// Somebody read whom stations had looked up.
    ReadVerifications = "read-verifications";
    /// Somebody read a log that a desk had sealed.
    ReadSealedLog = "read-sealed-log";
    /// A log that a desk had sealed was taken in.
    TakeInSealedLog = "take-in-sealed-log";
    /// Days whose retention has ended were removed.
    EndRetention = "end-retention";
    /// A batch of facts was reported, or taken back.
    ReportFacts = "report-facts";
    /// A secret for an app was made.
    SetUpSecondFactor = "set-up-second-factor";
    /// The app was put in force.
    ConfirmSecondFactor = "confirm-second-factor";
    /// A one-time password or recovery code did not count.
    RefuseSecondFactor = "refuse-second-factor";
    /// Somebody's app and recovery codes were taken away.
    ResetSecondFactor = "reset-second-factor";
    /// A session at the console was opened.
    OpenSession = "open-session";
    /// Somebody signed out of the console.
    CloseSession = "close-session";
    /// A key was put in the place of another.
    RotateKey = "rotate-key";
    /// The key with which a department signs batches of facts was registered.
    AddDepartmentKey = "add-department-key";
    /// Such a key was taken out of use.
    RevokeDepartmentKey = "revoke-department-key";
    /// A register of people was imported.
    ImportRegister = "import-register";
    /// Records were taken away as a file.
    ExportAudit = "export-audit";
}

/// The filters of a query as a note names them. A name that is no deed's may be anything, so it
/// is not repeated.
pub(crate) fn filters(query: &AuditQuery) -> [(&'static str, String); 3] {
    let deed = |name: &String| {
        let known = Deed::ALL.iter().map(|deed| deed.as_str()).find(|deed| *deed == name.as_str());
        known.unwrap_or("unknown").to_owned()
    };
    [
        ("before", query.before.map(|before| before.to_string()).unwrap_or_default()),
        ("deed", query.deed.as_ref().map(deed).unwrap_or_default()),
        ("clerk", query.clerk.map(|clerk| clerk.to_string()).unwrap_or_default()),
    ]
}

/// A deed that is to be noted.
#[derive(Debug)]
pub(crate) struct Note {
    deed: Deed,
    subject: String,
    reason: Option<String>,
    detail: BTreeMap<String, String>,
}

impl Note {
    pub(crate) fn new(deed: Deed, subject: impl Into<String>) -> Self {
        Self { deed, subject: subject.into(), reason: None, detail: BTreeMap::new() }
    }

    /// Why, in the words of whoever does it.
    pub(crate) fn because(self, reason: &str) -> Self {
        Self { reason: Some(reason.trim().to_owned()), ..self }
    }

    /// What else belongs to it; never a personal value.
    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.detail.insert(name.to_owned(), value.to_string());
        self
    }
}

/// Notes a deed, in the change that it is part of.
///
/// # Errors
///
/// [`Error::Database`]; the deed must not be done then.
pub(crate) fn note(
    change: &Change<'_>,
    clerk: &Clerk,
    note: Note,
    now: Timestamp,
) -> Result<(), Error> {
    let (place, before) = table::end(change)?;
    let mut record = AuditRecord {
        place: place + 1,
        // As the table keeps it, or the hash would not hold when it is read again.
        at: Timestamp::from_millisecond(now.as_millisecond()).map_err(|_| Error::Damaged("at"))?,
        clerk: clerk.id,
        name: clerk.name.clone(),
        role: clerk.role,
        deed: note.deed.as_str().to_owned(),
        subject: note.subject,
        reason: note.reason,
        detail: note.detail,
        hash: before,
    };
    record.hash = chain::next(before, &record)?;
    table::insert(change, &record)
}

/// Notes a deed that only looks. Once this has answered the record is on the disk.
///
/// # Errors
///
/// As [`note`]; the answer must not be given then.
pub(crate) async fn note_first(
    database: &Database,
    clerk: &Clerk,
    noted: Note,
    now: Timestamp,
) -> Result<(), Error> {
    let clerk = clerk.clone();
    database.write(move |change| note(change, &clerk, noted, now)).await
}

/// A page of records, the newest first.
pub(crate) fn page(
    session: &Session<'_>,
    query: &AuditQuery,
    limit: usize,
) -> Result<AuditPage, Error> {
    table::page(session, query, limit)
}

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AuditCheck {
    /// Records that hold, from the first one on.
    pub records: u64,
    /// The first place whose record was changed, or that is missing.
    pub broken_at: Option<u64>,
}

/// Follows the chain from its first record.
///
/// # Errors
///
/// [`Error::Database`].
pub(crate) fn check(session: &Session<'_>) -> Result<AuditCheck, Error> {
    let (mut records, mut before) = (0, chain::BEGIN);
    loop {
        let next = table::after(session, records, CHECKED_AT_ONCE)?;
        if next.is_empty() {
            return Ok(AuditCheck { records, broken_at: None });
        }
        for record in next {
            let place = records + 1;
            if record.place != place || chain::next(before, &record)? != record.hash {
                return Ok(AuditCheck { records, broken_at: Some(place) });
            }
            (records, before) = (place, record.hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clerks;
    use crate::database::params;

    fn with_records(test: impl FnOnce(&Change<'_>)) {
        crate::database::testing::with_change(|change| {
            let now = "2020-07-01T00:00:00.123456Z".parse().unwrap();
            let clerk = clerks::command_line(change, now).unwrap();
            for n in 1..=3 {
                let put = Note::new(Deed::PutSite, format!("gate-{n}")).with("scene", "hotel");
                note(change, &clerk, put.because(" it is new "), now).unwrap();
            }
            test(change);
        });
    }

    #[test]
    fn records_are_listed_newest_first_and_filtered() {
        with_records(|change| {
            let ask = |query: AuditQuery, limit| {
                let page = page(change, &query, limit).unwrap();
                (page.records.iter().map(|record| record.place).collect::<Vec<_>>(), page.next)
            };
            assert_eq!(ask(AuditQuery::default(), 2), (vec![3, 2], Some(2)));
            let before = AuditQuery { before: Some(2), ..AuditQuery::default() };
            assert_eq!(ask(before, 2), (vec![1], None));
            let deed = |deed: &str| AuditQuery { deed: Some(deed.into()), ..AuditQuery::default() };
            assert_eq!(ask(deed("put-site"), 3), (vec![3, 2, 1], None));
            assert_eq!(ask(deed("create-clerk"), 3), (vec![], None));
            let nobody = AuditQuery { clerk: Some(-1), ..AuditQuery::default() };
            assert_eq!(ask(nobody, 3), (vec![], None));
            let first = page(change, &AuditQuery::default(), 1).unwrap().records.remove(0);
            assert_eq!(first.reason.as_deref(), Some("it is new"));
            assert_eq!(first.subject, "gate-3");
            assert_eq!(first.detail.get("scene").map(String::as_str), Some("hotel"));
        });
    }

    #[test]
    fn the_console_offers_every_deed() {
        let file = include_str!("../../../../ui/portal/console/deeds.ts");
        let list = file.split_once("DEEDS = [").unwrap().1.split_once(']').unwrap().0;
        let mut offered: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
        let mut known: Vec<&str> = Deed::ALL.iter().map(|deed| deed.as_str()).collect();
        offered.sort_unstable();
        known.sort_unstable();
        assert_eq!(offered, known, "ui/portal/console/deeds.ts");
    }

    #[test]
    fn the_chain_holds_until_somebody_touches_a_record() {
        with_records(|change| {
            assert_eq!(check(change).unwrap(), AuditCheck { records: 3, broken_at: None });
            // As somebody would who has the file itself.
            change.execute("DROP TRIGGER audit_is_not_changed", params![]).unwrap();
            change
                .execute("UPDATE audit SET reason = 'no reason' WHERE place = 2", params![])
                .unwrap();
            assert_eq!(check(change).unwrap(), AuditCheck { records: 1, broken_at: Some(2) });
        });
    }

    #[test]
    fn a_record_that_is_missing_is_noticed() {
        with_records(|change| {
            change.execute("DROP TRIGGER audit_is_not_removed", params![]).unwrap();
            change.execute("DELETE FROM audit WHERE place = 2", params![]).unwrap();
            assert_eq!(check(change).unwrap(), AuditCheck { records: 1, broken_at: Some(2) });
        });
    }

    #[test]
    fn the_database_itself_changes_and_removes_no_record() {
        for sql in ["UPDATE audit SET reason = NULL", "DELETE FROM audit"] {
            with_records(|change| assert!(change.execute(sql, params![]).is_err(), "{sql}"));
        }
    }
}
