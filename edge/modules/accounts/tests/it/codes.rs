//! One-time codes: who may make them, what they lead to, and that they work once.

use crate::house::{House, PASSWORD};
use axum::http::StatusCode;
use edge_kernel::Actor;
use edge_kernel::unit::Order;
use events::accounts::{GroupCommand, GroupKind, MemberRole, PersonName, Role};
use events::ids::{GroupId, PersonId};
use serde_json::{Value, json};

async fn pupil(house: &House, given: &str, family: &str) -> (PersonId, String) {
    let name = PersonName {
        given: given.to_owned(),
        family: family.to_owned(),
    };
    let order = Order::by(Actor::Machine);
    let added = house
        .accounts
        .add_person(order, name, vec![Role::Pupil], None)
        .await
        .expect("is added");
    (added.person, added.login)
}

async fn group(house: &House, kind: GroupKind, members: &[(PersonId, MemberRole)]) -> GroupId {
    let order = || Order::by(Actor::Machine);
    let (group, _) = house
        .accounts
        .add_group(order(), "5a".to_owned(), kind, 2026)
        .await
        .expect("begins");
    for (person, role) in members {
        let from = "2026-08-01".parse().expect("a date");
        let join = GroupCommand::AddMember {
            person: *person,
            role: *role,
            from,
        };
        house
            .accounts
            .group_command(order(), group, join)
            .await
            .expect("joins");
    }
    group
}

async fn mint(house: &House, person: PersonId) -> String {
    house
        .accounts
        .mint_code(Order::by(Actor::Machine), person)
        .await
        .expect("mints")
        .code
}

fn by_code(login: &str, code: &str, password: Option<&str>) -> Value {
    json!({ "login": login, "code": code, "password": password })
}

#[tokio::test]
async fn a_code_leads_to_choosing_a_password_once() {
    let house = House::open().await;
    let (person, login) = pupil(&house, "Mia", "Kurz").await;
    let code = mint(&house, person).await;
    assert_ne!(code.to_lowercase(), login);
    let path = "/api/session/code";
    let first = house.post("", path, by_code(&login, &code, None)).await;
    assert_eq!(
        (first.status, first.body["next"].as_str()),
        (StatusCode::OK, Some("password"))
    );
    assert!(
        first.cookies.is_empty(),
        "no session before a password is chosen"
    );
    let weak = house
        .post("", path, by_code(&login, &code, Some("mia.kurz")))
        .await;
    assert_eq!(weak.code(), "password_contains_name");
    let sloppy = code.to_lowercase().replace('-', " ");
    let chosen = house
        .post("", path, by_code(&login, &sloppy, Some(PASSWORD)))
        .await;
    assert_eq!(
        (chosen.status, &chosen.body["next"]),
        (StatusCode::OK, &Value::Null)
    );
    assert_eq!(
        house.get(&chosen.jar(), "/api/session").await.status,
        StatusCode::OK
    );
    let again = house
        .post("", path, by_code(&login, &code, Some("regen auf blech")))
        .await;
    assert_eq!(again.code(), "wrong_login");
    let sign_in = json!({ "login": login, "password": PASSWORD });
    assert_eq!(
        house.post("", "/api/session", sign_in).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_code_typed_where_the_password_belongs_leads_on() {
    let house = House::open().await;
    let (person, login) = pupil(&house, "Mia", "Kurz").await;
    let code = mint(&house, person).await;
    let answer = house
        .post(
            "",
            "/api/session",
            json!({ "login": login, "password": code }),
        )
        .await;
    assert_eq!(
        (answer.status, answer.body["next"].as_str()),
        (StatusCode::OK, Some("password"))
    );
    assert!(answer.cookies.is_empty() && answer.body["me"].is_null());
}

#[tokio::test]
async fn a_new_code_voids_the_old_one_and_both_end_in_time() {
    let house = House::open().await;
    let (person, login) = pupil(&house, "Mia", "Kurz").await;
    let (old, new) = (mint(&house, person).await, mint(&house, person).await);
    let path = "/api/session/code";
    assert_eq!(
        house
            .post("", path, by_code(&login, &old, Some(PASSWORD)))
            .await
            .code(),
        "wrong_login"
    );
    house.later(31 * 24 * 60 * 60 * 1000);
    assert_eq!(
        house
            .post("", path, by_code(&login, &new, Some(PASSWORD)))
            .await
            .code(),
        "wrong_login"
    );
}

#[tokio::test]
async fn a_password_chosen_by_code_ends_whoever_was_signed_in() {
    let house = House::open().await;
    let (person, login) = house.person("Mia", "Kurz", Role::Pupil).await;
    let jar = house.enter(&login).await;
    let code = mint(&house, person).await;
    house
        .post(
            "",
            "/api/session/code",
            by_code(&login, &code, Some("regen auf blech")),
        )
        .await;
    assert_eq!(
        house.get(&jar, "/api/session").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_kept_tables_hold_neither_code_nor_login_nor_password() {
    let house = House::open().await;
    let (person, login) = house.person("Mia", "Kurz", Role::Pupil).await;
    let code = mint(&house, person).await;
    let bare: String = code.chars().filter(|letter| *letter != '-').collect();
    let sql = "SELECT hex(login) FROM accounts_login_kept UNION ALL SELECT hex(hash) FROM accounts_code_kept
        UNION ALL SELECT hex(hash) FROM accounts_password_kept";
    let rows = edge_kernel::database::query(sql)
        .fetch_all(house.kernel.ledger.kept())
        .await
        .expect("reads");
    assert_eq!(rows.len(), 3);
    let hex = |text: &str| {
        text.bytes()
            .map(|byte| format!("{byte:02X}"))
            .collect::<String>()
    };
    for row in rows {
        let row: &str = row.try_get(0).expect("reads");
        for secret in [&login, &code, &bare, PASSWORD] {
            assert!(!row.contains(&hex(secret)), "a secret is kept in the clear");
        }
    }
}

#[tokio::test]
async fn a_class_teacher_mints_for_the_class_and_nobody_else() {
    let house = House::open().await;
    let (mia, _) = pupil(&house, "Mia", "Kurz").await;
    let (ben, _) = pupil(&house, "Ben", "Lang").await;
    let (teacher, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let (head, _) = house.person("Hanna", "Leitung", Role::Head).await;
    group(
        &house,
        GroupKind::Class,
        &[(mia, MemberRole::Member), (teacher, MemberRole::Leader)],
    )
    .await;
    group(
        &house,
        GroupKind::Course,
        &[(ben, MemberRole::Member), (teacher, MemberRole::Leader)],
    )
    .await;
    let jar = house.enter(&login).await;
    let path = |person: PersonId| format!("/api/accounts/people/{person}/code");
    let minted = house.post(&jar, &path(mia), json!({})).await;
    assert_eq!(
        (minted.status, minted.body["login"].as_str()),
        (StatusCode::OK, Some("mia.kurz"))
    );
    for person in [ben, head, teacher] {
        assert_eq!(
            house.post(&jar, &path(person), json!({})).await.status,
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(
        house.post("", &path(mia), json!({})).await.status,
        StatusCode::UNAUTHORIZED
    );
}
