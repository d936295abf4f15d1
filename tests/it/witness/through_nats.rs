//! The relay as the witness of an enrolled school, asked through NATS: nothing but the relay's key stands in the school's
//! configuration, and nothing at all about the school in the relay's.

use crate::relay::house::{Nats, Relay};
use e2e::plan::Plan;
use e2e::school::School;
use edge::witness::PeerConfig;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolled_school_is_witnessed_by_its_relay_through_nats() {
    let Some(mut nats) = Nats::find() else { return };
    nats.start();
    let folder = tempfile::tempdir().expect("a directory of our own");
    let mut relay = Relay::new(folder.path(), "r1", Some(&nats.url));
    relay.start().await;
    let (enrol, token) = relay.invitation("kgs");
    let mut school = School::open(&Plan::two_classes()).await;
    school.sign_and_ask().await;
    school.stop().await;
    let peer = PeerConfig {
        name: "Relay".into(),
        key: relay.witness_key(),
        url: None,
        nats: true,
    };
    school.configure(|config| {
        config.relay.enrol = Some(enrol);
        config.relay.token = Some(token);
        config.relay.nats.url = Some(nats.url.clone());
        config.witness.peer = vec![peer];
    });
    school.start().await;
    let witnessed = async {
        loop {
            school.sign_and_ask().await;
            let page = school.founder.get("/api/audit/witnesses").await.ok();
            if page["fresh"] == 1 {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let page = tokio::time::timeout(Duration::from_secs(60), witnessed)
        .await
        .expect("the relay cosigns within a minute");
    assert!(page["witnesses"][0]["size"].as_u64() > Some(0), "{page}");
    assert_eq!(page["alarm"], false);
}
