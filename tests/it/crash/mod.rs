//! kill -9 at random moments under load, again and again: whatever was acknowledged is there, nothing is there twice, the log
//! verifies, and the views are what a rebuild gives.

mod checks;
mod deeds;
mod imports;
mod uploads;

use crate::restart::delete_views;
use crate::support::{Directory, founded, rows_by_key};
use checks::{check_files, check_messages, listings};
use deeds::{Deed, What, carry_out, write_until_killed};
use e2e::api::Api;
use e2e::generator::Chance;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, Plan, Settled};
use e2e::process::{Process, console};
use events::accounts::{GroupKind, Role};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// Those who write all the time.
const WRITERS: [&str; 12] = [
    "ada", "ben", "cem", "dana", "edda", "fynn", "gesa", "hanno", "ida", "jasper", "kaya", "lasse",
];

/// Twenty rounds, a minute or so; with `SCHULHOF_LONG=1` two hundred.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_has_lost_nothing_and_doubled_nothing() {
    let long = std::env::var_os("SCHULHOF_LONG").is_some_and(|value| value == "1");
    if !long {
        println!("20 rounds; SCHULHOF_LONG=1 or --include-ignored makes it 200");
    }
    kill_again_and_again(if long { 200 } else { 20 }, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: 200 rounds take about ten minutes; `cargo xtask test --long` runs them"]
async fn a_server_killed_two_hundred_times_has_lost_nothing_and_doubled_nothing() {
    kill_again_and_again(200, 2).await;
}

async fn kill_again_and_again(rounds: u64, seed: u64) {
    let mut chance = Chance::new(seed).for_purpose("crash");
    let directory = Directory::new();
    let (mut server, mut school) = open(&directory).await;
    let mut deeds: Vec<Vec<Deed>> = vec![Vec::new(); WRITERS.len()];
    let mut seen = BTreeMap::new();
    for round in 1..=rounds {
        let moment = Duration::from_millis(30 + chance.below(900) as u64);
        deeds = write_until_killed(server, &school, deeds, &mut chance, moment).await;
        if chance.percent(25) {
            // A machine that fails while it starts.
            let starting = Process::spawn(&directory.data, &directory.log, &[]).expect("it starts");
            tokio::time::sleep(Duration::from_millis(chance.below(250) as u64)).await;
            starting.kill().await;
        }
        if chance.percent(50) {
            delete_views(&directory.data);
        }
        server = Process::serve(&directory.data, &directory.log)
            .await
            .unwrap_or_else(|error| {
                panic!("round {round} of seed {seed}: the server does not come back: {error:?}")
            });
        school = school.at(server.address());
        check_messages(&school, &deeds, &mut seen).await;
        if round % 5 == 0 || round == rounds {
            check_files(&school, &deeds, round == rounds).await;
            let verified = console(&directory.data, ["audit", "verify", "--json"])
                .await
                .ok()
                .json();
            assert_eq!(
                (&verified["ok"], &verified["problems"]),
                (&json!(true), &json!([])),
                "round {round}"
            );
        }
    }
    finish(&directory, server, &school, deeds, &mut seen).await;
}

async fn open(directory: &Directory) -> (Process, Settled) {
    let server = founded(directory).await;
    let mut plan = Plan::default().person("tilda", &[Role::Teacher]);
    plan = WRITERS
        .into_iter()
        .fold(plan, |plan, login| plan.person(login, &[Role::Pupil]));
    plan = plan
        .group("5a", GroupKind::Class, &["tilda"], &WRITERS)
        .group("Chor", GroupKind::Club, &["tilda"], &WRITERS);
    let founder = Api::new(server.address());
    founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let school = plan.settle(&founder, || Api::new(server.address())).await;
    (server, school)
}

/// What was never answered is asked for again; then everything is there exactly once, and a rebuild changes nothing.
async fn finish(
    directory: &Directory,
    server: Process,
    school: &Settled,
    mut deeds: Vec<Vec<Deed>>,
    seen: &mut BTreeMap<Uuid, Value>,
) {
    for (login, deeds) in WRITERS.into_iter().zip(&mut deeds) {
        for deed in deeds.iter_mut().filter(|deed| !deed.acknowledged) {
            deed.acknowledged = carry_out(school, login, deed).await;
            assert!(deed.acknowledged, "a server that runs answers");
        }
    }
    let head = school.founder.get("/api/session").await.ok()["position"]
        .as_u64()
        .unwrap_or_default();
    school
        .founder
        .get(&format!("/api/accounts/people?at_least={head}"))
        .await
        .ok();
    check_messages(school, &deeds, seen).await;
    check_files(school, &deeds, false).await;
    let all = deeds.iter().flatten();
    let messages = all
        .clone()
        .filter(|deed| matches!(deed.what, What::Message { .. }))
        .count();
    assert_eq!(seen.len(), messages, "there are messages that nobody sent");
    println!(
        "{messages} messages and {} files, each there once",
        all.count() - messages
    );
    let before = listings(school).await;
    let replayed = console(
        &directory.data,
        ["audit", "replay", "--view", "messages", "--json"],
    )
    .await
    .ok()
    .json();
    assert_eq!(
        rows_by_key(&before["messages"]),
        replayed,
        "the view is not what replaying the log gives"
    );
    server.stop().await.expect("it stops");
    delete_views(&directory.data);
    let server = Process::serve(&directory.data, &directory.log)
        .await
        .expect("it starts without views");
    let after = listings(&school.at(server.address())).await;
    assert_eq!(before, after, "the views are not what a rebuild gives");
    server.stop().await.expect("it stops");
    console(&directory.data, ["audit", "verify"]).await.ok();
}
