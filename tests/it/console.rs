//! The command line as operators and auditors use it: founding, importing, verifying, replaying and showing — with a server
//! running and without one, for people and for machines.

use crate::support::{Directory, founded, init, reference};
use e2e::api::Api;
use e2e::generator::{Plan as Invented, School as InventedSchool, roster};
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, Plan};
use e2e::process::{Process, Ran, console};
use e2e::school::School;
use edge_kernel::Clock;
use events_proof::tree::{from_hex, leaf_hash, root_from_inclusion, to_hex};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

const LISTS: [&str; 6] = ["new", "changed", "moved", "renamed", "leaving", "doubtful"];

/// How long any answer about a bad file may take, and how much memory.
const BAD_FILE: (Duration, u64) = (Duration::from_secs(5), 100 * 1024);

async fn import(data: &Path, file: &Path, more: &[&str]) -> Ran {
    let file = file.to_str().expect("a path in UTF-8");
    let arguments = ["people", "import", file, "--json"]
        .into_iter()
        .chain(more.iter().copied());
    console(data, arguments).await
}

fn counts(change_set: &Value) -> [usize; 6] {
    LISTS.map(|list| {
        change_set[list]
            .as_array()
            .unwrap_or_else(|| panic!("{list} is no list in {change_set}"))
            .len()
    })
}

async fn size(data: &Path) -> u64 {
    let verified = console(data, ["audit", "verify", "--json"])
        .await
        .ok()
        .json();
    assert_eq!(verified["ok"], true);
    verified["size"].as_u64().expect("a size")
}

/// Events of accounts: what follows from them in other modules comes a moment later, and looks of our own are logged too.
async fn events(data: &Path) -> usize {
    let replay = ["audit", "replay", "--view", "entries", "--json"];
    let entries = console(data, replay).await.ok().json();
    let rows = entries.as_object().expect("rows by key").values();
    rows.filter(|row| row["module"] == "accounts").count()
}

/// Previews, commits, imports again and takes back, whoever carries it out.
async fn import_twice(data: &Path, file: &Path, pupils: usize, classes: usize) {
    let before = events(data).await;
    let preview = import(data, file, &[]).await.ok().json();
    assert_eq!(counts(&preview), [pupils, 0, 0, 0, 0, 0]);
    assert_eq!(preview["groups"].as_array().map(Vec::len), Some(classes));
    assert!(preview["id"].is_string() && preview["refused"] == json!([]));
    assert_eq!(events(data).await, before, "a preview writes nothing");
    let applied = import(data, file, &["--apply"]).await.ok();
    let id = applied.json()["id"]
        .as_str()
        .expect("the committed id")
        .to_owned();
    assert_eq!(counts(&applied.json()), [pupils, 0, 0, 0, 0, 0]);
    let after = events(data).await;
    assert!(after > before + pupils);
    let again = import(data, file, &["--apply"]).await.ok().json();
    assert_eq!(
        (counts(&again), &again["groups"]),
        ([0; 6], &json!([])),
        "a second import changes nothing"
    );
    assert_eq!(events(data).await, after, "a second import writes nothing");
    let people = console(data, ["audit", "replay", "--view", "people", "--json"])
        .await
        .ok()
        .json();
    let open = people.as_object().expect("rows by key").len();
    assert_eq!(open, pupils + 1, "the pupils and the administrator");
    console(data, ["people", "undo", &id, "--json"]).await.ok();
    let undone = import(data, file, &[]).await.ok().json();
    let [new, changed, _, renamed, leaving, doubtful] = counts(&undone);
    assert_eq!(
        new + changed,
        pupils,
        "after taking back, the file brings everybody in again"
    );
    assert_eq!((renamed, leaving, doubtful), (0, 0, 0));
    let twice = console(data, ["people", "undo", &id]).await;
    assert!(
        !twice.success && !twice.err.is_empty(),
        "what was taken back cannot be taken back again"
    );
}

/// A generated school's pupils, and how many there are in how many classes.
fn generated(directory: &Directory) -> (PathBuf, usize, usize) {
    let plan = Invented {
        seed: 5,
        people: 320,
        today: jiff::civil::date(2026, 11, 23),
        weeks: 0,
    };
    let school = InventedSchool::invent(&plan);
    let file = directory.beside("schueler.csv");
    std::fs::write(&file, roster::danis(&school)).expect("the directory is ours");
    let classes: std::collections::BTreeSet<_> = school
        .people
        .iter()
        .filter_map(|person| person.class.as_ref())
        .collect();
    let pupils = school
        .people
        .iter()
        .filter(|person| person.class.is_some())
        .count();
    (file, pupils, classes.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_is_imported_without_a_server() {
    let directory = Directory::new();
    init(&directory.data, directory.root()).await;
    let (file, pupils, classes) = generated(&directory);
    import_twice(&directory.data, &file, pupils, classes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_is_imported_beside_a_running_server_and_people_see_it_at_once() {
    let directory = Directory::new();
    let server = founded(&directory).await;
    let (file, pupils, classes) = generated(&directory);
    import_twice(&directory.data, &file, pupils, classes).await;
    import(&directory.data, &file, &["--apply"]).await.ok();
    let founder = Api::new(server.address());
    founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let head = founder.get("/api/session").await.ok()["position"]
        .as_u64()
        .expect("a position");
    let people = founder
        .rows("accounts/people", &format!("at_least={head}"))
        .await;
    assert!(people.len() > pupils, "{} people are listed", people.len());
    server.stop().await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_school_is_1550_pupils_in_46_classes() {
    let Some(file) = reference("year1/danis-schueler.csv") else {
        return;
    };
    let directory = Directory::new();
    init(&directory.data, directory.root()).await;
    let applied = import(&directory.data, &file, &["--apply"]).await.ok();
    assert_eq!(counts(&applied.json()), [1550, 0, 0, 0, 0, 0]);
    assert_eq!(applied.json()["groups"].as_array().map(Vec::len), Some(46));
    let before = size(&directory.data).await;
    let again = import(&directory.data, &file, &["--apply"])
        .await
        .ok()
        .json();
    assert_eq!(counts(&again), [0; 6]);
    assert_eq!(size(&directory.data).await, before);
    let Some(half) = reference("bad/half-of-the-school.csv") else {
        return;
    };
    let refused = import(&directory.data, &half, &["--apply"]).await;
    assert!(
        !refused.success,
        "half the school leaves only after a second confirmation"
    );
    assert!(
        refused.err.contains("--confirm-leavers"),
        "it says how to confirm: {}",
        refused.err
    );
    assert_eq!(size(&directory.data).await, before, "nothing was committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_file_is_answered_with_line_and_reason() {
    let directory = Directory::new();
    init(&directory.data, directory.root()).await;
    let before = size(&directory.data).await;
    // Name, whether anything can be taken over, and which line the answer must name.
    let expected = [
        ("empty.csv", false, 1),
        ("header-only.csv", false, 1),
        ("not-a-table.csv", false, 2),
        ("huge-field.csv", false, 2),
        ("ragged.csv", false, 2),
        ("formula.csv", true, 2),
        ("mixed-encoding.csv", true, 3),
    ];
    for (name, usable, line) in expected {
        let Some(file) = reference(&format!("bad/{name}")) else {
            return;
        };
        let path = file.to_str().expect("a path in UTF-8");
        for more in [&[][..], &["--json"]] {
            let arguments = ["people", "import", path]
                .into_iter()
                .chain(more.iter().copied());
            let answer = console(&directory.data, arguments).await;
            let said = format!("{}{}", answer.out, answer.err);
            let names_it =
                said.contains(&format!("line {line}")) || said.contains(&format!("Zeile {line}"));
            assert!(
                names_it,
                "{name} {more:?}: line {line} is not named: {said}"
            );
            assert!(answer.took < BAD_FILE.0, "{name}: {:?}", answer.took);
            assert!(
                answer.peak_kib < BAD_FILE.1,
                "{name}: {} KiB",
                answer.peak_kib
            );
            assert!(answer.peak_kib > 0, "the memory was not measured");
            assert!(
                said.len() < 1 << 20,
                "{name}: the answer has {} bytes",
                said.len()
            );
            if usable {
                assert!(answer.success, "{name} is usable: {said}");
            }
        }
        if !usable {
            let applied = import(&directory.data, &file, &["--apply"]).await;
            let nothing = !applied.success || counts(&applied.json()) == [0; 6];
            assert!(nothing, "{name}: {}", applied.out);
        }
    }
    assert_eq!(
        size(&directory.data).await,
        before,
        "a preview and a refused file write nothing"
    );
    for (name, reason) in [("missing.csv", "No such file"), ("a-folder", "directory")] {
        let path = directory.beside(name);
        if name == "a-folder" {
            std::fs::create_dir(&path).expect("the directory is ours");
        }
        let answer = import(&directory.data, &path, &[]).await;
        assert!(
            !answer.success && answer.err.contains(name) && answer.err.contains(reason),
            "{}",
            answer.err
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verifying_speaks_to_machines_and_to_people_beside_a_server_and_without() {
    let directory = Directory::new();
    let server = founded(&directory).await;
    let beside = console(&directory.data, ["audit", "verify", "--json"])
        .await
        .ok()
        .json();
    let fields: Vec<&String> = beside.as_object().expect("an object").keys().collect();
    assert_eq!(fields, ["ok", "problems", "root", "size"]);
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
        !nothing.success && !nothing.err.contains("panicked"),
        "{}",
        nothing.err
    );
    assert!(!empty.exists(), "asking about a school founds none");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_school_is_founded_once_and_serves_one_server() {
    let directory = Directory::new();
    init(&directory.data, directory.root()).await;
    let password = directory.beside("password");
    let password = password.to_str().expect("a path in UTF-8");
    let arguments = [
        "init",
        "--school",
        "Noch eine",
        "--admin",
        "zweite",
        "--password-file",
        password,
    ];
    let again = console(&directory.data, arguments).await;
    assert!(
        !again.success && !again.err.contains("panicked"),
        "a school is founded once: {}",
        again.err
    );
    let server = Process::serve(&directory.data, &directory.log)
        .await
        .expect("it starts");
    let second = Process::serve(&directory.data, &directory.beside("second.log")).await;
    assert!(second.is_err(), "two servers write to one log");
    let log = std::fs::read_to_string(directory.beside("second.log")).expect("it has said why");
    assert!(
        !log.contains("panicked") && log.contains(&directory.data.display().to_string()),
        "{log}"
    );
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |name: &str| {
        std::fs::metadata(directory.data.join(name))
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        mode("console.sock"),
        0o600,
        "only the owner speaks at the console"
    );
    assert_eq!(mode(""), 0o700, "nobody else looks into the data directory");
    Api::new(server.address())
        .sign_in(FOUNDER, FOUNDER_PASSWORD)
        .await
        .ok();
    server.stop().await.expect("it stops");
    let weak = directory.beside("weak");
    std::fs::write(&weak, "123\n").expect("the directory is ours");
    let arguments = [
        "init",
        "--school",
        "S",
        "--admin",
        "amt",
        "--password-file",
        weak.to_str().expect("UTF-8"),
    ];
    let other = directory.beside("other");
    let refused = console(&other, arguments).await;
    assert!(
        !refused.success && !refused.err.contains("123"),
        "{}",
        refused.err
    );
    // A refused founding leaves nothing behind that stands in the way of the next one.
    init(&other, directory.root()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_without_a_school_prints_a_link_that_works_once() {
    let directory = Directory::new();
    let log = [("SCHULHOF_LOG", "warn")];
    let server = Process::serve_with(&directory.data, &directory.log, &log)
        .await
        .expect("a log level is no setting");
    let login = Api::new(server.address()).get("/login").await;
    assert_eq!(
        login.status, 200,
        "the doors stand open while the school waits to be founded"
    );
    server.stop().await.expect("it stops");
}
