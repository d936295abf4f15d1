//! Who governs which part, and what stays for the others: the rows of the table in ARCHITECTURE.md, one test each.

use super::scene::{forget, house, planted, rename, rows, verifies};
use e2e::process::console;
use e2e::school::School;
use edge::House;
use events::ids::PersonId;
use events::privacy::Depth;
use serde_json::{Value, json};
use std::collections::BTreeSet;

struct Forgotten {
    school: School,
    house: House,
    paul: PersonId,
}

async fn forgotten(depth: Depth) -> Forgotten {
    let mut school = planted().await;
    let (paul, second) = (school.person("paul").person, school.person("zweite").person);
    school.stop().await;
    let house = house(school.data()).await;
    forget(&house, paul, second, depth).await;
    Forgotten {
        school,
        house,
        paul,
    }
}

fn values(rows: &Value) -> Vec<&Value> {
    rows.as_object().expect("an object").values().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_a_class_leaves_its_number_and_the_others_read_on() {
    for depth in [Depth::Key, Depth::Ciphertext, Depth::Header] {
        let all = forgotten(depth).await;
        let messages = rows(&all.house, "messages").await;
        let room = all.school.room("5a").to_string();
        let said: Vec<_> = values(&messages)
            .into_iter()
            .filter(|row| row["room"] == room.as_str())
            .map(|row| (row["number"].as_u64(), row["text"].as_str()))
            .collect();
        let expected = [
            (Some(1), Some("Guten Morgen, liebe Klasse")),
            (Some(2), None),
            (Some(3), Some("Danke, sehr schoen")),
        ];
        assert_eq!(said, expected, "{depth:?}");
        all.house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_talk_between_two_the_others_half_stays() {
    let all = forgotten(Depth::Header).await;
    let messages = rows(&all.house, "messages").await;
    let room = all.school.room("5a").to_string();
    let said: Vec<_> = values(&messages)
        .into_iter()
        .filter(|row| row["room"] != room.as_str())
        .map(|row| row["text"].as_str())
        .collect();
    assert_eq!(said, [None, Some("Gern geschehen")]);
    all.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_a_class_space_goes_with_its_author_and_those_of_others_stay() {
    let all = forgotten(Depth::Ciphertext).await;
    let files = rows(&all.house, "files").await;
    let names: Vec<_> = values(&files)
        .into_iter()
        .map(|row| row["name"].as_str())
        .collect();
    assert_eq!(
        names.iter().flatten().collect::<Vec<_>>(),
        [&"Arbeitsblatt.txt"]
    );
    all.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_concerned_the_person_alone_is_gone_with_its_headers() {
    let all = forgotten(Depth::Header).await;
    let paul = all.paul.to_string();
    for view in ["people", "records", "sessions", "reads"] {
        let text = rows(&all.house, view).await.to_string();
        assert!(!text.contains(&paul), "{view}");
    }
    let at_key_depth = forgotten(Depth::Key).await;
    let people = rows(&at_key_depth.house, "people").await;
    let row = &people[&at_key_depth.paul.to_string()];
    assert!(row["name"].is_null(), "somebody without a name: {row}");
    all.house.close().await;
    at_key_depth.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_keep_their_names_and_groups_lose_a_member() {
    let all = forgotten(Depth::Key).await;
    let groups = rows(&all.house, "groups").await;
    assert!(groups.to_string().contains("5a"));
    let members = rows(&all.house, "members").await;
    let paul = json!(all.paul);
    let stays = |row: &&serde_json::Value| row["person"] == paul && row["until"].is_null();
    assert_eq!(values(&members).into_iter().find(stays), None);
    let access = all
        .house
        .kernel
        .ledger
        .access()
        .members_of(all.school.group("5a"));
    assert!(!access.contains(&all.paul));
    all.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_auditors_see_of_the_log_keeps_its_order_without_what_was_dropped() {
    let all = forgotten(Depth::Header).await;
    let entries = rows(&all.house, "entries").await;
    let size = all.house.kernel.ledger.size();
    let listed = values(&entries).len() as u64;
    assert!(listed < size && listed > size / 2, "{listed} of {size}");
    verifies(&all.house).await;
    all.house.close().await;
    // Whoever goes to what was dropped hears that, and not that the log is shorter.
    let positions = values(&entries).into_iter();
    let positions: BTreeSet<_> = positions
        .filter_map(|row| row["position"].as_u64())
        .collect();
    let dropped = (1..=size).find(|position| !positions.contains(position));
    let dropped = dropped.expect("something is dropped").to_string();
    let shown = console(all.school.data(), ["audit", "show", &dropped]).await;
    assert!(
        !shown.success && shown.err.contains("was erased"),
        "{}",
        shown.err
    );
    let mut school = all.school;
    school.start().await;
    let proof = format!("/api/audit/proof/{dropped}");
    let refused = school.api("anna").get(&proof).await;
    assert_eq!(refused.code(), "erased", "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_name_is_free_again_and_the_others_go_on() {
    let all = forgotten(Depth::Ciphertext).await;
    let free = all.house.accounts.person_of_login("quittenmus.zw").await;
    assert_eq!(free.expect("can be asked"), None);
    rename(&all.house, all.school.person("pia").person, "Philippa").await;
    verifies(&all.house).await;
    all.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_read_keeps_its_steps_and_loses_its_reason_with_whoever_asked() {
    let mut school = planted().await;
    let (anna, paul) = (school.person("anna").person, school.person("paul").person);
    let asked =
        json!({ "purpose": "conflict", "reason": "Gezeitenkalender", "about": { "person": paul } });
    let asked = school.api("anna").post("/api/audit/inspections", &asked);
    let inspection = asked.await.ok()["inspection"]
        .as_str()
        .expect("an id")
        .to_owned();
    let agree = format!("/api/audit/inspections/{inspection}/agree");
    school.founder.post(&agree, &Value::Null).await.ok();
    let read =
        format!("/api/audit/replay?view=messages&time=9999999999999&inspection={inspection}");
    school.api("anna").get(&read).await.ok();
    let second = school.person("zweite").person;
    school.stop().await;
    let house = house(school.data()).await;
    let before = rows(&house, "inspections").await.to_string();
    assert!(before.contains("Gezeitenkalender"));
    forget(&house, anna, second, Depth::Ciphertext).await;
    let requests = rows(&house, "inspections").await;
    assert!(!requests.to_string().contains("Gezeitenkalender"));
    let row = &requests[&inspection];
    assert_eq!(
        (&row["stage"], &row["readings"]),
        (&json!("agreed"), &json!(1))
    );
    let looks = rows(&house, "looks").await;
    let seen = values(&looks);
    assert_eq!(
        seen.first().map(|look| &look["by"]),
        Some(&json!(anna)),
        "somebody without a name"
    );
    verifies(&house).await;
    house.close().await;
}
