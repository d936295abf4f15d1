//! Uploads are checked before they are read, are taken in once, and leave nothing behind when they are refused.

use crate::support::{ANNA, BEN, CLASS_5A, CLEO, School, TEACHER, id, left, named, sample};
use axum::body::{Body, Bytes};
use axum::http::Request;
use edge_files::{FilesError, Upload, group_space, own_space};
use edge_kernel::{Actor, Order};
use events::ids::NodeId;
use futures::stream;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

fn upload(name: &str) -> Upload {
    Upload {
        space: group_space(CLASS_5A),
        node: NodeId(Uuid::new_v4()),
        parent: None,
        name: name.into(),
        media_type: "text/plain".into(),
    }
}

#[tokio::test]
async fn nobody_sends_a_film_only_to_hear_that_they_may_not() {
    let school = School::open().await;
    let read = AtomicBool::new(false);
    let content = || {
        Box::pin(stream::once(async {
            read.store(true, Ordering::SeqCst);
            Ok::<_, Infallible>(Bytes::from_static(b"x"))
        }))
    };
    let by = |person| Order::by(Actor::Person(person));
    let outsider = school
        .files
        .upload(CLEO, upload("a.txt"), content(), by(CLEO))
        .await;
    assert!(matches!(outsider, Err(FilesError::NotFound)));
    let misnamed = school
        .files
        .upload(ANNA, upload("a/b"), content(), by(ANNA))
        .await;
    assert!(matches!(misnamed, Err(FilesError::Refused(_))));
    let parent = Some(NodeId(Uuid::new_v4()));
    let lost = Upload {
        parent,
        ..upload("a.txt")
    };
    let lost = school.files.upload(ANNA, lost, content(), by(ANNA)).await;
    assert!(matches!(lost, Err(FilesError::Refused(_))));
    assert!(!read.load(Ordering::SeqCst), "the body was read");
    assert!(school.stored().is_empty());
}

#[tokio::test]
async fn the_same_upload_sent_twice_is_one_file() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    let key = Uuid::new_v4();
    let send = || {
        let request = Request::post(format!("/api/files/spaces/{space}/upload"))
            .header("content-disposition", named("a.txt"))
            .header("idempotency-key", key.to_string())
            .body(Body::from(sample(100_000)))
            .expect("a request");
        school.send(Some(ANNA), request)
    };
    let (one, other) = tokio::join!(send(), send());
    let (one, other) = (one.good(), other.good());
    assert_eq!(
        (&one["node"], &one["name"]),
        (&other["node"], &other["name"])
    );
    let again = send().await.good();
    assert_eq!(again["node"], one["node"]);
    assert_eq!(school.names(ANNA, space, "top/").await, ["a.txt"]);
    assert_eq!(school.stored().len(), 1, "bytes that no event names remain");
}

#[tokio::test]
async fn a_file_too_large_is_refused_and_leaves_nothing() {
    let school = School::with(|files| files.with_largest(99_999)).await;
    let space = own_space(ANNA);
    let answer = school
        .upload(ANNA, space, "name=a.txt", sample(100_000))
        .await;
    answer.refused(413, "too_large");
    let declared = Request::post(format!("/api/files/spaces/{space}/upload"))
        .header("content-disposition", named("a.txt"))
        .header("content-length", "100000")
        .body(Body::from(sample(100_000)))
        .expect("a request");
    school
        .send(Some(ANNA), declared)
        .await
        .refused(413, "too_large");
    assert!(school.stored().is_empty());
    assert!(school.names(ANNA, space, "top/").await.is_empty());
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let school = School::open().await;
    let pieces = [
        Ok(Bytes::from_static(b"half")),
        Err(std::io::Error::other("gone")),
    ];
    let body = Body::from_stream(stream::iter(pieces));
    let answer = school
        .upload(ANNA, own_space(ANNA), "name=a.txt", body)
        .await;
    answer.refused(400, "upload_cut_off");
    assert!(school.stored().is_empty());
}

#[tokio::test]
async fn whoever_leaves_the_class_while_uploading_leaves_no_file() {
    let school = School::open().await;
    let content = Box::pin(stream::once(async {
        school.happened([left(CLASS_5A, ANNA)]).await;
        Ok::<_, Infallible>(Bytes::from_static(b"x"))
    }));
    let order = Order::by(Actor::Person(ANNA));
    let outcome = school
        .files
        .upload(ANNA, upload("a.txt"), content, order)
        .await;
    assert!(matches!(outcome, Err(FilesError::NotFound)));
    assert!(school.stored().is_empty());
    let names = school.names(BEN, group_space(CLASS_5A), "top/").await;
    assert!(names.is_empty());
}

#[tokio::test]
async fn many_files_of_one_name_at_once_all_get_names_of_their_own() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    let uploads = (0..8).map(|n| {
        let who = [TEACHER, ANNA, BEN][n % 3];
        school.upload(who, space, "name=Hausaufgabe.pdf", format!("{n}"))
    });
    let answers = futures::future::join_all(uploads).await;
    let mut names: Vec<String> = answers
        .into_iter()
        .map(|answer| answer.good()["name"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    let mut expected: Vec<String> = (2..=8)
        .map(|n| format!("Hausaufgabe ({n}).pdf"))
        .chain(["Hausaufgabe.pdf".to_owned()])
        .collect();
    expected.sort();
    assert_eq!(names, expected);
    assert_eq!(school.stored().len(), 8);
}

#[tokio::test]
async fn a_file_lands_in_the_folder_that_was_named() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let folder = school.folder(ANNA, space, None, "Bilder").await;
    let query = format!("name=a.txt&parent={folder}");
    let uploaded = school.upload(ANNA, space, &query, "x").await.good();
    let inside = format!("{folder}/");
    assert_eq!(school.names(ANNA, space, &inside).await, ["a.txt"]);
    let query = format!("name=a.txt&parent={}", id(&uploaded["node"]));
    let answer = school.upload(ANNA, space, &query, "x").await;
    answer.refused(422, "no_such_folder");
}

/// Over a real connection: a server that answers and closes while a browser still sends would break the connection, and
/// the person would see "no network" instead of the reason.
#[tokio::test]
async fn a_refusal_reaches_a_browser_that_is_still_sending() {
    let school = School::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let address = listener.local_addr().expect("an address");
    let router = school.router_as(CLEO);
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let length = 14 << 20;
    let space = group_space(CLASS_5A);
    let head = format!(
        "POST /api/files/spaces/{space}/upload HTTP/1.1\r\nhost: x\r\ncontent-disposition: attachment; filename*=UTF-8''a\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    let mut connection = TcpStream::connect(address).await.expect("connects");
    let sent = async {
        connection.write_all(head.as_bytes()).await?;
        connection.write_all(&sample(length)).await?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(30), sent)
        .await
        .expect("an answer within seconds")
        .expect("the connection holds");
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    server.abort();
}
