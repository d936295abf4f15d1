//! Caps: nobody takes more than their share, and what is given back can be had again.

use std::time::Duration;

use relay_wire::{Hex, LinkKeys};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::support::edge::{header, park};
use crate::support::visitor::{NOTHING, UNRECOGNIZED_NAME, greeting, rest, send, visit};
use crate::support::{House, hello, soon, until};

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_a_bounded_number_of_connections() {
    let house = House::with(|config| {
        config.limits.per_address = 3;
        config.times.hello = 60_000;
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(TcpStream::connect(house.front()).await.expect("listening"));
    }
    house.until_metric("waiting", |waiting| waiting == 3).await;
    let mut fourth = TcpStream::connect(house.front())
        .await
        .expect("the kernel accepts");
    assert_eq!(rest(&mut fourth).await, NOTHING);
    assert_eq!(house.metric("refused_total{reason=\"address\"}"), 1);
    held.clear();
    house.until_metric("waiting", |waiting| waiting == 0).await;
    assert_eq!(
        send(house.front(), b"no TLS").await.len(),
        7,
        "a place given back can be had again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_browsing_from_its_own_address_has_a_larger_share() {
    let house = House::with(|config| {
        config.limits.per_address = 1;
        config.limits.per_own_address = 5;
        config.limits.connects_burst = 1;
        config.limits.connects_per_second = 1;
    })
    .await;
    let _school = house.serving("kgs").await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        streams.push(
            visit(house.front(), "kgs.relay.localhost")
                .await
                .expect("within the larger share"),
        );
    }
    assert!(
        visit(house.front(), "kgs.relay.localhost").await.is_err(),
        "the larger share is bounded too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_full_school_leaves_the_others_alone() {
    let house = House::with(|config| config.limits.per_school = 2).await;
    let (_first, _second) = (house.serving("kgs").await, house.serving("bgy").await);
    let one = visit(house.front(), "kgs.relay.localhost")
        .await
        .expect("served");
    let _two = visit(house.front(), "kgs.relay.localhost")
        .await
        .expect("served");
    assert_eq!(
        send(house.front(), &hello::good("kgs.relay.localhost")).await,
        UNRECOGNIZED_NAME
    );
    assert_eq!(house.metric("refused_total{reason=\"school\"}"), 1);
    assert_eq!(
        greeting(house.front(), "bgy.relay.localhost").await,
        "this is bgy"
    );
    drop(one);
    until("a place in the school", || house.metric("streams") == 1).await;
    assert_eq!(
        greeting(house.front(), "kgs.relay.localhost").await,
        "this is kgs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_too_many_wait_the_oldest_goes() {
    let house = House::with(|config| {
        config.limits.waiting = 2;
        config.times.hello = 60_000;
    })
    .await;
    let mut first = TcpStream::connect(house.front()).await.expect("listening");
    house.until_metric("waiting", |waiting| waiting == 1).await;
    let _second = TcpStream::connect(house.front()).await.expect("listening");
    let _third = TcpStream::connect(house.front()).await.expect("listening");
    assert_eq!(rest(&mut first).await, NOTHING);
    assert_eq!(house.metric("refused_total{reason=\"evicted\"}"), 1);
    assert_eq!(house.metric("waiting"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_connects_at_a_bounded_rate() {
    let house = House::with(|config| {
        (
            config.limits.connects_burst,
            config.limits.connects_per_second,
        ) = (3, 1)
    })
    .await;
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(send(house.front(), b"no TLS").await.len());
    }
    assert_eq!(answers[..3], [7, 7, 7]);
    assert_eq!(answers[4], 0, "the burst is used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_parks_a_bounded_number_of_connections() {
    let house = House::with(|config| config.limits.parked = 3).await;
    let mut link = house.school("kgs").await.link(1).await.expect("a link");
    let mut parked = Vec::new();
    for _ in 0..3 {
        parked.push(link.park().await.0);
    }
    house.until_metric("parked", |parked| parked == 3).await;
    let (mut fourth, _) = link.park().await;
    assert_eq!(rest(&mut fourth).await, NOTHING);
    house
        .until_metric("refused_total{reason=\"work_limit\"}", |refused| {
            refused == 1
        })
        .await;
    drop(parked);
    house.until_metric("parked", |parked| parked == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_prologue_closes_both_and_is_counted() {
    let house = House::start().await;
    let mut link = house.school("kgs").await.link(1).await.expect("a link");
    let (mut original, counter) = link.park().await;
    house.until_metric("parked", |parked| parked == 1).await;
    let mut copy = park(&link.work_address(), &link.keys, counter).await;
    assert_eq!(rest(&mut copy).await, NOTHING);
    assert_eq!(
        rest(&mut original).await,
        NOTHING,
        "nobody can tell which of the two was the copy"
    );
    house
        .until_metric("refused_total{reason=\"replay\"}", |refused| refused == 1)
        .await;
    assert_eq!(house.metric("parked"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_torn_prologues_park_nothing() {
    let house = House::start().await;
    let link = house.school("kgs").await.link(1).await.expect("a link");
    let forged = LinkKeys::new(link.keys.link(), &[0; 32]);
    let stranger = LinkKeys::new(Hex([9; 16]), &[0; 32]);
    for keys in [&forged, &stranger] {
        let mut work = park(&link.work_address(), keys, 0).await;
        assert_eq!(rest(&mut work).await, NOTHING);
    }
    let address = house.addresses().link;
    assert_eq!(send(address, &[b'S'; 60]).await, NOTHING);
    assert_eq!(
        send(address, b"SWK1").await,
        NOTHING,
        "torn: cut after its time"
    );
    assert_eq!(house.metric("parked"), 0);
    house
        .until_metric("refused_total{reason=\"unproven_link\"}", |refused| {
            refused == 4
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_parked_connection_is_skipped_and_the_visitor_never_sees_it() {
    let house = House::with(|config| config.times.ping = 60_000).await;
    let mut link = house.school("kgs").await.link(1).await.expect("a link");
    let (mut living, number) = link.park().await;
    house.until_metric("parked", |parked| parked == 1).await;
    let (dead, _) = link.park().await;
    house.until_metric("parked", |parked| parked == 2).await;
    drop(dead);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let bytes = hello::good("kgs.relay.localhost");
    let front = house.front();
    let visitor = tokio::spawn(async move { send(front, &bytes).await });
    let seen = soon("the header", header(&mut living, &link.keys, number))
        .await
        .expect("the living one is taken");
    assert_eq!(seen.authority.as_str(), "kgs.relay.localhost");
    let mut hello = vec![0; hello::good("kgs.relay.localhost").len()];
    soon("the hello", living.read_exact(&mut hello))
        .await
        .expect("it follows the header");
    assert_eq!(
        hello,
        hello::good("kgs.relay.localhost"),
        "as received, byte for byte"
    );
    drop(living);
    assert_eq!(visitor.await.expect("no panic"), NOTHING);
}
