//! What a proposal is refused for: a reason that cannot be seen, is overlong or gives somebody away, and the last administrator.

use super::scene::planted;
use e2e::plan::Plan;
use e2e::process::console;
use e2e::school::School;
use events::accounts::Role;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_can_be_seen_is_short_and_gives_nobody_away() {
    let school = planted().await;
    let paul = school.person("paul").person;
    let propose = async |basis: &str| {
        let body = json!({ "people": [paul], "basis": basis, "depth": "key" });
        school.founder.post("/api/privacy/erasures", &body).await
    };
    let long = "a".repeat(200_000);
    for unseen in ["", "   ", "a\0\u{202e}b", long.as_str()] {
        let refused = propose(unseen).await;
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(refused.text().contains("200"), "{}", refused.text());
    }
    for telling in [
        "Antrag von QUITTENMUS",
        "Zwetschgenbaums Eltern",
        "Konto quittenmus.zw",
        "geboren am 7. November 2013",
        "geb. 07.11.13",
        "Sturmlaterne",
    ] {
        let refused = propose(telling).await;
        assert_eq!(refused.status, 400, "{telling}");
        assert!(
            refused.text().contains("Aktenzeichen"),
            "{}",
            refused.text()
        );
        let said = refused.text().to_lowercase();
        assert!(!said.contains("quitten"), "the answer names nobody: {said}");
    }
    let id = paul.to_string();
    let arguments = ["privacy", "erase", &id, "--basis", "Herr Zwetschgenbaum"];
    let at_console = console(school.data(), arguments).await;
    assert!(!at_console.success);
    assert!(
        at_console.err.contains("reference number"),
        "{}",
        at_console.err
    );
    propose("Az. 4711/2026, DSGVO Art. 17").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_that_the_last_administrator_would_be_refused() {
    let plan = Plan::default().person("helga", &[Role::Head]);
    let mut school = School::open(&plan).await;
    let people = school.founder.rows("accounts/people", "").await;
    let founder = people
        .iter()
        .map(|row| &row["row"])
        .find(|row| row["name"]["family"] == "Amtmann")
        .expect("the founder is listed");
    let founder = founder["person"].as_str().expect("an id").to_owned();
    let body = json!({ "people": [founder] });
    let asked = school.api("helga");
    let refused = asked.post("/api/privacy/erasures/dry-run", &body).await;
    assert_eq!(refused.code(), "last_administrator", "{}", refused.text());
    school.stop().await;
    let arguments = ["privacy", "erase", &founder, "--dry-run"];
    let refused = console(school.data(), arguments).await;
    assert!(!refused.success);
    assert!(
        refused.err.contains("last administrator"),
        "{}",
        refused.err
    );
}
