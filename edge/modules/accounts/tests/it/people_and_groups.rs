//! Taking people in, roles, login names and groups, as somebody asks for them over HTTP.

use crate::house::House;
use axum::http::StatusCode;
use events::accounts::Role;
use events::ids::PersonId;
use serde_json::{Value, json};

fn add(given: &str, family: &str) -> Value {
    json!({ "name": { "given": given, "family": family }, "roles": ["pupil"] })
}

fn command(person: PersonId) -> String {
    format!("/api/accounts/people/{person}/command")
}

#[tokio::test]
async fn people_of_equal_names_get_login_names_of_their_own() {
    let house = House::open().await;
    let (_, admin) = house.person("Ada", "Verwaltung", Role::Administrator).await;
    let jar = house.enter(&admin).await;
    let mut logins = Vec::new();
    for _ in 0..3 {
        let added = house
            .post(&jar, "/api/accounts/people", add("Anna", "Müller"))
            .await;
        assert_eq!(added.status, StatusCode::OK, "{}", added.body);
        logins.push(added.body["login"].as_str().expect("a login").to_owned());
    }
    assert_eq!(logins, ["anna.mueller", "anna.mueller2", "anna.mueller3"]);
    let mut wish = add("Berta", "Beispiel");
    wish["login"] = json!("anna.mueller2");
    assert_eq!(
        house
            .post(&jar, "/api/accounts/people", wish.clone())
            .await
            .code(),
        "name_taken"
    );
    wish["login"] = json!("postmaster");
    assert_eq!(
        house.post(&jar, "/api/accounts/people", wish).await.code(),
        "login_reserved"
    );
}

#[tokio::test]
async fn only_administrators_take_people_in_or_give_roles() {
    let house = House::open().await;
    let (pupil, _) = house.person("Mia", "Kurz", Role::Pupil).await;
    for role in [
        Role::Pupil,
        Role::Teacher,
        Role::Staff,
        Role::Head,
        Role::Auditor,
        Role::DataProtection,
    ] {
        let (person, login) = house.person("Wer", "Auch", role).await;
        let jar = house.enter(&login).await;
        let added = house
            .post(&jar, "/api/accounts/people", add("Anna", "Müller"))
            .await;
        assert_eq!(added.status, StatusCode::FORBIDDEN, "{role:?}");
        for target in [pupil, person] {
            let give = json!({ "GiveRole": { "role": "administrator" } });
            let given = house.post(&jar, &command(target), give).await;
            assert_eq!(given.status, StatusCode::FORBIDDEN, "{role:?}");
        }
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let house = House::open().await;
    let (ada, login) = house.person("Ada", "Verwaltung", Role::Administrator).await;
    let (ben, _) = house.person("Ben", "Nachfolge", Role::Teacher).await;
    let jar = house.enter(&login).await;
    let take = json!({ "TakeRole": { "role": "administrator" } });
    let close = json!({ "CloseAccount": { "on": "2026-11-23" } });
    for last in [&take, &close] {
        assert_eq!(
            house.post(&jar, &command(ada), last.clone()).await.code(),
            "last_administrator"
        );
    }
    let give = |role: &str| json!({ "GiveRole": { "role": role } });
    for (person, role) in [(ben, "administrator"), (ada, "staff")] {
        let given = house.post(&jar, &command(person), give(role)).await;
        assert_eq!(given.status, StatusCode::OK);
    }
    assert_eq!(
        house.post(&jar, &command(ada), take).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_login_name_given_up_comes_back_to_its_owner_only() {
    let house = House::open().await;
    let (_, login) = house.person("Ada", "Verwaltung", Role::Administrator).await;
    let (mia, old) = house.person("Mia", "Kurz", Role::Pupil).await;
    let jar = house.enter(&login).await;
    let give = |login: &str| json!({ "GiveLoginName": { "login": login } });
    assert_eq!(
        house
            .post(&jar, &command(mia), give("mia.lang"))
            .await
            .status,
        StatusCode::OK
    );
    house.enter("mia.lang").await;
    let namesake = house
        .post(&jar, "/api/accounts/people", add("Mia", "Kurz"))
        .await;
    assert_eq!(namesake.body["login"], json!("mia.kurz2"));
    let other: PersonId = serde_json::from_value(namesake.body["person"].clone()).expect("an id");
    assert_eq!(
        house.post(&jar, &command(other), give(&old)).await.code(),
        "name_taken"
    );
    assert_eq!(
        house.post(&jar, &command(mia), give(&old)).await.status,
        StatusCode::OK
    );
    house.enter(&old).await;
}

#[tokio::test]
async fn a_request_repeated_under_its_key_is_carried_out_once() {
    let house = House::open().await;
    let (ada, _) = house.person("Ada", "Verwaltung", Role::Administrator).await;
    let order = || {
        let key = uuid::Uuid::from_u128(77);
        edge_kernel::unit::Order::by(edge_kernel::Actor::Person(ada)).once(Some(key))
    };
    let name = || events::accounts::PersonName {
        given: "Anna".to_owned(),
        family: "Müller".to_owned(),
    };
    let first = house
        .accounts
        .add_person(order(), name(), vec![Role::Pupil], None)
        .await
        .expect("is added");
    let again = house
        .accounts
        .add_person(order(), name(), vec![Role::Pupil], None)
        .await
        .expect("is answered");
    assert_eq!(
        (first.person, &first.login, first.position),
        (again.person, &again.login, again.position)
    );
}

#[tokio::test]
async fn commands_with_a_door_of_their_own_are_refused_at_the_general_one() {
    let house = House::open().await;
    let (ada, login) = house.person("Ada", "Verwaltung", Role::Administrator).await;
    let jar = house.enter(&login).await;
    for other in [json!("MintCode"), json!("ChoosePassword")] {
        assert_eq!(
            house.post(&jar, &command(ada), other).await.code(),
            "other_door"
        );
    }
}

#[tokio::test]
async fn a_teacher_leads_the_course_they_found_and_keeps_out_of_classes() {
    let house = House::open().await;
    let (teacher, login) = house.person("Anna", "Müller", Role::Teacher).await;
    let (mia, pupil) = house.person("Mia", "Kurz", Role::Pupil).await;
    let jar = house.enter(&login).await;
    let group = |kind: &str| json!({ "name": "Schach", "kind": kind, "year": 2026 });
    assert_eq!(
        house
            .post(&jar, "/api/accounts/groups", group("class"))
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    let founded = house
        .post(&jar, "/api/accounts/groups", group("club"))
        .await;
    assert_eq!(founded.status, StatusCode::OK, "{}", founded.body);
    let id = founded.body["group"].as_str().expect("an id").to_owned();
    let join = json!({ "AddMember": { "person": mia, "role": "member", "from": "2026-11-23" } });
    let joined = house
        .post(
            &jar,
            &format!("/api/accounts/groups/{id}/command"),
            join.clone(),
        )
        .await;
    assert_eq!(joined.status, StatusCode::OK, "{}", joined.body);

    let own = house.enter(&pupil).await;
    let groups = house
        .get(&own, &format!("/api/accounts/people/{mia}/groups"))
        .await;
    assert_eq!(groups.body, json!([{ "group": id, "role": "member" }]));
    let others = house
        .get(&own, &format!("/api/accounts/people/{teacher}/groups"))
        .await;
    assert_eq!(others.status, StatusCode::FORBIDDEN);
    let position = &joined.body["position"];
    let members = house
        .get(&own, &format!("/api/accounts/members?at_least={position}"))
        .await
        .body;
    assert_eq!(
        members["rows"].as_array().map(Vec::len),
        Some(2),
        "{members}"
    );
    assert_eq!(
        house
            .post(&own, &format!("/api/accounts/groups/{id}/command"), join)
            .await
            .status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn records_are_for_those_who_keep_the_accounts() {
    let house = House::open().await;
    let (_, admin) = house.person("Ada", "Verwaltung", Role::Administrator).await;
    let (_, teacher) = house.person("Anna", "Müller", Role::Teacher).await;
    let teacher = house.enter(&teacher).await;
    let refused = house.get(&teacher, "/api/accounts/records").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let admin = house.enter(&admin).await;
    let position = house.kernel.ledger.size();
    let rows = house
        .search(
            &admin,
            &format!("/api/accounts/records?at_least={position}"),
            "anna",
        )
        .await
        .body;
    let in_address = "/api/accounts/records?search=anna";
    let refused = house.get(&admin, in_address).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        rows["rows"][0]["row"]["login"],
        json!("anna.mueller"),
        "{rows}"
    );
}

#[tokio::test]
async fn the_school_is_set_up_once_by_its_link() {
    let house = House::open().await;
    let path = house
        .accounts
        .setup_path()
        .await
        .expect("reads")
        .expect("is not set up");
    let token = path.split('=').nth(1).expect("a token").to_owned();
    let name = || events::accounts::PersonName {
        given: "Ada".to_owned(),
        family: "Verwaltung".to_owned(),
    };
    let set_up = |token: String| {
        let accounts = house.accounts.clone();
        async move {
            accounts
                .set_up(&token, "KGS Probe", "ada", name(), crate::house::PASSWORD)
                .await
        }
    };
    assert!(set_up("0".repeat(40)).await.is_err());
    set_up(token.clone()).await.expect("sets up");
    assert!(set_up(token).await.is_err());
    assert_eq!(house.accounts.setup_path().await.expect("reads"), None);
    assert_eq!(
        house
            .accounts
            .school_name()
            .await
            .expect("reads")
            .as_deref(),
        Some("KGS Probe")
    );
    house.enter("ada").await;
}
