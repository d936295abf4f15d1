//! Conversations between two people: who may begin one with whom, and that two people have one room.

use crate::support::{
    ANNA, Answer, BEN, CLASS_5A, CLEO, SECRETARY, School, TEACHER, closed, joined, say,
};
use edge_messenger::direct_room;
use events::ids::{PersonId, RoomId};
use events::messenger::RoomCommand;
use serde_json::json;
use uuid::Uuid;

async fn begin(school: &School, who: PersonId, with: PersonId) -> Answer {
    let body = json!({ "with": with });
    school.post(who, "/api/messenger/direct", &body).await
}

async fn room(school: &School, who: PersonId, with: PersonId) -> RoomId {
    let opened = begin(school, who, with).await.good();
    let text = opened["room"].as_str().expect("a room");
    text.parse().expect("an id")
}

#[tokio::test]
async fn two_people_have_one_room_whoever_begins() {
    let school = School::open().await;
    let (one, other) = tokio::join!(room(&school, ANNA, BEN), room(&school, BEN, ANNA));
    assert_eq!((one, one), (other, direct_room(ANNA, BEN)));
    assert_eq!(room(&school, ANNA, BEN).await, one);
    school.say(ANNA, one, "Hallo").await;
    school.say(BEN, one, "Hallo Anna").await;
    assert_eq!(school.rows(ANNA, "rooms", "").await.len(), 2);
    for outsider in [TEACHER, CLEO] {
        let listing = format!("/api/messenger/messages?scope=room:{one}");
        school
            .get(outsider, &listing)
            .await
            .refused(404, "not_found");
        let answer = school.command(outsider, one, &say(outsider, "x")).await;
        answer.refused(404, "not_found");
    }
}

#[tokio::test]
async fn pupils_reach_pupils_of_their_groups_and_staff_reaches_everybody() {
    let school = School::open().await;
    let nobody = PersonId(Uuid::from_u128(999));
    for (who, with, may) in [
        (ANNA, BEN, true),
        (ANNA, CLEO, false),
        (ANNA, TEACHER, true),
        (ANNA, SECRETARY, true),
        (TEACHER, CLEO, true),
        (SECRETARY, CLEO, true),
        (TEACHER, SECRETARY, true),
        (ANNA, ANNA, false),
        (TEACHER, TEACHER, false),
        (TEACHER, nobody, false),
    ] {
        let answer = begin(&school, who, with).await;
        match may {
            true => drop(answer.good()),
            false => answer.refused(403, "not_acquainted"),
        }
    }
    school.happened([joined(CLASS_5A, CLEO)]).await;
    begin(&school, ANNA, CLEO).await.good();
}

#[tokio::test]
async fn with_a_closed_account_nothing_more_is_said() {
    let school = School::open().await;
    let room = room(&school, ANNA, BEN).await;
    school.say(ANNA, room, "Hallo").await;
    school.happened([closed(BEN)]).await;
    let answer = school.command(ANNA, room, &say(ANNA, "Noch da?")).await;
    answer.refused(422, "room_over");
    let query = format!("scope=room:{room}");
    assert_eq!(school.rows(ANNA, "messages", &query).await.len(), 1);
    begin(&school, TEACHER, BEN)
        .await
        .refused(403, "not_acquainted");
}

#[tokio::test]
async fn between_two_people_everybody_removes_their_own_words_alone() {
    let school = School::open().await;
    let room = room(&school, ANNA, TEACHER).await;
    school.say(ANNA, room, "Das war ungerecht").await;
    let remove = |by| RoomCommand::RemoveMessage { number: 1, by };
    let answer = school.command(TEACHER, room, &remove(TEACHER)).await;
    answer.refused(403, "not_allowed");
    school.command(ANNA, room, &remove(ANNA)).await.good();
}
