//! The only file of the authority that reads the machine's clock.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// Where the authority learns the time.
///
/// The server holds one of these; everything below it takes an instant as an argument.
/// Tests give it a function of their own, so that fourteen days pass in a moment.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's own clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place of the authority that reads the clock"
    )]
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that asks `read` each time.
    pub fn from_fn(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The present instant, cut to whole milliseconds: that is what the database keeps, so
    /// that a stored instant equals the one that was answered.
    pub fn now(&self) -> Timestamp {
        let now = (self.0)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_cut_to_what_the_database_keeps() {
        let clock = Clock::from_fn(|| "2020-07-01T08:00:00.123456789Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2020-07-01T08:00:00.123Z");
    }
}
