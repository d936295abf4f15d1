//! Relay, NATS and the school's machine die and come back in any order, and nobody has to restart anything.

use super::house::{Nats, Relay, School, sooner_or_later, way_out};
use std::os::unix::fs::PermissionsExt;

const URL: &str = "https://kgs.relay.localhost/address";

#[tokio::test(flavor = "multi_thread")]
async fn the_link_comes_back_whenever_the_relay_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Relay::new(folder.path(), "r1", None);
    relay.start().await;
    let school = School::start(way_out(&folder, "kgs", Some(relay.enrolment("kgs")), None)).await;
    let visitor = school.visitor(relay.front);
    for _ in 0..3 {
        sooner_or_later(&visitor, URL).await;
        relay.kill();
        school
            .until("the link to break", |status| !status.is_reachable())
            .await;
        relay.start().await;
    }
    sooner_or_later(&visitor, URL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolment_waits_for_the_relay_and_is_needed_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Relay::new(folder.path(), "r1", None);
    let enrolment = relay.enrolment("kgs");
    let school = School::start(way_out(&folder, "kgs", Some(enrolment.clone()), None)).await;
    school
        .until("the first vain try", |status| status.problem.is_some())
        .await;
    relay.start().await;
    school.reachable().await;
    assert_eq!(school.link.status().problem, None);
    drop(school);

    let again = School::start(way_out(&folder, "kgs", None, None)).await;
    again.reachable().await;
    drop(again);
    let with_the_old_token = School::start(way_out(&folder, "kgs", Some(enrolment), None)).await;
    with_the_old_token.reachable().await;
    let key = folder.path().join("kgs/relay/identity.json");
    let mode = std::fs::metadata(key).expect("kept").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the link key is for the owner only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_said_to_the_administrator() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Relay::new(folder.path(), "r1", None);
    relay.start().await;
    let school = School::start(way_out(&folder, "kgs", Some(relay.wrong_enrolment()), None)).await;
    let said = |status: &edge::relay::Status| {
        status
            .problem
            .as_ref()
            .is_some_and(|text| text.contains("token"))
    };
    school.until("the refusal", said).await;
    drop(school);
    let nothing = edge::relay::start(way_out(&folder, "bgy", None, None)).await;
    assert!(nothing.is_err_and(|error| error.to_string().contains("not enrolled")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_comes_while_the_edge_restarts_waits_and_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Relay::new(folder.path(), "r1", None);
    relay.start().await;
    let school = School::start(way_out(&folder, "kgs", Some(relay.enrolment("kgs")), None)).await;
    school.reachable().await;
    let visitor = school.visitor(relay.front);
    drop(school);
    let asking = tokio::spawn(async move {
        visitor
            .get(URL)
            .send()
            .await
            .map(|answer| answer.status().as_u16())
    });
    let _again = School::start(way_out(&folder, "kgs", None, None)).await;
    assert_eq!(asking.await.expect("no panic").expect("served"), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_and_nats_are_killed_in_turns_and_visitors_are_served_all_the_same() {
    let Some(mut nats) = Nats::find() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Relay::new(folder.path(), "r1", Some(&nats.url));
    relay.start().await;
    let config = way_out(
        &folder,
        "kgs",
        Some(relay.enrolment("kgs")),
        Some(&nats.url),
    );
    let school = School::start(config).await;
    let visitor = school.visitor(relay.front);
    sooner_or_later(&visitor, URL).await;
    nats.start();
    school.until("NATS", |status| status.nats).await;
    nats.kill();
    sooner_or_later(&visitor, URL).await;
    relay.kill();
    nats.start();
    relay.start().await;
    sooner_or_later(&visitor, URL).await;
    school
        .until("NATS again", |status| status.nats && status.is_reachable())
        .await;
    nats.kill();
    school.until("NATS gone", |status| !status.nats).await;
    sooner_or_later(&visitor, URL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_not_home_gets_its_link_through_nats() {
    let Some(mut nats) = Nats::find() else { return };
    nats.start();
    let folder = tempfile::tempdir().expect("a folder");
    let mut home = Relay::new(folder.path(), "r1", Some(&nats.url));
    let mut other = Relay::new(folder.path(), "r2", Some(&nats.url));
    home.start().await;
    other.start().await;
    let school = School::start(way_out(
        &folder,
        "kgs",
        Some(home.enrolment("kgs")),
        Some(&nats.url),
    ))
    .await;
    school
        .until("NATS", |status| status.nats && status.is_reachable())
        .await;
    assert_eq!(school.link.status().relays, ["r1"]);
    sooner_or_later(&school.visitor(other.front), URL).await;
    assert_eq!(school.link.status().relays, ["r1", "r2"]);
}
