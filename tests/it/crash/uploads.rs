//! An upload that is cut off by a kill leaves nothing on the disk for ever: the next start clears it away, and nothing else.

use crate::support::{Directory, founded};
use bytes::Bytes;
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, Plan};
use e2e::process::Process;
use futures::StreamExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_a_killed_upload_is_cleared_away_and_named_files_stay() {
    let directory = Directory::new();
    let server = founded(&directory).await;
    let founder = Api::new(server.address());
    founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let school = Plan::two_classes()
        .settle(&founder, || Api::new(server.address()))
        .await;
    let (tilda, space) = (school.api("tilda"), school.space("5a"));
    let kept = tilda.upload(space, "bleibt.txt", b"bleibt").await.ok();
    let deleted = tilda.upload(space, "weg.txt", b"im Papierkorb").await.ok();
    let command = serde_json::json!({ "DeleteNode": { "node": deleted["node"] } });
    let path = format!("/api/files/spaces/{space}/command");
    tilda.post(&path, &command).await.ok();
    let blobs = directory.data.join("blobs");
    let named = stored(&blobs);
    assert_eq!(named.len(), 2);

    // Twenty MiB come, and then no more.
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    let pieces = futures::stream::iter(vec![piece; 20]).map(Ok::<_, std::io::Error>);
    let body = reqwest::Body::wrap_stream(pieces.chain(futures::stream::pending()));
    let upload = tilda.upload_request(space, "halb.bin").body(body);
    let sender = tilda.clone();
    let upload = tokio::spawn(async move { sender.try_send(upload).await.is_err() });
    until("a part on the disk", || stored(&blobs).len() > 2).await;
    server.kill().await;
    assert!(upload.await.expect("no panic"), "the upload broke off");
    assert!(stored(&blobs).iter().any(|path| is_part(path)));
    // A blob that was stored whole, and whose event was never written.
    let unnamed = blobs
        .join("ab")
        .join(format!("ab{}", &Uuid::new_v4().to_string()[2..]));
    std::fs::create_dir_all(blobs.join("ab")).expect("the directory is ours");
    std::fs::copy(&named[0], &unnamed).expect("the directory is ours");

    let server = Process::serve(&directory.data, &directory.log).await;
    let server = server.expect("it starts again");
    let school = school.at(server.address());
    // While the old is cleared away, the new comes in.
    let added = school
        .api("tilda")
        .upload(space, "neu.txt", b"neu")
        .await
        .ok();
    until("the rest to be cleared away", || stored(&blobs).len() == 3).await;
    assert!(!unnamed.exists() && named.iter().all(|path| path.exists()));
    let restore = serde_json::json!({ "RestoreNode": { "node": deleted["node"] } });
    let path = format!("/api/files/spaces/{space}/command");
    school.api("tilda").post(&path, &restore).await.ok();
    for (file, content) in [(kept, "bleibt"), (deleted, "im Papierkorb"), (added, "neu")] {
        let node = file["node"].as_str().expect("a node's id");
        let path = format!("/api/files/spaces/{space}/nodes/{node}/content");
        let answer = school.api("tilda").get(&path).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, content));
    }
    server.stop().await.expect("it stops");
}

fn is_part(path: &Path) -> bool {
    path.to_string_lossy().contains('#')
}

fn stored(blobs: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(blobs).into_iter().flatten().flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten());
    files.flatten().map(|file| file.path()).collect()
}

/// The disk tells nobody when it changes.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
