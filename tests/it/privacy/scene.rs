//! A school with a person in it whose every trace is a word that occurs nowhere else.

use crate::support::copy;
use e2e::api::Api;
use e2e::plan::Plan;
use e2e::process::console;
use e2e::school::School;
use edge::{Config, House};
use edge_kernel::{Actor, Clock, Order};
use edge_privacy::Plan as Proposal;
use events::accounts::{PersonCommand, PersonName, Role};
use events::ids::{BatchId, PersonId, SpaceId};
use events::privacy::Depth;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;

/// Words that occur nowhere but in what is paul's.
pub(crate) const PLANTED: [&str; 9] = [
    "Quittenmus",
    "Zwetschgenbaum",
    "quittenmus.zw",
    "Nachtfalterlied",
    "Regenpfeifer",
    "Muschelgeld.txt",
    "Leuchtturmwaerterin",
    "2013-11-07",
    "Sturmlaterne-4711",
];

/// A school in which paul has left the planted words, and others have said something too.
pub(crate) async fn planted() -> School {
    planted_as(Config::default()).await
}

/// The same in a school that is configured in another way.
pub(crate) async fn planted_as(config: Config) -> School {
    let plan = Plan::two_classes().person("zweite", &[Role::Administrator]);
    let school = School::open_as(&plan, Clock::System, config).await;
    let paul = school.person("paul").person;
    let command = format!("/api/accounts/people/{paul}/command");
    for asked in [
        json!({ "RenamePerson": { "name": { "given": PLANTED[0], "family": PLANTED[1] } } }),
        json!({ "GiveLoginName": { "login": PLANTED[2] } }),
        json!({ "DescribePerson": { "source_id": PLANTED[8], "birth_date": PLANTED[7], "abbreviation": null } }),
    ] {
        school.founder.post(&command, &asked).await.ok();
    }
    let room = school.room("5a");
    school
        .say("tilda", room, "Guten Morgen, liebe Klasse")
        .await;
    school
        .say("paul", room, &format!("Ich mag das {}", PLANTED[3]))
        .await;
    school.say("tilda", room, "Danke, sehr schoen").await;
    let pair = school
        .api("paul")
        .post(
            "/api/messenger/direct",
            &json!({ "with": school.person("tilda").person }),
        )
        .await
        .ok();
    let pair = pair["room"]
        .as_str()
        .expect("a room")
        .parse()
        .expect("an id");
    school.say("paul", pair, PLANTED[4]).await;
    school.say("tilda", pair, "Gern geschehen").await;
    let long = format!("{} ", PLANTED[6]).repeat(3000);
    for space in [school.space("5a"), school.own_space("paul")] {
        school
            .api("paul")
            .upload(space, PLANTED[5], long.as_bytes())
            .await
            .ok();
    }
    school
        .api("tilda")
        .upload(school.space("5a"), "Arbeitsblatt.txt", b"Aufgabe 1")
        .await
        .ok();
    school
        .api("paul")
        .post(
            &format!("/api/messenger/rooms/{room}/read"),
            &json!({ "up_to": 3 }),
        )
        .await
        .ok();
    school
}

/// The house of a school that is not being served.
pub(crate) async fn house(data: &Path) -> House {
    let opened = House::open(data, Clock::System, &|_, _, _| {}).await;
    opened.unwrap_or_else(|error| panic!("the house does not open: {error:?}"))
}

/// Exports a school's log for auditors, and lets the program of their own verify it with the log's key.
pub(crate) async fn exported(
    data: &Path,
    out: &Path,
    key: Option<String>,
) -> schulhof_verify::Report {
    let path = out.to_str().expect("a path in UTF-8");
    console(data, ["audit", "export", "--out", path]).await.ok();
    let options = schulhof_verify::Options {
        key,
        ..schulhof_verify::Options::default()
    };
    schulhof_verify::verify(out, &options, &|_, _| {})
}

/// Proposes as the operator, and lets a second person agree: the log says it, nothing is gone yet.
pub(crate) async fn said(
    house: &House,
    person: PersonId,
    second: PersonId,
    depth: Depth,
) -> BatchId {
    let plan = Proposal {
        people: vec![person],
        rule: "request".into(),
        basis: "DSGVO Art. 17".into(),
        depth,
    };
    let planned = house.privacy.plan(None, plan).await.expect("is proposed");
    let agreed = house.privacy.agree(second, planned.batch).await;
    agreed.expect("a second person agrees");
    planned.batch
}

/// Forgets somebody to the end.
pub(crate) async fn forget(
    house: &House,
    person: PersonId,
    second: PersonId,
    depth: Depth,
) -> BatchId {
    let batch = said(house, person, second, depth).await;
    let done = house.privacy.carry_out(batch, &|_| Ok(())).await;
    done.expect("is carried out");
    batch
}

/// The planted words that a directory's files hold, with the file.
pub(crate) fn found_in(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(folder) = waiting.pop() {
        let entries = match std::fs::read_dir(&folder) {
            // So does a database that another test drops.
            Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => continue,
            listed => listed.expect("lists"),
        };
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_file() {
                let bytes = match std::fs::read(entry.path()) {
                    // A write-ahead log goes a moment after its last reader.
                    Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => continue,
                    read => read.expect("reads").to_ascii_lowercase(),
                };
                for word in PLANTED {
                    let word = word.to_ascii_lowercase();
                    if bytes
                        .windows(word.len())
                        .any(|window| window == word.as_bytes())
                    {
                        found.push(format!("{word} in {}", entry.path().display()));
                    }
                }
            }
        }
    }
    found
}

/// The planted words that a replay of every view shows.
pub(crate) async fn replayed(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for view in events::views::NAMES {
        let mut folded = events::views::named(view).expect("a view");
        let size = house.kernel.ledger.size();
        let all = house
            .kernel
            .ledger
            .fold_all(0, size, |event| folded.fold(event));
        all.await.expect("the whole log can be read");
        let json = serde_json::to_string(&folded.to_json())
            .expect("JSON")
            .to_lowercase();
        for word in PLANTED {
            if json.contains(&word.to_lowercase()) {
                found.push(format!("{word} in {view}"));
            }
        }
    }
    found
}

/// A backup as it is made: the data directory without the keys, and without the views, which are folded again.
pub(crate) fn back_up(data: &Path, to: &Path) {
    copy(data, to);
    std::fs::remove_dir_all(to.join("keys")).expect("the keys are not in it");
    for view in ["views.db", "views.db-wal", "views.db-shm"] {
        let _ = std::fs::remove_file(to.join(view));
    }
}

/// Whether the log of a house verifies.
pub(crate) async fn verifies(house: &House) {
    let report = house
        .kernel
        .ledger
        .verify(&|_, _| {})
        .await
        .expect("verifies");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

/// Adds somebody, as the operator.
pub(crate) async fn rename(house: &House, person: PersonId, given: &str) {
    let name = PersonName {
        given: given.into(),
        family: "Neu".into(),
    };
    let order = Order::by(Actor::Machine);
    let command = PersonCommand::RenamePerson { name };
    let renamed = house.accounts.person_command(order, person, command).await;
    renamed.expect("is renamed");
}

/// The rows of a view as a replay has them now.
pub(crate) async fn rows(house: &House, view: &str) -> Value {
    let mut folded = events::views::named(view).expect("a view");
    let size = house.kernel.ledger.size();
    let all = house
        .kernel
        .ledger
        .fold_all(0, size, |event| folded.fold(event));
    all.await.expect("the whole log can be read");
    serde_json::to_value(folded.to_json()).expect("JSON")
}

/// A school opens on a directory, tilda signs in, and finds paul's planted file in the class's space as it was.
pub(crate) async fn serves_the_planted_file(data: &Path, tilda: &str, space: SpaceId) {
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        ..Config::default()
    };
    let running = edge::start(data, config, Clock::System, &|_, _, _| {})
        .await
        .expect("the school opens");
    let api = Api::new(running.http);
    api.sign_in("tilda", tilda).await.ok();
    let files = api
        .rows("files/files", &format!("scope=space:{space}&prefix=top/"))
        .await;
    let long = files
        .iter()
        .find(|found| found["row"]["name"] == PLANTED[5])
        .expect("paul's file is listed");
    let node = long["row"]["node"].as_str().expect("an id");
    let content = api
        .get(&format!("/api/files/spaces/{space}/nodes/{node}/content"))
        .await;
    assert_eq!(
        content.body,
        format!("{} ", PLANTED[6]).repeat(3000).into_bytes(),
        "the file is the same, byte for byte"
    );
    running.stop().await;
}
