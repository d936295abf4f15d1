//! Control links: who may have one, which of two counts, and how they end.

use relay_wire::HostName;
use relay_wire::frame::{Frame, Refusal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::visitor::{NOTHING, greeting, line, rest, visit};
use crate::support::{House, id, soon, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_nobody_granted_gets_no_link() {
    let house = House::start().await;
    let edge = house.school("kgs").await;
    assert_eq!(
        edge.impostor().link(1).await.err(),
        Some(Refusal::UnknownKey)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newer_link_of_a_key_wins_and_the_older_cannot_come_back() {
    let house = House::start().await;
    let edge = house.school("kgs").await;
    let old = edge.link(5).await.expect("a link").serve(1).await;
    assert_eq!(edge.link(5).await.err(), Some(Refusal::Superseded));
    assert_eq!(edge.link(4).await.err(), Some(Refusal::Superseded));
    let new = edge.link(6).await.expect("newer").serve(1).await;
    assert_eq!(
        greeting(house.front(), "kgs.relay.localhost").await,
        "this is kgs"
    );
    assert_eq!(new.seen.lock().expect("no panic").len(), 1);
    let superseded = Frame::Refused {
        reason: Refusal::Superseded,
    };
    until("the old link to hear why", || {
        old.said.lock().expect("no panic").contains(&superseded)
    })
    .await;
    assert_eq!(house.metric("link_takeovers_total"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_ended_leaves_its_place_to_any_epoch() {
    let house = House::start().await;
    let edge = house.school("kgs").await;
    drop(edge.link(9).await.expect("a link"));
    house
        .until_metric("schools_linked", |linked| linked == 0)
        .await;
    assert!(
        edge.link(1).await.is_ok(),
        "an edge out of a backup must be able to come back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_its_link_go_the_parked_connections_but_not_the_running_streams() {
    let house = House::start().await;
    let edge = house.school("kgs").await;
    let mut link = edge.link(1).await.expect("a link");
    let (mut parked, _) = link.park().await;
    house.until_metric("parked", |parked| parked == 1).await;
    let (mut running, number) = link.park().await;
    house.until_metric("parked", |parked| parked == 2).await;
    let mut visitor = tokio::net::TcpStream::connect(house.front())
        .await
        .expect("listening");
    let hello = crate::support::hello::good("kgs.relay.localhost");
    visitor.write_all(&hello).await.expect("sent");
    soon(
        "the header",
        crate::support::edge::header(&mut running, &link.keys, number),
    )
    .await
    .expect("a visitor");
    drop(link);
    assert_eq!(rest(&mut parked).await, NOTHING);
    running
        .write_all(b"still here")
        .await
        .expect("the stream goes on");
    let mut answer = [0; 10];
    soon("the answer", visitor.read_exact(&mut answer))
        .await
        .expect("it arrives");
    assert_eq!(&answer, b"still here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_link_is_noticed() {
    let house = House::with(|config| config.times.ping = 50).await;
    let _silent = house.school("kgs").await.link(1).await.expect("a link");
    house
        .until_metric("schools_linked", |linked| linked == 0)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_answers_pings_stays() {
    let house = House::with(|config| config.times.ping = 50).await;
    let school = house.serving("kgs").await;
    until("ten pings", || {
        school.said.lock().expect("no panic").len() >= 10
    })
    .await;
    assert_eq!(house.metric("schools_linked"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_ends_link_and_streams_and_leaves_other_schools_alone() {
    let house = House::start().await;
    let (school, _other) = (house.serving("kgs").await, house.serving("bgy").await);
    let mut visitor = visit(house.front(), "kgs.relay.localhost")
        .await
        .expect("served");
    assert_eq!(line(&mut visitor).await, "this is kgs");
    assert!(
        cloud_relay::revoke(&house.config, &id("kgs"))
            .await
            .expect("revoked")
    );
    let mut bytes = Vec::new();
    let _ = soon("the stream's end", visitor.read_to_end(&mut bytes)).await;
    house
        .until_metric("schools_linked", |linked| linked == 1)
        .await;
    assert_eq!(school.edge.link(2).await.err(), Some(Refusal::UnknownKey));
    assert_eq!(
        greeting(house.front(), "bgy.relay.localhost").await,
        "this is bgy"
    );
    assert!(
        !cloud_relay::revoke(&house.config, &id("kgs"))
            .await
            .expect("asked twice")
    );
    assert!(
        cloud_relay::revoke(&house.config, &id("nobody"))
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cold_school_is_asked_for_a_connection_and_the_visitor_waits_for_it() {
    let house = House::with(|config| config.times.hold = 10_000).await;
    let mut link = house.school("kgs").await.link(1).await.expect("a link");
    let front = house.front();
    let visitor = tokio::spawn(async move { greeting(front, "kgs.relay.localhost").await });
    loop {
        match soon("the relay's wish", link.frame())
            .await
            .expect("the link stands")
        {
            Frame::Want { count } => break assert_eq!(count, 1),
            Frame::Ping { .. } => {}
            other => panic!("{other:?} was not expected"),
        }
    }
    let _serving = link.serve(1).await;
    assert_eq!(
        soon("the visitor", visitor).await.expect("no panic"),
        "this is kgs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_that_talks_nonsense_loses_its_link_and_nothing_else() {
    let house = House::start().await;
    let edge = house.school("kgs").await;
    for nonsense in [
        vec![0xff; 6],
        vec![0, 3, b'{', b'{', b'{'],
        [vec![0x10, 1], vec![b' '; 5000]].concat(),
    ] {
        let mut link = edge.link(1).await.expect("a link");
        let _ = link.stream.write_all(&nonsense).await;
        while soon("the end of the link", link.frame()).await.is_ok() {}
        house
            .until_metric("schools_linked", |linked| linked == 0)
            .await;
    }
    let names: Vec<HostName> = Vec::new();
    let other_version = Frame::Hello {
        version: 2,
        build: String::new(),
        epoch: 1,
        names,
    };
    assert_eq!(
        edge.link_saying(&other_version).await.err(),
        Some(Refusal::Hello)
    );
    assert_eq!(
        edge.link_saying(&Frame::Ping { sent: 0 }).await.err(),
        Some(Refusal::Hello)
    );
}
