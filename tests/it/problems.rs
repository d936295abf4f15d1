//! Requests that make no sense: each is answered by a problem (RFC 9457) in the reader's language, changes nothing, and
//! leaves no personal data in logs or figures.

use crate::support::{Directory, founded};
use e2e::api::{Answer, Api};
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, Plan, read};
use e2e::school::School;
use events::ids::PersonId;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

/// A problem in the shape that every client may rely on.
fn problem(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(body["status"], json!(status));
    for field in ["type", "title", "detail", "code"] {
        assert!(
            body[field].as_str().is_some_and(|text| !text.is_empty()),
            "{field} is missing in {body}"
        );
    }
    answer.code()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_or_not_the_expected_one_is_a_problem_that_repeats_nothing() {
    let school = School::open(&Plan::two_classes()).await;
    let (paul, tilda) = (school.api("paul"), school.api("tilda"));
    let path = format!("/api/messenger/rooms/{}/command", school.room("5a"));
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\u{feff}{}",
        r#"{"SendMessage":{}}"#,
        r#"{"Unerhört":1}"#,
        r#"{"SendMessage":{"message":1,"author":2,"text":3}}"#,
    ] {
        let request = paul
            .request(Method::POST, &path)
            .header("content-type", "application/json")
            .body(body);
        let answer = paul.send(request).await;
        assert!(
            [400, 422].contains(&answer.status),
            "{body:?}: {} {}",
            answer.status,
            answer.text()
        );
        problem(&answer, answer.status);
        assert!(!answer.text().contains("Unerhört"), "{}", answer.text());
    }
    let request = tilda
        .request(Method::POST, &path)
        .header("content-type", "text/plain")
        .body("{}");
    let answer = tilda.send(request).await;
    assert!((400..500).contains(&answer.status));
    problem(&answer, answer.status);
    let rows = tilda
        .rows(
            "messenger/messages",
            &format!("scope=room:{}", school.room("5a")),
        )
        .await;
    assert_eq!(rows, Vec::<Value>::new(), "nothing of it was carried out");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_401_for_strangers_and_404_for_people() {
    let school = School::open(&Plan::two_classes()).await;
    let (stranger, paul) = (school.stranger(), school.api("paul"));
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/accounts",
        "/api/files/spaces/x",
        "/api/../api/session",
        "/api/session/",
    ] {
        let answer = stranger.get(path).await;
        assert!(
            [401, 404].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
        if path.starts_with("/api/") && !path.contains("..") {
            assert_eq!(problem(&answer, 401), "not_signed_in", "{path}");
        }
    }
    for path in [
        "/api/",
        "/api/nothing",
        "/api/accounts",
        "/api/files/spaces/x",
    ] {
        problem(&paul.get(path).await, 404);
    }
    let wrong_method = paul.delete("/api/messenger/rooms").await;
    problem(&wrong_method, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_none_name_nothing() {
    let school = School::open(&Plan::two_classes()).await;
    let paul = school.api("paul");
    for id in [
        "x",
        "123",
        "%00",
        "00000000-0000-0000-0000-00000000000g",
        &"a".repeat(300),
        "%F0%9F%8E%92",
    ] {
        for (method, path) in [
            (Method::GET, format!("/api/accounts/people/{id}/groups")),
            (Method::POST, format!("/api/messenger/rooms/{id}/command")),
            (
                Method::GET,
                format!("/api/files/spaces/{id}/nodes/{id}/content"),
            ),
        ] {
            let request = paul
                .request(method, &path)
                .header("content-type", "application/json")
                .body("{}");
            let answer = paul.send(request).await;
            assert!(
                [400, 404, 422].contains(&answer.status),
                "{path}: {} {}",
                answer.status,
                answer.text()
            );
            problem(&answer, answer.status);
        }
    }
    let unknown = paul
        .get(&format!("/api/accounts/people/{}/groups", Uuid::new_v4()))
        .await;
    let others = paul
        .get(&format!(
            "/api/accounts/people/{}/groups",
            school.person("olga").person
        ))
        .await;
    assert_eq!(
        (unknown.status, unknown.code()),
        (others.status, others.code()),
        "somebody else is not told from nobody"
    );
    for query in [
        "scope=x",
        "scope=room:1",
        "order=up",
        "at_least=-1",
        "limit=many",
        "unknown=1",
    ] {
        problem(
            &paul.get(&format!("/api/messenger/messages?{query}")).await,
            400,
        );
    }
    for after in ["x", "%FF", "AAAA", &"9".repeat(500)] {
        let answer = paul
            .get(&format!("/api/accounts/people?after={after}"))
            .await;
        assert!(
            answer.status < 500,
            "a cursor that is none: {} {}",
            answer.status,
            answer.text()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_refused_without_being_read() {
    let school = School::open(&Plan::two_classes()).await;
    let paul = school.person("paul");
    let text = "x".repeat(1 << 20);
    let answer = paul.api.say(school.room("5a"), paul.person, &text).await;
    assert_eq!(problem(&answer, 413), "too_large");
    let answer = school.stranger().sign_in(&text, &text).await;
    assert_eq!(
        problem(&answer, 413),
        "too_large",
        "a stranger's body is limited too"
    );
    let longer = "x".repeat(100_000);
    let answer = paul.api.say(school.room("5a"), paul.person, &longer).await;
    assert!([413, 422].contains(&answer.status), "{}", answer.text());
    // 3 GiB are announced and never sent: the answer comes nevertheless.
    let head = format!(
        "POST /api/files/spaces/{}/upload?name=gross.bin HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Length: 3221225472\r\n\r\n",
        school.own_space("paul"),
        school.address(),
        paul.api.cookie().expect("a session")
    );
    let answer = raw(school.address(), &head).await;
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("too_large"),
        "{answer}"
    );
}

/// Sends bytes as they are, and reads until the server has answered or closed.
async fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it takes the request");
    let mut answer = Vec::new();
    let read = async {
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut piece).await {
            answer.extend_from_slice(&piece[..count]);
            if String::from_utf8_lossy(&answer).contains("\r\n\r\n{") {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), read)
        .await
        .expect("an answer comes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_can_change_nothing_in_a_persons_name() {
    let school = School::open(&Plan::two_classes()).await;
    let paul = school.person("paul");
    let path = format!("/api/messenger/rooms/{}/command", school.room("5a"));
    let command = e2e::api::message(Uuid::new_v4(), paul.person, "von anderswo");
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1.evil.example"),
    ] {
        let request = paul
            .api
            .request(Method::POST, &path)
            .header(header, value)
            .json(&command);
        assert_eq!(
            problem(&paul.api.send(request).await, 403),
            "other_site",
            "{header}: {value}"
        );
        let request = paul
            .api
            .request(Method::DELETE, "/api/session")
            .header(header, value);
        assert_eq!(
            paul.api.send(request).await.status,
            403,
            "{header}: {value}"
        );
        let form = school
            .stranger()
            .request(Method::POST, "/login")
            .header(header, value);
        let form = form.form(&[("login", "paul"), ("password", paul.password.as_str())]);
        assert_eq!(
            school.stranger().send(form).await.status,
            403,
            "signing somebody in from elsewhere, {header}: {value}"
        );
    }
    let own = format!("http://{}", school.address());
    let request = paul
        .api
        .request(Method::POST, &path)
        .header("origin", own)
        .header("sec-fetch-site", "same-origin")
        .json(&command);
    paul.api.send(request).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_cookie_is_out_of_reach_for_scripts_and_other_sites() {
    let school = School::open(&Plan::two_classes()).await;
    let answer = school
        .stranger()
        .sign_in("paul", &school.person("paul").password)
        .await;
    let cookies: Vec<&str> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let session = cookies
        .iter()
        .find(|cookie| cookie.starts_with("schulhof="))
        .expect("signing in sets the cookie");
    let lower = session.to_ascii_lowercase();
    assert!(
        lower.contains("httponly") && lower.contains("path=/"),
        "{session}"
    );
    assert!(
        lower.contains("samesite=lax") || lower.contains("samesite=strict"),
        "{session}"
    );
    let forged = school.stranger();
    for cookie in [
        "schulhof=",
        "schulhof=x",
        "schulhof=00000000-0000-0000-0000-000000000000",
    ] {
        forged.set_cookie(cookie);
        assert_eq!(forged.get("/api/session").await.status, 401, "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_in_the_readers_language() {
    let school = School::open(&Plan::default()).await;
    let detail = |device: Api, accept: &'static str| async move {
        let request = device
            .request(Method::GET, "/api/session")
            .header("accept-language", accept);
        let answer = device.send(request).await;
        problem(&answer, 401);
        (
            answer.json()["detail"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            answer.header("content-language").to_owned(),
        )
    };
    let german = (
        String::from("Bitte melden Sie sich an."),
        String::from("de"),
    );
    let english = (String::from("Please sign in."), String::from("en"));
    assert_eq!(
        detail(school.stranger(), "").await,
        german,
        "German comes first"
    );
    assert_eq!(detail(school.stranger(), "fr").await, german);
    assert_eq!(detail(school.stranger(), "de-AT, en;q=0.5").await, german);
    assert_eq!(detail(school.stranger(), "en-GB, de;q=0.5").await, english);
    let chosen = school.stranger();
    chosen.set_cookie("language=en");
    assert_eq!(
        detail(chosen, "de").await,
        english,
        "what was chosen goes before what the browser says"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_guessed_slowly_and_nobody_learns_which_logins_exist() {
    let school = School::open(&Plan::two_classes()).await;
    let guesser = school.stranger();
    let unknown = guesser.sign_in("niemand", "Kastanie-99-Laterne").await;
    let wrong = guesser.sign_in("paul", "Kastanie-99-Laterne").await;
    assert_eq!(
        (problem(&unknown, 401), unknown.json()),
        (problem(&wrong, 401), wrong.json())
    );
    let mut slowed = None;
    for number in 0..60 {
        let answer = school
            .stranger()
            .sign_in("paul", &format!("Kastanie-{number}-Fenster"))
            .await;
        if answer.status == 429 {
            slowed = Some(answer);
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let slowed = slowed.expect("sixty wrong guesses at one account are slowed down");
    assert_eq!(problem(&slowed, 429), "slow_down");
    assert!(
        slowed
            .header("retry-after")
            .parse::<u64>()
            .is_ok_and(|seconds| seconds > 0)
    );
    school.api("paul").get("/api/session").await.ok();
    school
        .stranger()
        .sign_in("pia", &school.person("pia").password)
        .await
        .ok();
}

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
    let server = e2e::process::Process::serve_with(&directory.data, &directory.log, &log)
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
    device
        .get(&format!("/api/accounts/people?search={family}"))
        .await
        .ok();
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
