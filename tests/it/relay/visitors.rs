//! Visitors at home: through the relay to their own school and no other, with everything that HTTP promises.

use super::house::{Relay, School, way_out};
use reqwest::{StatusCode, Version, header};

const URL: &str = "https://kgs.relay.localhost";

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_served_over_http_2_and_the_school_knows_the_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Relay::new(folder.path(), "r1", None);
    relay.start().await;
    let school = School::start(way_out(&folder, "kgs", Some(relay.enrolment("kgs")), None)).await;
    school.reachable().await;
    assert_eq!(
        school.link.status().url(),
        Some(format!("{URL}:{}", relay.front.port()))
    );
    let answer = school
        .visitor(relay.front)
        .get(format!("{URL}/address"))
        .send()
        .await
        .expect("served");
    assert_eq!(
        (answer.status(), answer.version()),
        (StatusCode::OK, Version::HTTP_2)
    );
    assert!(answer.text().await.expect("text").starts_with("127.0.0.1:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_host_on_a_good_connection_is_misdirected() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Relay::new(folder.path(), "r1", None);
    relay.start().await;
    let school = School::start(way_out(&folder, "kgs", Some(relay.enrolment("kgs")), None)).await;
    school.reachable().await;
    let visitor = school.visitor(relay.front);
    let fronted = visitor
        .get(format!("{URL}/address"))
        .header(header::HOST, "bgy.relay.localhost");
    assert_eq!(
        fronted.send().await.expect("answered").status(),
        StatusCode::MISDIRECTED_REQUEST
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_schools_on_one_relay_show_their_own_certificates() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Relay::new(folder.path(), "r1", None);
    relay.start().await;
    let first = School::start(way_out(&folder, "kgs", Some(relay.enrolment("kgs")), None)).await;
    let second = School::start(way_out(&folder, "bgy", Some(relay.enrolment("bgy")), None)).await;
    first.reachable().await;
    second.reachable().await;
    let (of_first, of_second) = (first.visitor(relay.front), second.visitor(relay.front));
    assert!(of_first.get(format!("{URL}/address")).send().await.is_ok());
    assert!(
        of_second
            .get("https://bgy.relay.localhost/address")
            .send()
            .await
            .is_ok()
    );
    assert!(
        of_second
            .get(format!("{URL}/address"))
            .send()
            .await
            .is_err(),
        "whoever trusts bgy alone must not accept kgs"
    );
    assert_eq!(
        (first.link.status().visitors, second.link.status().visitors),
        (2, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_arrives_at_once_is_served_to_the_last_pupil() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Relay::new(folder.path(), "r1", None);
    relay.start().await;
    let school = School::start(way_out(&folder, "kgs", Some(relay.enrolment("kgs")), None)).await;
    school.reachable().await;
    // A client of their own each: nobody shares a connection.
    let pupils = (0..60).map(|_| {
        let pupil = school.visitor(relay.front);
        tokio::spawn(async move {
            pupil
                .get(format!("{URL}/address"))
                .send()
                .await
                .map(|answer| answer.status())
        })
    });
    for outcome in futures::future::join_all(pupils).await {
        assert_eq!(outcome.expect("no panic").expect("served"), StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_goes_up_and_down_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Relay::new(folder.path(), "r1", None);
    relay.start().await;
    let school = School::start(way_out(&folder, "kgs", Some(relay.enrolment("kgs")), None)).await;
    school.reachable().await;
    let file: Vec<u8> = (0..24_u32 << 20)
        .map(|at| u8::try_from((at ^ (at >> 9)) & 0xff).expect("below 256"))
        .collect();
    let sent = school
        .visitor(relay.front)
        .post(format!("{URL}/echo"))
        .body(file.clone())
        .send()
        .await;
    let back = sent.expect("served").bytes().await.expect("all of it");
    assert!(back == file, "what came back is not what was sent");
}
