//! Signing in and out, guessing, and sessions that outlive what they may and nothing else.

use crate::house::{Answer, House, PASSWORD};
use axum::body::Body;
use axum::http::StatusCode;
use edge_kernel::Actor;
use edge_kernel::unit::Order;
use events::accounts::{PersonCommand, Role};
use serde_json::{Value, json};

const DAY: u64 = 24 * 60 * 60 * 1000;

async fn try_in(house: &House, jar: &str, login: &str, password: &str) -> Answer {
    house
        .post(
            jar,
            "/api/session",
            json!({ "login": login, "password": password }),
        )
        .await
}

#[tokio::test]
async fn a_right_password_opens_a_session_that_knows_who_asks() {
    let house = House::open().await;
    let (person, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let answer = try_in(&house, "", " Anna.Mueller ", PASSWORD).await;
    assert_eq!(
        (answer.status, &answer.body["next"]),
        (StatusCode::OK, &Value::Null)
    );
    let session = answer
        .cookies
        .iter()
        .find(|cookie| cookie.starts_with("schulhof="))
        .expect("a session");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=", "Secure"] {
        assert!(session.contains(part), "{part} in {session}");
    }
    let me = house.get(&answer.jar(), "/api/session").await.body;
    assert_eq!(me["person"], json!(person));
    assert_eq!(me["login"], json!(login));
    assert_eq!(me["name"], json!({ "given": "Anna", "family": "Müller" }));
    assert_eq!(me["roles"], json!(["teacher"]));
    assert!(me["position"].as_u64() > Some(0) && me["own_space"].is_null());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let wrong = try_in(&house, "", &login, "not this one").await;
    let unknown = try_in(&house, "", "nobody.here", "not this one").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.code(), "wrong_login");
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    assert!(wrong.cookies.is_empty() && unknown.cookies.is_empty());
}

#[tokio::test]
async fn guessing_is_slowed_down_alike_for_known_and_unknown_names_and_after_a_restart() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    for name in [login.as_str(), "nobody.here"] {
        for _ in 0..5 {
            assert_eq!(
                try_in(&house, "", name, "guess").await.code(),
                "wrong_login"
            );
        }
        let slowed = try_in(&house, "", name, PASSWORD).await;
        assert_eq!(
            (slowed.status, slowed.code()),
            (StatusCode::TOO_MANY_REQUESTS, "slow_down")
        );
        assert_eq!(slowed.retry_after, Some(2));
    }
    house.later(2_000);
    assert_eq!(
        try_in(&house, "", &login, "guess").await.code(),
        "wrong_login"
    );
    assert_eq!(
        try_in(&house, "", &login, PASSWORD).await.retry_after,
        Some(4)
    );

    durable(&house, 6).await;
    let house = house.restart().await;
    assert_eq!(
        try_in(&house, "", &login, PASSWORD).await.retry_after,
        Some(4)
    );
    house.later(4_000);
    assert_eq!(
        try_in(&house, "", &login, PASSWORD).await.status,
        StatusCode::OK
    );
    for _ in 0..5 {
        assert_eq!(
            try_in(&house, "", &login, "guess").await.code(),
            "wrong_login"
        );
    }
}

/// Waits until so many failures are written: they are written beside the answer.
async fn durable(house: &House, failures: i64) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let sql = "SELECT MAX(failures) FROM accounts_guess_kept";
        let row = edge_kernel::database::query(sql)
            .fetch_one(house.kernel.ledger.kept())
            .await
            .expect("reads");
        if row.try_get::<Option<i64>>(0).expect("reads") == Some(failures) {
            return;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "{failures} failures were not written: {row:?}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn guessing_elsewhere_does_not_lock_somebody_out_of_their_own_device() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let own = try_in(&house, "", &login, PASSWORD).await.jar();
    for _ in 0..5 {
        try_in(&house, "", &login, "guess").await;
    }
    assert_eq!(
        try_in(&house, "", &login, PASSWORD).await.code(),
        "slow_down"
    );
    assert_eq!(
        try_in(&house, &own, &login, PASSWORD).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn one_password_tried_on_many_accounts_is_slowed_but_not_for_those_who_were_here_before() {
    let mut house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let (person, newcomer) = house.person("Bert", "Neu", Role::Pupil).await;
    house.address = Some(([192, 0, 2, 7], 50_000).into());
    let own = try_in(&house, "", &login, PASSWORD).await.jar();
    let mut wrong = 0;
    let slowed = loop {
        let answer = try_in(&house, "", &format!("pupil.{wrong}"), "sommer2026").await;
        if answer.code() != "wrong_login" {
            break answer;
        }
        wrong += 1;
        assert!(wrong <= 40, "{wrong} accounts were tried");
    };
    assert_eq!(
        (slowed.status, slowed.retry_after, wrong),
        (StatusCode::TOO_MANY_REQUESTS, Some(10), 40)
    );
    for (name, password) in [(&login, PASSWORD), (&login, "guess"), (&newcomer, PASSWORD)] {
        let answer = try_in(&house, "", name, password).await;
        assert_eq!(
            answer.code(),
            "slow_down",
            "an unknown device learns nothing"
        );
    }
    let made_up = format!("schulhof_device={}.{}", "A".repeat(43), "A".repeat(43));
    assert_eq!(
        try_in(&house, &made_up, &login, PASSWORD).await.code(),
        "slow_down"
    );
    assert_eq!(
        try_in(&house, &own, &login, PASSWORD).await.status,
        StatusCode::OK
    );
    let at_the_same_computer = try_in(&house, &own, &newcomer, PASSWORD).await;
    assert_eq!(at_the_same_computer.status, StatusCode::OK);
    let code = house
        .accounts
        .mint_code(Order::by(Actor::Machine), person)
        .await
        .expect("a code");
    let first = json!({ "login": newcomer, "code": code.code, "password": "regen auf blech" });
    let first = house.post("", "/api/session/code", first).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    house.address = Some(([198, 51, 100, 1], 50_000).into());
    assert_eq!(
        try_in(&house, "", &login, PASSWORD).await.status,
        StatusCode::OK,
        "elsewhere nothing is slow"
    );
    house.address = Some(([192, 0, 2, 7], 50_000).into());
    house.later(10_000);
    assert_eq!(
        try_in(&house, "", &login, PASSWORD).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn many_accounts_at_once_are_no_way_around_the_limit() {
    let mut house = House::open().await;
    house.address = Some(([192, 0, 2, 7], 50_000).into());
    let names: Vec<String> = (0..60).map(|number| format!("pupil.{number}")).collect();
    let guesses = names.iter().map(|name| try_in(&house, "", name, "guess"));
    let answers = futures_of(guesses).await;
    let told = answers
        .iter()
        .filter(|answer| answer.code() == "wrong_login")
        .count();
    assert!((40..50).contains(&told), "{told} guesses were answered");
}

#[tokio::test]
async fn only_devices_that_we_gave_out_are_known() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let device = |answer: &Answer| {
        let cookies = answer.cookies.iter();
        cookies
            .filter(|cookie| cookie.starts_with("schulhof_device="))
            .count()
    };
    let first = try_in(&house, "", &login, PASSWORD).await;
    assert_eq!(device(&first), 1);
    let again = try_in(&house, &first.jar(), &login, PASSWORD).await;
    assert_eq!(device(&again), 0, "it is known");
    for made_up in [
        "A".repeat(43),
        format!("{}.{}", "A".repeat(43), "A".repeat(43)),
    ] {
        let jar = format!("schulhof_device={made_up}");
        let answer = try_in(&house, &jar, &login, PASSWORD).await;
        assert_eq!(device(&answer), 1, "{made_up} is not taken for one of ours");
    }
    let house = house.restart().await;
    let after = try_in(&house, &first.jar(), &login, PASSWORD).await;
    assert_eq!(device(&after), 0, "it is known after a restart too");
}

#[tokio::test]
async fn many_guesses_at_once_are_no_way_around_the_limit() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let guesses = (0..20).map(|_| try_in(&house, "", &login, "guess"));
    let mut wrong = 0;
    for guess in futures_of(guesses).await {
        wrong += usize::from(guess.code() == "wrong_login");
    }
    assert_eq!(wrong, 5);
}

async fn futures_of<F: Future<Output = Answer>>(futures: impl Iterator<Item = F>) -> Vec<Answer> {
    let mut waiting: Vec<_> = futures.map(Box::pin).collect();
    let mut answers = Vec::new();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                answers.push(answer);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    answers
}

#[tokio::test]
async fn a_session_is_listed_ended_from_elsewhere_and_then_refused() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let (one, other) = (house.enter(&login).await, house.enter(&login).await);
    let me = house.get(&one, "/api/session").await.body;
    let path = format!("/api/accounts/sessions?at_least={}", me["position"]);
    let listed = house.get(&other, &path).await.body;
    assert_eq!(listed["rows"].as_array().map(Vec::len), Some(2), "{listed}");

    let end = format!(
        "/api/accounts/sessions/{}/end",
        me["session"].as_str().expect("an id")
    );
    let (_, stranger) = house.person("Bert", "Fremd", Role::Administrator).await;
    let stranger = house.enter(&stranger).await;
    assert_eq!(
        house.post(&stranger, &end, json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        house.post(&other, &end, json!({})).await.status,
        StatusCode::OK
    );
    assert_eq!(
        house.get(&one, "/api/session").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        house.get(&other, "/api/session").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_and_takes_the_cookie() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let jar = house.enter(&login).await;
    let out = house
        .ask("DELETE", &jar, "/api/session", Body::empty())
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(
        out.cookies
            .iter()
            .any(|cookie| cookie.starts_with("schulhof=;") && cookie.contains("Max-Age=0"))
    );
    assert_eq!(
        house.get(&jar, "/api/session").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn sessions_and_passwords_survive_a_restart_and_endings_too() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let (stays, ends) = (house.enter(&login).await, house.enter(&login).await);
    house
        .ask("DELETE", &ends, "/api/session", Body::empty())
        .await;
    let house = house.restart().await;
    assert_eq!(
        house.get(&stays, "/api/session").await.status,
        StatusCode::OK
    );
    assert_eq!(
        house.get(&ends, "/api/session").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        try_in(&house, "", &login, PASSWORD).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_without_use_and_not_with_it() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let (used, idle) = (house.enter(&login).await, house.enter(&login).await);
    house.later(20 * DAY);
    assert_eq!(
        house.get(&used, "/api/session").await.status,
        StatusCode::OK
    );
    house.later(12 * DAY);
    assert_eq!(
        house.get(&used, "/api/session").await.status,
        StatusCode::OK
    );
    assert_eq!(
        house.get(&idle, "/api/session").await.status,
        StatusCode::UNAUTHORIZED
    );
    house.accounts.end_idle_sessions().await.expect("sweeps");
    let position = house.kernel.ledger.size();
    let listed = house
        .get(
            &used,
            &format!("/api/accounts/sessions?at_least={position}"),
        )
        .await
        .body;
    assert_eq!(listed["rows"].as_array().map(Vec::len), Some(1), "{listed}");
}

#[tokio::test]
async fn a_clock_that_ran_ahead_makes_no_session_eternal() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let now = house.kernel.clock.now();
    house.later(365 * DAY);
    let (used, idle) = (house.enter(&login).await, house.enter(&login).await);
    house.kernel.clock.set(now);
    let status = async |jar: &str| house.get(jar, "/api/session").await.status;
    assert_eq!(status(&used).await, StatusCode::OK);
    house.accounts.end_idle_sessions().await.expect("sweeps");
    house.later(20 * DAY);
    assert_eq!(status(&used).await, StatusCode::OK);
    house.later(12 * DAY);
    assert_eq!(status(&used).await, StatusCode::OK);
    house.accounts.end_idle_sessions().await.expect("sweeps");
    assert_eq!(status(&idle).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn changing_the_password_ends_the_other_sessions() {
    let house = House::open().await;
    let (_, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let (one, other) = (house.enter(&login).await, house.enter(&login).await);
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    let path = "/api/accounts/password";
    let wrong = house
        .post(&one, path, change("not this one", "regen auf blech"))
        .await;
    assert_eq!(wrong.code(), "wrong_password");
    let weak = house
        .post(&one, path, change(PASSWORD, "anna.mueller"))
        .await;
    assert_eq!(
        (weak.status, weak.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "password_contains_name")
    );
    let done = house
        .post(&one, path, change(PASSWORD, "regen auf blech"))
        .await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(house.get(&one, "/api/session").await.status, StatusCode::OK);
    assert_eq!(
        house.get(&other, "/api/session").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        try_in(&house, "", &login, PASSWORD).await.code(),
        "wrong_login"
    );
    assert_eq!(
        try_in(&house, "", &login, "regen auf blech").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_closed_account_is_out_at_once() {
    let house = House::open().await;
    let (person, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let jar = house.enter(&login).await;
    let close = PersonCommand::CloseAccount {
        on: "2026-11-23".parse().expect("a date"),
    };
    house
        .accounts
        .person_command(Order::by(Actor::Machine), person, close)
        .await
        .expect("closes");
    assert_eq!(
        house.get(&jar, "/api/session").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        try_in(&house, "", &login, PASSWORD).await.code(),
        "wrong_login"
    );
    let reopen = PersonCommand::ReopenAccount;
    house
        .accounts
        .person_command(Order::by(Actor::Machine), person, reopen)
        .await
        .expect("reopens");
    assert_eq!(
        house.get(&jar, "/api/session").await.status,
        StatusCode::UNAUTHORIZED,
        "the session stays ended"
    );
    assert_eq!(
        try_in(&house, "", &login, PASSWORD).await.status,
        StatusCode::OK
    );
}
