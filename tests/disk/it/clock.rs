//! Clocks that jump: an hour back, a year forth, to the beginning of time. Times in the log never go back, and what was asked
//! for once is not done twice.

use crate::support::{MONDAY, close, is_sound, open, texts};
use edge_kernel::{Actor, Clock, Kernel, Order};
use events::ids::{MessageId, PersonId, RoomId, StreamId};
use events::messenger::MessengerEvent;
use events::{AnyEvent, Personal};
use uuid::Uuid;

const HOUR: u64 = 3600 * 1000;
const YEAR: u64 = 365 * 24 * HOUR;

/// Says something under a key that belongs to it; whether that had been done before.
async fn say(kernel: &Kernel, number: u128) -> bool {
    let (author, room) = (PersonId(Uuid::from_u128(1)), RoomId(Uuid::from_u128(2)));
    let order = Order::by(Actor::Person(author)).once(Some(Uuid::from_u128(number)));
    let mut unit = kernel.unit(order);
    let sent = MessengerEvent::MessageSent {
        room,
        number: 1,
        message: MessageId(Uuid::from_u128(number)),
        author,
        text: Personal::new(number.to_string()),
    };
    unit.event(StreamId(room.0), AnyEvent::Messenger(sent));
    unit.commit().await.expect("is written").repeated
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_turns_no_time_back_and_repeats_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(MONDAY);
    let mut kernel = open(directory.path(), clock.clone()).await.expect("opens");
    let jumps = [
        MONDAY,
        MONDAY - HOUR,
        MONDAY + YEAR,
        MONDAY,
        0,
        MONDAY + HOUR,
    ];
    for (number, now) in (0_u128..).zip(jumps) {
        clock.set(now);
        assert!(!say(&kernel, number).await);
        // Housekeeping looks at what may be forgotten, twice all the way around.
        for _ in 0..2 {
            kernel.ledger.checkpoint().await.expect("signs");
        }
        for before in 0..=number {
            assert!(
                say(&kernel, before).await,
                "request {before} is done twice at {now}"
            );
        }
        close(kernel).await;
        kernel = open(directory.path(), clock.clone()).await.expect("opens");
        assert!(say(&kernel, number).await, "and after opening again");
    }
    let read = kernel.ledger.read(0, 1000).await.expect("reads");
    assert!(
        read.is_sorted_by_key(|recorded| recorded.at),
        "a time goes back"
    );
    let last = read.last().map(|recorded| recorded.at);
    assert!(
        last >= Some(MONDAY + YEAR - HOUR),
        "the log keeps to the latest time it knew"
    );
    assert_eq!(texts(&kernel).await.len(), jumps.len());
    is_sound(&kernel).await;
    close(kernel).await;
}
