//! Two states of one view, row by row.

use super::scene::{HOUR, MONDAY, ask, decide, head, talking};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_gone_and_changed_between_two_moments_is_named() {
    let school = talking().await;
    let anna = school.api("anna");
    let paul = school.person("paul").person;
    let first = head(anna).await;
    school.clock().set(MONDAY + HOUR);
    let rename = json!({ "RenamePerson": { "name": { "given": "Pawel", "family": "Beispiel" } } });
    let path = format!("/api/accounts/people/{paul}/command");
    school.founder.post(&path, &rename).await.ok();
    let add =
        json!({ "name": { "given": "Nele", "family": "Neu" }, "roles": ["pupil"], "login": null });
    school.founder.post("/api/accounts/people", &add).await.ok();
    let second = head(anna).await;
    let path = format!("/api/audit/compare?view=people&one={second}&other={first}");
    let page = anna.get(&path).await.ok();
    assert_eq!(
        page["sides"][0]["until"],
        json!(first),
        "the earlier comes first"
    );
    assert_eq!(page["sides"][1]["at"], json!(MONDAY + HOUR));
    let counted = &page["counted"];
    assert_eq!(
        (&counted["new"], &counted["changed"], &counted["gone"]),
        (&json!(1), &json!(1), &json!(0))
    );
    let rows = page["rows"].as_array().expect("rows");
    let changed = rows
        .iter()
        .find(|row| row["change"] == "changed")
        .expect("one");
    assert_eq!(changed["fields"], json!(["name"]));
    assert_eq!(changed["before"]["name"]["given"], "Paul");
    assert_eq!(changed["after"]["name"]["given"], "Pawel");
    let all = anna.get(&format!("{path}&all=true&limit=3")).await.ok();
    assert_eq!(all["rows"].as_array().map(Vec::len), Some(3));
    let next = all["next"].as_str().expect("there is more");
    let rest = anna
        .get(&format!("{path}&all=true&after={next}"))
        .await
        .ok();
    assert!(rest["next"].is_null());
    let backwards = anna.get("/api/audit/compare?view=people&one=1").await;
    assert_eq!(backwards.status, 400, "{}", backwards.text());
    let beyond = anna
        .get("/api/audit/compare?view=people&one=1&other=99999999")
        .await;
    assert_eq!(beyond.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_stays_withheld_in_a_comparison_unless_somebody_agreed() {
    let school = talking().await;
    let (anna, helga) = (school.api("anna"), school.api("helga"));
    let first = head(anna).await;
    school
        .say("pia", school.room("5a"), "Gartenschlaefer")
        .await;
    let second = head(anna).await;
    let path = format!("/api/audit/compare?view=messages&one={first}&other={second}&all=true");
    let shown = anna.get(&path).await.ok();
    assert!(!shown.to_string().contains("schlaefer"), "{shown}");
    assert_eq!(shown["withheld"], json!(["text"]));
    let inspection = ask(anna, json!({ "group_room": school.group("5a") })).await;
    decide(helga, &inspection, "agree").await.ok();
    let opened = anna
        .get(&format!("{path}&inspection={inspection}"))
        .await
        .ok();
    let texts: Vec<&Value> = opened["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| &row["after"]["text"])
        .collect();
    assert_eq!(texts, ["Siebenschlaefer", "Gartenschlaefer"]);
}
