//! The layer itself: it fails when it is told to and not otherwise, and what it shows after a cut is a database.

use faulty_disk::{Disk, Fault};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::path::Path;

async fn connect(directory: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(directory.join("a.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    options.connect().await.expect("connects")
}

async fn add(db: &mut SqliteConnection, number: i64) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO number VALUES (?)")
        .bind(number)
        .execute(db)
        .await
        .map(|_| ())
}

async fn numbers(db: &mut SqliteConnection) -> Vec<i64> {
    let rows = sqlx::query_scalar("SELECT number FROM number ORDER BY number").fetch_all(db);
    rows.await.expect("reads")
}

fn code(refused: sqlx::Result<()>) -> String {
    let error = refused.expect_err("is refused");
    let error = error.as_database_error().expect("by the database");
    error.code().expect("with a code").into_owned()
}

#[tokio::test]
async fn a_planned_fault_strikes_once_or_until_it_is_lifted() {
    let directory = tempfile::tempdir().expect("a directory");
    let disk = Disk::watch(directory.path());
    let mut db = connect(directory.path()).await;
    let table = sqlx::query("CREATE TABLE number (number INTEGER)");
    table.execute(&mut db).await.expect("creates");
    for (planned, expected) in [
        (Fault::Error.at(1), "778"),
        (Fault::Short.at(1), "778"),
        (Fault::Full.at(1), "13"),
    ] {
        disk.fail(planned);
        assert_eq!(code(add(&mut db, 1).await), expected);
        assert!(disk.is_met());
        add(&mut db, 1).await.expect("only once");
    }
    disk.fail(Fault::Full.from(2));
    for _ in 0..2 {
        assert_eq!(code(add(&mut db, 1).await), "13");
    }
    disk.lift();
    add(&mut db, 2).await.expect("works again");
    assert_eq!(numbers(&mut db).await, [1, 1, 1, 2]);
}

#[tokio::test]
async fn a_cut_leaves_what_was_synced_and_a_database_that_opens() {
    let directory = tempfile::tempdir().expect("a directory");
    let disk = Disk::remembering(directory.path());
    let mut db = connect(directory.path()).await;
    let table = sqlx::query("CREATE TABLE number (number INTEGER)");
    table.execute(&mut db).await.expect("creates");
    for number in 0..20 {
        add(&mut db, number).await.expect("adds");
    }
    // What comes now is not waited for.
    let lazy = sqlx::query("PRAGMA synchronous = OFF");
    lazy.execute(&mut db).await.expect("is set");
    for number in 20..40 {
        add(&mut db, number).await.expect("adds");
    }
    let mut lengths = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let image = tempfile::tempdir().expect("a directory");
        disk.now(|images| images.cut(seed, image.path()))
            .expect("copies");
        let mut left = connect(image.path()).await;
        let found = numbers(&mut left).await;
        let all: Vec<i64> = (0..40).collect();
        assert!(
            found.len() >= 20,
            "seed {seed}: what was synced is lost: {found:?}"
        );
        assert_eq!(found, all[..found.len()], "seed {seed}");
        lengths.insert(found.len());
        left.close().await.expect("closes");
    }
    assert!(lengths.len() > 2, "the cuts differ: {lengths:?}");
}
