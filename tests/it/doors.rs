//! Every door that the OpenAPI document names, tried by a stranger and by one person of each kind, on what is theirs and on
//! what is not. Who is let in stands in one table; a door that is not in it fails.

use e2e::api::{Answer, Api};
use e2e::plan::{Plan, Someone};
use e2e::school::School;
use events::accounts::{GroupKind, Role};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The columns of the table: a pupil of the other class, a pupil, a class teacher, staff, head, administrator, auditor.
const COLUMNS: [(char, &str); 7] = [
    ('O', "olga"),
    ('P', "paul"),
    ('T', "tilda"),
    ('S', "stefan"),
    ('H', "helga"),
    ('A', "adam"),
    ('U', "anna"),
];

/// Doors without a lock. This list may only get shorter.
const OPEN: [&str; 3] = [
    "GET /api/openapi.json",
    "POST /api/session",
    "POST /api/session/code",
];

/// A door, what stands for its parameters, what is asked, and who is let in. `«…»` is filled in from the scene.
struct Row {
    door: &'static str,
    with: &'static [&'static str],
    query: &'static str,
    body: &'static str,
    let_in: &'static str,
}

const fn row(
    door: &'static str,
    with: &'static [&'static str],
    query: &'static str,
    body: &'static str,
    let_in: &'static str,
) -> Row {
    Row {
        door,
        with,
        query,
        body,
        let_in,
    }
}

const RENAME: &str = r#"{"RenamePerson":{"name":{"given":"Neu","family":"Beispiel"}}}"#;
const PROMOTE: &str = r#"{"GiveRole":{"role":"administrator"}}"#;
const LOGIN: &str = r#"{"GiveLoginName":{"login":"n«word»"}}"#;
const CLOSE: &str = r#"{"CloseAccount":{"on":"2026-11-23"}}"#;
const RENAME_GROUP: &str = r#"{"RenameGroup":{"name":"Gruppe «word»"}}"#;
const JOIN: &str = r#"{"AddMember":{"person":"«kim»","role":"member","from":"2026-08-01"}}"#;
const FOLDER: &str =
    r#"{"AddFolder":{"node":"«new»","parent":null,"name":"Ordner «word»","author":"«me»"}}"#;
const SAY: &str = r#"{"SendMessage":{"message":"«new»","author":"«me»","text":"Hallo"}}"#;
const SAY_AS_PIA: &str = r#"{"SendMessage":{"message":"«new»","author":"«pia»","text":"Hallo"}}"#;
const FOLDER_AS_PIA: &str =
    r#"{"AddFolder":{"node":"«new»","parent":null,"name":"Ordner «word»","author":"«pia»"}}"#;
const REMOVE: &str = r#"{"RemoveMessage":{"number":1,"by":"«me»"}}"#;
const ADD: &str = r#"{"name":{"given":"Neu","family":"Beispiel"},"roles":["pupil"],"login":null}"#;
const ROSTER: &str = "Vorname;Nachname;Klasse\nMia;Muster;6a\n";

#[rustfmt::skip]
const TABLE: &[Row] = &[
    row("GET /api/session", &[], "", "", "OPTSHAU"),
    row("GET /api/feed", &[], "", "", "OPTSHAU"),

    row("GET /api/accounts/people", &[], "", "", "OPTSHAU"),
    row("GET /api/accounts/people", &[], "scope=school", "", "OPTSHAU"),
    row("GET /api/accounts/groups", &[], "", "", "OPTSHAU"),
    row("GET /api/accounts/members", &[], "scope=roll:«5a»", "", "-PTSHA-"),
    row("GET /api/accounts/records", &[], "scope=administration", "", "----HA-"),
    row("GET /api/accounts/sessions", &[], "", "", "OPTSHAU"),
    row("GET /api/accounts/sessions", &[], "scope=person:«paul»", "", "-P-----"),
    row("GET /api/accounts/people/{id}/groups", &["paul"], "", "", "-PTSHA-"),
    row("GET /api/accounts/people/{id}/groups", &["olga"], "", "", "O-TSHA-"),
    row("POST /api/accounts/people", &[], "", ADD, "-----A-"),
    row("POST /api/accounts/people/{id}/command", &["paul"], "", RENAME, "----HA-"),
    row("POST /api/accounts/people/{id}/command", &["adam"], "", RENAME, "-----A-"),
    row("POST /api/accounts/people/{id}/command", &["me"], "", PROMOTE, "-----A-"),
    row("POST /api/accounts/people/{id}/command", &["pia"], "", LOGIN, "-----A-"),
    row("POST /api/accounts/people/{id}/command", &["zoe"], "", CLOSE, "----HA-"),
    row("POST /api/accounts/people/{id}/code", &["pia"], "", "", "--T-HA-"),
    row("POST /api/accounts/people/{id}/code", &["zoe"], "", "", "----HA-"),
    row("POST /api/accounts/people/{id}/code", &["otto"], "", "", "----HA-"),
    row("POST /api/accounts/people/{id}/code", &["amt"], "", "", "-----A-"),
    row("POST /api/accounts/groups", &[], "", r#"{"name":"Klasse «word»","kind":"class","year":2026}"#, "----HA-"),
    row("POST /api/accounts/groups", &[], "", r#"{"name":"AG «word»","kind":"club","year":2026}"#, "--TSHA-"),
    row("POST /api/accounts/groups/{id}/command", &["5a"], "", RENAME_GROUP, "----HA-"),
    row("POST /api/accounts/groups/{id}/command", &["5a"], "", JOIN, "----HA-"),
    row("POST /api/accounts/groups/{id}/command", &["Chor"], "", RENAME_GROUP, "--T-HA-"),
    row("POST /api/accounts/import", &[], "source=auto", ROSTER, "-----A-"),
    row("POST /api/accounts/import/{id}/apply", &["preview"], "", "", "-----A-"),
    row("POST /api/accounts/import/{id}/undo", &["applied"], "", "", "-----A-"),

    row("GET /api/files/spaces", &[], "", "", "OPTSHAU"),
    row("GET /api/files/files", &[], "scope=space:«space 5a»&prefix=top/", "", "-PT----"),
    row("GET /api/files/files", &[], "scope=space:«space paul»&prefix=top/", "", "-P-----"),
    row("POST /api/files/spaces/{space}/command", &["space 5a"], "", FOLDER, "-PT----"),
    row("POST /api/files/spaces/{space}/command", &["space 5a"], "", FOLDER_AS_PIA, "-------"),
    row("POST /api/files/spaces/{space}/command", &["space paul"], "", FOLDER, "-P-----"),
    row("POST /api/files/spaces/{space}/command", &["space 5a"], "", r#"{"DeleteNode":{"node":"«file 5a»"}}"#, "--T----"),
    row("POST /api/files/spaces/{space}/upload", &["space 5a"], "name=Notiz«word».txt", "Inhalt", "-PT----"),
    row("POST /api/files/spaces/{space}/upload", &["space paul"], "name=Notiz«word».txt", "Inhalt", "-P-----"),
    row("GET /api/files/spaces/{space}/nodes/{node}/content", &["space 5a", "kept 5a"], "", "", "-PT----"),
    row("GET /api/files/spaces/{space}/nodes/{node}/content", &["space me", "kept 5a"], "", "", "-------"),
    row("GET /api/files/spaces/{space}/nodes/{node}/content", &["space paul", "file paul"], "", "", "-P-----"),

    row("GET /api/messenger/rooms", &[], "", "", "OPTSHAU"),
    row("GET /api/messenger/reads", &[], "", "", "OPTSHAU"),
    row("GET /api/messenger/reads", &[], "scope=person:«paul»", "", "-P-----"),
    row("GET /api/messenger/messages", &[], "scope=room:«room 5a»", "", "-PT----"),
    row("GET /api/messenger/messages", &[], "scope=room:«pair»", "", "-PT----"),
    row("POST /api/messenger/direct", &[], "", r#"{"with":"«pia»"}"#, "-PTSHAU"),
    row("POST /api/messenger/rooms/{room}/command", &["room 5a"], "", SAY, "-PT----"),
    row("POST /api/messenger/rooms/{room}/command", &["room 5a"], "", SAY_AS_PIA, "-------"),
    row("POST /api/messenger/rooms/{room}/command", &["pair"], "", SAY, "-PT----"),
    row("POST /api/messenger/rooms/{room}/command", &["room 5a"], "", REMOVE, "--T----"),
    row("POST /api/messenger/rooms/{room}/read", &["room 5a"], "", r#"{"up_to":1}"#, "-PT----"),

    row("GET /api/audit/entries", &[], "", "", "------U"),
    row("GET /api/audit/proof/{position}", &["1"], "", "", "------U"),
    row("GET /api/audit/replay", &[], "view=people&until=3", "", "------U"),

    // These end sessions, so they come last.
    row("POST /api/accounts/sessions/{id}/end", &["session paul"], "", "", "-P-----"),
    row("POST /api/accounts/sessions/{id}/end", &["session me"], "", "", "OPTSHAU"),
    row("POST /api/accounts/password", &[], "", r#"{"old":"«password»","new":"Birke-77-Fenster"}"#, "OPTSHAU"),
    row("DELETE /api/session", &[], "", "", "OPTSHAU"),
];

/// A school with something in every place that the table speaks of.
struct Scene {
    school: School,
    things: BTreeMap<String, String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_lets_in_whom_the_table_says() {
    let scene = Scene::set().await;
    let doors = doors(&scene.school.stranger()).await;
    let missing: Vec<&String> = doors
        .keys()
        .filter(|door| !OPEN.contains(&door.as_str()) && !has_row(door))
        .collect();
    assert!(
        missing.is_empty(),
        "nobody has decided who may use {missing:?}: add a row to TABLE in tests/it/doors.rs for one's own object and one for somebody else's"
    );
    let gone: Vec<&str> = TABLE
        .iter()
        .map(|row| row.door)
        .filter(|door| !doors.contains_key(*door))
        .collect();
    assert!(
        gone.is_empty(),
        "{gone:?} are doors no longer: take their rows out of TABLE in tests/it/doors.rs"
    );
    let mut wrong = Vec::new();
    for row in TABLE {
        // Whoever is kept out comes first: what those let in have changed must not be why.
        for expected in [false, true] {
            for (letter, login) in COLUMNS
                .iter()
                .filter(|(letter, _)| row.let_in.contains(*letter) == expected)
            {
                let answer = scene.knock(row, scene.school.person(login)).await;
                if is_let_in(&answer) != expected {
                    let should = if expected { "is kept out" } else { "is let in" };
                    wrong.push(format!(
                        "{} {:?} {}: {letter} ({login}) {should}, {} {}",
                        row.door,
                        row.with,
                        row.query,
                        answer.status,
                        answer.text()
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "the doors and TABLE do not agree; mend whichever is wrong:\n{}",
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_turned_away_before_anybody_looks_at_the_request() {
    let scene = Scene::set().await;
    let stranger = scene.school.stranger();
    let doors = doors(&stranger).await;
    for row in TABLE {
        let answer = scene.send(row, &stranger, None).await;
        assert_eq!(
            answer.status,
            401,
            "{} {:?}: {}",
            row.door,
            row.with,
            answer.text()
        );
    }
    for (door, open) in &doors {
        let (method, path) = split(door);
        let path = path.replace(['{', '}'], "");
        let nonsense = stranger
            .request(method, &format!("{path}?limit=x&scope=y"))
            .body("{ no JSON");
        let answer = stranger.send(nonsense).await;
        match open {
            true => assert!(
                answer.code() != "not_signed_in",
                "{door} is marked open: {}",
                answer.text()
            ),
            false => assert_eq!(
                (answer.status, answer.code().as_str()),
                (401, "not_signed_in"),
                "{door}"
            ),
        }
    }
    let open: BTreeSet<&str> = doors
        .iter()
        .filter(|(_, open)| **open)
        .map(|(door, _)| door.as_str())
        .collect();
    let known = BTreeSet::from(OPEN);
    let new: Vec<_> = open.difference(&known).collect();
    assert!(
        new.is_empty(),
        "{new:?} are open to strangers; the list OPEN in tests/it/doors.rs may only get shorter"
    );
    let locked: Vec<_> = known.difference(&open).collect();
    assert!(
        locked.is_empty(),
        "{locked:?} are locked now: take them out of OPEN in tests/it/doors.rs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_and_a_closed_account_open_nothing_more() {
    let school = School::open(&Plan::two_classes()).await;
    let (paul, pia) = (school.person("paul"), school.person("pia"));
    let copied = paul.api.copied();
    copied.get("/api/session").await.ok();
    assert_eq!(paul.api.delete("/api/session").await.status, 204);
    assert_eq!(
        copied.get("/api/session").await.status,
        401,
        "a copied cookie ends with its session"
    );
    let close = json!({ "CloseAccount": { "on": "2026-11-23" } });
    school
        .founder
        .post(
            &format!("/api/accounts/people/{}/command", pia.person),
            &close,
        )
        .await
        .ok();
    assert_eq!(pia.api.get("/api/session").await.status, 401);
    let again = school.stranger().sign_in("pia", &pia.password).await;
    let unknown = school.stranger().sign_in("nobody", &pia.password).await;
    assert_eq!(
        (again.status, again.code()),
        (unknown.status, unknown.code()),
        "a closed account is not told from none"
    );
    assert_eq!(again.status, 401);
}

fn has_row(door: &str) -> bool {
    TABLE.iter().any(|row| row.door == door)
}

fn is_let_in(answer: &Answer) -> bool {
    !matches!(answer.status, 401 | 403 | 404)
}

fn split(door: &str) -> (Method, &str) {
    let (method, path) = door.split_once(' ').expect("a door is a method and a path");
    (method.parse().expect("a method"), path)
}

/// Every door of the document, and whether it is open to strangers.
async fn doors(anybody: &Api) -> BTreeMap<String, bool> {
    let document = anybody.get("/api/openapi.json").await.ok();
    let everywhere = &document["security"];
    assert!(
        everywhere.as_array().is_some_and(|locks| !locks.is_empty()),
        "doors are locked unless they say otherwise"
    );
    let paths = document["paths"]
        .as_object()
        .expect("the document names paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("a path has operations").iter();
        operations.map(move |(method, operation)| {
            let open = operation["security"].as_array().is_some_and(Vec::is_empty);
            (format!("{} {path}", method.to_uppercase()), open)
        })
    });
    operations.collect()
}

impl Scene {
    async fn set() -> Self {
        let plan = Plan::two_classes()
            .person("zoe", &[Role::Pupil])
            .person("kim", &[Role::Pupil])
            .group("Chor", GroupKind::Club, &["tilda"], &["paul"]);
        let school = School::open(&plan).await;
        school.say("tilda", school.room("5a"), "Guten Morgen").await;
        let things = things(&school).await;
        Self { school, things }
    }

    /// One person asks what a row says, with their own session.
    async fn knock(&self, row: &Row, someone: &Someone) -> Answer {
        self.send(row, &someone.api, Some(someone)).await
    }

    async fn send(&self, row: &Row, device: &Api, me: Option<&Someone>) -> Answer {
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
            "1" => "1".to_owned(),
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
