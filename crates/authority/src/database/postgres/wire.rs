//! Values and errors, between the house's types and PostgreSQL's.

use std::error::Error as StdError;

use bytes::BytesMut;
use postgres::error::{Severity, SqlState};
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::database::error::DatabaseError;
use crate::database::value::{Cell, Value};
use crate::error::Error;

type Misfit = Box<dyn StdError + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, to: &Type, out: &mut BytesMut) -> Result<IsNull, Misfit> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) => match *to {
                Type::INT2 => i16::try_from(*number)?.to_sql(to, out),
                Type::INT4 => i32::try_from(*number)?.to_sql(to, out),
                Type::INT8 => number.to_sql(to, out),
                _ => Err("a number is bound to a column of another type".into()),
            },
            Self::Text(text) if is_text(to) => text.to_sql(to, out),
            Self::Text(_) => Err("text is bound to a column of another type".into()),
            Self::Blob(bytes) if *to == Type::BYTEA => bytes.to_sql(to, out),
            Self::Blob(_) => Err("bytes are bound to a column of another type".into()),
        }
    }

    fn accepts(to: &Type) -> bool {
        Wire::accepts(to)
    }

    to_sql_checked!();
}

/// A cell as it lies in the answer.
struct Wire<'r>(Cell<'r>);

impl<'r> FromSql<'r> for Wire<'r> {
    fn from_sql(from: &Type, raw: &'r [u8]) -> Result<Self, Misfit> {
        Ok(Self(match *from {
            Type::INT2 => Cell::Integer(i16::from_sql(from, raw)?.into()),
            Type::INT4 => Cell::Integer(i32::from_sql(from, raw)?.into()),
            Type::INT8 => Cell::Integer(i64::from_sql(from, raw)?),
            Type::BYTEA => Cell::Blob(raw),
            _ => Cell::Text(<&str>::from_sql(from, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Misfit> {
        Ok(Self(Cell::Null))
    }

    fn accepts(from: &Type) -> bool {
        matches!(*from, Type::INT2 | Type::INT4 | Type::INT8 | Type::BYTEA) || is_text(from)
    }
}

fn is_text(column: &Type) -> bool {
    matches!(*column, Type::TEXT | Type::VARCHAR)
}

/// A column of a row, by name.
pub(in crate::database) fn cell<'r>(
    row: &'r postgres::Row,
    column: &str,
) -> Result<Cell<'r>, Error> {
    Ok(row.try_get::<_, Wire<'r>>(column).map_err(DatabaseError::from)?.0)
}

/// PostgreSQL repeats values in the details of an error, and in the message of some: both
/// are left behind.
impl From<postgres::Error> for DatabaseError {
    fn from(error: postgres::Error) -> Self {
        let Some(told) = error.as_db_error() else {
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            let connection = error.is_closed()
                || error.source().is_some_and(|cause| cause.is::<std::io::Error>());
            return if connection || error.to_string().starts_with("error connecting") {
                Self::Lost(format!("{error}: {cause}"))
            } else {
                // Made in this process, of types and names.
                Self::Other(error.to_string())
            };
        };
        let code = told.code().code();
        let class = code.get(..2).unwrap_or_default();
        // The server ends itself, for a disk that is full among other things. What it had under
        // way may be on the disk all the same: it is to be asked.
        if told.parsed_severity() == Some(Severity::Panic) {
            return Self::Lost(code.to_owned());
        }
        match told.code() {
            &SqlState::DISK_FULL => Self::Full,
            &SqlState::LOCK_NOT_AVAILABLE
            | &SqlState::T_R_DEADLOCK_DETECTED
            | &SqlState::T_R_SERIALIZATION_FAILURE
            | &SqlState::TOO_MANY_CONNECTIONS => Self::Busy,
            &SqlState::ADMIN_SHUTDOWN
            | &SqlState::CRASH_SHUTDOWN
            | &SqlState::CANNOT_CONNECT_NOW
            | &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Self::Lost(code.to_owned()),
            _ if class == "08" => Self::Lost(code.to_owned()),
            _ if class == "23" => {
                let rule = told.constraint().or(told.column()).unwrap_or(code);
                Self::Constraint(format!("{}.{rule}", told.table().unwrap_or_default()))
            }
            // Data exceptions and functions' own errors quote what they dislike.
            _ if matches!(class, "22" | "P0") => Self::Other(format!("SQLSTATE {code}")),
            _ => Self::Other(format!("{} (SQLSTATE {code})", told.message())),
        }
    }
}
