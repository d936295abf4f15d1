//! What statements give.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};

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

    /// The bytes of a column, of a text too: what was tampered with need not be one.
    pub fn try_bytes(&self, column: usize) -> sqlx::Result<&[u8]> {
        match self {
            Self::Sqlite(row) => row.try_get_unchecked(column),
            Self::Postgres(row) => row.try_get_unchecked(column),
        }
    }
}
