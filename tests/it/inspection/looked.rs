//! Whose content was read is told to each of those it was, also to those who have left by then.

use super::scene::{ask, decide, head, looks, read, talking};
use e2e::process::console;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_was_read_shows_up_for_everybody_who_belonged_to_it_until_then() {
    let school = talking().await;
    let (anna, helga) = (school.api("anna"), school.api("helga"));
    let group = format!("/api/accounts/groups/{}/command", school.group("5a"));
    let leave =
        json!({ "RemoveMember": { "person": school.person("pia").person, "until": "2026-11-23" } });
    let join = json!({ "AddMember": { "person": school.person("olga").person, "role": "member", "from": "2026-08-01" } });
    school
        .say("pia", school.room("5a"), "Gartenschlaefer")
        .await;
    let inspection = ask(anna, json!({ "group_room": school.group("5a") })).await;
    decide(helga, &inspection, "agree").await.ok();
    read(anna, "messages", &inspection).await.ok();
    school.founder.post(&group, &leave).await.ok();
    school.founder.post(&group, &join).await.ok();
    let size = head(anna).await;
    for (login, times) in [
        ("paul", 1),
        ("tilda", 1),
        // She left afterwards.
        ("pia", 1),
        // She came afterwards.
        ("olga", 0),
        ("otto", 0),
        ("anna", 0),
    ] {
        let seen = looks(school.api(login), size).await;
        assert_eq!(seen.len(), times, "{login}: {seen:?}");
    }
    let seen = looks(school.api("paul"), size).await;
    let look = seen.first().expect("one");
    assert_eq!(look["by"], json!(school.person("anna").person));
    assert_eq!(look["agreed_by"], json!(school.person("helga").person));
    assert_eq!(
        (&look["role"], &look["purpose"], &look["what"]),
        (&json!("auditor"), &json!("conflict"), &json!("messages"))
    );
    assert!(
        !look.to_string().contains("Streit in"),
        "the reason is for those who decide"
    );
    told_in_the_package(school.api("pia")).await;
    let again = read(anna, "messages", &inspection).await.ok();
    assert!(
        again.to_string().contains("Gartenschlaefer"),
        "what she wrote is still among it: {again}"
    );
    let size = head(anna).await;
    assert_eq!(
        looks(school.api("pia"), size).await.len(),
        2,
        "what she wrote was read after she had left"
    );
    assert_eq!(looks(school.api("olga"), size).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_reads_at_the_console_is_told_as_well() {
    let school = talking().await;
    let replay = |view| ["audit", "replay", "--view", view, "--json"];
    console(school.data(), replay("people")).await.ok();
    let size = head(school.api("paul")).await;
    assert!(
        looks(school.api("paul"), size).await.is_empty(),
        "names are no secret here"
    );
    let counts = console(school.data(), ["audit", "replay"]).await.ok();
    assert!(counts.out.contains("messages: "), "{}", counts.out);
    let size = head(school.api("paul")).await;
    assert!(
        looks(school.api("paul"), size).await.is_empty(),
        "how many messages there are is nobody's content"
    );
    console(school.data(), replay("messages")).await.ok();
    let size = head(school.api("paul")).await;
    let seen = looks(school.api("paul"), size).await;
    let look = seen.first().expect("one");
    assert_eq!((&look["by"], &look["about"]), (&json!(null), &json!(null)));
    let entries = school
        .api("anna")
        .search("/api/audit/entries", "MessageSent")
        .await
        .ok();
    let position = entries["rows"][0]["row"]["position"].to_string();
    console(school.data(), ["audit", "show", &position])
        .await
        .ok();
    let size = head(school.api("olga")).await;
    let [olga, paul] = [school.api("olga"), school.api("paul")];
    assert_eq!(
        looks(olga, size).await.len(),
        2,
        "the newest message was said in her class"
    );
    assert_eq!(looks(paul, size).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_made_by_others_is_told_and_ones_own_is_not() {
    let school = talking().await;
    let paul = school.api("paul");
    let begun = paul.post("/api/privacy/package", &json!({})).await.ok();
    assert!(begun["state"].is_string());
    let beside = tempfile::tempdir().expect("a directory");
    let out = beside.path().join("paul.zip");
    let out = out.to_str().expect("a path in UTF-8");
    console(school.data(), ["privacy", "export", "paul", "--out", out])
        .await
        .ok();
    let size = head(paul).await;
    let seen = looks(paul, size).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(
        seen.first().map(|look| &look["what"]),
        Some(&json!("package"))
    );
    assert!(looks(school.api("pia"), size).await.is_empty());
}

/// The room's reading is in the package of somebody whom its event does not name.
async fn told_in_the_package(of: &e2e::api::Api) {
    let mut now = of.post("/api/privacy/package", &json!({})).await.ok();
    while now["state"] == "running" {
        tokio::task::yield_now().await;
        now = of.get("/api/privacy/package").await.ok();
    }
    let bytes = of.get("/api/privacy/package/content").await.body;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("is a ZIP archive");
    let mut told = |name: &str, what: &str| {
        let entry = zip.by_name(name).expect("is there");
        let text = std::io::read_to_string(entry).expect("reads");
        assert!(text.contains(what), "{name} does not tell of {what}");
    };
    told("index.html", "Streit, Mobbing oder Drohung aufklären");
    told("events.jsonl", "ContentRead");
}
