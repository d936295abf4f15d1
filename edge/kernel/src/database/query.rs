//! A statement with its arguments, and where it is carried out.

use super::dialect::counted;
use super::{Connection, Pool, Row, Value};
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArguments, PgTypeInfo};
use sqlx::query::Query as Driven;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Encode, Postgres, SqlSafeStr, SqlStr, Sqlite, Type};

/// A statement in what both databases understand.
#[derive(Debug)]
pub struct Query {
    sql: SqlStr,
    arguments: Vec<Value>,
}

/// A statement, `?` or `?1` for each of its arguments.
pub fn query(sql: impl SqlSafeStr) -> Query {
    Query {
        sql: sql.into_sql_str(),
        arguments: Vec::new(),
    }
}

/// Where a statement is carried out.
#[derive(Debug)]
pub enum Place<'a> {
    /// On a connection.
    Connection(&'a mut Connection),
    /// On any connection of a pool.
    Pool(&'a Pool),
}

impl<'a> From<&'a mut Connection> for Place<'a> {
    fn from(connection: &'a mut Connection) -> Self {
        Self::Connection(connection)
    }
}

impl<'a> From<&'a Pool> for Place<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::Pool(pool)
    }
}

/// Carries a statement out with a method of the drivers, wherever it is.
macro_rules! carry_out {
    ($query:ident.$method:ident($place:ident)) => {{
        let mut lent;
        let connection = match $place.into() {
            Place::Connection(connection) => connection,
            Place::Pool(pool) => {
                lent = pool.acquire().await?;
                &mut lent
            }
        };
        match connection {
            Connection::Sqlite(db) => Either::Sqlite($query.sqlite().$method(&mut **db).await?),
            Connection::Postgres(db) => {
                Either::Postgres($query.postgres().$method(&mut **db).await?)
            }
        }
    }};
}

enum Either<A, B> {
    Sqlite(A),
    Postgres(B),
}

impl Query {
    /// The next argument.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.arguments.push(value.into());
        self
    }

    /// The next arguments.
    #[must_use]
    pub fn bind_all(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        self.arguments.extend(values);
        self
    }

    /// Every row.
    pub async fn fetch_all(self, place: impl Into<Place<'_>>) -> sqlx::Result<Vec<Row>> {
        Ok(match carry_out!(self.fetch_all(place)) {
            Either::Sqlite(rows) => rows.into_iter().map(Row::Sqlite).collect(),
            Either::Postgres(rows) => rows.into_iter().map(Row::Postgres).collect(),
        })
    }

    /// The first row, if there is one.
    pub async fn fetch_optional(self, place: impl Into<Place<'_>>) -> sqlx::Result<Option<Row>> {
        Ok(match carry_out!(self.fetch_optional(place)) {
            Either::Sqlite(row) => row.map(Row::Sqlite),
            Either::Postgres(row) => row.map(Row::Postgres),
        })
    }

    /// The first row.
    pub async fn fetch_one(self, place: impl Into<Place<'_>>) -> sqlx::Result<Row> {
        let row = self.fetch_optional(place).await?;
        row.ok_or(sqlx::Error::RowNotFound)
    }

    /// How many rows it changed.
    pub async fn execute(self, place: impl Into<Place<'_>>) -> sqlx::Result<u64> {
        Ok(match carry_out!(self.execute(place)) {
            Either::Sqlite(done) => done.rows_affected(),
            Either::Postgres(done) => done.rows_affected(),
        })
    }

    fn sqlite(self) -> Driven<'static, Sqlite, SqliteArguments> {
        let query = sqlx::query(self.sql);
        self.arguments
            .into_iter()
            .fold(query, |query, argument| match argument {
                Value::Int(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
                Value::Blob(bytes) => query.bind(bytes),
                Value::Null => query.bind(None::<i64>),
            })
    }

    fn postgres(self) -> Driven<'static, Postgres, PgArguments> {
        let query = sqlx::query(AssertSqlSafe(counted(self.sql.as_str())));
        self.arguments
            .into_iter()
            .fold(query, |query, argument| match argument {
                Value::Int(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
                Value::Blob(bytes) => query.bind(bytes),
                Value::Null => query.bind(None::<Untyped>),
            })
    }
}

/// What has no type of its own: PostgreSQL gives it the one that its place asks for.
struct Untyped;

impl Type<Postgres> for Untyped {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Untyped {
    fn encode_by_ref(
        &self,
        _: &mut sqlx::postgres::PgArgumentBuffer,
    ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        Ok(sqlx::encode::IsNull::Yes)
    }
}
