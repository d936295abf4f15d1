//! What is kept beside a log on a server, for a backup, in the form in which a log in a file gives it: so it comes back into either.

use crate::database::{Connection, Row, query};
use crate::ledger::error::Problem;
use crate::ledger::kept::{copied, in_memory};
use crate::ledger::rows::{self, HeadRow};
use sqlx::AssertSqlSafe;

/// Which tables: what modules keep, and of the kernel's own what does not follow from the entries.
const TABLES: &str = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()
    AND (tablename LIKE '%\\_kept' OR tablename IN ('kernel_meta', 'kernel_claim', 'kernel_once', 'kernel_cursor'))
    ORDER BY 1";
/// Idempotency keys of the last hour: a browser that repeats a command after a restoration does so soon or never.
const RECENT: &str = "WHERE at > (SELECT at FROM kernel_head) - 3600000";

/// The head, and a database in memory with what is kept beside it, of one moment.
pub(in crate::ledger) async fn copy(
    server: &mut Connection,
) -> sqlx::Result<(Result<HeadRow, Problem>, Vec<u8>)> {
    let mut into = in_memory().await?;
    server.begin_reading().await?;
    let copied = copy_all(server, &mut into).await;
    let head = server.end(copied).await?;
    let bytes = copied_bytes(&mut into).await?;
    Ok((head, bytes))
}

async fn copied_bytes(db: &mut Connection) -> sqlx::Result<Vec<u8>> {
    Ok(db.file()?.serialize(None).await?.to_vec())
}

async fn copy_all(
    server: &mut Connection,
    into: &mut Connection,
) -> sqlx::Result<Result<HeadRow, Problem>> {
    let head = copied(rows::head(server).await?);
    for found in query(TABLES).fetch_all(&mut *server).await? {
        let table: &str = found.try_get(0)?;
        let which = if table == "kernel_once" { RECENT } else { "" };
        let sql = format!("SELECT * FROM {table} {which}");
        let rows = query(AssertSqlSafe(sql)).fetch_all(&mut *server).await?;
        let Some(first) = rows.first() else { continue };
        let columns = first.names().join(", ");
        let sql = format!("CREATE TABLE {table} ({columns})");
        query(AssertSqlSafe(sql)).execute(&mut *into).await?;
        insert(into, table, &rows, "").await?;
    }
    Ok(head)
}

/// Puts what was kept into a log's own tables on a server.
pub(in crate::ledger) async fn put(server: &mut Connection, bytes: &[u8]) -> sqlx::Result<()> {
    let mut from = in_memory().await?;
    let owned = sqlx::sqlite::SqliteOwnedBuf::try_from(bytes)?;
    from.file()?.deserialize(None, owned, true).await?;
    let tables = query("SELECT name FROM sqlite_schema WHERE type = 'table'");
    let tables = tables.fetch_all(&mut from).await?;
    server.begin().await?;
    let put = put_all(server, &mut from, &tables).await;
    server.end(put).await
}

async fn put_all(
    server: &mut Connection,
    from: &mut Connection,
    tables: &[Row],
) -> sqlx::Result<()> {
    for table in tables {
        let table: &str = table.try_get(0)?;
        let sql = format!("SELECT * FROM {table}");
        let rows = query(AssertSqlSafe(sql)).fetch_all(&mut *from).await?;
        insert(server, table, &rows, "ON CONFLICT DO NOTHING").await?;
    }
    Ok(())
}

async fn insert(
    into: &mut Connection,
    table: &str,
    rows: &[Row],
    otherwise: &str,
) -> sqlx::Result<()> {
    for row in rows {
        let names = row.names();
        let places = vec!["?"; names.len()].join(", ");
        let names = names.join(", ");
        let sql = format!("INSERT INTO {table} ({names}) VALUES ({places}) {otherwise}");
        let values = row.values()?;
        let put = query(AssertSqlSafe(sql)).bind_all(values);
        put.execute(&mut *into).await?;
    }
    Ok(())
}
