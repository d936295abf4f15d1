//! What is in a file is handed out under a consent, told to its owner by name, and to nobody once it is erased.

use super::scene::{HOUR, MONDAY, ask, decide, head, looks, read, talking};
use e2e::api::{Answer, Api};
use e2e::plan::Plan;
use e2e::school::School;
use edge_privacy::Plan as Proposal;
use events::accounts::Role;
use events::privacy::Depth;
use serde_json::{Value, json};

const LETTER: &[u8] = b"Liebe Klasse, ich war es nicht.";

async fn upload(school: &School, login: &str, group: &str) -> String {
    let api = school.api(login);
    let file = api.upload(school.space(group), "Brief.txt", LETTER).await;
    let node = &file.ok()["node"];
    node.as_str().expect("an id").to_owned()
}

/// Fetches a file of a group's space, in the state in which a page would have shown it.
async fn fetch(reader: &Api, inspection: &str, space: &str, node: &str, until: u64) -> Answer {
    let path = format!("/api/audit/inspections/{inspection}/files/{space}/{node}?until={until}");
    reader.get(&path).await
}

async fn consent(school: &School, about: Value) -> String {
    let inspection = ask(school.api("anna"), about).await;
    decide(school.api("helga"), &inspection, "agree").await.ok();
    inspection
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_saved_under_a_consent_and_its_owner_is_told_which() {
    let school = talking().await;
    let anna = school.api("anna");
    let node = upload(&school, "paul", "5a").await;
    let other = upload(&school, "olga", "5b").await;
    let about = json!({ "group_space": school.group("5a") });
    let inspection = consent(&school, about).await;
    let page = read(anna, "files", &inspection).await.ok();
    let row = &page["rows"][0]["row"];
    assert_eq!(row["node"], json!(node));
    let until = page["until"].as_u64().expect("a position");
    let space = row["space"].as_str().expect("an id");
    let before = head(anna).await;
    let file = fetch(anna, &inspection, space, &node, until).await;
    assert_eq!((file.status, &file.body[..]), (200, LETTER));
    let saved = file.header("content-disposition").to_owned();
    assert!(saved.starts_with("attachment") && saved.contains("Brief.txt"));
    assert_eq!(file.header("cache-control"), "no-store");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert!(file.header("content-security-policy").contains("sandbox"));
    let size = head(anna).await;
    assert_eq!(size, before + 2, "one for the circle, one for the owner");
    for (login, name) in [("paul", json!("Brief.txt")), ("pia", json!(null))] {
        let seen = looks(school.api(login), size).await;
        let look = seen.first().expect("one");
        assert_eq!((&look["what"], &look["name"]), (&json!("file"), &name));
        assert_eq!(look["agreed_by"], json!(school.person("helga").person));
    }
    let own = anna.get("/api/audit/inspections").await.ok();
    assert_eq!(own["rows"][0]["row"]["readings"], 2, "a page and a file");
    for (space, node) in [
        (school.space("5b").to_string(), other.as_str()),
        (space.to_owned(), other.as_str()),
    ] {
        let refused = fetch(anna, &inspection, &space, node, until).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (404, "no_such_file")
        );
    }
    let stranger = fetch(school.api("helga"), &inspection, space, &node, until).await;
    assert_eq!(stranger.status, 404, "somebody else's consent");
    assert_eq!(head(anna).await, size, "what is refused is no reading");
    the_name_is_for_its_owner_alone(&school, size).await;
}

/// Neither the administration nor an auditor reads the name of the file in what they see of its reading.
async fn the_name_is_for_its_owner_alone(school: &School, size: u64) {
    let path = format!("/api/audit/replay?view=looks&until={size}");
    let page = school.api("anna").get(&path).await.ok();
    assert!(
        !page.to_string().contains("Brief.txt") && page["withheld"] == json!(["name"]),
        "{page}"
    );
    let requests = school.api("helga").get("/api/audit/inspections").await;
    assert!(!requests.text().contains("Brief.txt"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_over_opens_no_file() {
    let school = talking().await;
    let anna = school.api("anna");
    let node = upload(&school, "paul", "5a").await;
    let space = school.space("5a").to_string();
    let about = || json!({ "group_space": school.group("5a") });
    let ended = consent(&school, about()).await;
    let until = head(anna).await;
    decide(school.api("helga"), &ended, "end").await.ok();
    let late = consent(&school, about()).await;
    let waiting = ask(anna, about()).await;
    let size = head(anna).await;
    let over = fetch(anna, &ended, &space, &node, until).await;
    let early = fetch(anna, &waiting, &space, &node, until).await;
    school.clock().set(MONDAY + 25 * HOUR);
    let expired = fetch(anna, &late, &space, &node, until).await;
    for (answer, code) in [
        (over, "over"),
        (early, "still_waiting"),
        (expired, "expired"),
    ] {
        assert_eq!((answer.status, answer.code().as_str()), (409, code));
    }
    assert_eq!(head(anna).await, size);
    let outside = fetch(anna, &waiting, &space, &node, 9_999_999).await;
    assert_eq!(outside.status, 409, "the consent is looked at first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_owner_was_forgotten_is_refused_in_words() {
    let plan = Plan::two_classes().person("zweite", &[Role::Administrator]);
    let mut school = School::open(&plan).await;
    let node = upload(&school, "paul", "5a").await;
    let space = school.space("5a").to_string();
    let until = head(school.api("anna")).await;
    let (paul, second) = (school.person("paul").person, school.person("zweite").person);
    school.stop().await;
    {
        let house = edge::House::open(school.data(), edge_kernel::Clock::System, &|_, _, _| {})
            .await
            .expect("opens");
        let plan = Proposal {
            people: vec![paul],
            rule: "request".into(),
            basis: "DSGVO Art. 17".into(),
            depth: Depth::Key,
        };
        let batch = house.privacy.plan(None, plan).await.expect("is proposed");
        let agreed = house.privacy.agree(second, batch.batch).await;
        agreed.expect("a second person agrees");
        let done = house.privacy.carry_out(batch.batch, &|_| Ok(())).await;
        done.expect("is carried out");
        house.close().await;
    }
    school.start().await;
    let about = json!({ "group_space": school.group("5a") });
    let inspection = consent(&school, about).await;
    let answer = fetch(school.api("anna"), &inspection, &space, &node, until).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (410, "file_erased")
    );
    assert!(answer.text().contains("niemand kann sie mehr lesen"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_record_that_was_opened_is_told_once_a_day() {
    let school = talking().await;
    let (helga, paul) = (school.api("helga"), school.api("paul"));
    let open = format!(
        "/api/accounts/records?keys={}",
        school.person("paul").person
    );
    helga.get(&open).await.ok();
    let size = head(paul).await;
    helga.get(&open).await.ok();
    assert_eq!(head(paul).await, size, "once a day is enough");
    let seen = looks(paul, size).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    let look = &seen[0];
    assert_eq!(look["by"], json!(school.person("helga").person));
    assert_eq!(
        (&look["role"], &look["purpose"], &look["what"]),
        (&json!("head"), &json!("accounts"), &json!("records"))
    );
    assert!(looks(school.api("pia"), size).await.is_empty());
    school.clock().set(MONDAY + 24 * HOUR);
    helga.get(&open).await.ok();
    let size = head(paul).await;
    assert_eq!(looks(paul, size).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn data_protection_agrees_to_what_others_ask_and_not_to_its_own() {
    let plan = Plan::two_classes().person("dora", &[Role::DataProtection]);
    let school = School::open(&plan).await;
    let (anna, dora) = (school.api("anna"), school.api("dora"));
    let about = || json!({ "person": school.person("paul").person });
    let of_anna = ask(anna, about()).await;
    let size = head(dora).await;
    let waiting = format!("/api/audit/inspections?scope=oversight&at_least={size}");
    let waiting = dora.get(&waiting).await;
    assert_eq!(waiting.ok()["rows"][0]["row"]["stage"], "waiting");
    decide(dora, &of_anna, "agree").await.ok();
    read(anna, "records", &of_anna).await.ok();
    let own = ask(dora, about()).await;
    let refused = decide(dora, &own, "agree").await;
    assert_eq!(refused.code(), "same_person");
    decide(school.api("helga"), &own, "agree").await.ok();
    read(dora, "messages", &own).await.ok();
    let size = head(dora).await;
    let seen = looks(school.api("paul"), size).await;
    assert_eq!(seen[0]["role"], json!("data_protection"));
    let records = dora.get("/api/accounts/records").await;
    assert_eq!(records.status, 403, "what the office keeps is not theirs");
}
