//! `audit export`: beside a running server and without one, of everything or up to a position; the independent verifier finds it
//! whole, with the key that was known before.

use crate::support::{Directory, founded};
use e2e::process::console;
use schulhof_verify::{Options, verify};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The verifier's word on an export, by a key that came another way.
fn verified(export: &Path, key: &str) -> (bool, u64, Option<String>) {
    let options = Options {
        key: Some(key.to_owned()),
        ..Options::default()
    };
    let report = verify(export, &options, &|_, _| {});
    assert!(report.ok, "{:?}", report.problems);
    (report.ok, report.size, report.root)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_beside_a_running_server_is_logged_and_verifies_with_the_key_known_before() {
    let directory = Directory::new();
    let server = founded(&directory).await;
    let shown = console(&directory.data, ["audit", "show", "1"]).await.ok();
    let key = shown.json()["proof"]["key"]
        .as_str()
        .expect("a key")
        .to_owned();
    let out = directory.beside("export");
    let path = out.to_str().expect("a path in UTF-8");
    let exported = console(&directory.data, ["audit", "export", "--out", path])
        .await
        .ok();
    assert!(
        exported.out.contains("schulhof-verify") && exported.out.contains(&key),
        "{}",
        exported.out
    );
    assert!(
        exported.err.contains("writing the segments"),
        "{}",
        exported.err
    );
    let (_, size, root) = verified(&out, &key);
    assert!(exported.out.contains(root.as_deref().unwrap_or_default()));
    // The look itself is the last event of the export.
    let position = size.to_string();
    let look = console(&directory.data, ["audit", "show", &position])
        .await
        .ok()
        .json();
    assert_eq!(look["kind"], "ConsoleViewed", "{look}");
    for folder in [out.clone(), out.join("segments"), out.join("checkpoints")] {
        let mode = std::fs::metadata(&folder)
            .expect("is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700, "{}", folder.display());
    }
    server.stop().await.expect("it stops");
    let again = console(&directory.data, ["audit", "export", "--out", path]).await;
    assert!(
        !again.success && again.err.contains("not empty"),
        "two exports do not mix: {}",
        again.err
    );
    verified(&out, &key);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_without_a_server_ends_at_the_position_asked_for() {
    let directory = Directory::new();
    let server = founded(&directory).await;
    server.stop().await.expect("it stops");
    let out = directory.beside("export");
    let path = out.to_str().expect("a path in UTF-8");
    let shown = console(&directory.data, ["audit", "show", "1"]).await.ok();
    let key = shown.json()["proof"]["key"]
        .as_str()
        .expect("a key")
        .to_owned();
    for wrong in ["0", "1000000"] {
        let refused = console(
            &directory.data,
            ["audit", "export", "--out", path, "--until", wrong],
        )
        .await;
        assert!(
            !refused.success && refused.err.contains("where the log ends"),
            "{wrong}: {}",
            refused.err
        );
    }
    console(
        &directory.data,
        ["audit", "export", "--out", path, "--until", "2"],
    )
    .await
    .ok();
    assert_eq!(verified(&out, &key).1, 2);
    let whole = directory.beside("whole");
    let path = whole.to_str().expect("a path in UTF-8");
    console(&directory.data, ["audit", "export", "--out", path])
        .await
        .ok();
    assert!(verified(&whole, &key).1 > 2);
    let older = std::fs::read_to_string(whole.join("checkpoints/older.jsonl")).expect("is there");
    assert!(
        !older.is_empty(),
        "the checkpoints signed before are in the export"
    );
    let nowhere = directory.beside("nowhere");
    let refused = console(&nowhere, ["audit", "export", "--out", path]).await;
    assert!(!refused.success && !nowhere.exists(), "{}", refused.err);
}
