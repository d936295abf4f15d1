//! A log on a PostgreSQL server, which several machines may share. Whoever appends locks the head's row, catches up with what
//! others have appended meanwhile, and writes upon that, so that positions have no gaps and no two machines write the same one.
//! Blocks, entries, leaves and roots are the same bytes as in a file.

mod ahead;
mod catch_up;
mod commit;
mod found;
pub(super) mod kept;
mod listen;
mod say;
mod turn;
mod turns;
mod writer;

use super::LedgerError;
use super::error::database;
use crate::database::{Connection, Server, code, query};
use events::Position;
pub(crate) use found::Found;
pub(super) use listen::listen;
use sqlx::migrate::Migrator;
pub(crate) use turns::Turns;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// Positions for which there is a partition before they are needed.
const AHEAD: Position = 10_000_000;
/// PostgreSQL's code for a lock that could not be had in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

pub(super) async fn connect(server: &Server, durable: bool) -> Result<Connection, LedgerError> {
    server.connect(durable).await.map_err(database("open"))
}

/// Brings the tables up to date. The server's role need not be allowed to: then their owner has done it before.
pub(super) async fn bring_along(db: &mut Connection) -> Result<(), LedgerError> {
    if !is_current(db).await {
        let owner = db.server().map_err(database("open"))?;
        MIGRATIONS.run_direct(None, owner, false).await?;
    }
    warn_of_settings(db).await.map_err(database("read"))
}

async fn is_current(db: &mut Connection) -> bool {
    let sql = "SELECT version FROM _sqlx_migrations WHERE success";
    // There may be no such table yet.
    let rows = query(sql).fetch_all(db).await.unwrap_or_default();
    let done: Vec<i64> = rows.iter().flat_map(|row| row.try_get(0)).collect();
    MIGRATIONS.iter().all(|step| done.contains(&step.version))
}

/// With these settings a power cut may take what was acknowledged.
async fn warn_of_settings(db: &mut Connection) -> sqlx::Result<()> {
    for setting in ["fsync", "full_page_writes"] {
        let row = query("SELECT current_setting(?)")
            .bind(setting)
            .fetch_one(&mut *db);
        if row.await?.try_get::<&str>(0)? == "off" {
            tracing::warn!(
                setting,
                "the database server is set to lose what it has confirmed when the power is cut"
            );
        }
    }
    Ok(())
}

/// Refuses a database that holds a log: a restoration founds its own.
pub(super) async fn refuse_used(db: &mut Connection) -> Result<(), LedgerError> {
    let sql = "SELECT to_regclass('kernel_meta') IS NOT NULL";
    let row = query(sql).fetch_one(db).await.map_err(database("read"))?;
    match row.try_get(0).map_err(database("read"))? {
        true => Err(LedgerError::Used),
        false => Ok(()),
    }
}

/// Makes room for what comes, so that no append finds its partition missing.
pub(super) async fn make_room(db: &mut Connection, size: Position) -> sqlx::Result<()> {
    let room = query("SELECT kernel_make_room(?)").bind(size.saturating_add(AHEAD));
    room.execute(db).await.map(|_| ())
}

/// Leaves nothing of what was emptied in pages of before, nor in the write-ahead log; false when somebody reads an old state, so
/// that it has to be tried again.
pub(super) async fn leave_nothing(db: &mut Connection) -> sqlx::Result<bool> {
    match db.run("SELECT kernel_rewrite()").await {
        Err(error) if code(&error).as_deref() == Some(LOCK_NOT_AVAILABLE) => return Ok(false),
        rewritten => rewritten?,
    }
    if let Some(step) = db.cut_write_ahead_log().await? {
        tracing::warn!(
            step,
            "the database's role may not do this: pages of before stay in the write-ahead log until it is reused"
        );
    }
    Ok(true)
}
