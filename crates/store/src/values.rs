//! How instants, days and large numbers lie in a column.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// An instant as whole microseconds since 1970: sorts as it should, covers all of `jiff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Micros(pub(crate) Timestamp);

impl ToSql for Micros {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_microsecond().into())
    }
}

impl FromSql for Micros {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = value.as_i64()?;
        Timestamp::from_microsecond(micros).map(Self).map_err(|_| FromSqlError::OutOfRange(micros))
    }
}

/// A civil day as `YYYY-MM-DD`: sorts as it should, and reads in any SQLite tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day(pub(crate) Date);

impl ToSql for Day {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for Day {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Self).map_err(|_| FromSqlError::InvalidType)
    }
}

/// A 64-bit number in SQLite's signed column, bit for bit. Numbers above `i64::MAX` sort
/// before the others, which only matters where a column is read in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bits64(pub(crate) u64);

impl ToSql for Bits64 {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.cast_signed().into())
    }
}

impl FromSql for Bits64 {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(value.as_i64()?.cast_unsigned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;

    fn round_trip<T: ToSql + FromSql>(value: &T) -> T {
        let db = Connection::open_in_memory().unwrap();
        db.query_row("SELECT ?1", [value], |row| row.get(0)).unwrap()
    }

    proptest! {
        #[test]
        fn instants_keep_their_microsecond(micros in -377_705_023_201_000_000_i64..253_402_207_200_000_000) {
            let at = Micros(Timestamp::from_microsecond(micros).unwrap());
            prop_assert_eq!(round_trip(&at), at);
        }

        #[test]
        fn days_keep_and_sort(year in 1900_i16..2200, day in 1_i16..=365, later in 1_i64..1000) {
            let a = Date::new(year, 1, 1).unwrap().with().day_of_year(day).build().unwrap();
            let b = a.saturating_add(jiff::Span::new().days(later));
            prop_assert_eq!(round_trip(&Day(a)), Day(a));
            prop_assert!(a.to_string() < b.to_string(), "text sorts as days do");
        }

        #[test]
        fn numbers_keep_all_bits(n: u64) {
            prop_assert_eq!(round_trip(&Bits64(n)), Bits64(n));
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let db = Connection::open_in_memory().unwrap();
        for sql in ["SELECT 'yesterday'", "SELECT 7", "SELECT x'00'", "SELECT NULL"] {
            assert!(db.query_row(sql, [], |row| row.get::<_, Day>(0)).is_err(), "{sql}");
        }
        assert!(db.query_row("SELECT 9223372036854775807", [], |r| r.get::<_, Micros>(0)).is_err());
    }
}
