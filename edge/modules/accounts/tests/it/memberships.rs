//! Who belongs to a group from when until when, and what groups may be called.

use crate::house::{Answer, House};
use axum::http::StatusCode;
use events::accounts::Role;
use events::ids::PersonId;
use serde_json::{Value, json};

struct Club {
    house: House,
    jar: String,
    group: String,
    mia: PersonId,
}

fn founding(name: &str) -> Value {
    json!({ "name": name, "kind": "club", "year": 2026 })
}

impl Club {
    async fn open() -> Self {
        let house = House::open().await;
        let (_, login) = house.person("Ada", "Verwaltung", Role::Administrator).await;
        let (mia, _) = house.person("Mia", "Kurz", Role::Pupil).await;
        let jar = house.enter(&login).await;
        let founded = house
            .post(&jar, "/api/accounts/groups", founding("Schach"))
            .await;
        let group = founded.body["group"].as_str().expect("an id").to_owned();
        Self {
            house,
            jar,
            group,
            mia,
        }
    }

    async fn say(&self, command: Value) -> Answer {
        let path = format!("/api/accounts/groups/{}/command", self.group);
        self.house.post(&self.jar, &path, command).await
    }

    async fn join(&self, from: &str) -> Answer {
        let join = json!({ "person": self.mia, "role": "member", "from": from });
        self.say(json!({ "AddMember": join })).await
    }

    async fn leave(&self, until: &str) -> Answer {
        let leave = json!({ "person": self.mia, "until": until });
        self.say(json!({ "RemoveMember": leave })).await
    }

    /// First and last days, as the view lists them.
    async fn days(&self, more: &str) -> Vec<(Value, Value)> {
        let position = self.house.kernel.ledger.size();
        let group = &self.group;
        let path = format!("/api/accounts/members?scope=roll:{group}&at_least={position}{more}");
        let page = self.house.get(&self.jar, &path).await.body;
        let rows = page["rows"].as_array().expect("rows").iter();
        rows.map(|found| (found["row"]["from"].clone(), found["row"]["until"].clone()))
            .collect()
    }
}

#[tokio::test]
async fn days_that_have_not_come_or_cannot_be_are_refused_with_what_to_do() {
    let club = Club::open().await;
    for (day, code) in [
        ("2035-01-01", "day_not_come"),
        ("1899-01-01", "day_long_ago"),
    ] {
        let refused = club.join(day).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::UNPROCESSABLE_ENTITY, code)
        );
    }
    let not_yet = club.join("2035-01-01").await.body;
    let detail = not_yet["detail"].as_str().expect("a text");
    assert!(
        detail.contains("an dem Tag ein, an dem sie gilt"),
        "{detail}"
    );
    assert_eq!(club.join("2026-09-01").await.status, StatusCode::OK);
    assert_eq!(club.leave("2040-01-01").await.code(), "day_not_come");
    assert_eq!(
        club.leave("2026-08-31").await.code(),
        "ends_before_beginning"
    );
    assert_eq!(club.days("").await, [(json!("2026-09-01"), Value::Null)]);
}

#[tokio::test]
async fn joining_again_corrects_the_first_day_and_what_ended_stays_dated() {
    let club = Club::open().await;
    for day in ["2026-09-01", "2026-09-15"] {
        assert_eq!(club.join(day).await.status, StatusCode::OK);
    }
    assert_eq!(club.days("").await, [(json!("2026-09-15"), Value::Null)]);
    assert_eq!(club.leave("2026-10-01").await.status, StatusCode::OK);
    assert_eq!(club.days("").await, [], "only those who belong to it now");
    assert_eq!(club.join("2026-11-01").await.status, StatusCode::OK);
    assert_eq!(club.leave("2026-11-02").await.status, StatusCode::OK);
    assert_eq!(club.join("2026-11-03").await.status, StatusCode::OK);
    assert_eq!(club.days("").await, [(json!("2026-11-03"), Value::Null)]);
    let ended = [
        (json!("2026-09-15"), json!("2026-10-01")),
        (json!("2026-11-01"), json!("2026-11-02")),
    ];
    assert_eq!(club.days("&prefix=1").await, ended);
}

#[tokio::test]
async fn two_open_groups_of_a_kind_and_year_never_share_a_name() {
    let club = Club::open().await;
    let (house, jar) = (&club.house, &club.jar);
    let found = |body: Value| async move { house.post(jar, "/api/accounts/groups", body).await };
    let twice = found(founding("  schach ")).await;
    assert_eq!(
        (twice.status, twice.code()),
        (StatusCode::CONFLICT, "group_exists")
    );
    let mut course = founding("Schach");
    course["kind"] = json!("course");
    assert_eq!(found(course).await.status, StatusCode::OK);
    let mut next_year = founding("Schach");
    next_year["year"] = json!(2027);
    assert_eq!(found(next_year).await.status, StatusCode::OK);

    let chess = &club.group;
    let other = found(founding("Go")).await.body["group"].clone();
    let rename = format!(
        "/api/accounts/groups/{}/command",
        other.as_str().expect("an id")
    );
    let renamed = house
        .post(jar, &rename, json!({ "RenameGroup": { "name": "Schach" } }))
        .await;
    assert_eq!(renamed.code(), "group_exists");
    let own = club
        .say(json!({ "RenameGroup": { "name": "SCHACH" } }))
        .await;
    assert_eq!(own.status, StatusCode::OK, "{chess} is its own namesake");
    assert_eq!(club.say(json!("CloseGroup")).await.status, StatusCode::OK);
    assert_eq!(found(founding("Schach")).await.status, StatusCode::OK);
    assert_eq!(club.say(json!("ReopenGroup")).await.code(), "group_exists");
}
