//! Reading marks: unread is the room's last number minus the mark, and a mark only moves forward.

use crate::support::{ANNA, BEN, CLASS_5A, CLASS_5B, CLEO, School};
use edge_messenger::group_room;

#[tokio::test]
async fn unread_is_what_was_said_since_the_mark() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    assert_eq!(school.unread(BEN, room).await, 0);
    for n in 1..=5 {
        school.say(ANNA, room, &format!("{n}")).await;
    }
    assert_eq!(school.unread(BEN, room).await, 5);
    school.mark_read(BEN, room, 3).await.good();
    assert_eq!(school.unread(BEN, room).await, 2);
    school.mark_read(BEN, room, 1).await.good();
    assert_eq!(school.unread(BEN, room).await, 2, "a mark stays");
    school.mark_read(BEN, room, 5).await.good();
    assert_eq!(school.unread(BEN, room).await, 0);
}

#[tokio::test]
async fn nobody_marks_what_was_not_said_or_what_they_cannot_see() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    school.say(ANNA, room, "Hallo").await;
    let answer = school.mark_read(BEN, room, 2).await;
    answer.refused(422, "not_said_yet");
    let answer = school.mark_read(CLEO, room, 1).await;
    answer.refused(404, "not_found");
}

#[tokio::test]
async fn a_mark_is_its_owners_own() {
    let school = School::open().await;
    let room = group_room(CLASS_5A);
    school.say(ANNA, room, "Hallo").await;
    school.mark_read(BEN, room, 1).await.good();
    assert_eq!(school.rows(BEN, "reads", "").await.len(), 1);
    assert!(school.rows(ANNA, "reads", "").await.is_empty());
    let foreign = format!("/api/messenger/reads?scope=person:{BEN}");
    let answer = school.get(ANNA, &foreign).await;
    answer.refused(404, "not_found");
    let by_key = format!("/api/messenger/reads?keys={BEN}/{room}");
    let page = school.get(ANNA, &by_key).await.good();
    assert_eq!(page["rows"].as_array().map(Vec::len), Some(0));
    assert_eq!(school.unread(CLEO, group_room(CLASS_5B)).await, 0);
}
