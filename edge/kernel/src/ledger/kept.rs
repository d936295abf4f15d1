//! What is kept beside the log, for a backup: passwords' hashes, sessions, claims, cursors. The tables are copied in one reading
//! of the database, so that they are those of one moment, and sealed under a key of the keyring.
//!
//! Layout: `schulhof kept 1\n`, nonce 12, then AES-256-GCM over a zstd frame of a SQLite database with these tables; the first
//! line is the associated data.

use super::LedgerError;
use super::error::{Problem, database};
use super::open::must_exist;
use super::rows::{self, HeadRow};
use crate::keyring::Keyring;
use ring::aead::{Aad, NONCE_LEN, Nonce};
use ring::rand::{SecureRandom, SystemRandom};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
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

/// The head and what is kept beside it, of one moment.
pub(super) async fn take(log: &Path, keyring: &Keyring) -> Result<(HeadRow, Vec<u8>), LedgerError> {
    must_exist(log)?;
    let mut db = in_memory().await.map_err(database("open"))?;
    let (head, bytes) = copy(&mut db, log).await.map_err(database("read"))?;
    let head = head.map_err(|problem| LedgerError::Tampered(vec![problem]))?;
    Ok((head, seal(&bytes, keyring)?))
}

async fn in_memory() -> sqlx::Result<SqliteConnection> {
    SqliteConnectOptions::new()
        .filename(":memory:")
        .disable_statement_logging()
        .connect()
        .await
}

async fn copy(
    db: &mut SqliteConnection,
    log: &Path,
) -> sqlx::Result<(Result<HeadRow, Problem>, Vec<u8>)> {
    sqlx::query("ATTACH DATABASE ? AS log")
        .bind(log.to_string_lossy())
        .execute(&mut *db)
        .await?;
    let mut reading = db.begin().await?;
    // The only kernel_head in sight is that of the log.
    let head = rows::head(&mut reading).await?;
    let head = head.unwrap_or_else(|| {
        Err(Problem {
            position: 0,
            what: "there is no event yet".into(),
        })
    });
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *reading).await?;
    for table in tables {
        let which = if table == "kernel_once" { RECENT } else { "" };
        let sql = format!("CREATE TABLE main.{table} AS SELECT * FROM log.{table} {which}");
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut *reading)
            .await?;
    }
    reading.commit().await?;
    let bytes = db.serialize(None).await?.to_vec();
    Ok((head, bytes))
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
pub(super) async fn put(db: &mut SqliteConnection, bytes: Vec<u8>) -> sqlx::Result<()> {
    sqlx::query("ATTACH DATABASE ':memory:' AS kept")
        .execute(&mut *db)
        .await?;
    let owned = sqlx::sqlite::SqliteOwnedBuf::try_from(bytes.as_slice())?;
    db.deserialize(Some("kept"), owned, true).await?;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM kept.sqlite_schema WHERE type = 'table'")
            .fetch_all(&mut *db)
            .await?;
    for table in tables {
        let columns: Vec<String> =
            sqlx::query_scalar("SELECT name FROM pragma_table_info(?, 'kept')")
                .bind(&table)
                .fetch_all(&mut *db)
                .await?;
        // In a log that goes on from an earlier copy lies what was kept then. What the log says of itself is only ever added to.
        if table != "kernel_meta" {
            let emptied = format!("DELETE FROM main.{table}");
            sqlx::query(AssertSqlSafe(emptied))
                .execute(&mut *db)
                .await?;
        }
        let columns = columns.join(", ");
        let sql = format!(
            "INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns} FROM kept.{table}"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *db).await?;
    }
    sqlx::query("DETACH DATABASE kept")
        .execute(db)
        .await
        .map(|_| ())
}
