//! What cannot be read, does not exist or is too much, and the language of the answer.

use super::problem;
use crate::support::{Directory, init};
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, Plan};
use e2e::process::Process;
use e2e::school::School;
use reqwest::Method;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

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
    // What is announced need not come to be refused, whoever asks.
    let rooms = format!("/api/messenger/rooms/{}/command", school.room("5a"));
    for path in ["/api/session", "/login", &rooms] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{{\"log",
            school.address(),
            paul.api.cookie().expect("a session")
        );
        let answer = raw(school.address(), &head).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{path}: {answer}");
    }
    // 3 GiB are announced and never sent: the answer comes nevertheless.
    let head = format!(
        "POST /api/files/spaces/{}/upload HTTP/1.1\r\nHost: {}\r\nContent-Disposition: attachment; filename*=UTF-8''gross.bin\r\nCookie: {}\r\nContent-Length: 3221225472\r\n\r\n",
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

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_says_how_large_a_file_may_be() {
    let directory = Directory::new();
    init(&directory.data, directory.root()).await;
    let settings = "[files]\nlargest = \"1 MiB\"\n";
    std::fs::write(directory.data.join("schulhof.toml"), settings).expect("the directory is ours");
    let server = Process::serve(&directory.data, &directory.log)
        .await
        .expect("the server starts");
    let founder = Api::new(server.address());
    founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let me = founder.get("/api/session").await.ok();
    let space = me["own_space"].as_str().expect("a space").to_owned();
    let fits = founder.upload(&space, "fits.txt", &[b'x'; 1 << 20]).await;
    assert_eq!(fits.status, 200, "{}", fits.text());
    let larger = founder
        .upload(&space, "larger.txt", &[b'x'; (1 << 20) + 1])
        .await;
    assert_eq!(problem(&larger, 413), "too_large");
    assert!(larger.text().contains("1 MiB"), "{}", larger.text());
    server.stop().await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_begins_and_falls_silent_is_cut_off() {
    let school = School::open(&Plan::default()).await;
    let body = "POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"log";
    let (body, head, nothing) = tokio::join!(
        until_closed(school.address(), body),
        until_closed(school.address(), "GET /login HTTP/1.1\r\nHos"),
        until_closed(school.address(), ""),
    );
    assert!(
        body.starts_with("HTTP/1.1 408") && body.contains("too_slow"),
        "{body}"
    );
    assert!(!head.contains("200 OK") && nothing.is_empty(), "{head}");
}

/// Sends bytes and nothing more, and reads until the server closes.
async fn until_closed(address: SocketAddr, request: &str) -> String {
    let stream = TcpStream::connect(address).await;
    let mut stream = stream.expect("the server listens");
    let sent = stream.write_all(request.as_bytes()).await;
    sent.expect("it takes the beginning");
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    // Half a minute, and time for a busy machine; a reset is an end as well.
    let ended = tokio::time::timeout(std::time::Duration::from_secs(45), reading).await;
    assert!(ended.is_ok(), "{request:?} is waited for without an end");
    String::from_utf8_lossy(&answer).into_owned()
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
    let german = (String::from("Bitte zuerst anmelden."), String::from("de"));
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
