//! Tampering: every changed byte of the log is noticed, named by position, and keeps the log from opening.

use crate::support::{MONDAY, add_person, close, open, person, room, say, try_open};
use edge_kernel::ledger::verify_directory;
use edge_kernel::{Actor, Clock, Order};
use events::AnyEvent;
use events::accounts::AccountsEvent;
use events::ids::StreamId;
use events_proof::tree::{leaf_hash, root_from_inclusion};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};
use std::path::Path;

pub(crate) async fn school(directory: &Path) {
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

pub(crate) async fn refused(directory: &Path) -> String {
    let opened = try_open(directory, Clock::manual(MONDAY)).await;
    let error = opened.err().expect("is refused");
    std::error::Error::source(&error)
        .map(ToString::to_string)
        .unwrap_or_default()
}

async fn sql(log: &Path, statements: &str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(log);
    let mut db: SqliteConnection = options.connect().await.expect("connects");
    let free = "DROP TRIGGER IF EXISTS kernel_block_changes_only_by_erasure; DROP TRIGGER IF EXISTS kernel_block_is_append_only;
        DROP TRIGGER IF EXISTS kernel_name_never_changes; DROP TRIGGER IF EXISTS kernel_name_is_append_only;";
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

/// A connection on which the guards are gone.
async fn unguarded(log: &Path) -> SqliteConnection {
    sql(log, "").await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(log);
    options.connect().await.expect("connects")
}

async fn block(db: &mut SqliteConnection, position: u64) -> (i64, Vec<u8>) {
    let sql = "SELECT first, data FROM kernel_block WHERE first <= ? ORDER BY first DESC LIMIT 1";
    let row = sqlx::query(sql).bind(position as i64).fetch_one(db).await;
    let row = row.expect("the block is there");
    (row.get(0), row.get(1))
}

async fn put_block(db: &mut SqliteConnection, first: i64, data: &[u8]) {
    sqlx::query("UPDATE kernel_block SET data = ? WHERE first = ?")
        .bind(data)
        .bind(first)
        .execute(db)
        .await
        .expect("tampers");
}

async fn named(directory: &Path) -> Vec<u64> {
    let report = verify_directory(directory, &|_, _| {}).await;
    let problems = report.expect("verifies").problems.into_iter();
    problems.map(|problem| problem.position).collect()
}

#[tokio::test]
async fn any_changed_byte_is_named_by_position() {
    let directory = tempfile::tempdir().expect("a directory");
    school(directory.path()).await;
    let mut db = unguarded(&directory.path().join("log.db")).await;
    // Each event was a commit and so has a block to itself.
    for position in [42, 299] {
        let (first, data) = block(&mut db, position).await;
        assert_eq!(first as u64, position);
        for byte in (0..data.len()).step_by(3) {
            let mut changed = data.clone();
            changed[byte] ^= 1;
            put_block(&mut db, first, &changed).await;
            let positions = named(directory.path()).await;
            assert!(positions.contains(&position), "byte {byte}: {positions:?}");
        }
        put_block(&mut db, first, &data).await;
    }
    assert_eq!(named(directory.path()).await, [0_u64; 0]);
    let (first, mut data) = block(&mut db, 117).await;
    let end = data.len() - 20;
    data[end] ^= 1;
    put_block(&mut db, first, &data).await;
    db.close().await.expect("closes");
    let refusal = refused(directory.path()).await;
    assert!(
        refusal.contains("position 117") && refusal.contains("restore"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_changed_event_among_many_of_one_commit_is_the_one_that_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = open(directory.path()).await;
    let mut unit = kernel.unit(Order::by(Actor::Machine));
    for number in 0..400 {
        let name = format!("Schule {number}");
        let founded = AnyEvent::Accounts(AccountsEvent::SchoolFounded { name });
        unit.event(StreamId(uuid::Uuid::from_u128(number % 7)), founded);
    }
    unit.commit().await.expect("appends");
    let stored = kernel.ledger.stored(0, 400).await.expect("reads");
    close(kernel).await;
    let mut db = unguarded(&directory.path().join("log.db")).await;
    for position in [1, 77, 128, 129, 400] {
        let event = &stored[position as usize - 1];
        let (id, body) = (
            &event.entry.as_deref().expect("is whole")[20..36],
            &event.body,
        );
        let body = body.as_deref().expect("is whole");
        let (first, data) = block(&mut db, position).await;
        for piece in [id, body] {
            let mut places = data.windows(piece.len());
            let at = places.position(|window| window == piece).expect("is there");
            let mut changed = data.clone();
            changed[at + 7] ^= 0x10;
            put_block(&mut db, first, &changed).await;
            assert_eq!(named(directory.path()).await.first(), Some(&position));
        }
        put_block(&mut db, first, &data).await;
    }
}

#[tokio::test]
async fn a_missing_an_added_and_a_swapped_event_are_noticed() {
    for statements in [
        "DELETE FROM kernel_block WHERE first = 50;",
        "DELETE FROM kernel_block WHERE first = (SELECT max(first) FROM kernel_block);",
        "INSERT INTO kernel_block SELECT first + 1, data FROM kernel_block ORDER BY first DESC LIMIT 1;",
        "UPDATE kernel_block SET data = zeroblob(length(data)) WHERE first = 50;",
        "UPDATE kernel_block SET data = zeroblob(0) WHERE first = 50;",
        "UPDATE kernel_block SET first = 1000 WHERE first = 50; UPDATE kernel_block SET first = 50 WHERE first = 51;
         UPDATE kernel_block SET first = 51 WHERE first = 1000;",
        "UPDATE kernel_name SET id = zeroblob(length(id));",
        "DELETE FROM kernel_name;",
    ] {
        let (positions, refusal) = tampered(statements).await;
        assert!(!positions.is_empty() && !refusal.is_empty(), "{statements}");
    }
}

#[tokio::test]
async fn a_changed_head_or_checkpoint_is_noticed() {
    for statements in [
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
async fn the_database_itself_refuses_to_change_history() {
    let directory = tempfile::tempdir().expect("a directory");
    school(directory.path()).await;
    let options =
        sqlx::sqlite::SqliteConnectOptions::new().filename(directory.path().join("log.db"));
    let mut db: SqliteConnection = options.connect().await.expect("connects");
    for statement in [
        "DELETE FROM kernel_block",
        "UPDATE kernel_block SET data = x'00'",
        "DELETE FROM kernel_name",
        "UPDATE kernel_name SET id = x'00'",
    ] {
        assert!(
            sqlx::query(statement).execute(&mut db).await.is_err(),
            "{statement}"
        );
    }
}

#[tokio::test]
async fn a_changed_tile_is_noticed() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = open(directory.path()).await;
    // So many events fill a tile of the second level, the lowest that is stored.
    for _ in 0..9 {
        let mut unit = kernel.unit(Order::by(Actor::Machine));
        for number in 0..8000 {
            let name = String::new();
            let founded = AnyEvent::Accounts(AccountsEvent::SchoolFounded { name });
            unit.event(StreamId(uuid::Uuid::from_u128(number)), founded);
        }
        unit.commit().await.expect("appends");
    }
    let proof = kernel.ledger.prove(300).await.expect("reads");
    let proof = proof.expect("is there");
    let root = root_from_inclusion(
        leaf_hash(&proof.entry),
        proof.index,
        proof.size,
        &proof.path,
    );
    assert_eq!(root, Some(proof.root));
    close(kernel).await;
    let log = directory.path().join("log.db");
    assert_eq!(named(directory.path()).await, [0_u64; 0]);
    let changed =
        "UPDATE kernel_tile SET hashes = CAST(substr(hashes, 1, 64) AS BLOB) || x'0102' ||
        CAST(substr(hashes, 67) AS BLOB)";
    sql(&log, changed).await;
    assert_eq!(named(directory.path()).await, [2 * 256 + 1]);
}
