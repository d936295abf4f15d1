//! The commands as an operator types them, and a restoration that is killed at any moment.

use super::scene::Elsewhere;
use crate::support::{Directory, founded};
use e2e::process::{console, console_cut_off};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn log_and_keys_are_brought_apart_and_restored_together_whenever_it_is_killed() {
    let directory = Directory::new();
    let server = founded(&directory).await;
    let elsewhere = Elsewhere::new();
    let place = format!("file://{}", elsewhere.path().display());
    let brought = console(&directory.data, ["backup", "--to", &place])
        .await
        .ok();
    assert!(
        brought.out.contains("are in the backup; root"),
        "{}",
        brought.out
    );
    let root = word_after(&brought.out, "root ");

    let recipient = elsewhere.recipient();
    let seal = |to: String| {
        let arguments = ["backup", "keys", "--to", &to, "--recipient", &recipient];
        arguments.map(str::to_owned)
    };
    let inside = elsewhere.path().join("keys.age").display().to_string();
    let refused = console(&directory.data, seal(inside)).await;
    assert!(
        !refused.success && refused.err.contains("belong elsewhere"),
        "{}",
        refused.err
    );
    let file = elsewhere.beside("keys.age").display().to_string();
    console(&directory.data, seal(file)).await.ok();
    let keys = elsewhere.beside("keys-epoch-0.age");
    assert!(keys.is_file(), "the epoch is in the name");
    server.stop().await.expect("stops well");

    let identity = elsewhere.beside("identity");
    std::fs::write(&identity, elsewhere.identity()).expect("ours");
    let arguments = [
        "restore".to_owned(),
        "--from".to_owned(),
        place,
        "--keys".to_owned(),
        keys.display().to_string(),
        "--identity".to_owned(),
        identity.display().to_string(),
    ];
    let new = elsewhere.beside("new");
    for millis in [5, 20, 40, 80, 120, 160, 240] {
        let after = Duration::from_millis(millis);
        if console_cut_off(&new, &arguments, after).await {
            break;
        }
        // It may have been killed in the moment after it was complete; else there is nothing.
        let is_whole = new.join("log.db").exists() && new.join("keys").exists();
        assert!(is_whole || !new.exists(), "killed after {millis} ms");
        if is_whole {
            break;
        }
    }
    let _ = std::fs::remove_dir_all(&new);
    let restored = console(&new, &arguments).await.ok();
    assert_eq!(word_after(&restored.out, "root "), root);
    let verified = console(&new, ["audit", "verify"]).await.ok();
    assert!(verified.out.contains(&root), "{}", verified.out);
}

fn word_after(text: &str, before: &str) -> String {
    let rest = text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}
