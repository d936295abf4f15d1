//! A class that talks, an auditor who asks, a head who agrees.

use e2e::api::{Answer, Api};
use e2e::plan::Plan;
use e2e::school::School;
use edge_kernel::Clock;
use events::accounts::Role;
use serde_json::{Value, json};

/// 2026-11-23T08:00Z.
pub(super) const MONDAY: u64 = 1_795_420_800_000;
pub(super) const HOUR: u64 = 3600 * 1000;

/// Two classes in which something was said on Monday.
pub(super) async fn talking() -> School {
    let plan = Plan::two_classes().person("agnes", &[Role::Staff, Role::Auditor]);
    let school = School::open_at(&plan, Clock::manual(MONDAY)).await;
    school
        .say("paul", school.room("5a"), "Siebenschlaefer")
        .await;
    school.say("olga", school.room("5b"), "Haselmaus").await;
    school
}

/// Asks, and gives the request's id.
pub(super) async fn ask(asker: &Api, about: Value) -> String {
    let asked = json!({ "purpose": "conflict", "reason": "Streit in der Klasse", "about": about });
    let asked = asker.post("/api/audit/inspections", &asked).await.ok();
    asked["inspection"].as_str().expect("an id").to_owned()
}

/// Agrees, refuses or ends.
pub(super) async fn decide(by: &Api, inspection: &str, what: &str) -> Answer {
    let path = format!("/api/audit/inspections/{inspection}/{what}");
    by.post(&path, &Value::Null).await
}

/// Reads a view as it is now under a consent.
pub(super) async fn read(reader: &Api, view: &str, inspection: &str) -> Answer {
    let path = format!("/api/audit/replay?view={view}&time=9999999999999&inspection={inspection}");
    reader.get(&path).await
}

/// What somebody sees of who has looked at their data, newest first.
pub(super) async fn looks(of: &Api, at_least: u64) -> Vec<Value> {
    let path = format!("/api/audit/looks?at_least={at_least}");
    let page = of.get(&path).await.ok();
    let rows = page["rows"].as_array().expect("rows");
    rows.iter().map(|found| found["row"].clone()).collect()
}

/// The last position of the log.
pub(super) async fn head(of: &Api) -> u64 {
    let me = of.get("/api/session").await.ok();
    me["position"].as_u64().expect("a position")
}
