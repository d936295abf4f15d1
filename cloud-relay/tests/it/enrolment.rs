//! Enrolment: a token is good once, for one key, on one connection, and is nowhere to be found afterwards.

use relay_wire::enrol::{Answer, Refusal, Request};
use relay_wire::{Hex, Token};

use crate::support::edge::{Edge, ask, new_key};
use crate::support::visitor::greeting;
use crate::support::{House, id, name};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_used_twice_is_refused_the_second_time() {
    let house = House::start().await;
    let token = house.token("kgs").await;
    let first = Edge::enrol(house.addresses().enrol, &token)
        .await
        .expect("the first use");
    assert_eq!(first.grant.names, [name("kgs")]);
    assert_eq!(
        Edge::enrol(house.addresses().enrol, &token).await.err(),
        Some(Refusal::Used)
    );
    assert!(first.link(1).await.is_ok(), "the first keeps its place");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_a_token_enrols_one() {
    let house = House::start().await;
    let token = house.token("kgs").await;
    let address = house.addresses().enrol;
    let tries = (0..8).map(|_| {
        let token = token.clone();
        tokio::spawn(async move { Edge::enrol(address, &token).await.is_ok() })
    });
    let outcomes = futures::future::join_all(tries).await;
    assert_eq!(
        outcomes
            .into_iter()
            .filter(|outcome| matches!(outcome, Ok(true)))
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_may_ask_again_because_an_answer_can_get_lost() {
    let house = House::start().await;
    let token = house.token("kgs").await;
    let key = new_key();
    let first = Edge::enrol_key(house.addresses().enrol, &token, key.clone())
        .await
        .expect("granted");
    let again = Edge::enrol_key(house.addresses().enrol, &token, key)
        .await
        .expect("granted again");
    assert_eq!(first.grant, again.grant);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_token_and_a_wrong_proof_are_refused() {
    let house = House::start().await;
    assert_eq!(
        Edge::enrol(house.addresses().enrol, &Token::new([1; 16]))
            .await
            .err(),
        Some(Refusal::Unknown)
    );
    let token = house.token("kgs").await;
    let mut wrong = token.hashes();
    wrong.proof = Hex([0; 32]);
    let question =
        |exporter: &[u8; 32]| Request::new(&wrong, exporter, Hex([2; 32]), |_| Hex([0; 64]));
    let (answer, _) = ask(house.addresses().enrol, question).await;
    assert_eq!(
        answer,
        Answer::Refused {
            reason: Refusal::Malformed
        }
    );
    assert!(
        Edge::enrol(house.addresses().enrol, &token).await.is_ok(),
        "a wrong proof does not consume the token"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slow() {
    let house = House::with(|config| config.limits.enrolments_per_minute = 2).await;
    let mut refusals = Vec::new();
    for guess in 0..3 {
        refusals.push(
            Edge::enrol(house.addresses().enrol, &Token::new([guess; 16]))
                .await
                .err(),
        );
    }
    assert_eq!(
        refusals,
        [
            Some(Refusal::Unknown),
            Some(Refusal::Unknown),
            Some(Refusal::Rate)
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_moves_to_a_new_machine_only_with_a_token_made_for_that() {
    let house = House::start().await;
    let old = house.serving("kgs").await;
    let refused = cloud_relay::enrol(&house.config, &id("kgs"), false).await;
    assert!(
        refused
            .expect_err("it is enrolled")
            .to_string()
            .contains("--replace")
    );

    let token = cloud_relay::enrol(&house.config, &id("kgs"), true)
        .await
        .expect("a token");
    let new = Edge::enrol(house.addresses().enrol, &token)
        .await
        .expect("granted");
    assert!(new.grant.epoch > old.edge.grant.epoch);
    assert!(
        old.edge.link(99).await.is_err(),
        "the old machine's key counts no longer"
    );
    let _serving = new.link(1).await.expect("a link").serve(1).await;
    assert_eq!(
        greeting(house.front(), "kgs.relay.localhost").await,
        "this is kgs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_token_nor_school_key_is_on_the_relays_disk() {
    let house = House::start().await;
    let token = house.token("kgs").await;
    let key = new_key();
    Edge::enrol_key(house.addresses().enrol, &token, key.clone())
        .await
        .expect("granted");
    let text = token.to_string();
    // The random bits themselves, found by reading the token's own text back.
    let secrets = [
        text.clone().into_bytes(),
        text.replace('-', "").into_bytes(),
        key[16..48].to_vec(),
    ];
    for file in std::fs::read_dir(&house.config.data).expect("there") {
        let path = file.expect("readable").path();
        let bytes = std::fs::read(&path).expect("readable");
        for secret in &secrets {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret),
                "{} holds a secret",
                path.display()
            );
        }
    }
}
