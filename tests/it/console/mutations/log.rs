//! Changes in the log's own tables, through SQL that knows no more of them than that they are there: a value changed, two
//! values swapped, a row dropped or repeated.

use super::Changed;
use e2e::generator::Chance;
use edge_kernel::ledger::verify_directory;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection, Row, SqliteConnection, TypeInfo, ValueRef,
};
use std::path::{Path, PathBuf};

/// What history and its proof lie in. Claims, cursors and idempotency keys are no history.
const TABLES: [&str; 4] = [
    "kernel_block",
    "kernel_block",
    "kernel_name",
    "kernel_checkpoint",
];

/// A log with a copy of its file, to mend it again.
pub(super) struct Log {
    data: PathBuf,
    sound: Vec<u8>,
}

/// A value of any type, as SQLite writes it.
#[derive(Clone, PartialEq)]
enum Value {
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
    Nothing,
}

impl Log {
    pub(super) async fn open(data: &Path) -> Self {
        let mut db = connect(data).await;
        let free = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'kernel%'";
        let triggers = sqlx::query(free).fetch_all(&mut db).await.expect("reads");
        for trigger in triggers {
            let name: String = trigger.get(0);
            run(&mut db, &format!("DROP TRIGGER {name}")).await;
        }
        run(&mut db, "PRAGMA wal_checkpoint(TRUNCATE)").await;
        db.close().await.expect("closes");
        let sound = std::fs::read(data.join("log.db")).expect("is ours");
        Self {
            data: data.to_owned(),
            sound,
        }
    }

    pub(super) async fn verify(&self) -> Vec<(u64, String)> {
        let report = verify_directory(&self.data, &|_, _| {})
            .await
            .expect("verifies");
        let problems = report.problems.into_iter();
        problems
            .map(|problem| (problem.position, problem.to_string()))
            .collect()
    }

    pub(super) async fn mend(&self) {
        for beside in ["log.db-wal", "log.db-shm"] {
            // They are gone already when the last connection closed in order.
            let _ = std::fs::remove_file(self.data.join(beside));
        }
        std::fs::write(self.data.join("log.db"), &self.sound).expect("is ours");
    }

    pub(super) async fn change(&self, chance: &mut Chance) -> Changed {
        let mut db = connect(&self.data).await;
        let table = *chance.pick(&TABLES);
        let rows = sqlx::query(AssertSqlSafe(format!("SELECT * FROM {table}")));
        let rows = rows.fetch_all(&mut db).await.expect("reads");
        let (row, other) = (chance.pick(&rows), chance.pick(&rows));
        let keys = keys(&mut db, table).await;
        let size: i64 = sqlx::query_scalar("SELECT size FROM kernel_head")
            .fetch_one(&mut db)
            .await
            .expect("reads");
        let column = chance.below(row.columns().len());
        let is_checkpoint = table == "kernel_checkpoint";
        let mut moved_to = None;
        let changed = match chance.below(4) {
            // A checkpoint less is a proof less, and no change of history.
            0 if !is_checkpoint => {
                let sql = format!("DELETE FROM {table} WHERE {}", place(row, &keys));
                run(&mut db, &sql).await;
                "dropped a row"
            }
            1 if value(row, column) != value(other, column)
                && !keys.contains(&name(row, column)) =>
            {
                set(&mut db, table, row, &keys, column, &value(other, column)).await;
                set(&mut db, table, other, &keys, column, &value(row, column)).await;
                "swapped a value"
            }
            2 if table == "kernel_block" => {
                repeat(&mut db, table, row, size + 1).await;
                "repeated a row at the end"
            }
            _ => {
                let flipped = flip(value(row, column), chance);
                if let (Value::Number(to), "first") = (&flipped, name(row, column).as_str()) {
                    moved_to = Some(*to);
                }
                set(&mut db, table, row, &keys, column, &flipped).await;
                "changed a value"
            }
        };
        db.close().await.expect("closes");
        let first = |row: &SqliteRow| row.try_get::<i64, _>("first").ok();
        // Of two that were swapped the first is named; with many events in each, the list may be full before the second.
        let changed_first = match changed {
            "swapped a value" => first(row).min(first(other)),
            _ => first(row),
        };
        let between = changed_first.map(|from| {
            let next = rows.iter().filter_map(first).filter(|other| *other > from);
            let until = next.min().unwrap_or(size + 1) - 1;
            // A block that lies where others are is named there, and the list may be full before the place it has left.
            (moved_to.map_or(from, |to| from.min(to)), until)
        });
        let between = match changed {
            "repeated a row at the end" => Some((size + 1, size + 1)),
            _ => between,
        };
        let positions = between.map(|(from, until)| from.cast_unsigned()..=until.cast_unsigned());
        Changed {
            what: format!("{changed} of {table}, column {}", name(row, column)),
            positions,
        }
    }
}

async fn connect(data: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(data.join("log.db"));
    options.connect().await.expect("the log opens")
}

async fn run(db: &mut SqliteConnection, sql: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(db)
        .await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The columns of a table's primary key.
async fn keys(db: &mut SqliteConnection, table: &str) -> Vec<String> {
    let sql = format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0");
    let rows = sqlx::query(AssertSqlSafe(sql))
        .fetch_all(db)
        .await
        .expect("reads");
    rows.iter().map(|row| row.get(0)).collect()
}

fn name(row: &SqliteRow, column: usize) -> String {
    row.columns()[column].name().to_owned()
}

fn value(row: &SqliteRow, column: usize) -> Value {
    let raw = row.try_get_raw(column).expect("is there");
    match raw.type_info().name() {
        _ if raw.is_null() => Value::Nothing,
        "INTEGER" => Value::Number(row.get(column)),
        "TEXT" => Value::Text(row.get(column)),
        _ => Value::Bytes(row.get(column)),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Bytes(bytes) => format!("x'{}'", events_proof::tree::to_hex(bytes)),
        Value::Nothing => "NULL".into(),
    }
}

/// Which row.
fn place(row: &SqliteRow, keys: &[String]) -> String {
    let columns = (0..row.columns().len()).filter(|column| keys.contains(&name(row, *column)));
    let equal =
        columns.map(|column| format!("{} = {}", name(row, column), literal(&value(row, column))));
    equal.collect::<Vec<_>>().join(" AND ")
}

async fn set(
    db: &mut SqliteConnection,
    table: &str,
    row: &SqliteRow,
    keys: &[String],
    column: usize,
    to: &Value,
) {
    let (name, to, place) = (name(row, column), literal(to), place(row, keys));
    run(
        db,
        &format!("UPDATE OR REPLACE {table} SET {name} = {to} WHERE {place}"),
    )
    .await;
}

/// The row once more, under another first position.
async fn repeat(db: &mut SqliteConnection, table: &str, row: &SqliteRow, first: i64) {
    let values = (0..row.columns().len()).map(|column| match name(row, column).as_str() {
        "first" => first.to_string(),
        _ => literal(&value(row, column)),
    });
    let values: Vec<String> = values.collect();
    run(
        db,
        &format!("INSERT INTO {table} VALUES ({})", values.join(", ")),
    )
    .await;
}

fn flip(value: Value, chance: &mut Chance) -> Value {
    match value {
        Value::Number(number) => Value::Number(number ^ (1 << chance.below(20))),
        Value::Text(text) => {
            let mut letters: Vec<char> = text.chars().collect();
            let at = chance.below(letters.len());
            letters[at] = if letters[at] == 'q' { 'r' } else { 'q' };
            Value::Text(letters.into_iter().collect())
        }
        Value::Bytes(mut bytes) if !bytes.is_empty() => {
            let at = chance.below(bytes.len());
            bytes[at] ^= 1 << chance.below(8);
            Value::Bytes(bytes)
        }
        Value::Bytes(_) | Value::Nothing => Value::Bytes(vec![7]),
    }
}
