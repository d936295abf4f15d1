//! Tampering: every changed byte of the log is noticed, named by position, and keeps the log from opening.

use crate::support::{MONDAY, add_person, close, open, person, room, say, try_open};
use edge_kernel::Clock;
use edge_kernel::ledger::verify_directory;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::path::Path;

async fn school(directory: &Path) {
    let kernel = open(directory).await;
    add_person(&kernel, person(1), "Ada").await;
    for number in 0..300 {
        say(
            &kernel,
            room(1 + number % 2),
            person(1),
            &format!("Nachricht {number}"),
        )
        .await;
    }
    kernel.ledger.checkpoint().await.expect("signs");
    close(kernel).await;
}

async fn refused(directory: &Path) -> String {
    let opened = try_open(directory, Clock::manual(MONDAY)).await;
    let error = opened.err().expect("is refused");
    std::error::Error::source(&error)
        .map(ToString::to_string)
        .unwrap_or_default()
}

async fn sql(log: &Path, statements: &str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(log);
    let mut db: SqliteConnection = options.connect().await.expect("connects");
    let free = "DROP TRIGGER IF EXISTS kernel_event_changes_only_by_erasure; DROP TRIGGER IF EXISTS kernel_event_is_append_only;";
    let all = format!("{free} {statements}");
    sqlx::raw_sql(AssertSqlSafe(all))
        .execute(&mut db)
        .await
        .expect("tampers");
    db.close().await.expect("closes");
}

async fn tampered(statements: &str) -> (Vec<u64>, String) {
    let directory = tempfile::tempdir().expect("a directory");
    school(directory.path()).await;
    let whole = verify_directory(directory.path(), &|_, _| {})
        .await
        .expect("verifies");
    assert_eq!(whole.problems, []);
    sql(&directory.path().join("log.db"), statements).await;
    let report = verify_directory(directory.path(), &|_, _| {})
        .await
        .expect("verifies");
    let opened = try_open(directory.path(), Clock::manual(MONDAY)).await;
    let refusal = opened
        .err()
        .and_then(|error| std::error::Error::source(&error).map(ToString::to_string));
    (
        report
            .problems
            .iter()
            .map(|problem| problem.position)
            .collect(),
        refusal.unwrap_or_default(),
    )
}

/// Flips the lowest bit of a byte in a blob column of one row.
fn flip(column: &str, position: u64, byte: u64) -> String {
    let at = byte + 1;
    format!(
        "UPDATE kernel_event SET {column} = CAST(substr({column}, 1, {byte}) AS BLOB) ||
            CASE WHEN substr({column}, {at}, 1) = x'00' THEN x'01' ELSE x'00' END ||
            CAST(substr({column}, {at} + 1) AS BLOB) WHERE position = {position};"
    )
}

#[tokio::test]
async fn a_changed_body_is_named_by_position() {
    let (positions, refusal) = tampered(&flip("body", 117, 20)).await;
    assert!(positions.contains(&117), "{positions:?}");
    assert!(
        refusal.contains("position 117") && refusal.contains("restore"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_changed_entry_is_named_by_position() {
    // One in a complete tile, one among the newest.
    for position in [42, 299] {
        for byte in [0, 1, 4, 12, 20, 36, 52, 56, 60, 76, 85, 101, 105] {
            let (positions, _) = tampered(&flip("entry", position, byte)).await;
            assert!(positions.contains(&position), "byte {byte}: {positions:?}");
        }
    }
}

#[tokio::test]
async fn a_missing_an_added_and_a_swapped_event_are_noticed() {
    for statements in [
        "DELETE FROM kernel_event WHERE position = 50;",
        "DELETE FROM kernel_event WHERE position = (SELECT max(position) FROM kernel_event);",
        "INSERT INTO kernel_event SELECT position + 1, position, sum, entry, body FROM kernel_event ORDER BY position DESC LIMIT 1;",
        "UPDATE kernel_event SET entry = NULL WHERE position = 50;",
        "UPDATE kernel_event SET before = before + 1 WHERE position = 50;",
        "UPDATE kernel_event SET position = 1000 WHERE position = 50; UPDATE kernel_event SET position = 50 WHERE position = 51;
         UPDATE kernel_event SET position = 51 WHERE position = 1000;",
    ] {
        let (positions, refusal) = tampered(statements).await;
        assert!(!positions.is_empty() && !refusal.is_empty(), "{statements}");
    }
}

#[tokio::test]
async fn a_changed_tile_head_or_checkpoint_is_noticed() {
    for statements in [
        "UPDATE kernel_tile SET hashes = zeroblob(8192) WHERE level = 0;",
        "UPDATE kernel_head SET root = zeroblob(32);",
        "UPDATE kernel_head SET size = size - 1;",
        "UPDATE kernel_head SET at = at + 1;",
        "UPDATE kernel_stream SET version = version + 1;",
        "UPDATE kernel_stream SET version = version - 1, head = head - 2 WHERE version > 100;",
        "DELETE FROM kernel_stream WHERE version > 100;",
        "UPDATE kernel_checkpoint SET note = replace(note, 'schulhof', 'schulhoF');",
    ] {
        let (positions, refusal) = tampered(statements).await;
        assert!(!positions.is_empty() && !refusal.is_empty(), "{statements}");
    }
}

#[tokio::test]
async fn what_lies_beside_the_entries_must_have_its_form_and_its_place() {
    let directory = tempfile::tempdir().expect("a directory");
    school(directory.path()).await;
    let log = directory.path().join("log.db");
    let sound = "INSERT INTO kernel_claim VALUES ('login', zeroblob(32), 7);
        INSERT INTO kernel_once VALUES (zeroblob(32), 7, 8, 0);
        INSERT INTO kernel_cursor VALUES ('test', 9);";
    sql(&log, sound).await;
    let sound = std::fs::read(&log).expect("reads");
    let problems = async || {
        let report = verify_directory(directory.path(), &|_, _| {}).await;
        report.expect("verifies").problems
    };
    assert_eq!(problems().await, []);
    for (statement, table) in [
        ("UPDATE kernel_meta SET name = 'origim'", "kernel_meta"),
        (
            "UPDATE kernel_meta SET value = CAST(replace(value, 'hof', 'hoF') AS BLOB)",
            "kernel_meta",
        ),
        (
            "UPDATE kernel_meta SET value = CAST('schulhof/00000000-0000-0000-0000-000000000000' AS BLOB)",
            "kernel_meta",
        ),
        ("UPDATE kernel_claim SET position = 1 << 20", "kernel_claim"),
        (
            "UPDATE kernel_claim SET position = -position",
            "kernel_claim",
        ),
        (
            "UPDATE kernel_claim SET value = zeroblob(31)",
            "kernel_claim",
        ),
        (
            "UPDATE kernel_claim SET scope = 'logi' || char(1)",
            "kernel_claim",
        ),
        ("UPDATE kernel_once SET last = 1 << 20", "kernel_once"),
        ("UPDATE kernel_once SET first = 10", "kernel_once"),
        ("UPDATE kernel_once SET key = zeroblob(33)", "kernel_once"),
        (
            "UPDATE kernel_cursor SET position = 1 << 20",
            "kernel_cursor",
        ),
    ] {
        sql(&log, statement).await;
        let found = problems().await;
        assert!(
            found.iter().any(|problem| problem.what.starts_with(table)),
            "{statement}: {found:?}"
        );
        std::fs::write(&log, &sound).expect("puts it back");
    }
}

#[tokio::test]
async fn a_log_without_its_newest_events_is_told_by_the_signed_checkpoint() {
    let directory = tempfile::tempdir().expect("a directory");
    school(directory.path()).await;
    let (older, newest) = (directory.path().join("older.db"), directory.path());
    std::fs::copy(newest.join("log.db"), &older).expect("copies");
    let kernel = open(newest).await;
    say(&kernel, room(1), person(1), "und noch etwas").await;
    kernel.ledger.checkpoint().await.expect("signs");
    close(kernel).await;
    // Everything as it was before the last event, but for the checkpoint that was signed after it.
    sql(
        &older,
        &format!(
            "ATTACH '{}' AS newest; INSERT OR IGNORE INTO kernel_checkpoint SELECT * FROM newest.kernel_checkpoint;",
            newest.join("log.db").display()
        ),
    )
    .await;
    std::fs::rename(&older, newest.join("log.db")).expect("rolls back");
    let refusal = refused(newest).await;
    assert!(
        refusal.contains("position 304") && refusal.contains("missing"),
        "{refusal}"
    );
    let report = verify_directory(newest, &|_, _| {})
        .await
        .expect("verifies");
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
}

#[tokio::test]
async fn views_of_a_longer_log_keep_a_rolled_back_one_from_opening() {
    let directory = tempfile::tempdir().expect("a directory");
    let log = directory.path().join("log.db");
    school(directory.path()).await;
    let older = std::fs::read(&log).expect("reads");
    let kernel = open(directory.path()).await;
    let position = say(&kernel, room(1), person(1), "und noch etwas").await;
    kernel.views.wait(position).await.expect("catches up");
    close(kernel).await;
    std::fs::write(&log, older).expect("rolls back");
    let refusal = refused(directory.path()).await;
    assert!(
        refusal.contains("304 events") && refusal.contains("delete views.db"),
        "{refusal}"
    );
    std::fs::remove_file(directory.path().join("views.db")).expect("does as told");
    open(directory.path()).await;
}

#[tokio::test]
async fn a_lost_key_is_not_taken_for_an_erasure() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = open(directory.path()).await;
    add_person(&kernel, person(1), "Ada").await;
    add_person(&kernel, person(2), "Ben").await;
    close(kernel).await;
    let path = directory.path().join("keys").join("keyring");
    let keyring = std::fs::read(&path).expect("reads");
    // The last record is the key of the second person's name.
    std::fs::write(&path, &keyring[..keyring.len() - 1]).expect("cuts");
    let report = verify_directory(directory.path(), &|_, _| {})
        .await
        .expect("verifies");
    let positions: Vec<u64> = report.problems.iter().map(|found| found.position).collect();
    assert_eq!(positions, [2]);
    let refusal = refused(directory.path()).await;
    assert!(
        refusal.contains("position 2") && refusal.contains("keys directory"),
        "{refusal}"
    );
}

#[tokio::test]
async fn verifying_writes_nothing_even_when_keys_are_missing() {
    let directory = tempfile::tempdir().expect("a directory");
    school(directory.path()).await;
    let path = directory.path().join("keys").join("signing.key");
    std::fs::remove_file(&path).expect("removes");
    let verified = verify_directory(directory.path(), &|_, _| {}).await;
    assert!(verified.is_err());
    assert!(!path.exists());
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_history() {
    let directory = tempfile::tempdir().expect("a directory");
    school(directory.path()).await;
    let options =
        sqlx::sqlite::SqliteConnectOptions::new().filename(directory.path().join("log.db"));
    let mut db: SqliteConnection = options.connect().await.expect("connects");
    for statement in [
        "DELETE FROM kernel_event WHERE position = 3",
        "UPDATE kernel_event SET body = x'00' WHERE position = 3",
    ] {
        assert!(
            sqlx::query(statement).execute(&mut db).await.is_err(),
            "{statement}"
        );
    }
}
