//! What only a log in SQLite has: its file, the write-ahead log beside it, a limit of pages, a check of its pages.

use super::LedgerError;
use super::error::database;
use super::open::must_exist;
use super::repack::{is_older, repack};
use crate::database::{Connection, Pool};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqliteConnection};
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// How long a connection waits for another one's lock.
const BUSY: Duration = Duration::from_secs(10);
/// The write-ahead log's size, in bytes, from which the writer itself stops to fold it back.
const WAL_LIMIT: u64 = 256 << 20;

/// Founds a database file that only its owner may read, whoever made the directory; SQLite gives the files beside it the
/// same mode.
pub(crate) fn found_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .statement_cache_capacity(256)
        .disable_statement_logging()
}

/// Opens a log's file for writing, or founds it.
pub(super) async fn found(path: &Path, durable: bool) -> Result<Connection, LedgerError> {
    found_private(path).map_err(|source| LedgerError::Io {
        doing: "create",
        path: path.to_owned(),
        source,
    })?;
    connect(path, durable).await.map(Connection::from)
}

/// Brings the tables and what is in them up to date.
pub(super) async fn bring_along(
    db: &mut Connection,
    progress: &(dyn Fn(&str, u64, u64) + Sync),
) -> Result<(), LedgerError> {
    let file = db.file().map_err(database("open"))?;
    let steps = sqlx::migrate!("../../migrations/sqlite");
    steps.run_direct(None, file, false).await?;
    repack(db, progress).await
}

async fn connect(path: &Path, durable: bool) -> Result<SqliteConnection, LedgerError> {
    let synchronous = if durable {
        SqliteSynchronous::Full
    } else {
        SqliteSynchronous::Off
    };
    options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .pragma("secure_delete", "ON")
        .connect()
        .await
        .map_err(database("open"))
}

pub(super) async fn connect_to_read(path: &Path) -> Result<Connection, LedgerError> {
    must_exist(path)?;
    let options = options(path).pragma("query_only", "ON");
    let connected = options.connect().await.map_err(database("open"))?;
    let mut db = Connection::from(connected);
    // What cannot be read is told by whoever reads on.
    if is_older(&mut db).await.unwrap_or(false) {
        let path = path.to_owned();
        return Err(LedgerError::Older { path });
    }
    Ok(db)
}

pub(super) async fn reading_pool(path: &Path) -> Result<Pool, LedgerError> {
    SqlitePoolOptions::new()
        .max_connections(6)
        .connect_with(options(path).pragma("query_only", "ON"))
        .await
        .map(Pool::Sqlite)
        .map_err(database("open"))
}

/// Whether the write-ahead log has become so long that somebody has to wait until it is folded back.
pub(super) fn is_wal_long(wal: &Path) -> bool {
    wal.metadata().is_ok_and(|data| data.len() > WAL_LIMIT)
}

/// Folds the write-ahead log back, unless somebody reads an old state of it: a verification may do so for minutes, and
/// appends must not wait for it. Then the next housekeeping tries again. Gives whether it is folded back.
pub(super) async fn fold_back(db: &mut SqliteConnection) -> sqlx::Result<bool> {
    sqlx::raw_sql("PRAGMA busy_timeout = 50")
        .execute(&mut *db)
        .await?;
    let folded = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut *db)
        .await
        .and_then(|row| row.try_get::<i64, _>(0));
    let patient = format!("PRAGMA busy_timeout = {}", BUSY.as_millis());
    sqlx::raw_sql(AssertSqlSafe(patient)).execute(db).await?;
    Ok(folded? == 0)
}

/// Limits how many pages the file may grow by; none lifts the limit.
pub(super) async fn limit_pages(db: &mut SqliteConnection, more: Option<u32>) -> sqlx::Result<()> {
    let used: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&mut *db)
        .await?;
    let most = more.map_or(i64::from(u32::MAX) - 2, |more| used + i64::from(more));
    let sql = format!("PRAGMA max_page_count = {most}");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(db)
        .await
        .map(|_| ())
}

/// What SQLite itself finds wrong with the file.
pub(super) async fn integrity(db: &mut SqliteConnection) -> Vec<String> {
    match sqlx::query("PRAGMA integrity_check(20)")
        .fetch_all(db)
        .await
    {
        Ok(rows) => rows
            .iter()
            .filter_map(|row| row.try_get::<String, _>(0).ok())
            .filter(|line| line != "ok")
            .map(|line| format!("the database file is damaged: {line}"))
            .collect(),
        Err(error) => vec![format!("the database file is damaged: {error}")],
    }
}
