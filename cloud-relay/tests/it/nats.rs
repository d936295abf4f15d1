//! The control plane: relays find schools and revoke keys through it, and visitors do not notice when it is away.

use std::time::Duration;

use cloud_relay::Relay;
use futures::StreamExt;
use relay_wire::nats::{self as subjects, Dial, Dialled, Presence, Revoke};

use crate::support::nats::server;
use crate::support::visitor::greeting;
use crate::support::{House, id, soon};

#[tokio::test(flavor = "multi_thread")]
async fn without_nats_everything_but_nats_works_and_it_is_found_when_it_comes_and_comes_again() {
    let Some(mut nats) = server() else { return };
    let house = House::with(|config| config.nats = Some(nats.settings("relay"))).await;
    let _school = house.serving("kgs").await;
    assert_eq!(
        greeting(house.front(), "kgs.relay.localhost").await,
        "this is kgs"
    );
    for _ in 0..2 {
        nats.start().await;
        house
            .until_metric("nats_connected", |connected| connected == 1)
            .await;
        nats.kill();
        house
            .until_metric("nats_connected", |connected| connected == 0)
            .await;
        assert_eq!(
            greeting(house.front(), "kgs.relay.localhost").await,
            "this is kgs"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_hears_which_schools_are_there_and_believes_only_their_own_subject() {
    let Some(mut nats) = server() else { return };
    nats.start().await;
    let house = House::with(|config| config.nats = Some(nats.settings("relay"))).await;
    house
        .until_metric("nats_connected", |connected| connected == 1)
        .await;
    let client = nats.client("kgs").await;
    let presence = |school: &str| {
        let presence = Presence {
            school: id(school),
            build: "t".into(),
            relays: Vec::new(),
            parked: 0,
        };
        serde_json::to_vec(&presence).expect("JSON")
    };
    // Published until heard: the relay's subscription may come a moment after its connection.
    for _ in 0..100 {
        client
            .publish(subjects::presence(&id("kgs")), presence("bgy").into())
            .await
            .expect("sent");
        client
            .publish(subjects::presence(&id("kgs")), presence("kgs").into())
            .await
            .expect("sent");
        client.flush().await.expect("sent");
        tokio::time::sleep(Duration::from_millis(50)).await;
        if house.metric("schools_present") > 0 {
            break;
        }
    }
    assert_eq!(
        house.metric("schools_present"),
        1,
        "kgs is there; nobody speaks for bgy"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_without_a_link_asks_the_school_for_one_through_nats() {
    let Some(mut nats) = server() else { return };
    nats.start().await;
    let home = House::with(|config| config.nats = Some(nats.settings("relay"))).await;
    let edge = home.school("kgs").await;

    // A second relay of the fleet: the same directory and authority, ports of its own.
    let mut config = home.config.clone();
    config.id = "r2".to_owned();
    config.times.hold = 10_000;
    let other = Relay::start(config).await.expect("the second relay starts");
    let client = nats.client("kgs").await;
    let mut requests = client
        .subscribe(subjects::dial(&id("kgs")))
        .await
        .expect("allowed");
    client.flush().await.expect("sent");
    soon("the second relay to find NATS", async {
        while crate::support::metric(&other.metrics(), "nats_connected") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;

    let front = other.addresses().front[0];
    let visitor = tokio::spawn(async move { greeting(front, "kgs.relay.localhost").await });
    let request = soon("the relay's request", requests.next())
        .await
        .expect("a request");
    let dial: Dial = serde_json::from_slice(&request.payload).expect("JSON");
    assert_eq!(
        (dial.relay.as_str(), dial.link),
        ("r2", other.addresses().link.to_string())
    );
    let body = serde_json::to_vec(&Dialled { dialling: true }).expect("JSON");
    client
        .publish(request.reply.expect("it wants an answer"), body.into())
        .await
        .expect("allowed");
    let mut there = edge.clone();
    there.grant.links = vec![other.addresses().link.to_string()];
    let _serving = there
        .link(1)
        .await
        .expect("the fleet's authority fits")
        .serve(1)
        .await;
    assert_eq!(
        soon("the visitor", visitor).await.expect("no panic"),
        "this is kgs"
    );
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_through_nats_cuts_the_link_on_every_relay() {
    let Some(mut nats) = server() else { return };
    nats.start().await;
    let house = House::with(|config| config.nats = Some(nats.settings("relay"))).await;
    let school = house.serving("kgs").await;
    house
        .until_metric("nats_connected", |connected| connected == 1)
        .await;
    let operator = nats.client("operator").await;
    let revoke = Revoke {
        school: id("kgs"),
        key: school.edge.public(),
    };
    soon("the link's end", async {
        while house.metric("schools_linked") > 0 {
            let body = serde_json::to_vec(&revoke).expect("JSON");
            operator
                .publish(subjects::REVOKE, body.into())
                .await
                .expect("allowed");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert!(school.edge.link(2).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_hears_and_says_nothing_outside_its_own_subjects() {
    let Some(mut nats) = server() else { return };
    nats.start().await;
    let (school, relay) = (nats.client("kgs").await, nats.client("relay").await);
    let mut overheard = Vec::new();
    for subject in [
        ">",
        "edge.>",
        "edge.bgy.down.dial",
        "_INBOX.>",
        "_INBOX.relay.>",
        "relay.>",
        "*.*.*.*",
    ] {
        overheard.push(
            school
                .subscribe(subject)
                .await
                .expect("the server refuses, not the client"),
        );
    }
    let mut presence = relay.subscribe("edge.*.up.>").await.expect("allowed");
    let mut heard_by_relay = relay.subscribe("relay.>").await.expect("allowed");
    // Heard back, this proves that the server knows both subscriptions: it takes one connection's words in order.
    relay
        .publish("relay.r1.load", "first".into())
        .await
        .expect("allowed");
    soon("the relay's own first load", heard_by_relay.next())
        .await
        .expect("a message");
    for forged in [
        "relay.ctl.revoke",
        "relay.r1.load",
        "edge.bgy.up.presence",
        "edge.kgs.down.dial",
    ] {
        school
            .publish(forged, "forged".into())
            .await
            .expect("the server refuses, not the client");
    }
    school
        .publish(subjects::presence(&id("kgs")), "own".into())
        .await
        .expect("sent");
    school.flush().await.expect("sent");
    let first = soon("the school's own presence", presence.next())
        .await
        .expect("a message");
    assert_eq!(
        first.payload.as_ref(),
        b"own",
        "nothing forged came before it"
    );
    relay
        .publish("relay.r1.load", "load".into())
        .await
        .expect("allowed");
    let load = soon("the relay's own load", heard_by_relay.next())
        .await
        .expect("a message");
    assert_eq!(
        load.payload.as_ref(),
        b"load",
        "nothing forged came before it"
    );
    school.flush().await.expect("sent");
    for mut subscription in overheard {
        let heard = tokio::time::timeout(Duration::from_millis(50), subscription.next()).await;
        assert!(
            !matches!(heard, Ok(Some(_))),
            "the school overheard {heard:?}"
        );
    }
}
