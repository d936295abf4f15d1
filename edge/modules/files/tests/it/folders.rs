//! Folders through the doors: clashes, moves, deletions and how they are taken back.

use crate::support::{ANNA, BEN, CLASS_5A, School, TEACHER, content_path};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use edge_files::{group_space, own_space};
use events::files::FilesCommand;
use events::ids::NodeId;
use uuid::Uuid;

fn delete(node: NodeId) -> FilesCommand {
    FilesCommand::DeleteNode { node }
}

fn restore(node: NodeId) -> FilesCommand {
    FilesCommand::RestoreNode { node }
}

fn put_into(node: NodeId, parent: Option<NodeId>) -> FilesCommand {
    FilesCommand::MoveNode { node, parent }
}

#[tokio::test]
async fn a_name_clash_is_solved_and_the_answer_says_how() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    school.file(ANNA, space, "name=Bericht.pdf").await;
    let second = school
        .upload(BEN, space, "name=bericht.pdf", "x")
        .await
        .good();
    assert_eq!(second["name"], "bericht (2).pdf");
    let names = school.names(TEACHER, space, "top/").await;
    assert_eq!(names, ["bericht (2).pdf", "Bericht.pdf"]);
    let command = FilesCommand::RenameNode {
        node: second["node"]
            .as_str()
            .expect("an id")
            .parse()
            .expect("an id"),
        name: "BERICHT.pdf".into(),
    };
    let answer = school.command(BEN, space, &command).await;
    answer.refused(409, "name_taken");
}

#[tokio::test]
async fn a_folder_does_not_move_into_itself() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let outer = school.folder(ANNA, space, None, "außen").await;
    let inner = school.folder(ANNA, space, Some(outer), "innen").await;
    for target in [outer, inner] {
        let answer = school
            .command(ANNA, space, &put_into(outer, Some(target)))
            .await;
        answer.refused(422, "into_itself");
    }
    let moved = school.command(ANNA, space, &put_into(inner, None)).await;
    assert_eq!(moved.good()["name"], "innen");
    assert_eq!(school.names(ANNA, space, "top/").await, ["außen", "innen"]);
}

#[tokio::test]
async fn what_lies_in_a_deleted_folder_is_neither_listed_nor_handed_out_until_it_is_back() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    let outer = school.folder(TEACHER, space, None, "Material").await;
    let inner = school.folder(TEACHER, space, Some(outer), "Blätter").await;
    let query = format!("name=Blatt.txt&parent={inner}");
    let file = school.file(TEACHER, space, &query).await;
    let (path, inside) = (content_path(space, file), format!("{inner}/"));
    assert_eq!(school.get(ANNA, &path).await.status, StatusCode::OK);
    school.command(TEACHER, space, &delete(outer)).await.good();
    school.get(ANNA, &path).await.refused(404, "not_found");
    for prefix in ["top/", &inside, &format!("{outer}/"), ""] {
        let names = school.names(ANNA, space, prefix).await;
        assert!(names.is_empty(), "{prefix}: {names:?}");
    }
    let by_key = format!("/api/files/files?keys={file},{inner}");
    let page = school.get(ANNA, &by_key).await.good();
    assert_eq!(page["rows"].as_array().map(Vec::len), Some(0));
    school.command(TEACHER, space, &restore(outer)).await.good();
    assert_eq!(school.names(ANNA, space, &inside).await, ["Blatt.txt"]);
    assert_eq!(school.get(ANNA, &path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_bin_shows_what_one_may_bring_back() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    let hers = school.file(ANNA, space, "name=von%20Anna.txt").await;
    let his = school.file(BEN, space, "name=von%20Ben.txt").await;
    school.command(ANNA, space, &delete(hers)).await.good();
    school.command(TEACHER, space, &delete(his)).await.good();
    let bin = async |who| {
        let mut names = school.names(who, space, "~deleted/").await;
        names.sort();
        names
    };
    assert_eq!(bin(TEACHER).await, ["von Anna.txt", "von Ben.txt"]);
    assert_eq!(bin(ANNA).await, ["von Anna.txt"]);
    assert!(bin(BEN).await.is_empty(), "a teacher took it away");
    let answer = school.command(BEN, space, &restore(his)).await;
    answer.refused(403, "not_yours");
    let back = school.command(TEACHER, space, &restore(his)).await;
    assert_eq!(back.good()["name"], "von Ben.txt");
}

#[tokio::test]
async fn what_comes_back_finds_a_free_name_and_a_place() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let folder = school.folder(ANNA, space, None, "Alt").await;
    let query = format!("name=a.txt&parent={folder}");
    let first = school.file(ANNA, space, &query).await;
    school.command(ANNA, space, &delete(first)).await.good();
    let second = school.file(ANNA, space, &query).await;
    let back = school.command(ANNA, space, &restore(first)).await.good();
    assert_eq!(back["name"], "a (2).txt");
    school.command(ANNA, space, &delete(second)).await.good();
    school.command(ANNA, space, &delete(folder)).await.good();
    let back = school.command(ANNA, space, &restore(second)).await.good();
    assert_eq!(back["name"], "a.txt");
    assert_eq!(
        school.names(ANNA, space, "top/").await,
        ["a.txt"],
        "its folder is gone, so it is at the top"
    );
}

#[tokio::test]
async fn nodes_of_one_space_mean_nothing_in_another() {
    let school = School::open().await;
    let ours = group_space(CLASS_5A);
    let file = school.file(TEACHER, ours, "name=a.txt").await;
    let mine = own_space(BEN);
    let path = content_path(mine, file);
    school.get(BEN, &path).await.refused(404, "not_found");
    school
        .command(BEN, mine, &delete(file))
        .await
        .refused(404, "not_found");
    let stolen = FilesCommand::AddFolder {
        node: file,
        parent: None,
        name: "meins".into(),
        author: BEN,
    };
    school.command(BEN, mine, &stolen).await.good();
    assert_eq!(school.names(ANNA, ours, "top/").await, ["a.txt"]);
}

#[tokio::test]
async fn files_are_found_by_their_name_in_all_of_the_askers_spaces() {
    let school = School::open().await;
    school
        .file(ANNA, own_space(ANNA), "name=%C3%9Cbung%201.txt")
        .await;
    school
        .file(TEACHER, group_space(CLASS_5A), "name=%C3%9Cbung%202.txt")
        .await;
    school
        .file(TEACHER, own_space(TEACHER), "name=%C3%9Cbung%203.txt")
        .await;
    let at_least = school.kernel.ledger.size();
    let path = format!("/api/files/files?at_least={at_least}");
    let request = Request::get(path)
        .header("x-search", "%C3%9Cbung")
        .body(Body::empty())
        .expect("a request");
    let page = school.send(Some(ANNA), request).await.good();
    let mut names: Vec<&str> = page["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|found| found["row"]["name"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["Übung 1.txt", "Übung 2.txt"]);
    let row = &page["rows"][0]["row"]["kind"]["File"];
    assert!(
        row["key"].is_null(),
        "a file's key never leaves the machine"
    );
}

#[tokio::test]
async fn a_command_that_cannot_be_read_is_a_problem() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let request = axum::http::Request::post(format!("/api/files/spaces/{space}/command"))
        .header("content-type", "application/json")
        .body("{\"Nonsense\":1}".into())
        .expect("a request");
    let answer = school.send(Some(ANNA), request).await;
    answer.refused(422, "bad_request");
    let nowhere = format!("/api/files/spaces/xyz/nodes/{}/content", Uuid::nil());
    school.get(ANNA, &nowhere).await.refused(404, "not_found");
}
