//! Several machines on one log: they take turns, see what the others append, and go on when one of them is gone.

use crate::support::{Home, Say, Talk, add_person, close, person, room, say};
use edge_kernel::keyring::Tombstone;
use edge_kernel::ledger::verify_log;
use edge_kernel::{Actor, ExecuteError, Kernel, Order};
use events::AnyEvent;
use events::access::NOW;
use events::accounts::view::People;
use events::ids::StreamId;
use events::messenger::MessengerEvent;
use events::privacy::Depth;
use std::collections::HashMap;
use std::time::Duration;

/// Longer than any machine needs to hear of another one's event.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn comes_to(kernel: &Kernel, position: u64) {
    let mut size = kernel.ledger.watch();
    let come = tokio::time::timeout(PATIENCE, size.wait_for(|size| *size >= position)).await;
    come.expect("hears of it in time").expect("lives");
}

/// How often each text was said.
pub(crate) async fn said(kernel: &Kernel) -> HashMap<String, u32> {
    let mut found = HashMap::new();
    let size = kernel.ledger.size();
    let read = kernel.ledger.fold_all(0, size, |event| {
        if let AnyEvent::Messenger(MessengerEvent::MessageSent { text, .. }) = &event.event {
            *found
                .entry(text.get().cloned().unwrap_or_default())
                .or_insert(0) += 1;
        }
    });
    read.await.expect("reads");
    found
}

pub(crate) async fn is_whole(home: &Home) -> bool {
    let report = verify_log(home.path(), home.server.as_ref(), &|_, _| {}).await;
    report.expect("verifies").problems.is_empty()
}

#[tokio::test]
async fn two_machines_append_to_one_log_and_see_what_the_other_one_appends() {
    Home::on_a_server(async |home| {
        let here = home.open().await;
        let beside = home.beside();
        let there = beside.open().await;
        let mut following = there.ledger.follow();
        for number in 0..40 {
            let (speaker, text) = (
                if number % 2 == 0 { &here } else { &there },
                format!("{number}"),
            );
            // Both decide upon the same room: what the other one said before is known, or it is decided again.
            say(speaker, room(1), person(1), &text).await;
        }
        let size = there.ledger.size();
        comes_to(&here, size).await;
        assert_eq!(size, 41, "a room that is opened, and forty messages");
        let events = here.ledger.read(0, 100).await.expect("reads");
        assert_eq!(events, there.ledger.read(0, 100).await.expect("reads"));
        let mut followed = Vec::new();
        while (followed.len() as u64) < size {
            followed.extend(following.recv().await.expect("follows").iter().cloned());
        }
        assert_eq!(
            followed, events,
            "a follower sees both machines' events in order"
        );
        there
            .views
            .wait_for(size, PATIENCE)
            .await
            .expect("folds what it did not append");
        let root = here.ledger.root().await.expect("reads");
        assert_eq!(root, there.ledger.root().await.expect("reads"));
        close(here).await;
        close(there).await;
        assert!(is_whole(home).await);
    })
    .await;
}

#[tokio::test]
async fn whoever_appends_has_caught_up_with_everybodys_access_before_it_is_answered() {
    Home::on_a_server(async |home| {
        let here = home.open().await;
        let beside = home.beside();
        let there = beside.open().await;
        for number in 1..=30 {
            let newcomer = person(number);
            add_person(&here, newcomer, "Ada").await;
            say(&there, room(1), person(1), "danach").await;
            assert!(there.ledger.access().is_open(newcomer, NOW), "{number}");
        }
        close(here).await;
        close(there).await;
    })
    .await;
}

#[tokio::test]
async fn keys_minted_by_one_machine_open_what_it_sealed_on_the_other() {
    Home::on_a_server(async |home| {
        let here = home.open().await;
        let beside = home.beside();
        let there = beside.open().await;
        let writing = (1..=20).flat_map(|number| [(number, &here), (number, &there)]);
        for (number, kernel) in writing {
            // Both mint keys for the same people.
            say(
                kernel,
                room(number),
                person(number),
                &format!("von {number}"),
            )
            .await;
        }
        comes_to(&here, there.ledger.size()).await;
        for kernel in [&here, &there] {
            assert!(said(kernel).await.values().all(|times| *times == 2));
        }
        close(here).await;
        close(there).await;
        let again = home.open().await;
        assert_eq!(
            said(&again).await.len(),
            20,
            "no message is taken for forgotten"
        );
        close(again).await;
        assert!(is_whole(home).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_machines_with_thirty_two_writers_each_lose_and_double_nothing() {
    Home::on_a_server(async |home| {
        let beside = home.beside();
        let kernels = [home.open().await, beside.open().await];
        let mut writing = Vec::new();
        for writer in 0..64_u128 {
            let kernel = kernels[usize::from(writer % 2 == 1)].clone();
            writing.push(tokio::spawn(async move {
                for number in 0..20 {
                    let text = format!("{writer}/{number}");
                    say(&kernel, room(writer + 1), person(writer % 7 + 1), &text).await;
                }
            }));
        }
        for written in writing {
            written.await.expect("every append is acknowledged");
        }
        let size = kernels[0].ledger.size().max(kernels[1].ledger.size());
        assert_eq!(size, 64 * 21);
        for kernel in kernels {
            comes_to(&kernel, size).await;
            let found = said(&kernel).await;
            assert_eq!(found.len(), 64 * 20);
            assert!(found.values().all(|times| *times == 1));
            close(kernel).await;
        }
        assert!(is_whole(home).await);
    })
    .await;
}

/// Writes until it is killed, and notes what was acknowledged.
fn doomed(home: &Home, round: u32) -> (tokio::runtime::Runtime, std::sync::mpsc::Receiver<String>) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("runs");
    let (note, noted) = std::sync::mpsc::channel();
    let beside = home.beside();
    runtime.spawn(async move {
        let kernel = beside.open().await;
        let writers = (1..=16)
            .map(|writer| tokio::spawn(write_on(kernel.clone(), round, writer, note.clone())));
        let writers: Vec<_> = writers.collect();
        for writer in writers {
            writer.await.expect("writes on");
        }
    });
    (runtime, noted)
}

async fn write_on(kernel: Kernel, round: u32, writer: u128, note: std::sync::mpsc::Sender<String>) {
    for number in 0.. {
        let text = format!("dort {round} {writer}/{number}");
        say(&kernel, room(writer + 100), person(1), &text).await;
        if note.send(text).is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_machine_is_killed_in_the_midst_of_writing_the_other_goes_on_and_nothing_is_lost()
{
    Home::on_a_server(async |home| {
        let here = home.open().await;
        for round in 0..4 {
            let (runtime, noted) = doomed(home, round);
            let first = noted.recv_timeout(PATIENCE).expect("it writes");
            for number in 0..20 + round * 7 {
                say(&here, room(1), person(1), &format!("hier {round}/{number}")).await;
            }
            // Its connections break off wherever they are.
            runtime.shutdown_background();
            let acknowledged: Vec<String> = std::iter::once(first).chain(noted.iter()).collect();
            let after = say(&here, room(1), person(1), &format!("danach {round}")).await;
            comes_to(&here, after).await;
            let found = said(&here).await;
            for text in acknowledged {
                let times = found.get(&text).copied().unwrap_or_default();
                assert_eq!(times, 1, "{text} was acknowledged");
            }
        }
        close(here).await;
        assert!(is_whole(home).await);
    })
    .await;
}

#[tokio::test]
async fn both_may_decide_upon_one_stream_at_once_and_no_number_is_given_twice() {
    Home::on_a_server(async |home| {
        let here = home.open().await;
        let beside = home.beside();
        let there = beside.open().await;
        let mut writing = Vec::new();
        for writer in 0..8 {
            let kernel = if writer % 2 == 0 {
                here.clone()
            } else {
                there.clone()
            };
            writing.push(tokio::spawn(async move {
                let mut done = 0;
                for number in 0..10 {
                    let command = Say(room(1), person(1), format!("{writer}/{number}"));
                    let stream = StreamId(room(1).0);
                    match kernel
                        .execute::<Talk>(stream, command, Order::by(Actor::Machine))
                        .await
                    {
                        Ok(_) => done += 1,
                        // The other machine was first again and again: nothing was written.
                        Err(ExecuteError::Append(edge_kernel::ledger::AppendError::Conflict {
                            ..
                        })) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
                done
            }));
        }
        let mut done = 0;
        for written in writing {
            done += written.await.expect("ends");
        }
        // The last word may have been the other machine's, and on its way still.
        comes_to(&here, there.ledger.size()).await;
        let events = here
            .ledger
            .stream(StreamId(room(1).0))
            .await
            .expect("reads");
        let numbers = events.into_iter().filter_map(|event| match event.event {
            AnyEvent::Messenger(MessengerEvent::MessageSent { number, .. }) => Some(number),
            _ => None,
        });
        assert_eq!(
            numbers.collect::<Vec<u64>>(),
            (1..=done).collect::<Vec<u64>>()
        );
        close(here).await;
        close(there).await;
    })
    .await;
}

#[tokio::test]
async fn what_one_machine_forgets_the_other_forgets_too() {
    Home::on_a_server(async |home| {
        let here = home.open().await;
        let beside = home.beside();
        let there = beside.open().await;
        add_person(&here, person(1), "Ada").await;
        comes_to(&there, 1).await;
        there.views.wait_for(1, PATIENCE).await.expect("folds");
        let name = async || {
            let row = there
                .views
                .row::<People>(&person(1).to_string())
                .await
                .expect("reads");
            row.and_then(|row| row.name.get().cloned())
        };
        assert!(name().await.is_some());
        let owner = events::Owner::Person(person(1));
        let keys: Vec<_> = here
            .ledger
            .keyring()
            .buckets_of(owner)
            .iter()
            .map(|bucket| bucket.id)
            .collect();
        let dead = keys.iter().copied().collect();
        let stone = Tombstone {
            by: 2,
            depth: Depth::Key,
        };
        here.ledger
            .keyring()
            .renew(&dead, stone, &|_| Ok(()))
            .expect("destroys");
        let until = std::time::Instant::now() + PATIENCE;
        while name().await.is_some() || there.ledger.keyring().by_id(&keys[0]).is_some() {
            assert!(
                std::time::Instant::now() < until,
                "the other machine still knows the name"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        close(here).await;
        close(there).await;
    })
    .await;
}
