//! What goes by itself, once nobody has a reason to keep it.
//!
//! By a clock alone nothing goes: whoever turns the machine's clock ten years ahead would have
//! an empty log. A day has surely passed when the authority has signed a later time *and* this
//! desk's own clock says so too; a desk that hears nothing of its authority keeps everything.
//! Nor is a day believed by itself, see [`written_on`].

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use tokio::time::{Instant, sleep};
use yanma_domain::policy::{Policy, RetentionRules};
use yanma_domain::verdict::{ClockState, FeedPosition};
use yanma_store::{Act, EntryNumber, LogDay, Retained};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::inside::FORGOTTEN_AFTER;
use crate::policies;

/// How many days after its day a list of expected people is kept.
const LIST_KEPT_DAYS: i64 = 2;
/// Entries that one step takes, so that no verdict waits long for its own to be written.
const STEP: u32 = 100;
/// Verdicts are written in between.
const PAUSE: Duration = Duration::from_millis(5);
/// How long is worked on what is due before the authority is turned to again. The rest goes
/// with the next round.
const LONGEST: Duration = Duration::from_secs(10);
/// Where an entry has the policy that judged it.
const POLICY_OF_ENTRY: &str = "$.basis.policy.id";

/// What ending retention took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Entries, with everything of theirs.
    pub entries: u64,
    /// Personal parts of entries that stay.
    pub personal_parts: u64,
    /// Entries that are due but stay, because one of their day is still to be sent.
    pub held_back: u64,
    /// Whether there was more to do than time.
    pub more: bool,
}

/// A day of the log of which something is due.
struct Due {
    day: LogDay,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Entries,
    PersonalParts,
}

/// The act in the audit, and its subject where entries went; the detail begins with their day.
pub(crate) const END_RETENTION: &str = "end-retention";
pub(crate) const ENTRIES: &str = "entries";
/// The subject where damaged files went.
const SET_ASIDE: &str = "set-aside";

/// What decides which day goes: a round in which none of it changed has nothing to do.
pub(crate) type Occasion = (Date, Option<FeedPosition>);

impl Desk {
    /// Deletes what is kept no longer: entries and their personal parts, by the policies that
    /// judged them, except days that still owe an upload; lists two days after their day, who came
    /// in two days ago, guests three years after they left, and damaged files that were set aside
    /// when the personal parts in them would have gone. What went is written into the audit. Nothing goes
    /// while the clock is not believed, and nothing before the authority has signed a time at
    /// which it was due.
    ///
    /// Takes some entries at a time, so that verdicts are written in between.
    ///
    /// # Errors
    /// When the store cannot be read or written. What went before that is gone.
    pub async fn end_retention(&self) -> Result<Ended, DeskError> {
        let mut ended = Ended::default();
        let Some(now) = self.sure_time()? else { return Ok(ended) };
        let started = Instant::now();
        let today = day_of(now);
        let lists = self.store.retain_lists(today - Span::new().days(LIST_KEPT_DAYS))?;
        let guests = self.retain_guests(now)?;
        let inside = self.store.retain_inside(now - FORGOTTEN_AFTER)?;
        self.retain_lanes(now)?;
        let aside = self.retain_set_aside(now);
        for (what, count) in
            [("lists", lists), ("guests", guests), ("inside", inside), (SET_ASIDE, aside)]
        {
            if count > 0 {
                self.write_down(END_RETENTION, Some(what), Some(&count.to_string()))?;
            }
        }
        for due in self.due_on(today, &mut ended)? {
            let mut is_first = true;
            let mut first = due.day.first;
            loop {
                let step = self.end_some(&due, first, is_first)?;
                is_first = false;
                match due.what {
                    What::Entries => {
                        ended.entries += step.deleted;
                        first.0 += step.deleted;
                    }
                    What::PersonalParts => ended.personal_parts += step.deleted,
                }
                if !step.more {
                    break;
                }
                if started.elapsed() > LONGEST {
                    return Ok(Ended { more: true, ..ended });
                }
                sleep(PAUSE).await;
            }
        }
        if ended.entries + ended.personal_parts > 0 {
            tracing::info!(?ended, "the retention of days has ended");
        }
        Ok(ended)
    }

    /// Removes damaged files that were set aside so long ago that no policy keeps a personal part
    /// of theirs any more.
    fn retain_set_aside(&self, now: Timestamp) -> u64 {
        let days = self.known_policies().iter().map(|policy| policy.retention.personal_days).max();
        let Some(days) = days else { return 0 };
        let kept = SignedDuration::from_hours(24 * (i64::from(days) + 1));
        let before = now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
        self.store.remove_set_aside(Some(before))
    }

    /// What would decide what goes now; `None` while nothing may.
    pub(crate) fn occasion(&self) -> Result<Option<Occasion>, DeskError> {
        let today = self.sure_time()?.map(day_of);
        Ok(today.map(|today| (today, self.knowledge().policy_position)))
    }

    /// The instant that has surely come: by the authority's signature and by this desk's clock.
    fn sure_time(&self) -> Result<Option<Timestamp>, DeskError> {
        // Without the policies that were delivered nobody knows what is over: a desk that was
        // ended, or that cannot read them, keeps what it has.
        let has_policies = self.knowledge().policy_position.is_some();
        let lost = self.is_revoked() || (self.enrolment().is_some() && !has_policies);
        if lost || self.store.is_read_only() || self.clock_state() == ClockState::SetBack {
            return Ok(None);
        }
        Ok(self.store.clock()?.authority.map(|signed| signed.min(self.now())))
    }

    /// The days of the log of which something is due, the oldest first.
    fn due_on(&self, today: Date, ended: &mut Ended) -> Result<Vec<Due>, DeskError> {
        let known = self.known_policies();
        let rules = known.iter().map(|policy| policy.retention);
        let Some(shortest) = rules.reduce(RetentionRules::shortest) else { return Ok(Vec::new()) };
        let days = self.store.days()?;
        let mut found = Vec::new();
        for (day, written) in days.iter().zip(written_on(&days, today)) {
            let age = i64::from((today - written).get_days());
            let is_over = |days: u32| age > i64::from(days);
            let shortest_days =
                if day.details_kept { shortest.personal_days } else { shortest.entries_days };
            if !day.entries_kept || !is_over(shortest_days) {
                continue;
            }
            if day.owed && !day.details_kept {
                ended.held_back += day.entries();
                continue;
            }
            let ids = self.store.body_texts(day, POLICY_OF_ENTRY)?;
            let rules = longest(&known, &ids);
            if is_over(rules.entries_days) && !day.owed {
                found.push(Due { day: *day, what: What::Entries });
                continue;
            }
            if is_over(rules.entries_days) {
                ended.held_back += day.entries();
            }
            if is_over(rules.personal_days) && day.details_kept {
                found.push(Due { day: *day, what: What::PersonalParts });
            }
        }
        Ok(found)
    }

    fn end_some(
        &self,
        due: &Due,
        first: EntryNumber,
        is_first: bool,
    ) -> Result<Retained, DeskError> {
        let detail = format!("{}: {}", due.day.day, due.day.entries());
        let act = Act {
            at: self.now(),
            operator: None,
            act: END_RETENTION,
            subject: Some(match due.what {
                What::Entries => ENTRIES,
                What::PersonalParts => "personal-parts",
            }),
            detail: Some(&detail),
        };
        let act = is_first.then_some(&act);
        Ok(match due.what {
            What::Entries => self.store.retain(first, STEP, act)?,
            What::PersonalParts => self.store.retain_details(first, STEP, act)?,
        })
    }

    /// Every policy that may be in force at this desk: the delivered ones, and of scenes that
    /// have none the built-in one.
    fn known_policies(&self) -> Vec<Policy> {
        let mut known: Vec<_> = self.knowledge().policies.values().cloned().collect();
        for scene in policies::scenes() {
            if !known.iter().any(|policy| policy.id == scene) {
                known.extend(policies::built_in(scene));
            }
        }
        known
    }
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::system()).date()
}

/// The longest rules of these policies; where one is not known any more, of all there are.
fn longest(known: &[Policy], ids: &[String]) -> RetentionRules {
    let all_known = ids.iter().all(|id| known.iter().any(|policy| policy.id == *id));
    let counts = |policy: &&Policy| !all_known || ids.contains(&policy.id);
    let rules = known.iter().filter(counts).map(|policy| policy.retention);
    rules.reduce(RetentionRules::longest).unwrap_or_default()
}

/// The day on which each run of the log was written, as far as its neighbours tell.
///
/// Entries follow each other, so a run whose day is earlier than one before it was written by
/// a clock that was set back, and counts as of the latest day before it: it is not gone at
/// once. A run whose day has not come was written by a clock that ran ahead, or has not been
/// signed for yet; it counts as of the next run whose day has come, or else of `today`, and
/// holds nothing that follows.
fn written_on(days: &[LogDay], today: Date) -> Vec<Date> {
    let mut latest = None;
    let forward = days.iter().map(|run| {
        (run.day <= today).then(|| {
            let day = latest.map_or(run.day, |latest: Date| latest.max(run.day));
            latest = Some(day);
            day
        })
    });
    let mut written: Vec<Option<Date>> = forward.collect();
    let mut next = today;
    for day in written.iter_mut().rev() {
        next = day.unwrap_or(next);
        *day = Some(next);
    }
    written.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn check(days: &[Date], today: Date, expect: &[Date]) {
        let runs: Vec<_> = (1..)
            .zip(days)
            .map(|(n, day)| LogDay {
                first: EntryNumber(n),
                last: EntryNumber(n),
                day: *day,
                head: [0; 32],
                entries_kept: true,
                details_kept: true,
                owed: false,
            })
            .collect();
        assert_eq!(written_on(&runs, today), expect, "{days:?}");
    }

    #[test]
    fn a_day_is_believed_as_far_as_its_neighbours_allow() {
        let [june, july, august] = [date(2020, 6, 1), date(2020, 7, 1), date(2020, 8, 1)];
        let (past, future) = (date(2010, 1, 1), date(2030, 7, 1));
        check(&[], july, &[]);
        check(&[june, july], july, &[june, july]);
        check(&[june, past, july], july, &[june, june, july]);
        check(&[june, past], july, &[june, june]);
        check(&[past, june], july, &[past, june]);
        check(&[june, future, july], august, &[june, july, july]);
        check(&[june, future], july, &[june, july]);
        check(&[june, future, past, july], august, &[june, june, june, july]);
        check(&[june, july, august], july, &[june, july, july]);
    }

    #[test]
    fn a_policy_that_is_gone_counts_as_the_longest_there_is() {
        let policy = |id: &str, entries_days, personal_days| {
            let plain = policies::built_in(policies::PLAIN).unwrap();
            let retention = RetentionRules { entries_days, personal_days };
            Policy { id: id.to_owned(), retention, ..plain }
        };
        let known = [policy("a", 10, 9), policy("b", 20, 5), policy("c", 90, 30)];
        for (ids, expect) in [
            (&["a"][..], (10, 9)),
            (&["a", "b"], (20, 9)),
            (&["a", "gone"], (90, 30)),
            (&[""], (90, 30)),
        ] {
            let ids: Vec<_> = ids.iter().map(|&id| id.to_owned()).collect();
            let rules = longest(&known, &ids);
            assert_eq!((rules.entries_days, rules.personal_days), expect, "{ids:?}");
        }
    }
}
