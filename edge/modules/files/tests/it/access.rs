//! Who may see and change what: members, those who lead, nobody else, and from one moment to the next.

use crate::support::{
    ANNA, BEN, CLASS_5A, CLASS_5B, CLEO, School, TEACHER, closed, content_path, left, over,
};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use edge_files::{group_space, own_space};
use events::Audience;
use events::files::{BlobRef, FilesCommand};
use events::ids::{BlobId, NodeId};
use uuid::Uuid;

#[tokio::test]
async fn a_stranger_is_told_nothing_at_any_door() {
    let school = School::open().await;
    let (_, doors) = school.files.routes().into_parts();
    assert_eq!(doors.len(), 5);
    for door in doors {
        assert!(!door.open, "{} is open to strangers", door.path);
        let path = door
            .path
            .replace("{space}", &group_space(CLASS_5A).to_string())
            .replace("{node}", &Uuid::nil().to_string());
        let request = Request::builder()
            .method(door.method)
            .uri(path)
            .body(Body::empty())
            .expect("a request");
        let answer = school.send(None, request).await;
        answer.refused(401, "not_signed_in");
    }
}

#[tokio::test]
async fn a_pupil_of_one_class_cannot_tell_that_another_class_has_files() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    let node = school.file(ANNA, space, "name=a.txt").await;
    let path = content_path(space, node);
    school.get(CLEO, &path).await.refused(404, "not_found");
    let listing = format!("/api/files/files?scope=space:{space}");
    school.get(CLEO, &listing).await.refused(404, "not_found");
    let command = FilesCommand::DeleteNode { node };
    let answer = school.command(CLEO, space, &command).await;
    answer.refused(404, "not_found");
    let answer = school.upload(CLEO, space, "name=x", "x").await;
    answer.refused(404, "not_found");
    let nowhere = own_space(events::ids::PersonId(Uuid::nil()));
    let answer = school.upload(CLEO, nowhere, "name=x", "x").await;
    answer.refused(404, "not_found");
    let by_key = format!("/api/files/files?keys={node}");
    let page = school.get(CLEO, &by_key).await.good();
    assert_eq!(page["rows"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn ones_own_space_is_ones_own_even_for_a_teacher() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let node = school.file(ANNA, space, "name=Tagebuch.txt").await;
    for other in [TEACHER, BEN] {
        let path = content_path(space, node);
        school.get(other, &path).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn everybody_lists_their_own_spaces() {
    let school = School::open().await;
    let at_least = school.kernel.ledger.size();
    let path = format!("/api/files/spaces?at_least={at_least}");
    let page = school.get(ANNA, &path).await.good();
    let mut found: Vec<String> = page["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|found| found["key"].as_str().map(str::to_owned))
        .collect();
    let mut expected = vec![
        own_space(ANNA).to_string(),
        group_space(CLASS_5A).to_string(),
    ];
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn losing_membership_closes_the_space_at_once() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    let node = school.file(ANNA, space, "name=a.txt").await;
    let path = content_path(space, node);
    assert_eq!(school.get(ANNA, &path).await.status, StatusCode::OK);
    school.happened([left(CLASS_5A, ANNA)]).await;
    school.get(ANNA, &path).await.refused(404, "not_found");
    let command = FilesCommand::DeleteNode { node };
    let answer = school.command(ANNA, space, &command).await;
    answer.refused(404, "not_found");
    assert_eq!(school.get(BEN, &path).await.status, StatusCode::OK);
    school.happened([closed(BEN)]).await;
    school.get(BEN, &path).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_member_changes_their_own_and_a_teacher_everything() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    let node = school.file(ANNA, space, "name=a.txt").await;
    let rename = |name: &str| FilesCommand::RenameNode {
        node,
        name: name.into(),
    };
    let answer = school.command(BEN, space, &rename("b.txt")).await;
    answer.refused(403, "not_yours");
    school.command(ANNA, space, &rename("c.txt")).await.good();
    school
        .command(TEACHER, space, &rename("d.txt"))
        .await
        .good();
    assert_eq!(school.names(BEN, space, "top/").await, ["d.txt"]);
}

#[tokio::test]
async fn the_space_of_a_group_that_is_over_can_be_read_and_stays_as_it_is() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    let node = school.file(ANNA, space, "name=a.txt").await;
    school.happened([over(CLASS_5A)]).await;
    let path = content_path(space, node);
    for who in [ANNA, TEACHER] {
        assert_eq!(school.get(who, &path).await.status, StatusCode::OK);
        let command = FilesCommand::DeleteNode { node };
        let answer = school.command(who, space, &command).await;
        answer.refused(403, "not_allowed");
        let answer = school.upload(who, space, "name=x", "x").await;
        answer.refused(403, "not_allowed");
    }
}

#[tokio::test]
async fn what_only_the_machine_does_is_refused_to_people() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    let blob = BlobRef {
        blob: BlobId(Uuid::nil()),
        size: 1,
        media_type: "text/plain".into(),
        sha256: String::new(),
        key: events::Withheld::new("00".into()),
    };
    let node = NodeId(Uuid::new_v4());
    for command in [
        FilesCommand::OpenSpace {
            audience: Audience::Group(CLASS_5B),
        },
        FilesCommand::AddFile {
            node,
            parent: None,
            name: "a.txt".into(),
            author: TEACHER,
            blob,
        },
        FilesCommand::AddFolder {
            node,
            parent: None,
            name: "im Namen von Anna".into(),
            author: ANNA,
        },
    ] {
        let answer = school.command(TEACHER, space, &command).await;
        answer.refused(403, "not_allowed");
    }
}

#[tokio::test]
async fn doors_answer_to_their_own_verbs_only() {
    let school = School::open().await;
    for method in [Method::DELETE, Method::PUT] {
        let request = Request::builder()
            .method(method)
            .uri("/api/files/spaces")
            .body(Body::empty())
            .expect("a request");
        let answer = school.send(Some(ANNA), request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
