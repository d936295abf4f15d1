//! What figures and logs say about people: nothing.

use crate::support::{Directory, founded};
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, read};
use e2e::process::Process;
use events::ids::PersonId;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// Words that occur nowhere else, in every place where somebody's data can stand.
const PLANTED: [&str; 7] = [
    "Quendolin",
    "Zwirbelfeld",
    "quastenflosser",
    "Mohnkuchen-11-Regal",
    "Tautropfenglanz",
    "Knobelbecher",
    "Wackelpudding",
];

#[tokio::test(flavor = "multi_thread")]
async fn neither_figures_nor_logs_name_anybody_or_anything_said() {
    let directory = Directory::new();
    drop(founded(&directory).await.stop().await);
    let log = [("SCHULHOF_LOG", "debug")];
    let server = Process::serve_with(&directory.data, &directory.log, &log)
        .await
        .expect("it starts");
    let founder = Api::new(server.address());
    founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let [given, family, login, password, text, file, group] = PLANTED;
    let name = json!({ "given": given, "family": family });
    let added = founder
        .post(
            "/api/accounts/people",
            &json!({ "name": name, "roles": ["pupil"], "login": login }),
        )
        .await
        .ok();
    let person: PersonId = read(&added["person"]);
    let code = founder
        .post(&format!("/api/accounts/people/{person}/code"), &Value::Null)
        .await
        .ok()["code"]
        .clone();
    let device = Api::new(server.address());
    device
        .post(
            "/api/session/code",
            &json!({ "login": login, "code": code, "password": password }),
        )
        .await
        .ok();
    Api::new(server.address())
        .sign_in(login, &format!("{password}x"))
        .await;
    let me = device.get("/api/session").await.ok();
    let partner = device
        .post(
            "/api/messenger/direct",
            &json!({ "with": founder.get("/api/session").await.ok()["person"] }),
        )
        .await
        .ok();
    let room = partner["room"].as_str().expect("a room");
    device.say(room, person, text).await.ok();
    device.say(room, Uuid::new_v4(), text).await;
    let own = me["own_space"]
        .as_str()
        .expect("a space of one's own")
        .to_owned();
    device.upload(&own, file, text.as_bytes()).await.ok();
    device.upload(Uuid::new_v4(), file, text.as_bytes()).await;
    device.search("/api/accounts/people", family).await.ok();
    founder
        .post(
            "/api/accounts/groups",
            &json!({ "name": group, "kind": "club", "year": 2026 }),
        )
        .await
        .ok();
    let roster = format!("Vorname;Nachname;Klasse\n{given};{family};5a\n;{family};5a\n");
    founder
        .send(
            founder
                .request(Method::POST, "/api/accounts/import?source=auto")
                .body(roster),
        )
        .await
        .ok();
    let form = [("login", login), ("password", "falsch-11-Regal")];
    device
        .send(device.request(Method::POST, "/login").form(&form))
        .await;
    let cookie = device.cookie().expect("a session");
    let token = cookie.split('=').nth(1).expect("a value").to_owned();
    let metrics = device.get("/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.text().contains("schulhof_log_size"));
    let code = code.as_str().expect("a code").to_owned();
    let said = server.log();
    server.stop().await.expect("it stops");
    for planted in PLANTED
        .into_iter()
        .chain([token.as_str(), code.as_str(), "falsch-11-Regal"])
    {
        assert!(
            !metrics.text().contains(planted),
            "/metrics names {planted}"
        );
        let line = said.lines().find(|line| line.contains(planted));
        assert_eq!(line, None, "the log names {planted}");
    }
    assert!(!said.contains("panicked"), "{said}");
}
