//! `people import` and `people undo`: what a roster would change, what it has changed, and what becomes of bad files.

use super::size;
use crate::support::{Directory, founded, init, reference};
use e2e::api::Api;
use e2e::generator::{Plan as Invented, School as InventedSchool, roster};
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD};
use e2e::process::{Ran, console};
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
async fn a_real_list_meets_only_strangers_in_an_invented_school() {
    let Some(real) = reference("year1/danis-schueler.csv") else {
        return;
    };
    let directory = Directory::new();
    init(&directory.data, directory.root()).await;
    let (invented, pupils, _) = generated(&directory);
    import(&directory.data, &invented, &["--apply"]).await.ok();
    let set = import(&directory.data, &real, &[]).await.ok().json();
    assert_eq!(counts(&set), [1550, 0, 0, 0, pupils, 0]);
    assert_eq!(set["confirm_leavers"]["needed"], json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_at_the_console_reads_who_changes_and_how() {
    let directory = Directory::new();
    init(&directory.data, directory.root()).await;
    let list = |name: &str, lines: &[String]| {
        let file = directory.beside(name);
        let heading = "SchuelerIdentNummer;SchuelerRufname;SchuelerNachname;GruppeBezeichung";
        std::fs::write(&file, format!("{heading}\n{}\n", lines.join("\n")))
            .expect("the directory is ours");
        file
    };
    let pupil = |number: usize| format!("{number};Kim{number};Probe{number};5a");
    let first = list("first.csv", &(1..=30).map(pupil).collect::<Vec<_>>());
    let say = async |file: &Path, more: &[&str]| {
        let file = file.to_str().expect("a path in UTF-8");
        let arguments = ["people", "import", file].into_iter();
        let answer = console(&directory.data, arguments.chain(more.iter().copied())).await;
        assert!(answer.success, "{}", answer.err);
        answer.out
    };
    let short = say(&first, &[]).await;
    for part in [
        "New (30):",
        "line 2: Kim1 Probe1, 5a",
        "… and 10 more; --all shows everybody, --json everything for machines",
    ] {
        assert!(short.contains(part), "{part} is not in:\n{short}");
    }
    assert!(!short.contains("Kim30"));
    let whole = say(&first, &["--all", "--apply"]).await;
    assert!(whole.contains("line 31: Kim30 Probe30, 5a") && !whole.contains("more; --all"));
    let mut lines: Vec<String> = (1..=29).map(pupil).collect();
    lines[0] = "1;Kim1;Anders;5a".to_owned();
    lines[1] = "2;Kim2;Probe2;6b".to_owned();
    lines[2] = "3;Mia;Lang;5a".to_owned();
    let changed = say(&list("second.csv", &lines), &[]).await;
    for part in [
        "line 2: Kim1 Probe1 → Kim1 Anders",
        "line 3: Kim2 Probe2: 5a → 6b",
        "line 4: Mia Lang, 5a: the number belongs to somebody else; perhaps Kim3 Probe3, 5a",
        "Kim30 Probe30, 5a: stands in no line any more",
        "6b (",
    ] {
        assert!(changed.contains(part), "{part} is not in:\n{changed}");
    }
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
