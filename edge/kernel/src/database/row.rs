//! What statements give.

use super::Value;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Decode, Postgres, Row as _, Sqlite, Type, TypeInfo, ValueRef};

/// A row that was found.
#[derive(Debug)]
pub enum Row {
    /// In a file.
    Sqlite(SqliteRow),
    /// On a server.
    Postgres(PgRow),
}

/// What a column can be read as: `i64`, texts, bytes, `bool`, and options of them.
pub trait Column<'r>:
    Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl<'r, T> Column<'r> for T where
    T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl Row {
    /// The value of a column, counted from 0.
    pub fn try_get<'r, T: Column<'r>>(&'r self, column: usize) -> sqlx::Result<T> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// What the columns are called.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Sqlite(row) => row.columns().iter().map(|column| column.name()).collect(),
            Self::Postgres(row) => row.columns().iter().map(|column| column.name()).collect(),
        }
    }

    /// Every column's value, as an argument for another statement.
    pub(crate) fn values(&self) -> sqlx::Result<Vec<Value>> {
        let columns = 0..self.names().len();
        columns.map(|column| self.value(column)).collect()
    }

    fn value(&self, column: usize) -> sqlx::Result<Value> {
        let (is_null, of) = match self {
            Self::Sqlite(row) => {
                let raw = row.try_get_raw(column)?;
                (raw.is_null(), raw.type_info().name().to_owned())
            }
            Self::Postgres(row) => {
                let raw = row.try_get_raw(column)?;
                (raw.is_null(), raw.type_info().name().to_owned())
            }
        };
        Ok(match of.as_str() {
            _ if is_null => Value::Null,
            "INTEGER" | "INT8" => Value::Int(self.try_get(column)?),
            "TEXT" => Value::Text(self.try_get(column)?),
            _ => Value::Blob(self.try_get(column)?),
        })
    }

    /// The bytes of a column, of a text too: what was tampered with need not be one.
    pub fn try_bytes(&self, column: usize) -> sqlx::Result<&[u8]> {
        match self {
            Self::Sqlite(row) => row.try_get_unchecked(column),
            Self::Postgres(row) => row.try_get_unchecked(column),
        }
    }
}
