//! `audit verify`, `audit replay` and `audit show`: whether the log is whole, what was at a moment, and one entry with its proof.

use super::size;
use crate::support::{Directory, founded};
use e2e::plan::Plan;
use e2e::process::console;
use e2e::school::School;
use edge_kernel::Clock;
use events_proof::tree::{from_hex, leaf_hash, root_from_inclusion, to_hex};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn verifying_speaks_to_machines_and_to_people_beside_a_server_and_without() {
    let directory = Directory::new();
    let server = founded(&directory).await;
    let beside = console(&directory.data, ["audit", "verify", "--json"])
        .await
        .ok()
        .json();
    let fields = beside.as_object().expect("an object").keys();
    let fields: BTreeSet<&str> = fields.map(String::as_str).collect();
    assert_eq!(fields, BTreeSet::from(["ok", "problems", "root", "size"]));
    assert!(
        beside["root"]
            .as_str()
            .is_some_and(|root| root.len() == 64 && from_hex(root).is_some())
    );
    server.stop().await.expect("it stops");
    let alone = console(&directory.data, ["audit", "verify"]).await.ok();
    assert!(alone.out.contains("verified"), "{}", alone.out);
    let empty = directory.beside("nothing-here");
    let nothing = console(&empty, ["audit", "verify"]).await;
    assert!(
        !nothing.success && nothing.err.contains("data directory with --data"),
        "{}",
        nothing.err
    );
    assert!(!empty.exists(), "asking about a school founds none");
    let out = directory.beside("export");
    let path = out.to_str().expect("a path in UTF-8");
    let refused = console(&empty, ["audit", "export", "--out", path]).await;
    assert!(
        !refused.success && refused.err.contains("no school"),
        "{}",
        refused.err
    );
    assert!(!out.exists(), "what is refused leaves nothing behind");
    for arguments in [
        &["audit", "replay"][..],
        &["people", "import", "/dev/null"],
        &["audit", "show", "1"],
    ] {
        let refused = console(&empty, arguments).await;
        assert!(
            !refused.success && refused.err.contains("no school"),
            "{arguments:?}: {}",
            refused.err
        );
        assert!(!empty.exists(), "{arguments:?} founds no school");
    }
}

/// 2026-11-22T12:00Z: "yesterday" of a test that lives on the 23rd.
const YESTERDAY: u64 = 1_795_348_800_000;
const HOUR: u64 = 3_600_000;

const VIEWS: [&str; 8] = [
    "people", "groups", "members", "spaces", "files", "rooms", "messages", "reads",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_until_yesterday_is_what_was_then_byte_for_byte() {
    let mut school = School::open_at(&Plan::two_classes(), Clock::manual(YESTERDAY)).await;
    let (room, space) = (school.room("5a"), school.space("5a"));
    for number in 0..10 {
        school
            .say(
                ["tilda", "paul"][number % 2],
                room,
                &format!("gestern {number}"),
            )
            .await;
    }
    let file = school
        .api("tilda")
        .upload(space, "gestern.txt", b"Inhalt")
        .await
        .ok();
    let position = file["position"].as_u64().expect("a position");
    let mut then = Vec::new();
    for view in VIEWS {
        then.push(
            console(school.data(), ["audit", "replay", "--view", view, "--json"])
                .await
                .ok()
                .out,
        );
    }
    assert!(
        then[6].contains("gestern 9"),
        "the messages are in their view: {}",
        then[6]
    );
    school.clock().set(YESTERDAY + 24 * HOUR);
    live_on(&school, &file["node"]).await;
    let evening =
        jiff::Timestamp::from_millisecond(i64::try_from(YESTERDAY + 6 * HOUR).expect("small"))
            .expect("a moment");
    check_replay(school.data(), &evening.to_string(), &then).await;
    school.stop().await;
    check_replay(school.data(), &evening.to_string(), &then).await;
    check_replay(school.data(), &position.to_string(), &then).await;
    let now = console(
        school.data(),
        ["audit", "replay", "--view", "messages", "--json"],
    )
    .await
    .ok()
    .out;
    assert_ne!(now, then[6], "today is another day");
    let all = console(
        school.data(),
        ["audit", "replay", "--until", "2026-11-22", "--json"],
    )
    .await
    .ok()
    .json();
    assert!(
        VIEWS.iter().all(|view| all[view] == json!({})),
        "before the school was founded there was nothing: {all}"
    );
    for (until, view) in [
        ("yesterday", "people"),
        ("2026-02-30", "people"),
        ("5", "nothing"),
    ] {
        let refused = console(
            school.data(),
            ["audit", "replay", "--until", until, "--view", view],
        )
        .await;
        assert!(
            !refused.success && !refused.err.is_empty(),
            "--until {until} --view {view}"
        );
    }
}

async fn live_on(school: &School, file: &Value) {
    let tilda = school.person("tilda");
    let (room, space) = (school.room("5a"), school.space("5a"));
    school.say("tilda", room, "heute").await;
    let remove = json!({ "RemoveMessage": { "number": 3, "by": tilda.person } });
    tilda
        .api
        .post(&format!("/api/messenger/rooms/{room}/command"), &remove)
        .await
        .ok();
    let rename = json!({ "RenameNode": { "node": file, "name": "heute.txt" } });
    tilda
        .api
        .post(&format!("/api/files/spaces/{space}/command"), &rename)
        .await
        .ok();
    let path = format!(
        "/api/accounts/people/{}/command",
        school.person("paul").person
    );
    let name = json!({ "RenamePerson": { "name": { "given": "Pawel", "family": "Neu" } } });
    school.founder.post(&path, &name).await.ok();
    let leave =
        json!({ "RemoveMember": { "person": school.person("pia").person, "until": "2026-11-23" } });
    school
        .founder
        .post(
            &format!("/api/accounts/groups/{}/command", school.group("5a")),
            &leave,
        )
        .await
        .ok();
    school
        .api("paul")
        .post(
            &format!("/api/messenger/rooms/{room}/read"),
            &json!({ "up_to": 5 }),
        )
        .await
        .ok();
}

async fn check_replay(data: &Path, until: &str, then: &[String]) {
    for (view, then) in VIEWS.iter().zip(then) {
        let replayed = console(
            data,
            [
                "audit", "replay", "--until", until, "--view", view, "--json",
            ],
        )
        .await
        .ok()
        .out;
        assert_eq!(&replayed, then, "{view} as it was at {until}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_shown_with_a_proof_that_anybody_can_check() {
    let directory = Directory::new();
    let server = founded(&directory).await;
    let size = size(&directory.data).await;
    let shown = console(&directory.data, ["audit", "show", "1"])
        .await
        .ok()
        .json();
    assert_eq!(shown["position"], json!(1));
    let proof = &shown["proof"];
    let bytes =
        |text: &Value| from_hex(text.as_str().unwrap_or_default()).expect("hexadecimal digits");
    let hash = |text: &Value| <[u8; 32]>::try_from(bytes(text)).expect("a SHA-256 hash");
    let path: Vec<[u8; 32]> = proof["path"]
        .as_array()
        .expect("a path")
        .iter()
        .map(hash)
        .collect();
    let leaf = leaf_hash(&bytes(&shown["entry"]));
    let (index, of) = (
        proof["index"].as_u64().expect("an index"),
        proof["size"].as_u64().expect("a size"),
    );
    assert!(index == 0 && of >= size, "{proof}");
    let root = hash(&proof["root"]);
    assert_eq!(
        root_from_inclusion(leaf, index, of, &path),
        Some(root),
        "the entry is in the tree of this root"
    );
    let mut other = bytes(&shown["entry"]);
    other[5] ^= 1;
    assert_ne!(
        root_from_inclusion(leaf_hash(&other), index, of, &path),
        Some(root)
    );
    let (note, key) = (
        proof["checkpoint"].as_str().expect("a note"),
        proof["key"].as_str().expect("a key"),
    );
    let checkpoint = events_proof::note::verify(note, key).expect("the head is signed");
    assert_eq!(
        (checkpoint.size, to_hex(&checkpoint.root)),
        (of, to_hex(&root))
    );
    let later = console(&directory.data, ["audit", "verify", "--json"])
        .await
        .ok()
        .json();
    assert!(
        later["size"].as_u64() > Some(size),
        "the look itself is logged"
    );
    let beyond = console(&directory.data, ["audit", "show", "1000000"]).await;
    assert!(
        !beyond.success && beyond.err.contains("1000000"),
        "{}",
        beyond.err
    );
    server.stop().await.expect("it stops");
}
