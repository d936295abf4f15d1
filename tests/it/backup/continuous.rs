//! The running server brings its backup by itself, tries it, and shows both to whoever answers for it.

use super::scene::Elsewhere;
use crate::support::{Directory, init};
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD};
use e2e::process::Process;
use serde_json::Value;
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
