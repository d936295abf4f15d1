//! Every door that the OpenAPI document names, tried by a stranger and by one person of each kind, on what is theirs and on
//! what is not. A door that nobody has decided about fails.

mod document;
mod scene;
mod table;

use e2e::api::{Answer, Api};
use e2e::plan::Plan;
use e2e::school::School;
use reqwest::Method;
use scene::Scene;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use table::{COLUMNS, OPEN, TABLE};

#[tokio::test(flavor = "multi_thread")]
async fn every_door_lets_in_whom_the_table_says() {
    let scene = Scene::set().await;
    let doors = doors(&scene.school.stranger()).await;
    let missing: Vec<&String> = doors
        .keys()
        .filter(|door| !OPEN.contains(&door.as_str()) && !has_row(door))
        .collect();
    assert!(
        missing.is_empty(),
        "nobody has decided who may use {missing:?}: add a row to TABLE in tests/it/doors/table.rs for one's own object and one for somebody else's"
    );
    let gone: Vec<&str> = TABLE
        .iter()
        .map(|row| row.door)
        .filter(|door| !doors.contains_key(*door))
        .collect();
    assert!(
        gone.is_empty(),
        "{gone:?} are doors no longer: take their rows out of TABLE in tests/it/doors/table.rs"
    );
    let mut wrong = Vec::new();
    for row in TABLE {
        // Whoever is kept out comes first: what those let in have changed must not be why.
        for expected in [false, true] {
            for (letter, login) in COLUMNS
                .iter()
                .filter(|(letter, _)| row.let_in.contains(*letter) == expected)
            {
                let answer = scene.knock(row, scene.school.person(login)).await;
                if is_let_in(&answer) != expected {
                    let should = if expected { "is kept out" } else { "is let in" };
                    wrong.push(format!(
                        "{} {:?} {}: {letter} ({login}) {should}, {} {}",
                        row.door,
                        row.with,
                        row.query,
                        answer.status,
                        answer.text()
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "the doors and TABLE do not agree; mend whichever is wrong:\n{}",
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_turned_away_before_anybody_looks_at_the_request() {
    let scene = Scene::set().await;
    let stranger = scene.school.stranger();
    let doors = doors(&stranger).await;
    for row in TABLE {
        let answer = scene.send(row, &stranger, None).await;
        assert_eq!(
            answer.status,
            401,
            "{} {:?}: {}",
            row.door,
            row.with,
            answer.text()
        );
    }
    for (door, open) in &doors {
        let (method, path) = split(door);
        let path = path.replace(['{', '}'], "");
        let nonsense = stranger
            .request(method, &format!("{path}?limit=x&scope=y"))
            .body("{ no JSON");
        let answer = stranger.send(nonsense).await;
        match open {
            true => assert!(
                answer.code() != "not_signed_in",
                "{door} is marked open: {}",
                answer.text()
            ),
            false => assert_eq!(
                (answer.status, answer.code().as_str()),
                (401, "not_signed_in"),
                "{door}"
            ),
        }
    }
    let open: BTreeSet<&str> = doors
        .iter()
        .filter(|(_, open)| **open)
        .map(|(door, _)| door.as_str())
        .collect();
    let known = BTreeSet::from(OPEN);
    let new: Vec<_> = open.difference(&known).collect();
    assert!(
        new.is_empty(),
        "{new:?} are open to strangers; the list OPEN in tests/it/doors/table.rs may only get shorter"
    );
    let locked: Vec<_> = known.difference(&open).collect();
    assert!(
        locked.is_empty(),
        "{locked:?} are locked now: take them out of OPEN in tests/it/doors/table.rs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_and_a_closed_account_open_nothing_more() {
    let school = School::open(&Plan::two_classes()).await;
    let (paul, pia) = (school.person("paul"), school.person("pia"));
    let copied = paul.api.copied();
    copied.get("/api/session").await.ok();
    assert_eq!(paul.api.delete("/api/session").await.status, 204);
    assert_eq!(
        copied.get("/api/session").await.status,
        401,
        "a copied cookie ends with its session"
    );
    let close = json!({ "CloseAccount": { "on": "2026-11-23" } });
    school
        .founder
        .post(
            &format!("/api/accounts/people/{}/command", pia.person),
            &close,
        )
        .await
        .ok();
    assert_eq!(pia.api.get("/api/session").await.status, 401);
    let again = school.stranger().sign_in("pia", &pia.password).await;
    let unknown = school.stranger().sign_in("nobody", &pia.password).await;
    assert_eq!(
        (again.status, again.code()),
        (unknown.status, unknown.code()),
        "a closed account is not told from none"
    );
    assert_eq!(again.status, 401);
}

fn has_row(door: &str) -> bool {
    TABLE.iter().any(|row| row.door == door)
}

fn is_let_in(answer: &Answer) -> bool {
    !matches!(answer.status, 401 | 403 | 404)
}

fn split(door: &str) -> (Method, &str) {
    let (method, path) = door.split_once(' ').expect("a door is a method and a path");
    (method.parse().expect("a method"), path)
}

/// Every door of the document, and whether it is open to strangers.
async fn doors(anybody: &Api) -> BTreeMap<String, bool> {
    let document = anybody.get("/api/openapi.json").await.ok();
    let everywhere = &document["security"];
    assert!(
        everywhere.as_array().is_some_and(|locks| !locks.is_empty()),
        "doors are locked unless they say otherwise"
    );
    let paths = document["paths"]
        .as_object()
        .expect("the document names paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("a path has operations").iter();
        operations.map(move |(method, operation)| {
            let open = operation["security"].as_array().is_some_and(Vec::is_empty);
            (format!("{} {path}", method.to_uppercase()), open)
        })
    });
    operations.collect()
}
