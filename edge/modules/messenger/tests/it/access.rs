//! Who sees a room: its members, nobody else, and from one moment to the next.

use crate::support::{ANNA, BEN, CLASS_5A, CLASS_5B, CLEO, School, TEACHER, left, over, say};
use axum::body::Body;
use axum::http::Request;
use edge_messenger::group_room;
use events::messenger::RoomCommand;
use uuid::Uuid;

#[tokio::test]
async fn a_stranger_is_told_nothing_at_any_door() {
    let school = School::open().await;
    let (_, doors) = school.messenger.routes().into_parts();
    assert_eq!(doors.len(), 6);
    for door in doors {
        assert!(!door.open, "{} is open to strangers", door.path);
        let room = group_room(CLASS_5A).to_string();
        let request = Request::builder()
            .method(door.method)
            .uri(door.path.replace("{room}", &room))
            .body(Body::empty())
            .expect("a request");
        let answer = school.send(None, request).await;
        answer.refused(401, "not_signed_in");
    }
}

#[tokio::test]
async fn a_pupil_of_one_class_cannot_tell_that_another_class_has_a_room() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    school.say(ANNA, room, "Hallo").await;
    for view in ["rooms", "messages"] {
        let listing = format!("/api/messenger/{view}?scope=room:{room}");
        school.get(CLEO, &listing).await.refused(404, "not_found");
    }
    let by_key = format!("/api/messenger/messages?keys={room}/1");
    let page = school.get(CLEO, &by_key).await.good();
    assert_eq!(page["rows"].as_array().map(Vec::len), Some(0));
    for room in [room, events::ids::RoomId(Uuid::nil())] {
        let answer = school.command(CLEO, room, &say(CLEO, "Hallo")).await;
        answer.refused(404, "not_found");
    }
    let mine = school.rows(CLEO, "rooms", "").await;
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0]["room"], serde_json::json!(group_room(CLASS_5B)));
}

#[tokio::test]
async fn losing_membership_closes_the_room_at_once() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    school.say(ANNA, room, "Hallo").await;
    school.happened([left(CLASS_5A, ANNA)]).await;
    let answer = school.command(ANNA, room, &say(ANNA, "Tschüss")).await;
    answer.refused(404, "not_found");
    let listing = format!("/api/messenger/messages?scope=room:{room}");
    school.get(ANNA, &listing).await.refused(404, "not_found");
    assert!(school.rows(ANNA, "rooms", "").await.is_empty());
    assert!(school.rows(ANNA, "messages", "").await.is_empty());
    school.say(BEN, room, "Anna ist weg").await;
}

#[tokio::test]
async fn in_the_room_of_a_group_that_is_over_nothing_more_is_said() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    school.say(ANNA, room, "Hallo").await;
    school.happened([over(CLASS_5A)]).await;
    for who in [ANNA, TEACHER] {
        let answer = school.command(who, room, &say(who, "Noch etwas")).await;
        answer.refused(422, "room_over");
    }
    let query = format!("scope=room:{room}");
    assert_eq!(school.rows(BEN, "messages", &query).await.len(), 1);
    let remove = RoomCommand::RemoveMessage {
        number: 1,
        by: TEACHER,
    };
    school.command(TEACHER, room, &remove).await.good();
}
