//! Messages have an order, are said once, and their removal can be seen.

use crate::support::{ANNA, BEN, CLASS_5A, School, TEACHER, say};
use edge_messenger::group_room;
use events::messenger::RoomCommand;
use std::collections::BTreeSet;

#[tokio::test]
async fn fifty_people_talk_at_once_and_every_message_has_its_own_number() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    let sending = (0..50).map(|n| {
        let school = &school;
        let who = [TEACHER, ANNA, BEN][n % 3];
        async move { (school.say(who, room, &format!("Nummer {n}")).await, n) }
    });
    let said = futures::future::join_all(sending).await;
    let numbers: BTreeSet<u64> = said.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=50).collect());
    let query = format!("scope=room:{room}&limit=500");
    let rows = school.rows(BEN, "messages", &query).await;
    let listed: Vec<u64> = rows
        .iter()
        .filter_map(|row| row["number"].as_u64())
        .collect();
    assert_eq!(listed, (1..=50).collect::<Vec<_>>());
    for (number, n) in said {
        let row = &rows[number as usize - 1];
        assert_eq!(row["text"], format!("Nummer {n}"));
    }
}

#[tokio::test]
async fn older_messages_are_found_by_paging_backwards() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    for n in 1..=7 {
        assert_eq!(school.say(ANNA, room, &format!("{n}")).await, n);
    }
    let mut after = String::new();
    let mut pages = Vec::new();
    loop {
        let at_least = school.kernel.ledger.size();
        let path = format!(
            "/api/messenger/messages?scope=room:{room}&order=desc&limit=3&at_least={at_least}{after}"
        );
        let page = school.get(BEN, &path).await.good();
        let rows = page["rows"].as_array().expect("rows").iter();
        pages.push(
            rows.filter_map(|found| found["row"]["number"].as_u64())
                .collect::<Vec<_>>(),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", next.replace('\u{1f}', "%1F")),
            None => break,
        }
    }
    assert_eq!(pages, [vec![7, 6, 5], vec![4, 3, 2], vec![1]]);
}

#[tokio::test]
async fn the_same_message_sent_twice_is_said_once() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    let message = say(ANNA, "Hallo");
    let (one, other) = tokio::join!(
        school.command(ANNA, room, &message),
        school.command(ANNA, room, &message)
    );
    assert_eq!(one.good()["number"], 1);
    assert_eq!(other.good()["number"], 1);
    assert_eq!(school.say(BEN, room, "Hallo Anna").await, 2);
    let again = school.command(ANNA, room, &message).await.good();
    assert_eq!(again["number"], 1);
    let query = format!("scope=room:{room}");
    assert_eq!(school.rows(BEN, "messages", &query).await.len(), 2);
}

#[tokio::test]
async fn a_removed_message_shows_that_it_was_removed_and_by_whom() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    school.say(ANNA, room, "ein böses Wort").await;
    school.say(BEN, room, "Au").await;
    let remove = |by| RoomCommand::RemoveMessage { number: 1, by };
    let answer = school.command(BEN, room, &remove(BEN)).await;
    answer.refused(403, "not_allowed");
    let removed = school.command(TEACHER, room, &remove(TEACHER)).await.good();
    assert_eq!(removed["number"], 1);
    let again = school.command(TEACHER, room, &remove(TEACHER)).await.good();
    assert_eq!(again["position"], removed["position"], "nothing happened");
    let query = format!("scope=room:{room}");
    let rows = school.rows(BEN, "messages", &query).await;
    assert_eq!(rows.len(), 2, "its place stays");
    assert!(rows[0]["text"].is_null());
    assert_eq!(rows[0]["removed_by"], serde_json::json!(TEACHER));
    assert_eq!(rows[1]["text"], "Au");
}

#[tokio::test]
async fn nobody_speaks_or_removes_in_somebody_elses_name() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    school.say(ANNA, room, "Hallo").await;
    let answer = school.command(BEN, room, &say(ANNA, "Ich bin doof")).await;
    answer.refused(403, "not_allowed");
    let by_another = RoomCommand::RemoveMessage {
        number: 1,
        by: TEACHER,
    };
    let answer = school.command(BEN, room, &by_another).await;
    answer.refused(403, "not_allowed");
    let open = RoomCommand::OpenRoom {
        audience: events::Audience::Person(BEN),
    };
    let answer = school.command(BEN, room, &open).await;
    answer.refused(403, "not_allowed");
}

#[tokio::test]
async fn a_message_that_cannot_be_one_is_refused_with_its_reason() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    for (text, code) in [
        (" \n ".to_owned(), "text_empty"),
        ("x".repeat(8_001), "text_too_long"),
        ("a\0b".to_owned(), "text_not_allowed"),
    ] {
        let answer = school.command(ANNA, room, &say(ANNA, &text)).await;
        answer.refused(422, code);
    }
    let remove = RoomCommand::RemoveMessage {
        number: 1,
        by: ANNA,
    };
    let answer = school.command(ANNA, room, &remove).await;
    answer.refused(404, "not_found");
}
