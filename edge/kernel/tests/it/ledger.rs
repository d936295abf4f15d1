//! The ledger's promises: order, conflict, once, claims, what survives a restart, proofs.

use crate::support::{
    Home, LAST_WORD, NothingSaid, Say, Talk, add_person, close, open, person, room, say,
};
use cqrs_es::CqrsFramework;
use edge_kernel::ledger::{AppendError, Value};
use edge_kernel::store::LedgerStore;
use edge_kernel::{Actor, ExecuteError, Order};
use events::AnyEvent;
use events::accounts::AccountsEvent;
use events::ids::StreamId;
use events::messenger::MessengerEvent;
use events_proof::note;
use events_proof::tree::{leaf_hash, root_from_inclusion};
use uuid::Uuid;

crate::on_both!(
    what_was_acknowledged_is_there_after_a_restart_in_the_same_order,
    fifty_writers_of_one_room_give_fifty_numbers,
    a_stale_decision_is_refused_and_leaves_nothing,
    a_refusal_is_the_aggregates_own_word,
    the_same_request_is_carried_out_once_also_after_a_restart,
    a_request_that_comes_again_gets_its_first_answer_though_it_would_now_be_refused,
    a_unique_value_is_taken_once_and_can_be_given_back,
    what_is_kept_goes_with_its_events_or_not_at_all,
    every_event_is_proven_against_a_signed_root,
    the_framework_of_cqrs_es_runs_on_the_ledger,
);

async fn what_was_acknowledged_is_there_after_a_restart_in_the_same_order(home: &Home) {
    let kernel = home.open().await;
    add_person(&kernel, person(1), "Ada").await;
    for number in 0..300 {
        say(
            &kernel,
            room(1 + number % 3),
            person(1),
            &format!("Nachricht {number}"),
        )
        .await;
    }
    let before = kernel.ledger.read(0, 1000).await.expect("reads");
    assert_eq!(before.len(), 304);
    assert!(
        before
            .iter()
            .zip(1..)
            .all(|(event, position)| event.position == position)
    );
    close(kernel).await;

    let again = home.open().await;
    assert_eq!(again.ledger.read(0, 1000).await.expect("reads"), before);
    let stream = again
        .ledger
        .stream(StreamId(room(2).0))
        .await
        .expect("reads");
    assert_eq!(stream.len(), 101);
    assert!(
        stream
            .iter()
            .zip(1..)
            .all(|(event, version)| event.version == version)
    );
    say(&again, room(2), person(1), "und weiter").await;
    assert_eq!(
        again
            .ledger
            .stream(StreamId(room(2).0))
            .await
            .expect("reads")
            .len(),
        102
    );
    assert_eq!(
        again
            .ledger
            .verify(&|_, _| {})
            .await
            .expect("verifies")
            .problems,
        []
    );
}

async fn fifty_writers_of_one_room_give_fifty_numbers(home: &Home) {
    let kernel = home.open().await;
    let tasks = (0..50).map(|_| {
        let kernel = kernel.clone();
        tokio::spawn(async move { say(&kernel, room(1), person(1), "gleichzeitig").await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("the task ends");
    }
    let numbers: Vec<u64> = kernel
        .ledger
        .stream(StreamId(room(1).0))
        .await
        .expect("reads")
        .into_iter()
        .filter_map(|recorded| match recorded.event {
            AnyEvent::Messenger(MessengerEvent::MessageSent { number, .. }) => Some(number),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
}

async fn a_stale_decision_is_refused_and_leaves_nothing(home: &Home) {
    let kernel = home.open().await;
    let stream = StreamId(room(1).0);
    let command = || Say(room(1), person(1), "zuerst".into());
    let mut stale = kernel.unit(Order::by(Actor::Machine));
    stale
        .command::<Talk>(stream, command())
        .await
        .expect("decides");
    say(&kernel, room(1), person(1), "war schneller").await;
    let size = kernel.ledger.size();
    assert!(
        matches!(stale.commit().await, Err(AppendError::Conflict { stream: s }) if s == stream)
    );
    assert_eq!(kernel.ledger.size(), size);
}

async fn a_refusal_is_the_aggregates_own_word(home: &Home) {
    let kernel = home.open().await;
    let command = Say(room(1), person(1), String::new());
    let refused = kernel
        .execute::<Talk>(StreamId(room(1).0), command, Order::by(Actor::Machine))
        .await;
    assert!(matches!(refused, Err(ExecuteError::Refused(NothingSaid))));
}

async fn the_same_request_is_carried_out_once_also_after_a_restart(home: &Home) {
    let kernel = home.open().await;
    let order = || Order::by(Actor::Person(person(1))).once(Some(Uuid::from_u128(77)));
    let command = || Say(room(1), person(1), "einmal".into());
    let stream = StreamId(room(1).0);
    let first = kernel
        .execute::<Talk>(stream, command(), order())
        .await
        .expect("done");
    let second = kernel
        .execute::<Talk>(stream, command(), order())
        .await
        .expect("done");
    assert_eq!((second.position, second.events.len()), (first.position, 0));
    close(kernel).await;
    let kernel = home.open().await;
    let third = kernel
        .execute::<Talk>(stream, command(), order())
        .await
        .expect("done");
    assert_eq!(third.position, first.position);
    assert_eq!(kernel.ledger.size(), first.position);
}

async fn a_request_that_comes_again_gets_its_first_answer_though_it_would_now_be_refused(
    home: &Home,
) {
    let kernel = home.open().await;
    let stream = StreamId(room(1).0);
    let end = async |key: u128| {
        let order = Order::by(Actor::Person(person(1))).once(Some(Uuid::from_u128(key)));
        let command = Say(room(1), person(1), LAST_WORD.into());
        kernel.execute::<Talk>(stream, command, order).await
    };
    let first = end(1).await.expect("done");
    let again = end(1).await.expect("the same answer");
    assert_eq!((again.position, again.events.len()), (first.position, 0));
    assert!(
        matches!(end(2).await, Err(ExecuteError::Refused(NothingSaid))),
        "another request is refused"
    );
}

async fn a_unique_value_is_taken_once_and_can_be_given_back(home: &Home) {
    let kernel = home.open().await;
    let claim = async |name: &str, stream: u128| {
        let mut unit = kernel.unit(Order::by(Actor::Machine));
        unit.claim("login", name);
        let founded = AccountsEvent::SchoolFounded {
            name: "Schule".into(),
        };
        unit.event(
            StreamId(Uuid::from_u128(stream)),
            AnyEvent::Accounts(founded),
        );
        unit.commit().await
    };
    claim("ada.beispiel", 1).await.expect("is free");
    assert!(matches!(
        claim("ada.beispiel", 2).await,
        Err(AppendError::Taken { scope: "login" })
    ));
    assert_eq!(kernel.ledger.size(), 1);
    let mut unit = kernel.unit(Order::by(Actor::Machine));
    unit.release("login", "ada.beispiel");
    unit.commit().await.expect("is given back");
    claim("ada.beispiel", 2).await.expect("is free again");
}

async fn what_is_kept_goes_with_its_events_or_not_at_all(home: &Home) {
    let kernel = home.open().await;
    let keep = async |name: &'static str, must_change: u64| {
        let mut unit = kernel.unit(Order::by(Actor::Machine));
        let founded = AccountsEvent::SchoolFounded { name: name.into() };
        unit.event(StreamId(Uuid::new_v4()), AnyEvent::Accounts(founded));
        unit.keep(
            "INSERT INTO kernel_cursor (name, position) VALUES (?, 1)",
            [Value::from(name)],
        );
        unit.keep_exactly(
            must_change,
            "UPDATE kernel_cursor SET position = 2 WHERE name = ?",
            [Value::from(name)],
        );
        unit.commit().await
    };
    keep("eins", 1).await.expect("one row changes");
    assert!(matches!(
        keep("zwei", 5).await,
        Err(AppendError::KeptChanged)
    ));
    assert!(
        matches!(keep("eins", 1).await, Err(AppendError::KeptChanged)),
        "a broken constraint is a refusal"
    );
    let rows = edge_kernel::database::query("SELECT name FROM kernel_cursor")
        .fetch_all(kernel.ledger.kept())
        .await
        .expect("reads");
    assert_eq!((rows.len(), kernel.ledger.size()), (1, 1));
}

async fn every_event_is_proven_against_a_signed_root(home: &Home) {
    let kernel = home.open().await;
    let mut unit = kernel.unit(Order::by(Actor::Machine));
    for number in 0..600_u128 {
        let founded = AccountsEvent::SchoolFounded {
            name: format!("Schule {number}"),
        };
        unit.event(
            StreamId(Uuid::from_u128(number)),
            AnyEvent::Accounts(founded),
        );
    }
    unit.commit().await.expect("appends");
    for position in [1, 2, 255, 256, 257, 512, 513, 599, 600] {
        let proof = kernel
            .ledger
            .prove(position)
            .await
            .expect("reads")
            .expect("is there");
        let root = root_from_inclusion(
            leaf_hash(&proof.entry),
            proof.index,
            proof.size,
            &proof.path,
        );
        assert_eq!(root, Some(proof.root), "position {position}");
        let checkpoint = note::verify(&proof.checkpoint, &proof.key).expect("is signed");
        assert_eq!((checkpoint.size, checkpoint.root), (600, proof.root));
    }
    assert!(kernel.ledger.prove(601).await.expect("reads").is_none());
    assert!(kernel.ledger.prove(0).await.expect("reads").is_none());
}

async fn the_framework_of_cqrs_es_runs_on_the_ledger(home: &Home) {
    let kernel = home.open().await;
    let store = LedgerStore::<Talk>::new(kernel.clone(), Actor::Person(person(1)));
    let framework = CqrsFramework::new(store, vec![], ());
    for number in 0..10 {
        let command = Say(room(1), person(1), format!("{number}"));
        framework
            .execute(&room(1).to_string(), command)
            .await
            .expect("executes");
    }
    assert_eq!(
        kernel
            .ledger
            .stream(StreamId(room(1).0))
            .await
            .expect("reads")
            .len(),
        11
    );
}

#[tokio::test]
async fn a_full_disk_refuses_writing_and_goes_on_once_there_is_room() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = open(directory.path()).await;
    say(&kernel, room(1), person(1), "vorher").await;
    let size = kernel.ledger.size();
    kernel.ledger.limit_pages(Some(1)).await.expect("limits");
    let command = || Say(room(1), person(1), "x".repeat(20_000));
    let refused = kernel
        .execute::<Talk>(StreamId(room(1).0), command(), Order::by(Actor::Machine))
        .await;
    assert!(
        matches!(refused, Err(ExecuteError::Append(AppendError::DiskFull))),
        "{refused:?}"
    );
    assert_eq!(
        kernel
            .ledger
            .read(0, 10)
            .await
            .expect("reading goes on")
            .len() as u64,
        size
    );
    kernel.ledger.limit_pages(None).await.expect("makes room");
    say(&kernel, room(1), person(1), "nachher").await;
    assert_eq!(kernel.ledger.size(), size + 1);
    assert_eq!(
        kernel
            .ledger
            .verify(&|_, _| {})
            .await
            .expect("verifies")
            .problems,
        []
    );
}

#[tokio::test]
async fn two_processes_cannot_open_one_directory() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = open(directory.path()).await;
    let second = crate::support::try_open(directory.path(), edge_kernel::Clock::System).await;
    let refusal = second.err().expect("is refused");
    let cause = std::error::Error::source(&refusal)
        .map(ToString::to_string)
        .unwrap_or_default();
    assert!(cause.contains("another schulhof process"), "{cause}");
    close(kernel).await;
    open(directory.path()).await;
}
