//! An erasure that is cut off while the server runs goes on by itself: the console may go away, somebody may read an old state
//! of the log for long, a step may fail. Nobody has to start anything again.

use super::scene::{PLANTED, found_in, planted, said};
use e2e::school::School;
use events::ids::BatchId;
use events::privacy::Depth;
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use std::future::Future;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// How long folding all views of a small school, and a pause after a failure, may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(waited.await.is_ok(), "it never came about that {what}");
}

async fn stage(school: &School, batch: &str) -> Value {
    let rows = school.founder.rows("privacy/erasures", "").await;
    let row = rows.iter().find(|row| row["row"]["batch"] == batch);
    row.map_or(Value::Null, |row| row["row"]["stage"].clone())
}

/// Whether the search for people still finds the planted name.
async fn is_found(school: &School) -> bool {
    let found = school
        .founder
        .search("/api/accounts/people", PLANTED[0])
        .await;
    let found = found.ok();
    !found["rows"]
        .as_array()
        .expect("a page has rows")
        .is_empty()
}

async fn is_completed(school: &School, batch: &str) {
    until("the erasure is completed", async || {
        stage(school, batch).await == "completed"
    })
    .await;
    assert!(!is_found(school).await);
    assert_eq!(found_in(school.data()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_may_go_away_when_keys_are_destroyed() {
    let school = planted().await;
    let second = school.person("zweite");
    let console = UnixStream::connect(school.data().join("console.sock")).await;
    let (reading, mut writing) = console.expect("the console listens").into_split();
    let command = json!({ "Erase": {
        "person": school.person("paul").person,
        "basis": "DSGVO Art. 17",
        "depth": "header",
        "dry_run": false,
        "confirm": [second.login, second.password],
    } });
    let asked = writing.write_all(format!("{command}\n").as_bytes()).await;
    asked.expect("asks");
    let mut lines = BufReader::new(reading).lines();
    let first = lines.next_line().await.expect("listens");
    assert!(
        first.is_some_and(|line| line.contains("destroy keys")),
        "the act has begun"
    );
    drop((lines, writing));
    let rows = school.founder.rows("privacy/erasures", "").await;
    let batch = rows[0]["row"]["batch"].as_str().expect("a batch");
    is_completed(&school, batch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_old_state_is_read_the_person_is_found_nowhere_and_it_ends_by_itself() {
    let school = planted().await;
    let paul = school.person("paul").person;
    let log = format!("sqlite:{}?mode=ro", school.data().join("log.db").display());
    let mut reader = SqliteConnection::connect(&log).await.expect("opens");
    let mut reading = reader.begin().await.expect("begins");
    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM kernel_head")
        .fetch_one(&mut *reading)
        .await
        .expect("reads");
    assert!(events > 0);
    let proposal = json!({ "people": [paul], "basis": "DSGVO Art. 17", "depth": "header" });
    let planned = school.founder.post("/api/privacy/erasures", &proposal);
    let planned = planned.await.ok();
    let batch = planned["batch"].as_str().expect("a batch");
    let agree = format!("/api/privacy/erasures/{batch}/agree");
    let zweite = school.api("zweite");
    zweite.post(&agree, &json!({})).await.ok();
    until("the name is not found any more", async || {
        !is_found(&school).await
    })
    .await;
    assert_eq!(stage(&school, batch).await, "executed");
    let again = zweite.post(&agree, &json!({})).await;
    assert_eq!(again.code(), "being_carried_out", "{}", again.text());
    let certificate = format!("/api/privacy/erasures/{batch}/certificate");
    let certificate = zweite.get(&certificate).await;
    assert_eq!(certificate.code(), "not_completed");
    reading.rollback().await.expect("ends");
    reader.close().await.expect("closes");
    is_completed(&school, batch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_step_fails_the_running_server_does_it_again() {
    let school = planted().await;
    let (paul, second) = (school.person("paul").person, school.person("zweite").person);
    let house = school.house();
    let batch: BatchId = said(house, paul, second, Depth::Ciphertext).await;
    let fails = |step: &'static str| match step {
        "fold the views anew" => Err(std::io::Error::other("the disk is full")),
        _ => Ok(()),
    };
    let cut = house.privacy.carry_out(batch, &fails).await;
    assert!(cut.is_err(), "a step has failed");
    is_completed(&school, &batch.to_string()).await;
}
