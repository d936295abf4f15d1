//! A school with something in every place that the table speaks of, and asking what a row says in it.

use super::split;
use super::table::{ROSTER, Row};
use e2e::api::{Answer, Api};
use e2e::plan::{Plan, Someone};
use e2e::school::School;
use events::accounts::{GroupKind, Role};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A school with something in every place that the table speaks of.
pub(super) struct Scene {
    pub(super) school: School,
    things: BTreeMap<String, String>,
}

impl Scene {
    pub(super) async fn set() -> Self {
        let plan = Plan::two_classes()
            .person("zoe", &[Role::Pupil])
            .person("kim", &[Role::Pupil])
            .person("dora", &[Role::DataProtection])
            .group("Chor", GroupKind::Club, &["tilda"], &["paul"]);
        let school = School::open(&plan).await;
        school.say("tilda", school.room("5a"), "Guten Morgen").await;
        let things = things(&school).await;
        school.sign_and_ask().await;
        Self { school, things }
    }

    /// One person asks what a row says, with their own session.
    pub(super) async fn knock(&self, row: &Row, someone: &Someone) -> Answer {
        self.send(row, &someone.api, Some(someone)).await
    }

    pub(super) async fn send(&self, row: &Row, device: &Api, me: Option<&Someone>) -> Answer {
        let (method, door) = split(row.door);
        let mut path = door.to_owned();
        for thing in row.with {
            let (begin, end) = (
                path.find('{').expect("a parameter"),
                path.find('}').expect("its end"),
            );
            path.replace_range(begin..=end, &self.fill(&format!("«{thing}»"), me));
        }
        let query = self.fill(row.query, me);
        let separator = if query.is_empty() { "" } else { "?" };
        let request = device.request(method.clone(), &format!("{path}{separator}{query}"));
        if row.door == "GET /api/feed" {
            return opened(request).await;
        }
        let request = match method {
            Method::POST => request
                .header("content-type", "application/json")
                // Only uploads look at it.
                .header(
                    "content-disposition",
                    "attachment; filename*=UTF-8''Notiz.txt",
                )
                .body(self.fill(row.body, me)),
            _ => request,
        };
        device.send(request).await
    }

    fn fill(&self, text: &str, me: Option<&Someone>) -> String {
        let mut filled = String::new();
        for (number, part) in text.split(['«', '»']).enumerate() {
            if number % 2 == 0 {
                filled.push_str(part);
            } else {
                filled.push_str(&self.thing(part, me));
            }
        }
        filled
    }

    fn thing(&self, name: &str, me: Option<&Someone>) -> String {
        let login = me.map_or("paul", |me| me.login);
        match name {
            "new" => Uuid::new_v4().to_string(),
            "word" => Uuid::new_v4().simple().to_string()[..10].to_owned(),
            "0" | "1" | "000.p/1" => name.to_owned(),
            "password" => me.map(|me| me.password.clone()).unwrap_or_default(),
            "me" => self.things[login].clone(),
            "session me" | "space me" => self.things[&name.replace("me", login)].clone(),
            name => self
                .things
                .get(name)
                .unwrap_or_else(|| panic!("the scene has no «{name}»"))
                .clone(),
        }
    }
}

/// A feed never ends, so its answer is its first line alone.
async fn opened(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("the feed answers");
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: Vec::new(),
    }
}

async fn things(school: &School) -> BTreeMap<String, String> {
    let mut things = BTreeMap::new();
    for someone in school.people() {
        let login = someone.login;
        things.insert(login.to_owned(), someone.person.to_string());
        things.insert(
            format!("space {login}"),
            school.own_space(login).to_string(),
        );
        let session = school
            .stranger()
            .sign_in(login, &someone.password)
            .await
            .ok();
        things.insert(format!("session {login}"), text(&session["me"]["session"]));
    }
    let me = school.founder.get("/api/session").await.ok();
    things.insert("amt".into(), text(&me["person"]));
    for group in ["5a", "5b", "Chor"] {
        things.insert(group.into(), school.group(group).to_string());
        things.insert(format!("room {group}"), school.room(group).to_string());
        things.insert(format!("space {group}"), school.space(group).to_string());
    }
    let tilda = school.api("tilda");
    for name in ["file 5a", "kept 5a"] {
        let uploaded = tilda
            .upload(school.space("5a"), &format!("{name}.txt"), b"Inhalt")
            .await
            .ok();
        things.insert(name.into(), text(&uploaded["node"]));
    }
    let uploaded = school
        .api("paul")
        .upload(school.own_space("paul"), "Meins.txt", b"Inhalt")
        .await
        .ok();
    things.insert("file paul".into(), text(&uploaded["node"]));
    let pair = tilda
        .post(
            "/api/messenger/direct",
            &json!({ "with": school.person("paul").person }),
        )
        .await
        .ok();
    things.insert("pair".into(), text(&pair["room"]));
    let zoe =
        json!({ "people": [school.person("zoe").person], "basis": "Art. 17", "depth": "key" });
    let planned = school
        .founder
        .post("/api/privacy/erasures", &zoe)
        .await
        .ok();
    let withdraw = format!("/api/privacy/erasures/{}/withdraw", text(&planned["batch"]));
    school.founder.post(&withdraw, &Value::Null).await.ok();
    things.insert("batch".into(), text(&planned["batch"]));
    // Over already, so that whoever is let in changes nothing for those who come after.
    let about = json!({ "group_room": school.group("5a") });
    let asked = json!({ "purpose": "conflict", "reason": "Streit", "about": about });
    for (name, asker) in [
        ("inspection", school.api("anna")),
        ("inspection amt", &school.founder),
    ] {
        let asked = asker.post("/api/audit/inspections", &asked).await.ok();
        let inspection = text(&asked["inspection"]);
        let end = format!("/api/audit/inspections/{inspection}/end");
        asker.post(&end, &Value::Null).await.ok();
        things.insert(name.into(), inspection);
    }
    things.insert(
        "applied".into(),
        import(&school.founder, ROSTER, true).await,
    );
    let other = "Vorname;Nachname;Klasse\nMax;Muster;6b\nMia;Muster;6a\n";
    things.insert(
        "preview".into(),
        import(&school.founder, other, false).await,
    );
    things
}

async fn import(founder: &Api, roster: &'static str, apply: bool) -> String {
    let request = founder
        .request(Method::POST, "/api/accounts/import?source=auto")
        .body(roster);
    let preview = founder.send(request).await.ok();
    let id = text(&preview["id"]);
    if apply {
        founder
            .post(&format!("/api/accounts/import/{id}/apply"), &Value::Null)
            .await
            .ok();
    }
    id
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}
