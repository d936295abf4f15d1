//! Idempotency keys are kept for a week, the newest for longer, and as hashes that say nothing of whose they are.

use crate::support::{Home, MONDAY, Say, Talk, person, room};
use edge_kernel::database::query;
use edge_kernel::{Actor, Clock, Kernel, Order};
use events::ids::StreamId;
use events::messenger::MessengerEvent;
use events::{AnyEvent, Audience};
use uuid::Uuid;

crate::on_both!(
    keys_are_forgotten_after_a_week_and_not_before,
    a_clock_that_jumps_ahead_makes_nothing_done_twice,
    a_key_is_kept_as_a_hash_without_the_person,
);

const DAY: u64 = 24 * 3600 * 1000;

async fn keys(kernel: &Kernel) -> Vec<Vec<u8>> {
    let rows = query("SELECT key FROM kernel_once").fetch_all(kernel.ledger.kept());
    let rows = rows.await.expect("reads");
    rows.iter()
        .map(|row| row.try_get(0).expect("is one"))
        .collect()
}

async fn say_once(kernel: &Kernel, number: u128) {
    let order = Order::by(Actor::Person(person(1))).once(Some(Uuid::from_u128(number)));
    let command = Say(room(1), person(1), format!("Nummer {number}"));
    let stream = StreamId(room(1).0);
    let done = kernel.execute::<Talk>(stream, command, order).await;
    done.expect("done");
}

async fn keys_are_forgotten_after_a_week_and_not_before(home: &Home) {
    let clock = Clock::manual(MONDAY);
    let kernel = home.open_at(clock.clone()).await;
    for number in 0..5 {
        say_once(&kernel, number).await;
    }
    // The newest stay; these are not among them.
    add_many(&kernel).await;
    clock.set(MONDAY + 6 * DAY);
    say_once(&kernel, 5).await;
    kernel.ledger.checkpoint().await.expect("signs");
    assert_eq!(keys(&kernel).await.len(), 6);
    clock.set(MONDAY + 8 * DAY);
    // Where the round stands is not ours to know; two go all the way around.
    for _ in 0..2 {
        kernel.ledger.checkpoint().await.expect("signs");
    }
    assert_eq!(keys(&kernel).await.len(), 1);
    let size = kernel.ledger.size();
    say_once(&kernel, 5).await;
    assert_eq!(kernel.ledger.size(), size, "a younger key is still known");
}

/// More events than have keys that stay.
async fn add_many(kernel: &Kernel) {
    let mut unit = kernel.unit(Order::by(Actor::Machine));
    for _ in 0..1100 {
        let opened = MessengerEvent::RoomOpened {
            room: room(2),
            audience: Audience::Pair(person(1), person(1)),
        };
        unit.event(StreamId(room(2).0), AnyEvent::Messenger(opened));
    }
    unit.commit().await.expect("is written");
}

async fn a_clock_that_jumps_ahead_makes_nothing_done_twice(home: &Home) {
    let clock = Clock::manual(MONDAY);
    let kernel = home.open_at(clock.clone()).await;
    say_once(&kernel, 1).await;
    clock.set(MONDAY + 365 * DAY);
    for _ in 0..2 {
        kernel.ledger.checkpoint().await.expect("signs");
    }
    let size = kernel.ledger.size();
    say_once(&kernel, 1).await;
    assert_eq!(kernel.ledger.size(), size, "the key is still known");
}

async fn a_key_is_kept_as_a_hash_without_the_person(home: &Home) {
    let kernel = home.open_at(Clock::manual(MONDAY)).await;
    say_once(&kernel, 77).await;
    let keys = keys(&kernel).await;
    assert_eq!(keys.len(), 1);
    for part in [person(1).0, Uuid::from_u128(77)] {
        let holds = |key: &Vec<u8>| key.windows(16).any(|window| window == part.as_bytes());
        assert!(!keys.iter().any(holds));
    }
}
