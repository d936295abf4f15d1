//! Everything about oneself as a package: put together on asking, fetched by oneself alone, with files byte for byte; nothing of others.

use super::scene::{forget, planted};
use e2e::api::Api;
use e2e::process::console;
use events::privacy::Depth;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;

/// The package's entries by name.
fn unpacked(bytes: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("is a ZIP archive");
    let mut entries = BTreeMap::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).expect("reads");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("unpacks");
        entries.insert(entry.name().to_owned(), content);
    }
    entries
}

fn text(entries: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(entries[name].clone()).expect("is UTF-8")
}

/// Has somebody's package made.
async fn made(person: &Api) -> Value {
    let begun = person.post("/api/privacy/package", &json!({})).await.ok();
    let mut now = begun;
    while now["state"] == "running" {
        tokio::task::yield_now().await;
        now = person.get("/api/privacy/package").await.ok();
    }
    assert_eq!(now["state"], "ready", "{now}");
    now
}

/// How many files without a name this process holds open below a directory.
fn nameless(data: &Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").expect("lists").flatten();
    let links = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    let ours = links.filter(|link| link.starts_with(data));
    ours.filter(|link| link.to_string_lossy().ends_with("(deleted)"))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_package_takes_the_old_ones_place_and_none_outlives_an_erasure() {
    let school = planted().await;
    let (paul, tilda) = (school.api("paul"), school.api("tilda"));
    for _ in 0..4 {
        made(paul).await;
    }
    assert_eq!(nameless(school.data()), 1, "one package, one file");
    made(tilda).await;
    let (paul, second) = (school.person("paul").person, school.person("zweite").person);
    forget(school.house(), paul, second, Depth::Key).await;
    assert_eq!(nameless(school.data()), 0);
    let now = tilda.get("/api/privacy/package").await.ok();
    assert_eq!(now["state"], "none", "{now}");
    made(tilda).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_fetches_everything_about_themselves_and_nobody_else_can() {
    let school = planted().await;
    let (paul, pia) = (school.api("paul"), school.api("pia"));
    let now = made(paul).await;
    assert_eq!(pia.get("/api/privacy/package").await.ok()["state"], "none");
    assert_eq!(pia.get("/api/privacy/package/content").await.status, 404);
    let bytes = paul.get("/api/privacy/package/content").await.body;
    assert_eq!(now["bytes"].as_u64(), Some(bytes.len() as u64));
    let entries = unpacked(bytes);
    let (page, events) = (text(&entries, "index.html"), text(&entries, "events.jsonl"));
    for planted in [
        "Nachtfalterlied",
        "Regenpfeifer",
        "Quittenmus Zwetschgenbaum",
        "2013-11-07",
        "5a",
    ] {
        assert!(page.contains(planted), "{planted} is in the overview");
    }
    assert!(events.contains("Nachtfalterlied") && events.contains("PersonDescribed"));
    for others in ["Guten Morgen", "Gern geschehen", "Arbeitsblatt"] {
        assert!(
            !page.contains(others) && !events.contains(others),
            "{others}"
        );
    }
    let files: Vec<_> = entries
        .iter()
        .filter(|(name, _)| name.starts_with("files/"))
        .collect();
    assert_eq!(files.len(), 2, "one in the class's space, one in his own");
    for (name, content) in files {
        assert!(name.ends_with(" Muschelgeld.txt"), "{name}");
        assert_eq!(*content, "Leuchtturmwaerterin ".repeat(3000).as_bytes());
    }
    assert!(
        !events.contains(r#""key":""#),
        "keys of files never leave the machine"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_console_it_becomes_a_file_that_was_not_there_before() {
    let mut school = planted().await;
    school.stop().await;
    let beside = tempfile::tempdir().expect("a directory");
    let out = beside.path().join("paul.zip");
    let path = out.to_str().expect("a path in UTF-8");
    let asked = ["privacy", "export", "quittenmus.zw", "--out", path];
    console(school.data(), asked).await.ok();
    let entries = unpacked(std::fs::read(&out).expect("is there"));
    assert!(text(&entries, "index.html").contains("Nachtfalterlied"));
    let again = console(school.data(), asked).await;
    assert!(
        !again.success && again.err.contains("paul.zip"),
        "{}",
        again.err
    );
    let nobody = ["privacy", "export", "niemand", "--out", path];
    let nobody = console(school.data(), nobody).await;
    assert!(
        nobody.err.contains("nobody has this login name"),
        "{}",
        nobody.err
    );
}
