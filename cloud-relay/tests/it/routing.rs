//! Which visitor reaches which school.

use std::time::{Duration, Instant};

use crate::support::visitor::{UNRECOGNIZED_NAME, greeting, send, visit};
use crate::support::{House, hello, name, soon};

#[tokio::test(flavor = "multi_thread")]
async fn two_schools_share_a_relay_and_never_a_visitor() {
    let house = House::start().await;
    let (first, second) = (house.serving("kgs").await, house.serving("bgy").await);
    for _ in 0..10 {
        assert_eq!(
            greeting(house.front(), "kgs.relay.localhost").await,
            "this is kgs"
        );
    }
    assert_eq!(
        greeting(house.front(), "bgy.relay.localhost").await,
        "this is bgy"
    );
    let seen = first.seen.lock().expect("no panic").clone();
    assert_eq!(seen.len(), 10);
    assert!(seen.iter().all(|visitor| visitor.authority == name("kgs")));
    assert_eq!(second.seen.lock().expect("no panic").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_learns_its_visitors_address_and_the_port_they_came_to() {
    let house = House::start().await;
    let school = house.serving("kgs").await;
    let stream = visit(house.front(), "kgs.relay.localhost")
        .await
        .expect("served");
    let own = stream.get_ref().0.local_addr().expect("connected");
    let seen = school.seen.lock().expect("no panic").clone();
    assert_eq!(
        seen.iter()
            .map(|visitor| visitor.address)
            .collect::<Vec<_>>(),
        [own]
    );
    assert_eq!(seen[0].listener, house.front());
}

#[tokio::test(flavor = "multi_thread")]
async fn capitals_and_a_trailing_dot_are_the_same_name() {
    let house = House::start().await;
    let school = house.serving("kgs").await;
    for spelt in ["KGS.Relay.Localhost", "kgs.relay.localhost."] {
        // The school cannot finish this hand-made handshake, but it is the school that refuses it.
        let answer = send(house.front(), &hello::good(spelt)).await;
        assert_ne!(answer, UNRECOGNIZED_NAME, "{spelt} must reach the school");
    }
    assert_eq!(school.seen.lock().expect("no panic").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_and_a_school_that_is_away_cannot_be_told_apart() {
    let house = House::start().await;
    let _away = house.school("kgs").await;
    let mut times = Vec::new();
    for name in [
        "kgs.relay.localhost",
        "nobody.relay.localhost",
        "relay.localhost",
        "www.example.org",
    ] {
        let began = Instant::now();
        assert_eq!(
            send(house.front(), &hello::good(name)).await,
            UNRECOGNIZED_NAME,
            "{name}"
        );
        times.push(began.elapsed());
    }
    let hold = Duration::from_millis(house.config.times.hold);
    let bounds = hold - Duration::from_millis(20)..hold + Duration::from_millis(2_000);
    assert!(
        times.iter().all(|time| bounds.contains(time)),
        "all wait alike: {times:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_scans_for_names_soon_hears_nothing() {
    let house = House::with(|config| config.limits.unknown_names_per_minute = 2).await;
    let mut answers = Vec::new();
    for number in 0..4 {
        answers.push(
            send(
                house.front(),
                &hello::good(&format!("s{number}.relay.localhost")),
            )
            .await,
        );
    }
    assert_eq!(
        answers,
        [
            UNRECOGNIZED_NAME.to_vec(),
            UNRECOGNIZED_NAME.to_vec(),
            Vec::new(),
            Vec::new()
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_is_reached_only_under_names_it_consents_to_serve() {
    let house = House::start().await;
    let edge = house.school("kgs").await;
    let names = vec![name("bgy")];
    let hello_frame = relay_wire::Frame::Hello {
        version: 1,
        build: String::new(),
        epoch: 1,
        names,
    };
    let _serving = edge
        .link_saying(&hello_frame)
        .await
        .expect("a link")
        .serve(2)
        .await;
    for name in ["kgs.relay.localhost", "bgy.relay.localhost"] {
        assert_eq!(
            send(house.front(), &hello::good(name)).await,
            UNRECOGNIZED_NAME,
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_held_while_the_edge_restarts() {
    let house = House::with(|config| config.times.hold = 10_000).await;
    let edge = house.school("kgs").await;
    let front = house.front();
    let visitor = tokio::spawn(async move { greeting(front, "kgs.relay.localhost").await });
    house.until_metric("waiting", |waiting| waiting == 1).await;
    let _serving = edge.link(1).await.expect("a link").serve(1).await;
    assert_eq!(
        soon("the visitor", visitor).await.expect("no panic"),
        "this is kgs"
    );
}
