//! How often somebody may try: token buckets in memory.
//!
//! The attack to expect is enumeration: of passwords, and of document numbers by way of
//! registration and look-up. A restart forgets the buckets, which costs an attacker's wait
//! once; several processes each keep their own.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::secret::TokenHash;

/// Buckets kept per limit. When more are in use the fullest go first: those are the callers
/// that have done the least.
const MOST_BUCKETS: usize = 100_000;

/// Keys kept of what went well, and for how long. When there are more the older half goes.
const MOST_KNOWN: usize = 1_000_000;
const LATELY: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The size of a bucket and how fast it fills again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Tokens in a full bucket.
    pub burst: f64,
    /// Tokens that return in a second.
    pub per_second: f64,
}

impl Rate {
    /// `burst` at once, and one more each `seconds`.
    pub const fn one_each(seconds: f64, burst: f64) -> Self {
        Self { burst, per_second: 1.0 / seconds }
    }
}

/// The limits of the whole server.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    /// Log-in attempts per telephone number and network address, in IPv6 the line.
    pub login_account: Rate,
    /// Log-in attempts per telephone number from anywhere: many more than its owner needs, so
    /// that locking an owner out takes a great many addresses.
    pub login_anywhere: Rate,
    /// Log-in and registration attempts per network address.
    pub address: Rate,
    /// Registration attempts per document and network address, in IPv6 the line.
    pub register_document: Rate,
    /// Registration attempts per document from anywhere, as for
    /// [`login_anywhere`](Self::login_anywhere).
    pub register_anywhere: Rate,
    /// Family claims per account.
    pub family: Rate,
    /// Appeals per account.
    pub appeal: Rate,
    /// Codes by SMS that an account asks for.
    pub sms: Rate,
    /// Codes by SMS to one telephone, whoever asks for them: as many at once as in
    /// a day after that.
    pub sms_phone: Rate,
    /// Codes by SMS that are asked for from one network address.
    pub sms_address: Rate,
    /// Codes and faces that an account tries.
    pub proof: Rate,
    /// Papers made or drawn per account.
    pub paper: Rate,
    /// Look-ups by document per station.
    pub document_lookup: Rate,
    /// Look-ups of people by document, by desks, at the console and for the family together,
    /// per network address: many more than one desk makes, for a site may have one address.
    pub lookup_address: Rate,
    /// Enrolment attempts per network address.
    pub enrol_address: Rate,
    /// Set-ups, one-time passwords and recovery codes per person and network address. Wrong
    /// ones are counted in the database as well, for all processes and addresses.
    pub second_factor: Rate,
    /// Look-ups of holders per person at the console.
    pub clerk_lookup: Rate,
    /// Questions about people per region that asks.
    pub home_question: Rate,
    /// Shows per holder.
    pub show: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            login_account: Rate::one_each(30.0, 8.0),
            login_anywhere: Rate::one_each(10.0, 500.0),
            address: Rate::one_each(1.0, 120.0),
            register_document: Rate::one_each(60.0, 8.0),
            register_anywhere: Rate::one_each(10.0, 500.0),
            family: Rate::one_each(60.0, 30.0),
            appeal: Rate::one_each(600.0, 10.0),
            sms: Rate::one_each(60.0, 3.0),
            sms_phone: Rate::one_each(8_640.0, 10.0),
            sms_address: Rate::one_each(60.0, 100.0),
            proof: Rate::one_each(30.0, 10.0),
            paper: Rate::one_each(30.0, 30.0),
            document_lookup: Rate::one_each(1.0, 2_000.0),
            lookup_address: Rate::one_each(0.02, 20_000.0),
            enrol_address: Rate::one_each(10.0, 20.0),
            second_factor: Rate::one_each(10.0, 10.0),
            clerk_lookup: Rate::one_each(2.0, 300.0),
            home_question: Rate::one_each(0.05, 5_000.0),
            show: Rate::one_each(1.0, 60.0),
        }
    }
}

impl Rates {
    /// The same limits, so many times as wide.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        let wide = |rate: Rate| Rate {
            burst: rate.burst * f64::from(factor),
            per_second: rate.per_second * f64::from(factor),
        };
        Self {
            login_account: wide(self.login_account),
            login_anywhere: wide(self.login_anywhere),
            address: wide(self.address),
            register_document: wide(self.register_document),
            register_anywhere: wide(self.register_anywhere),
            family: wide(self.family),
            appeal: wide(self.appeal),
            sms: wide(self.sms),
            sms_phone: wide(self.sms_phone),
            sms_address: wide(self.sms_address),
            proof: wide(self.proof),
            paper: wide(self.paper),
            document_lookup: wide(self.document_lookup),
            lookup_address: wide(self.lookup_address),
            enrol_address: wide(self.enrol_address),
            second_factor: wide(self.second_factor),
            clerk_lookup: wide(self.clerk_lookup),
            home_question: wide(self.home_question),
            show: wide(self.show),
        }
    }
}

/// Buckets of one limit, one for each key.
pub struct Limit<K> {
    rate: Rate,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

impl<K: Eq + Hash + Clone> Limit<K> {
    /// No bucket has been touched yet.
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes `tokens` from the bucket of `key`, or says how many seconds to wait.
    ///
    /// # Errors
    ///
    /// Seconds until the same request would succeed, at least 1. Nothing was taken.
    pub fn take(&self, key: &K, tokens: u32, now: Timestamp) -> Result<(), u32> {
        let Ok(mut buckets) = self.buckets.lock() else {
            // A poisoned lock means a panic while counting; refusing everybody for ever
            // would be the worse answer.
            return Ok(());
        };
        if let Some(bucket) = buckets.get_mut(key) {
            return self.draw(bucket, tokens, now);
        }
        if buckets.len() >= MOST_BUCKETS {
            self.forget_the_full(&mut buckets, now);
        }
        let mut bucket = Bucket { tokens: self.rate.burst, at: now };
        let drawn = self.draw(&mut bucket, tokens, now);
        buckets.insert(key.clone(), bucket);
        drawn
    }

    /// Takes `tokens` from the bucket of `key` and as many from the bucket of another limit,
    /// or from neither.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take), of the bucket that has too few.
    pub fn take_both<O: Eq + Hash + Clone>(
        &self,
        key: &K,
        (other, other_key): (&Limit<O>, &O),
        tokens: u32,
        now: Timestamp,
    ) -> Result<(), u32> {
        self.take(key, tokens, now)?;
        other.take(other_key, tokens, now).inspect_err(|_| self.give_back(key, tokens))
    }

    fn give_back(&self, key: &K, tokens: u32) {
        let Ok(mut buckets) = self.buckets.lock() else { return };
        if let Some(bucket) = buckets.get_mut(key) {
            bucket.tokens = (bucket.tokens + f64::from(tokens)).min(self.rate.burst);
        }
    }

    fn draw(&self, bucket: &mut Bucket, tokens: u32, now: Timestamp) -> Result<(), u32> {
        bucket.tokens = self.filled(*bucket, now);
        bucket.at = now;
        let missing = f64::from(tokens) - bucket.tokens;
        if missing <= 0.0 {
            bucket.tokens -= f64::from(tokens);
            return Ok(());
        }
        let wait = (missing / self.rate.per_second).ceil();
        Err(if wait < f64::from(u32::MAX) { (wait as u32).max(1) } else { u32::MAX })
    }

    fn filled(&self, bucket: Bucket, now: Timestamp) -> f64 {
        // A clock that went back fills nothing.
        let seconds = now.duration_since(bucket.at).as_secs_f64().max(0.0);
        (bucket.tokens + seconds * self.rate.per_second).min(self.rate.burst)
    }

    fn forget_the_full(&self, buckets: &mut HashMap<K, Bucket>, now: Timestamp) {
        buckets.retain(|_, bucket| self.filled(*bucket, now) < self.rate.burst);
        // All in use at once: drop the fuller half, so that memory stays bounded.
        if buckets.len() >= MOST_BUCKETS {
            let half = self.rate.burst / 2.0;
            buckets.retain(|_, bucket| self.filled(*bucket, now) < half);
        }
        if buckets.len() >= MOST_BUCKETS {
            buckets.clear();
        }
    }
}

/// Under which keys something went well lately, such as logging in; in memory, as the buckets.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<u64, Timestamp>>);

impl Known {
    pub(crate) fn note(&self, key: &TokenHash, now: Timestamp) {
        let Ok(mut known) = self.0.lock() else { return };
        if known.len() >= MOST_KNOWN {
            let mut times: Vec<_> = known.values().copied().collect();
            let (_, middle, _) = times.select_nth_unstable(MOST_KNOWN / 2);
            known.retain(|_, at| *at > *middle);
        }
        known.insert(short(key), now);
    }

    pub(crate) fn is_known(&self, key: &TokenHash, now: Timestamp) -> bool {
        let Ok(known) = self.0.lock() else { return false };
        known.get(&short(key)).is_some_and(|at| now.duration_since(*at) <= LATELY)
    }
}

/// Enough of a hash to tell keys apart.
fn short(key: &TokenHash) -> u64 {
    key.first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn start() -> Timestamp {
        "2020-07-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_burst_is_given_and_then_refused() {
        let limit = Limit::new(Rate::one_each(30.0, 3.0));
        for _ in 0..3 {
            assert_eq!(limit.take(&"a", 1, start()), Ok(()));
        }
        assert_eq!(limit.take(&"a", 1, start()), Err(30));
        assert_eq!(limit.take(&"b", 1, start()), Ok(()), "others are not affected");
    }

    #[test]
    fn waiting_as_told_is_enough_and_less_is_not() {
        let limit = Limit::new(Rate::one_each(30.0, 1.0));
        limit.take(&1, 1, start()).unwrap();
        assert!(limit.take(&1, 1, start() + 29.seconds()).is_err());
        assert!(limit.take(&1, 1, start() + 30.seconds()).is_ok());
    }

    #[test]
    fn a_batch_takes_all_its_tokens_or_none() {
        let limit = Limit::new(Rate::one_each(1.0, 10.0));
        assert!(limit.take(&1, 11, start()).is_err());
        assert!(limit.take(&1, 10, start()).is_ok());
    }

    #[test]
    fn of_two_limits_both_give_or_neither() {
        let (desk, address) =
            (Limit::new(Rate::one_each(1.0, 3.0)), Limit::new(Rate::one_each(1.0, 5.0)));
        let take =
            |who: &'static str, tokens| desk.take_both(&who, (&address, &"there"), tokens, start());
        assert_eq!(take("a", 4), Err(1), "more than the desk has");
        assert_eq!(take("a", 3), Ok(()));
        assert_eq!(take("b", 3), Err(1), "more than is left of the address");
        assert_eq!(take("b", 2), Ok(()), "and the desk has kept its own");
        assert_eq!(take("b", 1), Err(1));
        assert_eq!(desk.take(&"b", 1, start()), Ok(()));
        assert_eq!(take("c", 1), Err(1), "nothing came back that was not taken");
    }

    #[test]
    fn a_clock_set_back_gives_no_tokens() {
        let limit = Limit::new(Rate::one_each(1.0, 1.0));
        limit.take(&1, 1, start()).unwrap();
        assert!(limit.take(&1, 1, start() - 3600.seconds()).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let limit = Limit::new(Rate::one_each(1.0, 2.0));
        for key in 0..(MOST_BUCKETS as u32 + 10) {
            limit.take(&key, 1, start()).unwrap();
        }
        assert!(limit.buckets.lock().unwrap().len() <= MOST_BUCKETS);
    }

    #[test]
    fn what_went_well_is_known_for_a_month_and_the_older_half_goes_first() {
        let known = Known::default();
        let key = |number: usize| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&(number as u64).to_le_bytes());
            key
        };
        for number in 0..MOST_KNOWN {
            known.note(&key(number), start() + (number as i64).milliseconds());
        }
        let now = start() + 1000.seconds();
        assert!(known.is_known(&key(0), now));
        assert!(!known.is_known(&key(0), now + (24 * 30).hours()));
        assert!(!known.is_known(&key(MOST_KNOWN), now));
        known.note(&key(MOST_KNOWN), now);
        for (number, is_known) in
            [(0, false), (MOST_KNOWN / 2, false), (MOST_KNOWN / 2 + 1, true), (MOST_KNOWN, true)]
        {
            assert_eq!(known.is_known(&key(number), now), is_known, "{number}");
        }
    }
}
