//! What lies beside the entries and does not follow from them as the kernel knows them: the log's name, claims,
//! idempotency keys, cursors. Their form and their place in the log are checked; what a keyed hash was made of is not.

use super::Check;
use crate::database::{Connection, Row, query};
use crate::ledger::rows;
use events::Position;

/// The length of a keyed hash.
const HASH: usize = 32;

/// The log's name must be the one in its signed checkpoints.
pub(super) async fn compare_origin(db: &mut Connection, check: &mut Check<'_>) {
    let named = "SELECT value FROM kernel_meta WHERE name = 'origin'";
    let named = query(named).fetch_optional(&mut *db).await;
    let named = match named.and_then(|row| row.map(|row| row.try_get::<Vec<u8>>(0)).transpose()) {
        Ok(named) => named,
        Err(error) => return check.note(0, format!("kernel_meta cannot be read: {error}")),
    };
    let form = |origin: &str| {
        origin
            .strip_prefix("schulhof/")
            .is_some_and(|id| id.parse::<uuid::Uuid>().is_ok())
    };
    let named = named.and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(named) = named.filter(|origin| form(origin)) else {
        return check.note(0, "kernel_meta: the log's name is missing or is none");
    };
    let sql = "SELECT size, note FROM kernel_checkpoint ORDER BY size DESC LIMIT 1";
    // Checkpoints that cannot be read were named before.
    let Ok(Some(newest)) = query(sql).fetch_optional(db).await else {
        return;
    };
    let size = rows::number(&newest, 0).unwrap_or_default();
    let note = newest.try_bytes(1).map(String::from_utf8_lossy);
    let signed = note.unwrap_or_default();
    if signed.lines().next() != Some(named.as_str()) {
        check.note(
            size,
            "kernel_meta: the log's name is not the one in the newest signed checkpoint",
        );
    }
}

/// A table beside the entries, and what a row of it must be in a log of a size.
struct Beside {
    name: &'static str,
    sql: &'static str,
    sound: fn(&Row, Position) -> sqlx::Result<bool>,
}

/// A claim or a key of a unit without events has the position after the head.
const BESIDE: [Beside; 3] = [
    Beside {
        name: "kernel_claim",
        sql: "SELECT position, scope, value FROM kernel_claim",
        sound: |row, size| {
            let scope: &str = row.try_get(1)?;
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-/.".contains(&byte);
            let named = !scope.is_empty() && scope.bytes().all(is_word);
            let hashed = row.try_get::<&[u8]>(2)?.len() == HASH;
            Ok(named && hashed && (1..=size + 1).contains(&at(row)?))
        },
    },
    Beside {
        name: "kernel_once",
        sql: "SELECT first, last, key FROM kernel_once",
        sound: |row, size| {
            let last = rows::number(row, 1)?;
            let hashed = row.try_get::<&[u8]>(2)?.len() == HASH;
            Ok(hashed && last <= size && (1..=last + 1).contains(&at(row)?))
        },
    },
    Beside {
        name: "kernel_cursor",
        sql: "SELECT position, name FROM kernel_cursor",
        sound: |row, size| Ok(!row.try_get::<&str>(1)?.is_empty() && at(row)? <= size),
    },
];

/// The position, which no signed number below 0 is.
fn at(row: &Row) -> sqlx::Result<Position> {
    let position = row.try_get::<i64>(0)?;
    Ok(u64::try_from(position).unwrap_or(Position::MAX))
}

/// Every row must have the form that was written and a place in the log.
pub(super) async fn compare_beside(db: &mut Connection, check: &mut Check<'_>) {
    let size = check.size();
    for Beside { name, sql, sound } in BESIDE {
        let found = match query(sql).fetch_all(&mut *db).await {
            Ok(found) => found,
            Err(error) => {
                check.note(0, format!("{name} cannot be read: {error}"));
                continue;
            }
        };
        for row in &found {
            if !sound(row, size).unwrap_or(false) {
                let position = at(row).ok().filter(|at| *at <= size).unwrap_or_default();
                check.note(
                    position,
                    format!("{name}: a row is not what can have been written"),
                );
            }
        }
    }
}
