//! What is uploaded is downloaded byte for byte, whole and in parts, and no browser runs it.

use crate::support::{ANNA, BEN, CLASS_5A, School, TEACHER, content_path, id, named, sample};
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use edge_files::{Upload, group_space, own_space};
use edge_kernel::{Actor, Order};
use events::ids::NodeId;
use futures::{StreamExt, stream};
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

const MIB: usize = 1 << 20;

async fn with_headers(
    school: &School,
    path: &str,
    headers: &[(&str, &str)],
) -> crate::support::Answer {
    let request = headers
        .iter()
        .fold(Request::get(path), |request, (name, value)| {
            request.header(*name, *value)
        });
    let request = request.body(Body::empty()).expect("a request");
    school.send(Some(ANNA), request).await
}

#[tokio::test]
async fn five_mebibytes_come_back_byte_for_byte_and_in_every_part() {
    let school = School::open().await;
    let space = group_space(CLASS_5A);
    let content = sample(5 * MIB + 17);
    let uploaded = school
        .upload(TEACHER, space, "name=Film.txt", content.clone())
        .await
        .good();
    let path = content_path(space, id(&uploaded["node"]));
    let whole = school.get(ANNA, &path).await;
    assert_eq!(whole.status, StatusCode::OK);
    assert_eq!(whole.header("content-length"), content.len().to_string());
    assert!(whole.body == content, "the bytes differ");
    let size = content.len();
    for (range, part) in [
        ("bytes=0-0", 0..1),
        ("bytes=65535-65536", 65_535..65_537),
        ("bytes=1048576-2097151", MIB..2 * MIB),
        ("bytes=5242880-", 5 * MIB..size),
        ("bytes=-17", size - 17..size),
    ] {
        let answer = with_headers(&school, &path, &[("range", range)]).await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        let says = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        assert_eq!(answer.header("content-range"), says);
        assert!(answer.body == content[part], "{range}");
    }
    let behind = format!("bytes={size}-");
    let answer = with_headers(&school, &path, &[("range", &behind)]).await;
    answer.refused(416, "no_such_range");
    assert_eq!(answer.header("content-range"), format!("bytes */{size}"));
}

#[tokio::test]
async fn a_range_of_another_version_is_answered_whole_and_a_known_one_with_nothing() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let node = school.file(ANNA, space, "name=a.txt").await;
    let path = content_path(space, node);
    let tag = school.get(ANNA, &path).await.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    let same = with_headers(
        &school,
        &path,
        &[("range", "bytes=0-1"), ("if-range", &tag)],
    )
    .await;
    assert_eq!(
        (same.status, same.body.as_ref()),
        (StatusCode::PARTIAL_CONTENT, b"In".as_slice())
    );
    let other = with_headers(
        &school,
        &path,
        &[("range", "bytes=0-1"), ("if-range", "\"x\"")],
    )
    .await;
    assert_eq!(
        (other.status, other.body.as_ref()),
        (StatusCode::OK, b"Inhalt".as_slice())
    );
    let known = with_headers(&school, &path, &[("if-none-match", &tag)]).await;
    assert_eq!(
        (known.status, known.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
}

#[tokio::test]
async fn asking_for_the_headers_alone_tells_the_size() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let node = school.file(ANNA, space, "name=a.txt").await;
    let request = Request::head(content_path(space, node))
        .body(Body::empty())
        .expect("a request");
    let answer = school.send(Some(ANNA), request).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        (answer.header("content-length"), answer.body.len()),
        ("6", 0)
    );
    assert_eq!(answer.header("accept-ranges"), "bytes");
}

#[tokio::test]
async fn a_file_is_saved_under_its_name_and_shown_only_when_it_cannot_run() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let name = "name=%C3%9Cbung%20%221%22.txt";
    let node = school.file(ANNA, space, name).await;
    let path = content_path(space, node);
    let saved = school.get(ANNA, &path).await;
    assert_eq!(
        saved.header("content-disposition"),
        "attachment; filename=\"_bung _1_.txt\"; filename*=UTF-8''%C3%9Cbung%20%221%22.txt"
    );
    for answer in [&saved, &school.get(ANNA, &format!("{path}?inline=1")).await] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("sandbox"));
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
    }
    let shown = school.get(ANNA, &format!("{path}?inline=1")).await;
    assert!(shown.header("content-disposition").starts_with("inline;"));
    for kind in ["text/html", "image/svg+xml", "application/javascript"] {
        let request = Request::post(format!("/api/files/spaces/{space}/upload"))
            .header("content-disposition", named("x"))
            .header("content-type", kind)
            .body(Body::from("<script>alert(1)</script>"))
            .expect("a request");
        let uploaded = school.send(Some(ANNA), request).await.good();
        let path = format!("{}?inline=1", content_path(space, id(&uploaded["node"])));
        let answer = school.get(ANNA, &path).await;
        assert!(
            answer
                .header("content-disposition")
                .starts_with("attachment;"),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let uploaded = school.upload(ANNA, space, "name=leer", "").await.good();
    let path = content_path(space, id(&uploaded["node"]));
    let answer = school.get(ANNA, &path).await;
    assert_eq!(
        (answer.status, answer.header("content-length")),
        (StatusCode::OK, "0")
    );
}

#[tokio::test]
async fn a_damaged_file_is_a_problem_and_no_broken_download() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let node = school.file(ANNA, space, "name=a.txt").await;
    let [stored] = school.stored().try_into().expect("one stored file");
    std::fs::write(&stored, b"something else entirely").expect("writes");
    let path = content_path(space, node);
    school.get(ANNA, &path).await.refused(500, "failure");
    std::fs::remove_file(&stored).expect("removes");
    school.get(ANNA, &path).await.refused(500, "failure");
}

#[tokio::test]
async fn what_is_stored_shows_neither_content_nor_name() {
    let school = School::open().await;
    let content = "Klassenarbeit".repeat(1000);
    school
        .upload(BEN, own_space(BEN), "name=Geheimnis.txt", content)
        .await
        .good();
    for path in school.stored() {
        let bytes = std::fs::read(&path).expect("reads");
        assert!(!bytes.windows(13).any(|window| window == b"Klassenarbeit"));
        assert!(!path.to_string_lossy().contains("Geheimnis"));
    }
}

/// Resident memory of this process, in MiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("reads");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .expect("the line");
    let kibibytes: usize = line
        .split_whitespace()
        .next()
        .and_then(|text| text.parse().ok())
        .expect("a number");
    kibibytes >> 10
}

#[tokio::test]
async fn a_large_file_streams_through_without_being_held() {
    let school = School::open().await;
    let space = own_space(ANNA);
    let piece = Bytes::from(sample(MIB));
    let before = resident();
    let pieces = 160;
    let most = AtomicUsize::new(before);
    let content = stream::iter(0..pieces).map(|_| {
        most.fetch_max(resident(), Ordering::Relaxed);
        Ok::<_, Infallible>(piece.clone())
    });
    let upload = Upload {
        space,
        node: NodeId(Uuid::new_v4()),
        parent: None,
        name: "groß.bin".into(),
        media_type: String::new(),
    };
    let node = upload.node;
    let order = Order::by(Actor::Person(ANNA));
    school
        .files
        .upload(ANNA, upload, content, order)
        .await
        .expect("uploads");
    let found = school
        .files
        .content(ANNA, space, node)
        .await
        .expect("finds");
    assert_eq!(found.blob.size, (pieces * MIB) as u64);
    let mut content = Box::pin(
        school
            .kernel
            .blobs
            .get(&found.blob, 0..u64::MAX)
            .expect("opens"),
    );
    let mut read = 0;
    while let Some(bytes) = content.next().await {
        most.fetch_max(resident(), Ordering::Relaxed);
        for byte in bytes.expect("reads").chunks(4096) {
            let at = read % MIB;
            let until = (at + byte.len()).min(MIB);
            assert!(piece[at..until] == byte[..until - at], "at byte {read}");
            read += byte.len();
        }
    }
    assert_eq!(read, pieces * MIB);
    // Other tests of this process run meanwhile and hold some tens of megabytes themselves.
    let grown = most.into_inner() - before;
    assert!(
        grown < 80,
        "160 MiB went through, and {grown} MiB of it were in memory at once"
    );
}
