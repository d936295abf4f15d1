//! What is kept beside the log, for a backup: passwords' hashes, sessions, claims, cursors. The tables are copied in one reading
//! of the database, so that they are those of one moment, and sealed under a key of the keyring.
//!
//! Layout: `schulhof kept 1\n`, nonce 12, then AES-256-GCM over a zstd frame of a SQLite database with these tables; the first
//! line is the associated data.

use super::LedgerError;
use super::error::{Problem, database};
use super::open::must_exist;
use super::postgres;
use super::rows::{self, HeadRow};
use crate::database::{Connection, query};
use crate::keyring::Keyring;
use ring::aead::{Aad, NONCE_LEN, Nonce};
use ring::rand::{SecureRandom, SystemRandom};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use std::path::Path;

const MAGIC: &[u8] = b"schulhof kept 1\n";
const PURPOSE: &str = "backup/kept";
const LEVEL: i32 = 1;

/// Which tables: what modules keep, and of the kernel's own what does not follow from the entries.
const TABLES: &str = "SELECT name FROM log.sqlite_schema WHERE type = 'table'
    AND (name LIKE '%\\_kept' ESCAPE '\\' OR name IN ('kernel_meta', 'kernel_claim', 'kernel_once', 'kernel_cursor'))
    ORDER BY name";
/// Idempotency keys of the last hour: a browser that repeats a command after a restoration does so soon or never.
const RECENT: &str = "WHERE at > (SELECT at FROM log.kernel_head) - 3600000";

/// The head and what is kept beside it, of one moment, out of a log in a file.
pub(super) async fn take(log: &Path, keyring: &Keyring) -> Result<(HeadRow, Vec<u8>), LedgerError> {
    must_exist(log)?;
    let db = in_memory().await.map_err(database("open"))?;
    let (head, bytes) = copy(db, log).await.map_err(database("read"))?;
    sealed(head, &bytes, keyring)
}

/// The same out of a log on a server.
pub(super) async fn take_from_server(
    server: &mut Connection,
    keyring: &Keyring,
) -> Result<(HeadRow, Vec<u8>), LedgerError> {
    let copied = postgres::kept::copy(server).await;
    let (head, bytes) = copied.map_err(database("read"))?;
    sealed(head, &bytes, keyring)
}

fn sealed(
    head: Result<HeadRow, Problem>,
    bytes: &[u8],
    keyring: &Keyring,
) -> Result<(HeadRow, Vec<u8>), LedgerError> {
    let head = head.map_err(|problem| LedgerError::Tampered(vec![problem]))?;
    Ok((head, seal(bytes, keyring)?))
}

pub(super) async fn in_memory() -> sqlx::Result<Connection> {
    SqliteConnectOptions::new()
        .filename(":memory:")
        .disable_statement_logging()
        .connect()
        .await
        .map(Connection::from)
}

async fn copy(mut db: Connection, log: &Path) -> sqlx::Result<(Result<HeadRow, Problem>, Vec<u8>)> {
    query("ATTACH DATABASE ? AS log")
        .bind(&*log.to_string_lossy())
        .execute(&mut db)
        .await?;
    db.begin_reading().await?;
    // The only kernel_head in sight is that of the log.
    let head = copied(rows::head(&mut db).await?);
    for row in query(TABLES).fetch_all(&mut db).await? {
        let table: &str = row.try_get(0)?;
        let which = if table == "kernel_once" { RECENT } else { "" };
        let sql = format!("CREATE TABLE main.{table} AS SELECT * FROM log.{table} {which}");
        query(AssertSqlSafe(sql)).execute(&mut db).await?;
    }
    db.end(Ok(())).await?;
    let bytes = db.file()?.serialize(None).await?.to_vec();
    Ok((head, bytes))
}

/// The head of a log that has one.
pub(super) fn copied(head: Option<Result<HeadRow, Problem>>) -> Result<HeadRow, Problem> {
    head.unwrap_or_else(|| {
        Err(Problem {
            position: 0,
            what: "there is no event yet".into(),
        })
    })
}

fn seal(bytes: &[u8], keyring: &Keyring) -> Result<Vec<u8>, LedgerError> {
    let mut packed = zstd::bulk::compress(bytes, LEVEL).map_err(|source| LedgerError::Io {
        doing: "pack",
        path: "what is kept beside the log".into(),
        source,
    })?;
    let mut nonce = [0; NONCE_LEN];
    let no_randomness = |_| LedgerError::from(crate::keyring::KeyringError::NoRandomness);
    SystemRandom::new()
        .fill(&mut nonce)
        .map_err(no_randomness)?;
    keyring
        .sealing_key(PURPOSE)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(MAGIC),
            &mut packed,
        )
        .map_err(no_randomness)?;
    Ok([MAGIC, &nonce, &packed].concat())
}

/// The database in a sealed copy; none when it was not sealed under this keyring, or is damaged.
pub(super) fn unseal(sealed: &[u8], keyring: &Keyring) -> Option<Vec<u8>> {
    let rest = sealed.strip_prefix(MAGIC)?;
    let (nonce, packed) = rest.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut packed = packed.to_vec();
    let key = keyring.sealing_key(PURPOSE).ok()?;
    let plain = key
        .open_in_place(nonce, Aad::from(MAGIC), &mut packed)
        .ok()?;
    zstd::stream::decode_all(&*plain).ok()
}

/// Puts what was kept into a log's own tables.
pub(super) async fn put(db: &mut Connection, bytes: Vec<u8>) -> sqlx::Result<()> {
    if let Connection::Postgres(_) = db {
        return postgres::kept::put(db, &bytes).await;
    }
    db.run("ATTACH DATABASE ':memory:' AS kept").await?;
    let owned = sqlx::sqlite::SqliteOwnedBuf::try_from(bytes.as_slice())?;
    db.file()?.deserialize(Some("kept"), owned, true).await?;
    let tables = query("SELECT name FROM kept.sqlite_schema WHERE type = 'table'");
    for row in tables.fetch_all(&mut *db).await? {
        let table: &str = row.try_get(0)?;
        let columns = columns(db, table).await?.join(", ");
        // In a log that goes on from an earlier copy lies what was kept then. What the log says of itself is only ever added to.
        if table != "kernel_meta" {
            let emptied = format!("DELETE FROM main.{table}");
            query(AssertSqlSafe(emptied)).execute(&mut *db).await?;
        }
        let sql = format!(
            "INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns} FROM kept.{table}"
        );
        query(AssertSqlSafe(sql)).execute(&mut *db).await?;
    }
    db.run("DETACH DATABASE kept").await
}

async fn columns(db: &mut Connection, table: &str) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_info(?, 'kept')";
    let rows = query(sql).bind(table).fetch_all(db).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}
