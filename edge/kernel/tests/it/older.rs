//! A log that was written when every event was a row of its own goes on: its events are packed when it is opened, or it is
//! left as it was.

use crate::support::{MONDAY, add_person, close, open, person, room, say, try_open};
use edge_kernel::Clock;
use edge_kernel::ledger::{Stored, verify_directory};
use events_proof::tree::leaf_hash;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::collections::HashMap;
use std::error::Error as _;
use std::path::Path;

/// Some people who talk, in a data directory that is closed again; and its rows.
async fn school(directory: &Path) -> Vec<Stored> {
    let kernel = open(directory).await;
    add_person(&kernel, person(1), "Ada").await;
    for number in 0..300 {
        let text = format!("Nachricht {number}");
        say(&kernel, room(1 + number % 3), person(1), &text).await;
    }
    kernel.ledger.checkpoint().await.expect("signs");
    let rows = kernel.ledger.stored(0, 1000).await.expect("reads");
    close(kernel).await;
    rows
}

async fn connect(directory: &Path) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(directory.join("log.db"));
    options.connect().await.expect("connects")
}

/// Writes a log as older versions did.
async fn age(directory: &Path, rows: &[Stored]) {
    let mut db = connect(directory).await;
    let tables = "DROP TABLE kernel_block; DROP TABLE kernel_name; DROP TABLE kernel_erasing;
        DELETE FROM _sqlx_migrations WHERE version = 5;
        CREATE TABLE kernel_event (position INTEGER PRIMARY KEY, before INTEGER NOT NULL, sum INTEGER NOT NULL,
            entry BLOB, body BLOB);
        CREATE TRIGGER kernel_event_is_append_only BEFORE DELETE ON kernel_event
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;";
    sqlx::raw_sql(tables).execute(&mut db).await.expect("ages");
    let mut ends = HashMap::new();
    for row in rows {
        let entry = row.entry.as_deref().expect("is whole");
        let sum = leaf_hash(entry);
        let sum = u32::from_be_bytes([sum[0], sum[1], sum[2], sum[3]]);
        let before = ends.insert(entry[36..52].to_vec(), row.position);
        sqlx::query("INSERT INTO kernel_event VALUES (?, ?, ?, ?, ?)")
            .bind(row.position.cast_signed())
            .bind(before.unwrap_or_default().cast_signed())
            .bind(i64::from(sum))
            .bind(entry)
            .bind(row.body.as_deref())
            .execute(&mut db)
            .await
            .expect("writes");
    }
    db.close().await.expect("closes");
}

#[tokio::test]
async fn an_older_log_goes_on_with_the_same_entries_and_the_same_root() {
    let directory = tempfile::tempdir().expect("a directory");
    let rows = school(directory.path()).await;
    let before = verify_directory(directory.path(), &|_, _| {}).await;
    let before = before.expect("verifies");
    age(directory.path(), &rows).await;
    let refused = verify_directory(directory.path(), &|_, _| {}).await;
    let refused = refused.expect_err("is not read").to_string();
    assert!(refused.contains("start the server once"), "{refused}");
    let kernel = open(directory.path()).await;
    let moved = kernel.ledger.stored(0, 1000).await.expect("reads");
    let whole = |rows: &[Stored]| -> Vec<_> {
        let row = |row: &Stored| (row.position, row.entry.clone(), row.body.clone());
        rows.iter().map(row).collect()
    };
    assert_eq!(whole(&moved), whole(&rows));
    say(&kernel, room(1), person(1), "und weiter").await;
    assert_eq!(kernel.ledger.size(), before.size + 1);
    close(kernel).await;
    let report = verify_directory(directory.path(), &|_, _| {}).await;
    assert_eq!(report.expect("verifies").problems, []);
}

#[tokio::test]
async fn an_older_log_that_was_changed_is_named_and_left_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let rows = school(directory.path()).await;
    age(directory.path(), &rows).await;
    let mut db = connect(directory.path()).await;
    sqlx::raw_sql("UPDATE kernel_event SET body = zeroblob(length(body)) WHERE position = 117")
        .execute(&mut db)
        .await
        .expect("tampers");
    let opened = try_open(directory.path(), Clock::manual(MONDAY)).await;
    let error = opened.err().expect("is refused");
    let refusal = error.source().map(ToString::to_string).unwrap_or_default();
    assert!(refusal.contains("position 117"), "{refusal}");
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM kernel_event")
        .fetch_one(&mut db)
        .await
        .expect("is there");
    assert_eq!(left.cast_unsigned(), rows.len() as u64);
}
