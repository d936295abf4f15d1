//! Stopping, deleting everything that can be folded again, and starting: people find what they left, and their way in.

use e2e::api::Api;
use e2e::plan::Plan;
use e2e::school::School;
use serde_json::{Value, json};
use std::path::Path;

/// Everything that a person can list, as they see it.
async fn seen(school: &School, login: &str) -> Vec<(&'static str, Vec<Value>)> {
    let api = school.api(login);
    let mut seen = Vec::new();
    for view in [
        "accounts/people",
        "accounts/groups",
        "accounts/sessions",
        "files/spaces",
        "messenger/rooms",
        "messenger/reads",
    ] {
        seen.push((view, api.rows(view, "").await));
    }
    let room = format!("scope=room:{}", school.room("5a"));
    let space = format!("scope=space:{}", school.space("5a"));
    let roll = format!("scope=roll:{}", school.group("5a"));
    seen.push((
        "messenger/messages",
        api.rows("messenger/messages", &room).await,
    ));
    seen.push(("files/files", api.rows("files/files", &space).await));
    seen.push((
        "accounts/members",
        api.rows("accounts/members", &roll).await,
    ));
    seen
}

/// Deletes the views as an operator would: the server is stopped, and whatever begins with `views.db` goes.
pub(crate) fn delete_views(data: &Path) {
    let mut deleted = 0;
    for entry in std::fs::read_dir(data)
        .expect("the data directory is there")
        .flatten()
    {
        if entry.file_name().to_string_lossy().starts_with("views.db") {
            std::fs::remove_file(entry.path()).expect("views can be deleted");
            deleted += 1;
        }
    }
    assert!(deleted > 0, "there were no views in {}", data.display());
}

/// Some weeks of school life in a few calls.
async fn live(school: &School) -> String {
    let (room, space) = (school.room("5a"), school.space("5a"));
    let tilda = school.person("tilda");
    for number in 0..30 {
        school
            .say(
                ["tilda", "paul", "pia"][number % 3],
                room,
                &format!("Nachricht {number}"),
            )
            .await;
    }
    let remove = json!({ "RemoveMessage": { "number": 5, "by": tilda.person } });
    tilda
        .api
        .post(&format!("/api/messenger/rooms/{room}/command"), &remove)
        .await
        .ok();
    school
        .api("paul")
        .post(
            &format!("/api/messenger/rooms/{room}/read"),
            &json!({ "up_to": 12 }),
        )
        .await
        .ok();
    let folder = uuid::Uuid::new_v4();
    let command = |command: Value| async move {
        tilda
            .api
            .post(&format!("/api/files/spaces/{space}/command"), &command)
            .await
            .ok()
    };
    command(json!({ "AddFolder": { "node": folder, "parent": null, "name": "Arbeitsblätter", "author": tilda.person } })).await;
    let sheet = tilda
        .api
        .upload(space, "Blatt.txt", b"Aufgabe 1")
        .await
        .ok();
    command(json!({ "MoveNode": { "node": sheet["node"], "parent": folder } })).await;
    let gone = tilda.api.upload(space, "Weg.txt", b"weg").await.ok();
    command(json!({ "DeleteNode": { "node": gone["node"] } })).await;
    sheet["node"].as_str().expect("a node's id").to_owned()
}

async fn settle(school: &School) {
    let head = school.founder.get("/api/session").await.ok()["position"]
        .as_u64()
        .unwrap_or_default();
    school
        .founder
        .get(&format!("/api/accounts/people?at_least={head}"))
        .await
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_views_a_school_comes_back_as_it_was() {
    let mut school = School::open(&Plan::two_classes()).await;
    let sheet = live(&school).await;
    settle(&school).await;
    let logins = ["tilda", "paul"];
    let mut before = Vec::new();
    for login in logins {
        before.push(seen(&school, login).await);
    }
    school.stop().await;
    delete_views(school.data());
    school.start().await;
    for (login, before) in logins.into_iter().zip(before) {
        for ((view, now), (_, then)) in seen(&school, login).await.into_iter().zip(before) {
            assert_eq!(now, then, "{view} of {login}");
        }
    }
    let path = format!(
        "/api/files/spaces/{}/nodes/{sheet}/content",
        school.space("5a")
    );
    assert_eq!(school.api("paul").get(&path).await.body, b"Aufgabe 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_sessions_and_codes_survive_a_restart() {
    let mut school = School::open(&Plan::two_classes()).await;
    let code = mint(&school.founder, &school.person("pia").person.to_string()).await;
    school.stop().await;
    delete_views(school.data());
    school.start().await;
    let paul = school.person("paul");
    assert_eq!(
        paul.api.get("/api/session").await.ok()["login"],
        json!("paul"),
        "the session goes on"
    );
    school.stranger().sign_in("paul", &paul.password).await.ok();
    let wrong = school
        .stranger()
        .sign_in("paul", "Kastanie-9-Laterne")
        .await;
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "wrong_login"));
    let chosen = json!({ "login": "pia", "code": code, "password": "Birke-77-Fenster" });
    school
        .stranger()
        .post("/api/session/code", &chosen)
        .await
        .ok();
    let again = json!({ "login": "pia", "code": code, "password": "Birke-78-Fenster" });
    let again = school.stranger().post("/api/session/code", &again).await;
    assert_eq!(again.status, 401, "a code opens once: {}", again.text());
    school.stop().await;
    school.start().await;
    school
        .stranger()
        .sign_in("pia", "Birke-77-Fenster")
        .await
        .ok();
    let again = json!({ "login": "pia", "code": code, "password": "Birke-78-Fenster" });
    assert_eq!(
        school
            .stranger()
            .post("/api/session/code", &again)
            .await
            .status,
        401,
        "used stays used"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_sessions_and_changed_passwords_stay_so_after_a_restart() {
    let mut school = School::open(&Plan::two_classes()).await;
    let paul = school.person("paul").clone();
    let phone = school.stranger();
    phone.sign_in("paul", &paul.password).await.ok();
    let change = json!({ "old": paul.password, "new": "Birke-77-Fenster" });
    paul.api.post("/api/accounts/password", &change).await.ok();
    assert_eq!(
        phone.get("/api/session").await.status,
        401,
        "a changed password ends other sessions"
    );
    school.stop().await;
    school.start().await;
    let address = school.address();
    assert_eq!(phone.at(address).get("/api/session").await.status, 401);
    paul.api.at(address).get("/api/session").await.ok();
    assert_eq!(
        school
            .stranger()
            .sign_in("paul", &paul.password)
            .await
            .status,
        401
    );
    school
        .stranger()
        .sign_in("paul", "Birke-77-Fenster")
        .await
        .ok();
}

async fn mint(founder: &Api, person: &str) -> String {
    let minted = founder
        .post(&format!("/api/accounts/people/{person}/code"), &Value::Null)
        .await
        .ok();
    minted["code"].as_str().expect("a code").to_owned()
}
