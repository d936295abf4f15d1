//! The new machine is lost once the log was sealed for it: the old one goes on, when somebody answers for it that the other never served.

use super::scene::{Elsewhere, listens, never, options, receive, refuses, send, verifies};
use crate::privacy::scene::{exported, house, planted};
use e2e::process::console;
use e2e::school::School;
use edge_kernel::ledger::moved_away;
use std::io::{Error, ErrorKind};
use std::sync::Arc;

/// Moves until the log is sealed, and loses the new machine.
async fn sealed_in_vain() -> School {
    let mut school = planted().await;
    school.stop().await;
    let elsewhere = Elsewhere::new();
    let to = elsewhere.data();
    let receiving = listens(&to, || options(never())).await;
    let code = receiving.code();
    let lost = Arc::new(|step: &str| match step {
        "hand the log over" => Err(Error::new(ErrorKind::ConnectionReset, "a drill")),
        _ => Ok(()),
    });
    tokio::select! {
        sent = send(school.data(), &code, lost) => drop(sent.expect_err("the new machine is lost")),
        received = receive(receiving, &to) => panic!("{received:?}"),
    }
    let moved = moved_away(school.data()).await.expect("reads");
    assert!(moved.is_some(), "the log is sealed");
    school
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_whose_new_machine_is_lost_is_taken_back_and_goes_on_by_the_kept_key() {
    let school = sealed_in_vain().await;
    let data = school.data();
    refuses(data, "the old machine opens").await;

    let warned = console(data, ["move", "--take-back"]).await;
    assert!(
        !warned.success && warned.err.contains("--new-machine-is-lost"),
        "{}",
        warned.err
    );
    refuses(data, "the old machine opens").await;

    let sealed = moved_away(data).await.expect("reads").expect("is sealed");
    console(data, ["move", "--take-back", "--new-machine-is-lost"])
        .await
        .ok();
    assert!(!data.join("successor.key").exists());
    let report = verifies(data).await;
    assert_eq!(report.size, sealed.position + 1, "it says that it goes on");
    let house = house(data).await;
    assert_eq!(house.kernel.ledger.verifier_key(), sealed.successor);
    house
        .audit
        .record_at_console(events::audit::Looked::AtEntry { position: 1 })
        .await
        .expect("takes commands");
    house.close().await;

    let again = console(data, ["move", "--take-back", "--new-machine-is-lost"]).await;
    assert!(
        !again.success && again.err.contains("has not moved away"),
        "{}",
        again.err
    );
    let folder = tempfile::tempdir().expect("a directory of our own");
    let out = folder.path().join("export");
    let report = exported(data, &out, None).await;
    assert!(report.ok, "{:?}", report.problems);
}

/// The power may go between the seal and its signature, which the key of before alone can give.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_believes_the_key_of_before_can_follow_a_school_that_was_taken_back() {
    let school = sealed_in_vain().await;
    let data = school.data();
    let unsigned = "DELETE FROM kernel_checkpoint WHERE size = (SELECT size FROM kernel_head)";
    sql(&data.join("log.db"), unsigned).await;
    console(data, ["move", "--take-back", "--new-machine-is-lost"])
        .await
        .ok();
    let house = house(data).await;
    let handovers = house.kernel.ledger.handovers_from(0).await;
    assert_eq!(handovers.expect("reads").len(), 1, "it can be proven");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_note_of_a_handover_a_sealed_log_still_opens_nowhere_and_does_not_verify() {
    let school = sealed_in_vain().await;
    let path = school.data().join("log.db");
    sql(
        &path,
        "DELETE FROM kernel_meta WHERE name LIKE 'handover/%'",
    )
    .await;
    let refused = refuses(school.data(), "the old machine opens").await;
    assert!(refused.contains("moved on"), "{refused}");
    let verified = console(school.data(), ["audit", "verify"]).await;
    assert!(
        !verified.success && verified.out.contains("the note of it is gone"),
        "{}{}",
        verified.out,
        verified.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_only_noted_beside_a_log_proves_nothing() {
    let mut school = planted().await;
    school.stop().await;
    console(school.data(), ["audit", "verify"]).await.ok();
    let stranger = events_proof::note::verifier_key("schulhof/stranger", &[7; 32]);
    let note = format!(
        "INSERT INTO kernel_meta (name, value) VALUES ('awaited', CAST('{stranger}' AS BLOB))"
    );
    sql(&school.data().join("log.db"), &note).await;
    let verified = console(school.data(), ["audit", "verify"]).await;
    assert!(!verified.success, "{}", verified.out);
}

async fn sql(path: &std::path::Path, text: &str) {
    use sqlx::{ConnectOptions, Connection};
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut db = options.connect().await.expect("opens");
    sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()))
        .execute(&mut db)
        .await
        .expect("is carried out");
    db.close().await.expect("closes");
}
