//! Followers see every event in order; reactions run at least once and remember where they were.

use crate::support::{Home, close, open, person, room, say};
use edge_kernel::react::{self, ReactError, Reaction};
use edge_kernel::{Kernel, Recorded};
use std::sync::{Arc, Mutex};

crate::on_both!(
    a_follower_sees_what_is_committed_in_order,
    a_reaction_sees_every_event,
);

async fn a_follower_sees_what_is_committed_in_order(home: &Home) {
    let kernel = home.open().await;
    let mut following = kernel.ledger.follow();
    let speakers = (0..8).map(|speaker| {
        let kernel = kernel.clone();
        tokio::spawn(async move {
            for number in 0..20 {
                say(
                    &kernel,
                    room(speaker + 1),
                    person(speaker),
                    &format!("{number}"),
                )
                .await;
            }
        })
    });
    for speaker in speakers.collect::<Vec<_>>() {
        speaker.await.expect("speaks");
    }
    let mut seen = Vec::new();
    while (seen.len() as u64) < kernel.ledger.size() {
        seen.extend(
            following
                .recv()
                .await
                .expect("follows")
                .iter()
                .map(|event| event.position),
        );
    }
    assert_eq!(seen, (1..=168).collect::<Vec<u64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_an_event_finds_access_caught_up_to_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = open(directory.path()).await;
    let reading = kernel.clone();
    let reader = tokio::spawn(async move {
        let mut at = 0;
        while at < 300 {
            let events = reading.ledger.read(at, 16).await.expect("reads");
            at = events.last().map_or(at, |event| event.position);
            let known = reading.ledger.access().position();
            assert!(
                at <= known,
                "position {at} was read while access was at {known}"
            );
            tokio::task::yield_now().await;
        }
    });
    for number in 0..300 {
        say(&kernel, room(number), person(1), "auf").await;
    }
    reader.await.expect("never ahead of access");
}

struct Count(Arc<Mutex<Vec<u64>>>);

impl Reaction for Count {
    const NAME: &'static str = "test/count";

    async fn react(&self, _kernel: &Kernel, events: &[Recorded]) -> Result<(), ReactError> {
        self.0
            .lock()
            .expect("not poisoned")
            .extend(events.iter().map(|event| event.position));
        Ok(())
    }
}

async fn a_reaction_sees_every_event(home: &Home) {
    let kernel = home.open().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    for number in 0..700 {
        say(&kernel, room(1), person(1), &format!("{number}")).await;
    }
    react::catch_up(&kernel, &Count(Arc::clone(&seen)))
        .await
        .expect("reacts");
    assert_eq!(
        *seen.lock().expect("not poisoned"),
        (1..=701).collect::<Vec<u64>>()
    );
    close(kernel).await;
    let kernel = home.open().await;
    seen.lock().expect("not poisoned").clear();
    react::catch_up(&kernel, &Count(Arc::clone(&seen)))
        .await
        .expect("reacts");
    assert!(
        seen.lock().expect("not poisoned").len() < 701,
        "the cursor is durable"
    );
}
