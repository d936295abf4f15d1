//! Asking, agreeing, reading, ending: who may do which, and until when.

use super::scene::{HOUR, MONDAY, ask, decide, head, read, talking};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn content_is_read_after_a_second_person_agreed_and_that_alone_which_was_asked_for() {
    let school = talking().await;
    let (anna, helga) = (school.api("anna"), school.api("helga"));
    let metadata = anna
        .get("/api/audit/replay?view=messages&time=9999999999999")
        .await
        .text();
    assert!(!metadata.contains("Siebenschlaefer"), "{metadata}");
    let inspection = ask(anna, json!({ "group_room": school.group("5a") })).await;
    let early = read(anna, "messages", &inspection).await;
    assert_eq!(
        (early.status, early.code().as_str()),
        (409, "still_waiting")
    );
    for (nobody, status) in [("paul", 403), ("tilda", 403), ("anna", 403)] {
        let refused = decide(school.api(nobody), &inspection, "agree").await;
        assert_eq!(refused.status, status, "{nobody} may not agree");
    }
    decide(helga, &inspection, "agree").await.ok();
    let before = head(helga).await;
    let page = read(anna, "messages", &inspection).await.ok();
    assert_eq!(page["total"], 1, "the other class's room stays closed");
    assert_eq!(page["rows"][0]["row"]["text"], "Siebenschlaefer");
    assert_eq!(page["withheld"], json!([]));
    assert_eq!(head(helga).await, before + 1, "one page is one reading");
    let files = read(anna, "files", &inspection).await.ok();
    assert_eq!(files["total"], 0, "a room is not a space");
    assert_eq!(read(anna, "people", &inspection).await.status, 400);
    for other in ["helga", "adam", "paul"] {
        let answer = read(school.api(other), "messages", &inspection).await;
        assert!(
            matches!(answer.status, 403 | 404),
            "somebody else's consent opens nothing to {other}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_ends_after_a_day_by_hand_and_with_the_role() {
    let school = talking().await;
    let (anna, helga) = (school.api("anna"), school.api("helga"));
    let about = || json!({ "person": school.person("paul").person });
    let first = ask(anna, about()).await;
    decide(helga, &first, "agree").await.ok();
    assert_eq!(read(anna, "records", &first).await.ok()["total"], 1);
    school.clock().set(MONDAY + 25 * HOUR);
    let late = read(anna, "messages", &first).await;
    assert_eq!((late.status, late.code().as_str()), (409, "expired"));

    let second = ask(anna, about()).await;
    decide(helga, &second, "agree").await.ok();
    read(anna, "messages", &second).await.ok();
    decide(helga, &second, "end").await.ok();
    let ended = read(anna, "messages", &second).await;
    assert_eq!((ended.status, ended.code().as_str()), (409, "over"));

    let third = ask(anna, about()).await;
    decide(helga, &third, "refuse").await.ok();
    assert_eq!(read(anna, "messages", &third).await.code(), "over");
    assert_eq!(decide(helga, &third, "agree").await.code(), "not_waiting");

    let agnes = school.api("agnes");
    let fourth = ask(agnes, about()).await;
    decide(helga, &fourth, "agree").await.ok();
    read(agnes, "messages", &fourth).await.ok();
    let person = school.person("agnes").person;
    let command = format!("/api/accounts/people/{person}/command");
    let take = json!({ "TakeRole": { "role": "auditor" } });
    school.founder.post(&command, &take).await.ok();
    assert_eq!(read(agnes, "messages", &fourth).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_who_asks_nor_whom_it_is_about_decides() {
    let school = talking().await;
    let (adam, helga) = (school.api("adam"), school.api("helga"));
    let own = ask(adam, json!({ "person": school.person("paul").person })).await;
    assert_eq!(decide(adam, &own, "agree").await.code(), "same_person");
    let about = ask(adam, json!({ "person": school.person("helga").person })).await;
    let concerned = decide(helga, &about, "agree").await;
    assert_eq!(
        (concerned.status, concerned.code().as_str()),
        (409, "concerned")
    );
    assert!(
        concerned.text().contains("eigenen Daten"),
        "{}",
        concerned.text()
    );
    // An administrator reads under a consent what they asked for, and still no metadata of others.
    decide(helga, &own, "agree").await.ok();
    let page = read(adam, "messages", &own).await.ok();
    assert_eq!(page["rows"][0]["row"]["text"], "Siebenschlaefer");
    let metadata = adam.get("/api/audit/replay?view=messages&until=5").await;
    assert_eq!(metadata.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_says_nothing_or_names_nothing_is_refused_with_what_to_do() {
    let school = talking().await;
    let anna = school.api("anna");
    let paul = json!({ "person": school.person("paul").person });
    let nobody = json!({ "person": uuid::Uuid::new_v4() });
    for (body, says) in [
        (
            json!({ "purpose": "conflict", "reason": " ", "about": paul }),
            "ein paar Sätzen",
        ),
        (
            json!({ "purpose": "conflict", "reason": "x".repeat(501), "about": paul }),
            "höchstens 500",
        ),
        (
            json!({ "purpose": "conflict", "reason": "x", "about": nobody }),
            "gibt es nicht",
        ),
        (
            json!({ "purpose": "conflict", "reason": "x", "about": { "room": uuid::Uuid::new_v4() } }),
            "gibt es nicht",
        ),
        (
            json!({ "purpose": "conflict", "reason": "x", "about": paul, "from": 2, "until": 1 }),
            "vor seinem Anfang",
        ),
        (
            json!({ "purpose": "conflict", "reason": "x", "about": { "person": school.person("anna").person } }),
            "eigenen Daten",
        ),
    ] {
        let refused = anna.post("/api/audit/inspections", &body).await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.text());
        assert!(refused.text().contains(says), "{says}: {}", refused.text());
    }
    let curious = json!({ "purpose": "curiosity", "reason": "x", "about": paul });
    let refused = anna.post("/api/audit/inspections", &curious).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_listed_to_whoever_asked_and_to_those_who_may_agree() {
    let school = talking().await;
    let (anna, adam) = (school.api("anna"), school.api("adam"));
    let inspection = ask(anna, json!({ "group_space": school.group("5b") })).await;
    let size = head(anna).await;
    let own = format!(
        "/api/audit/inspections?scope=person:{}&at_least={size}",
        school.person("anna").person
    );
    let mine = anna.get(&own).await.ok();
    assert_eq!(mine["rows"][0]["row"]["stage"], "waiting");
    assert_eq!(mine["rows"][0]["row"]["reason"], "Streit in der Klasse");
    let all = format!("/api/audit/inspections?scope=oversight&at_least={size}");
    let waiting = adam.get(&all).await.ok();
    assert_eq!(waiting["rows"][0]["row"]["inspection"], inspection.as_str());
    assert_eq!(anna.get(&all).await.status, 404);
    // What was said to a second person is not shown to every auditor.
    let replayed = anna
        .get(&format!("/api/audit/replay?view=inspections&until={size}"))
        .await
        .text();
    assert!(
        replayed.contains(&inspection) && !replayed.contains("Streit in der"),
        "{replayed}"
    );
}
