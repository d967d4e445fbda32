//! Whether the log is as it was written, and whether what is gone from it went by its rules.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use yanma_store::{ChainReport, StoreError};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::retention::{END_RETENTION, ENTRIES};

/// Lines of the audit that are read at once.
const LINES_AT_ONCE: u32 = 1_000;

/// What a check of the whole log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogCheck {
    /// The entries, along their chain.
    pub chain: ChainReport,
    /// Lines of the audit, if they are as they were written; otherwise the first that is not.
    pub audit: Result<u64, u64>,
    /// Days whose entries are gone, though the audit has no line of the end of their retention.
    pub unexplained: Vec<Date>,
    /// Whether the log still has the hash that an earlier check told; `None` when none was given,
    /// or when it may have been that of an entry whose day is gone.
    pub has_earlier_head: Option<bool>,
}

impl LogCheck {
    /// Whether everything that was ever written is there, or went when its retention ended.
    pub fn is_whole(&self) -> bool {
        self.lost().is_empty()
            && self.audit.is_ok()
            && self.unexplained.is_empty()
            && self.has_earlier_head != Some(false)
    }

    /// Numbers that were lost with a damaged file.
    pub fn lost(&self) -> &[RangeInclusive<u64>] {
        &self.chain.lost
    }
}

impl Desk {
    /// Follows the chains of the log and of the audit from their beginning.
    ///
    /// A chain shows what was changed or taken out before its end. That its newest entries are
    /// gone shows against a head from an earlier check, kept somewhere else: `earlier`.
    ///
    /// # Errors
    /// The first thing that is not as it was written; or when the store cannot be read.
    pub fn check_log(&self, earlier: Option<&[u8; 32]>) -> Result<LogCheck, DeskError> {
        let store = self.store();
        let chain = store.check()?;
        let audit = match store.check_audit() {
            Err(StoreError::AuditBroken { number }) => Err(number),
            lines => Ok(lines?),
        };
        let explained = self.days_ended()?;
        let days = store.days()?.into_iter();
        let unexplained = days.filter(|day| !day.entries_kept).map(|day| day.day);
        let unexplained = unexplained.filter(|day| !explained.contains(day)).collect();
        let there = earlier.map(|head| store.has_head(head)).transpose()?;
        let all_kept = chain.retired == 0 && chain.lost.is_empty();
        let has_earlier_head = there.filter(|there| *there || all_kept);
        Ok(LogCheck { chain, audit, unexplained, has_earlier_head })
    }

    /// The days whose entries went by the audit's word.
    fn days_ended(&self) -> Result<BTreeSet<Date>, DeskError> {
        let (mut days, mut before) = (BTreeSet::new(), None);
        loop {
            let lines = self.store().audit_rows(before, LINES_AT_ONCE)?;
            let Some(last) = lines.last() else { return Ok(days) };
            before = Some(last.number);
            let ended = lines.iter().filter(|line| {
                line.act == END_RETENTION && line.subject.as_deref() == Some(ENTRIES)
            });
            days.extend(ended.filter_map(|line| {
                let (day, _) = line.detail.as_deref()?.split_once(':')?;
                day.parse::<Date>().ok()
            }));
        }
    }
}
