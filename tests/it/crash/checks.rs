//! What must hold whenever the server is back: everything acknowledged is there, once, as it was written.

use super::WRITERS;
use super::deeds::{Deed, What};
use e2e::plan::Settled;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Adds to `seen` what was said since it was looked at last, and checks that every acknowledged message is in it, once.
pub(super) async fn check_messages(
    school: &Settled,
    deeds: &[Vec<Deed>],
    seen: &mut BTreeMap<Uuid, Value>,
) {
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
pub(super) async fn check_files(school: &Settled, deeds: &[Vec<Deed>], with_content: bool) {
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

/// Everything that can be listed.
pub(super) async fn listings(school: &Settled) -> BTreeMap<&'static str, Vec<Value>> {
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
