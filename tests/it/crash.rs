//! kill -9 of the real server at random moments under load, again and again: whatever was acknowledged is there, nothing is
//! there twice, the log verifies, and the views are what a rebuild gives.

use crate::restart::delete_views;
use crate::support::{Directory, founded, rows_by_key};
use e2e::api::{Api, message};
use e2e::generator::Chance;
use e2e::plan::{Plan, Settled};
use e2e::process::{Process, console};
use events::accounts::{GroupKind, Role};
use events::ids::PersonId;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Those who write all the time.
const WRITERS: [&str; 12] = [
    "ada", "ben", "cem", "dana", "edda", "fynn", "gesa", "hanno", "ida", "jasper", "kaya", "lasse",
];
/// One deed in so many uploads a file instead of sending a message.
const FILES: usize = 6;

/// Something that a writer wants to be done exactly once.
#[derive(Clone)]
struct Deed {
    key: Uuid,
    what: What,
    acknowledged: bool,
}

#[derive(Clone)]
enum What {
    Message { room: &'static str, text: String },
    File { name: String, content: String },
}

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
    founder
        .sign_in(e2e::plan::FOUNDER, e2e::plan::FOUNDER_PASSWORD)
        .await
        .ok();
    let school = plan.settle(&founder, || Api::new(server.address())).await;
    (server, school)
}

/// All write at once until the server is gone; what was not answered stays unacknowledged.
async fn write_until_killed(
    server: Process,
    school: &Settled,
    deeds: Vec<Vec<Deed>>,
    chance: &mut Chance,
    moment: Duration,
) -> Vec<Vec<Deed>> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let writers: Vec<_> = WRITERS
        .into_iter()
        .zip(deeds)
        .map(|(login, deeds)| {
            let (school, chance) = (school.clone(), Chance::new(chance.draw()));
            tokio::spawn(async move { write(&school, login, deeds, chance, deadline).await })
        })
        .collect();
    tokio::time::sleep(moment).await;
    server.kill().await;
    let mut written = Vec::with_capacity(writers.len());
    for writer in writers {
        written.push(writer.await.expect("a writer ends with its server"));
    }
    written
}

/// First again what is not sure, as a browser does, then new things until no answer comes.
async fn write(
    school: &Settled,
    login: &str,
    mut deeds: Vec<Deed>,
    mut chance: Chance,
    deadline: Instant,
) -> Vec<Deed> {
    for deed in deeds.iter_mut().filter(|deed| !deed.acknowledged) {
        match carry_out(school, login, deed).await {
            true => deed.acknowledged = true,
            false => return deeds,
        }
    }
    loop {
        assert!(
            Instant::now() < deadline,
            "the server was killed, but answers still come"
        );
        let mut deed = think_of(login, deeds.len(), &mut chance);
        deed.acknowledged = carry_out(school, login, &deed).await;
        let goes_on = deed.acknowledged;
        deeds.push(deed);
        if !goes_on {
            return deeds;
        }
    }
}

fn think_of(login: &str, number: usize, chance: &mut Chance) -> Deed {
    let what = if chance.below(FILES) == 0 {
        What::File {
            name: format!("{login}-{number}.txt"),
            content: format!("{login} {number} ").repeat(1 + chance.below(400)),
        }
    } else {
        let room = if chance.percent(70) { "5a" } else { "Chor" };
        What::Message {
            room,
            text: format!("{login} sagt Nummer {number}"),
        }
    };
    Deed {
        key: Uuid::new_v4(),
        what,
        acknowledged: false,
    }
}

/// Whether it was acknowledged; no answer means that nobody knows.
async fn carry_out(school: &Settled, login: &str, deed: &Deed) -> bool {
    let api = school.api(login);
    match api.try_send(order(school, login, deed)).await {
        Ok(answer) => {
            answer.ok();
            true
        }
        Err(_) => false,
    }
}

fn order(school: &Settled, login: &str, deed: &Deed) -> RequestBuilder {
    let (api, person): (&Api, PersonId) = (school.api(login), school.person(login).person);
    let request = match &deed.what {
        What::Message { room, text } => {
            let path = format!("/api/messenger/rooms/{}/command", school.room(room));
            api.request(Method::POST, &path)
                .json(&message(deed.key, person, text))
        }
        What::File { name, content } => {
            let path = format!("/api/files/spaces/{}/upload", school.own_space(login));
            let request = api.request(Method::POST, &path).query(&[("name", name)]);
            request
                .header("content-type", "text/plain")
                .body(content.clone())
        }
    };
    request.header("idempotency-key", deed.key.to_string())
}

/// Adds to `seen` what was said since it was looked at last, and checks that every acknowledged message is in it, once.
async fn check_messages(school: &Settled, deeds: &[Vec<Deed>], seen: &mut BTreeMap<Uuid, Value>) {
    for room in ["5a", "Chor"] {
        let known = seen
            .values()
            .filter(|row| row["room"] == json!(school.room(room)))
            .filter_map(|row| row["number"].as_u64());
        let mut last = known.max().unwrap_or(0);
        for found in newer(school, room, last).await {
            let row = found["row"].clone();
            let number = row["number"].as_u64().expect("a message has a number");
            assert_eq!(
                number,
                last + 1,
                "messages of a room are numbered without gaps"
            );
            last = number;
            let id = row["message"]
                .as_str()
                .and_then(|id| id.parse().ok())
                .expect("a message has an id");
            assert!(seen.insert(id, row).is_none(), "a message is there twice");
        }
    }
    for (writer, deeds) in WRITERS.iter().zip(deeds) {
        for deed in deeds.iter().filter(|deed| deed.acknowledged) {
            let What::Message { text, .. } = &deed.what else {
                continue;
            };
            let row = seen
                .get(&deed.key)
                .unwrap_or_else(|| panic!("an acknowledged message of {writer} is lost: {text}"));
            assert_eq!(row["text"], json!(text));
        }
    }
}

async fn newer(school: &Settled, room: &str, last: u64) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), None::<String>);
    let path = format!(
        "/api/messenger/messages?scope=room:{}&order=desc&limit=500",
        school.room(room)
    );
    loop {
        let mut request = school.api("tilda").request(Method::GET, &path);
        if let Some(after) = &after {
            request = request.query(&[("after", after)]);
        }
        let page = school.api("tilda").send(request).await.ok();
        let found = page["rows"].as_array().expect("a page has rows");
        rows.extend(
            found
                .iter()
                .filter(|found| found["row"]["number"].as_u64() > Some(last))
                .cloned(),
        );
        let is_enough = found
            .last()
            .is_none_or(|found| found["row"]["number"].as_u64() <= Some(last + 1));
        after = page["next"]
            .as_str()
            .map(str::to_owned)
            .filter(|_| !is_enough);
        if after.is_none() {
            rows.reverse();
            return rows;
        }
    }
}

/// Every acknowledged file is listed once, under its own name; at the end its bytes are compared as well.
async fn check_files(school: &Settled, deeds: &[Vec<Deed>], with_content: bool) {
    for (login, deeds) in WRITERS.into_iter().zip(deeds) {
        let space = school.own_space(login);
        let rows = school
            .api(login)
            .rows("files/files", &format!("scope=space:{space}&prefix=top/"))
            .await;
        let mut names: Vec<&str> = rows
            .iter()
            .filter_map(|found| found["row"]["name"].as_str())
            .collect();
        let listed = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(
            names.len(),
            listed,
            "a file of {login} is there twice: {names:?}"
        );
        for deed in deeds {
            let What::File { name, content } = &deed.what else {
                continue;
            };
            let is_there = names.binary_search(&name.as_str()).is_ok();
            assert!(
                is_there || !deed.acknowledged,
                "the acknowledged {name} is lost"
            );
            if is_there && with_content {
                let path = format!("/api/files/spaces/{space}/nodes/{}/content", deed.key);
                let answer = school.api(login).get(&path).await;
                assert_eq!(
                    (answer.status, answer.text()),
                    (200, content.clone()),
                    "{name}"
                );
            }
        }
        let wanted = deeds
            .iter()
            .filter(|deed| matches!(deed.what, What::File { .. }))
            .count();
        assert!(listed <= wanted, "{login} has files that nobody uploaded");
    }
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

async fn listings(school: &Settled) -> BTreeMap<&'static str, Vec<Value>> {
    let tilda = school.api("tilda");
    let mut messages = Vec::new();
    for room in ["5a", "Chor"] {
        messages.extend(
            tilda
                .rows(
                    "messenger/messages",
                    &format!("scope=room:{}", school.room(room)),
                )
                .await,
        );
    }
    let mut files = Vec::new();
    for login in WRITERS {
        files.extend(
            school
                .api(login)
                .rows(
                    "files/files",
                    &format!("scope=space:{}", school.own_space(login)),
                )
                .await,
        );
    }
    BTreeMap::from([
        ("people", tilda.rows("accounts/people", "").await),
        ("groups", tilda.rows("accounts/groups", "").await),
        ("rooms", tilda.rows("messenger/rooms", "").await),
        ("messages", messages),
        ("files", files),
    ])
}
