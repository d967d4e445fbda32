//! How long a code may be shown after it was issued.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// 1 to 127 minutes for a code on a phone, 1 to 128 days for one on paper: one byte.
///
/// 1–127 are minutes; 128–255 are 1–128 days; 0 is no lifetime and refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Lifetime(u8);

/// A lifetime byte of zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a lifetime is 1 to 127 minutes or 1 to 128 days")]
pub struct LifetimeError;

impl Lifetime {
    /// The life of a code on a phone: one minute (`domain.md` §2.1).
    pub const PHONE: Self = Self(1);

    /// A lifetime of 1 to 127 minutes.
    pub const fn minutes(minutes: u8) -> Option<Self> {
        if minutes >= 1 && minutes <= 127 { Some(Self(minutes)) } else { None }
    }

    /// A lifetime of 1 to 128 days.
    pub const fn days(days: u8) -> Option<Self> {
        if days >= 1 && days <= 128 { Some(Self(127 + days)) } else { None }
    }

    /// Whether it is counted in days: of a code on paper, which a copy is as good as.
    pub const fn is_of_paper(self) -> bool {
        self.0 > 127
    }

    /// From the byte of a code.
    ///
    /// # Errors
    /// On zero.
    pub const fn from_byte(byte: u8) -> Result<Self, LifetimeError> {
        if byte == 0 { Err(LifetimeError) } else { Ok(Self(byte)) }
    }

    /// The byte of a code.
    pub const fn to_byte(self) -> u8 {
        self.0
    }

    /// The length of the life.
    pub const fn duration(self) -> Duration {
        match self.0 {
            minutes @ 0..=127 => Duration::from_secs(minutes as u64 * 60),
            days => Duration::from_secs((days as u64 - 127) * 86_400),
        }
    }
}

impl TryFrom<u8> for Lifetime {
    type Error = LifetimeError;

    fn try_from(byte: u8) -> Result<Self, LifetimeError> {
        Self::from_byte(byte)
    }
}

impl From<Lifetime> for u8 {
    fn from(lifetime: Lifetime) -> Self {
        lifetime.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_minutes_up_to_127_and_days_from_128() {
        for (byte, seconds) in
            [(1, 60), (127, 127 * 60), (128, 86_400), (129, 2 * 86_400), (255, 128 * 86_400)]
        {
            let lifetime = Lifetime::from_byte(byte).unwrap();
            assert_eq!(lifetime.duration().as_secs(), seconds, "byte {byte}");
            assert_eq!(lifetime.to_byte(), byte);
            assert_eq!(lifetime.is_of_paper(), seconds >= 86_400, "byte {byte}");
        }
        assert_eq!(Lifetime::from_byte(0), Err(LifetimeError));
    }

    #[test]
    fn the_units_end_where_the_byte_ends() {
        assert_eq!(Lifetime::minutes(0), None);
        assert_eq!(Lifetime::minutes(127).unwrap().to_byte(), 127);
        assert_eq!(Lifetime::minutes(128), None);
        assert_eq!(Lifetime::days(0), None);
        assert_eq!(Lifetime::days(128).unwrap().to_byte(), 255);
        assert_eq!(Lifetime::days(129), None);
    }
}
