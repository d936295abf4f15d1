//! Whoever has trusted the old machine's key is led to the new one's, and to no other: a witness, and the browser that comes back.

use super::scene::{Elsewhere, moved};
use crate::witness::asking::neighbours;
use crate::witness::{log_key, text};
use e2e::api::Api;
use edge::Config;
use edge::witness::{PeerConfig, WitnessConfig};
use edge_kernel::Clock;
use events_proof::handover::Handover;
use events_proof::note::{Checkpoint, verify};
use events_proof::tree::{from_hex, is_consistent};
use events_proof::witness::AddCheckpoint;
use reqwest::Method;
use std::net::SocketAddr;

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_follows_to_the_new_key_and_refuses_the_old_one() {
    let (mut school, neighbour) = neighbours(Clock::System).await;
    school.sign_and_ask().await;
    let seen = school.founder.get("/api/audit/consistency").await.ok();
    let old_key = log_key(&school.founder).await;
    let tilda = school.person("tilda").password.clone();
    school
        .say("tilda", school.room("5a"), "Nach dem letzten Prüfstand")
        .await;
    let page = neighbour.founder.get("/api/audit/witnesses").await.ok();
    let peer = PeerConfig {
        name: "Nachbarschule".into(),
        key: text(&page["own_key"]),
        url: Some(format!("http://{}/witness", neighbour.address())),
        nats: false,
    };
    school.stop().await;
    // A copy of the old machine, whose log does not know that it was given away.
    let copy = tempfile::tempdir().expect("a directory of our own");
    crate::support::copy(school.data(), &copy.path().join("data"));
    let elsewhere = Elsewhere::new();
    let new = elsewhere.data();
    let handed = moved(school.data(), &new).await;

    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        witness: WitnessConfig {
            peer: vec![peer.clone()],
            ..WitnessConfig::default()
        },
        ..Config::default()
    };
    let running = edge::start(&new, config.clone(), Clock::System, &|_, _, _| {})
        .await
        .expect("the school opens");
    running
        .house
        .kernel
        .ledger
        .checkpoint()
        .await
        .expect("signs");
    let asked = running.house.audit.ask_witnesses(&running.witnesses).await;
    asked.expect("the log can be read");
    let api = Api::new(running.http);
    api.sign_in("tilda", &tilda).await.ok();
    let outlook = running.house.audit.outlook().await.expect("is known");
    assert_eq!(outlook.fresh, 1, "{outlook:?}");
    let known =
        neighbour.founder.get("/api/audit/witnesses").await.ok()["witnessed"][0]["size"].clone();
    assert!(known.as_u64() > Some(handed.position), "{known} {handed:?}");

    // The browser that remembers the old machine finds its way.
    let from = Checkpoint::claimed(&text(&seen["checkpoint"])).expect("a checkpoint");
    let shown = api
        .get(&format!("/api/audit/consistency?from={}", from.size))
        .await
        .ok();
    assert_eq!(text(&shown["key"]), handed.successor);
    let handovers = shown["handovers"].as_array().expect("a list");
    let proof = Handover::parse(&text(&handovers[0]["proof"])).expect("has the form");
    let proven = proof.prove(&old_key).expect("is proven");
    let now = verify(&text(&shown["checkpoint"]), &proven.successor).expect("is signed");
    let path = handovers[0]["path"].as_array().expect("a list");
    let path: Vec<_> = path
        .iter()
        .map(|hash| {
            from_hex(&text(hash))
                .expect("hexadecimal")
                .try_into()
                .expect("32 bytes")
        })
        .collect();
    let at = &proven.checkpoint;
    assert!(is_consistent(at.size, &at.root, now.size, &now.root, &path));
    running.stop().await;

    // The copy goes on with the old key: nobody believes it.
    let fork = edge::start(
        &copy.path().join("data"),
        config,
        Clock::System,
        &|_, _, _| {},
    )
    .await
    .expect("a copy of before the move opens");
    fork.house.kernel.ledger.checkpoint().await.expect("signs");
    let note = fork
        .house
        .kernel
        .ledger
        .checkpoints(1)
        .await
        .expect("reads")
        .remove(0);
    let asked = AddCheckpoint {
        old: known.as_u64().unwrap_or_default(),
        proof: Vec::new(),
        note,
    };
    let door = Api::new(neighbour.address());
    let request = door.request(Method::POST, "/witness/add-checkpoint");
    let refused = door.send(request.body(asked.body())).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    fork.house
        .audit
        .ask_witnesses(&fork.witnesses)
        .await
        .expect("asks");
    let outlook = fork.house.audit.outlook().await.expect("is known");
    let trouble = outlook.witnesses.first().and_then(|seen| seen.trouble);
    assert!(trouble.is_some(), "{outlook:?}");
    fork.stop().await;
}
