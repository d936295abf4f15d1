//! The running server brings its backup by itself, tries it, and shows both to whoever answers for it.

use super::scene::Elsewhere;
use crate::privacy::scene::{forget, planted_as};
use crate::support::{Directory, init};
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD};
use e2e::process::Process;
use e2e::school::School;
use edge::Config;
use edge::backup::Status;
use events::privacy::Depth;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

/// How long a first push and a first try may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

async fn until(api: &Api, is_reached: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let status = api.get("/api/audit/backup").await.ok();
        if is_reached(&status) {
            return status;
        }
        assert!(began.elapsed() < PATIENCE, "the backup stays at {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_school_brings_its_backup_and_tries_it() {
    let directory = Directory::new();
    init(&directory.data, directory.root()).await;
    let elsewhere = Elsewhere::new();
    let place = elsewhere.path();
    let place = place.to_str().expect("UTF-8");
    let set = [("SCHULHOF_BACKUP__TO", place)];
    let server = Process::serve_with(&directory.data, &directory.log, &set)
        .await
        .expect("the server starts");
    let api = Api::new(server.address());
    api.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let tried = until(&api, |status| status["drilled"].is_object()).await;
    assert_eq!(tried["continuous"], true);
    assert_eq!(tried["failures"], 0);
    assert!(tried["drilled"]["position"].as_u64() <= tried["pushed"]["position"].as_u64());
    // Signing in was an event; it is brought without anybody asking.
    let first = tried["drilled"]["position"].as_u64().unwrap_or_default();
    let next = until(&api, |status| {
        status["pushed"]["position"].as_u64() > Some(first)
    })
    .await;
    let metrics = api.get("/metrics").await.text();
    let figure = format!("schulhof_backup_position {}", next["pushed"]["position"]);
    assert!(metrics.contains(&figure), "{metrics}");
    assert!(metrics.contains("schulhof_backup_failures 0"));

    // The disk is gone: the school goes on, and the failure is counted and logged.
    std::fs::rename(elsewhere.path(), elsewhere.beside("unplugged")).expect("ours");
    api.delete("/api/session").await;
    api.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    until(&api, |status| status["failures"].as_u64() > Some(0)).await;
    assert_eq!(api.get("/readyz").await.status, 200);
    assert!(server.log().contains("was not brought up to date"));
    server.stop().await.expect("stops well");
}

/// Waits until the backup has come somewhere.
async fn until_it_is(school: &School, is_reached: impl Fn(&Status) -> bool) {
    let began = Instant::now();
    loop {
        let status = school.house().backup.status();
        if is_reached(&status) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "the backup stays at {status:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The pieces that the newest manifest of a backup names, and those that lie there.
fn pieces(elsewhere: &Elsewhere) -> (BTreeSet<String>, BTreeSet<String>) {
    let newest = elsewhere.objects("manifests").pop().expect("a manifest");
    let text = std::fs::read_to_string(newest).expect("reads");
    let manifest: Value = serde_json::from_str(text.lines().next().unwrap_or_default())
        .expect("its first line is JSON");
    let named = manifest["pieces"].as_array().expect("pieces").iter();
    let named = named.map(|piece| piece["segment"].as_str().unwrap_or_default());
    let file = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let there = elsewhere.objects("segments");
    let there = there.iter().map(|path| file(&path.to_string_lossy()));
    (named.map(file).collect(), there.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_erasure_took_the_place_of_goes_when_removing_it_has_failed_before() {
    let elsewhere = Elsewhere::new();
    let mut config = Config::default();
    config.backup.to = Some(elsewhere.path().display().to_string());
    let school = planted_as(config).await;
    let all = |status: &Status| {
        let size = school.house().kernel.ledger.size();
        status.pushed.is_some_and(|pushed| pushed.position == size) && status.failures == 0
    };
    until_it_is(&school, all).await;
    // A folder that cannot be looked through.
    let in_the_way = elsewhere
        .path()
        .join("segments")
        .join(OsStr::from_bytes(b"\xff"));
    std::fs::write(&in_the_way, "").expect("ours");
    let (paul, second) = (school.person("paul").person, school.person("zweite").person);
    forget(school.house(), paul, second, Depth::Ciphertext).await;
    until_it_is(&school, |status| status.failures > 0).await;
    std::fs::remove_file(&in_the_way).expect("ours");
    until_it_is(&school, all).await;
    let (named, there) = pieces(&elsewhere);
    assert_eq!(there, named, "no piece of before the erasure is left");
}
