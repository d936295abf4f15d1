//! The database under the log and what is kept beside it: SQLite, or PostgreSQL for whoever has outgrown one machine.
//! A statement is written once, in what both understand, with `?` or `?1` for its arguments. What only one of them can do lies in
//! files of its own; the drivers' types do not leave this folder and those.

mod dialect;
mod query;
mod row;
mod server;
mod value;

pub use query::{Place, Query, query};
pub use row::{Column, Row};
pub use server::{NoAddress, SameDatabase, Server};
use sqlx::pool::PoolConnection;
use sqlx::{
    Connection as _, Database, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection,
    SqlitePool, Transaction,
};
use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
pub use value::Value;

/// Connections for reading; cheap to clone.
#[derive(Clone, Debug)]
pub enum Pool {
    /// To a file.
    Sqlite(SqlitePool),
    /// To a server.
    Postgres(PgPool),
}

/// One connection, whoever holds it.
#[derive(Debug)]
pub enum Connection {
    /// To a file.
    Sqlite(Held<Sqlite>),
    /// To a server.
    Postgres(Held<Postgres>),
}

/// How a connection is held.
#[derive(Debug)]
pub enum Held<D: Database> {
    /// For good.
    Own(Box<D::Connection>),
    /// Until it goes back to the pool.
    Lent(PoolConnection<D>),
    /// Lent, and in a transaction that ends when it goes back.
    Begun(Transaction<'static, D>),
}

impl<D: Database> Deref for Held<D> {
    type Target = D::Connection;

    fn deref(&self) -> &D::Connection {
        match self {
            Self::Own(connection) => connection,
            Self::Lent(connection) => connection,
            Self::Begun(transaction) => transaction,
        }
    }
}

impl<D: Database> DerefMut for Held<D> {
    fn deref_mut(&mut self) -> &mut D::Connection {
        match self {
            Self::Own(connection) => connection,
            Self::Lent(connection) => connection,
            Self::Begun(transaction) => transaction,
        }
    }
}

impl From<SqliteConnection> for Connection {
    fn from(connection: SqliteConnection) -> Self {
        Self::Sqlite(Held::Own(Box::new(connection)))
    }
}

impl From<PgConnection> for Connection {
    fn from(connection: PgConnection) -> Self {
        Self::Postgres(Held::Own(Box::new(connection)))
    }
}

/// Everything that is read on PostgreSQL between this and the end is of one moment, as it always is with SQLite.
const ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

impl Pool {
    /// A connection.
    pub async fn acquire(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pool) => Connection::Sqlite(Held::Lent(pool.acquire().await?)),
            Self::Postgres(pool) => Connection::Postgres(Held::Lent(pool.acquire().await?)),
        })
    }

    /// A connection that reads one moment until it is dropped.
    pub async fn snapshot(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pool) => Connection::Sqlite(Held::Begun(pool.begin().await?)),
            Self::Postgres(pool) => {
                Connection::Postgres(Held::Begun(pool.begin_with(ONE_MOMENT).await?))
            }
        })
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// The database's own code of an error, when the error is the database's.
pub(crate) fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(|error| error.code())
}

/// PostgreSQL's code for a right that a role does not have.
const NOT_ALLOWED: &str = "42501";

impl Connection {
    /// Leaves nothing of before in a server's write-ahead log. Gives the step that the role may not take, if there is one; it needs the
    /// rights of `deploy/decisions/0012-a-server-for-the-log.md`.
    pub(crate) async fn cut_write_ahead_log(&mut self) -> sqlx::Result<Option<&'static str>> {
        for step in ["SELECT pg_switch_wal()", "CHECKPOINT"].repeat(2) {
            match self.run(step).await {
                Err(error) if code(&error).as_deref() == Some(NOT_ALLOWED) => {
                    return Ok(Some(step));
                }
                done => done?,
            }
        }
        Ok(None)
    }

    /// Begins to read one moment, until [`Connection::end`].
    pub(crate) async fn begin_reading(&mut self) -> sqlx::Result<()> {
        let begin = match self {
            Self::Sqlite(_) => "BEGIN",
            Self::Postgres(_) => ONE_MOMENT,
        };
        self.run(begin).await
    }

    /// Begins to write, until [`Connection::end`].
    pub(crate) async fn begin(&mut self) -> sqlx::Result<()> {
        let begin = match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN",
        };
        self.run(begin).await
    }

    /// Ends what was begun: commits when the work on it is done, and takes it back when it is not. Not with sqlx's transactions:
    /// when the disk fails, SQLite takes back by itself, their own attempt is refused then, they count on, and nothing can be begun
    /// on the connection ever again.
    pub(crate) async fn end<T>(&mut self, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
        let ended = match outcome {
            Ok(done) => self.run("COMMIT").await.map(|()| done),
            Err(error) => Err(error),
        };
        if ended.is_err() {
            // It is refused when nothing is begun any more, which is what it is for.
            let _ = self.run("ROLLBACK").await;
        }
        ended
    }

    /// Carries out a statement that takes and gives nothing.
    pub(crate) async fn run(&mut self, sql: &'static str) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(db) => sqlx::query(sql).execute(&mut **db).await.map(|_| ()),
            Self::Postgres(db) => sqlx::raw_sql(sql).execute(&mut **db).await.map(|_| ()),
        }
    }

    /// The connection, where only SQLite can do what is to be done.
    pub(crate) fn file(&mut self) -> sqlx::Result<&mut SqliteConnection> {
        match self {
            Self::Sqlite(db) => Ok(db),
            Self::Postgres(_) => Err(sqlx::Error::Configuration(
                "only a log in a file can do this".into(),
            )),
        }
    }

    /// The connection, where only PostgreSQL does what is to be done.
    pub(crate) fn server(&mut self) -> sqlx::Result<&mut PgConnection> {
        match self {
            Self::Postgres(db) => Ok(db),
            Self::Sqlite(_) => Err(sqlx::Error::Configuration(
                "only a log on a server can do this".into(),
            )),
        }
    }

    /// Closes a connection of one's own; one that is lent goes back.
    pub(crate) async fn close(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(Held::Own(db)) => db.close().await,
            Self::Postgres(Held::Own(db)) => db.close().await,
            Self::Sqlite(_) | Self::Postgres(_) => Ok(()),
        }
    }
}
