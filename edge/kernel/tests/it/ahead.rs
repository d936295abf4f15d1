//! Writing ahead on a server: whoever is overtaken stages anew, and a commit whose answer was cut off is written once, whether it had
//! come to the server, had not, or comes when nobody waits for it any more.

use crate::machines::{comes_to, is_whole, said};
use crate::support::{Home, close, person, room, say};
use crate::wire::{Fate, Wire};
use edge_kernel::Kernel;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

fn saying(kernel: &Kernel, in_room: u128, text: &'static str) -> JoinHandle<u64> {
    let kernel = kernel.clone();
    tokio::spawn(async move { say(&kernel, room(in_room), person(1), text).await })
}

/// Lets a test talk over a wire, with another machine beside it that has one of its own.
async fn over_a_wire(test: impl AsyncFnOnce(&Kernel, &Wire, &Kernel)) {
    Home::on_a_server(async |home| {
        let there = home.open().await;
        let Some((wire, wired)) = Wire::to(home) else {
            return;
        };
        let here = wired.open().await;
        say(&here, room(1), person(1), "Anfang").await;
        comes_to(&there, 2).await;
        // Whoever was silent for long takes a turn.
        say(&here, room(1), person(1), "Auftakt").await;
        test(&here, &wire, &there).await;
        let last = say(&here, room(1), person(1), "Ende").await;
        comes_to(&there, last).await;
        for kernel in [&here, &there] {
            assert!(said(kernel).await.values().all(|times| *times == 1));
        }
        close(here).await;
        close(there).await;
        assert!(is_whole(home).await);
    })
    .await;
}

#[tokio::test]
async fn a_commit_that_never_came_to_the_server_is_sent_again() {
    over_a_wire(async |here, wire, _| {
        let (sent, let_go) = wire.trap(Fate::Lost);
        let saying = saying(here, 1, "verloren");
        sent.await.expect("is sent");
        let_go.send(()).expect("is held");
        assert_eq!(saying.await.expect("is acknowledged"), 4);
    })
    .await;
}

#[tokio::test]
async fn a_commit_whose_answer_was_cut_off_is_found_in_the_log() {
    over_a_wire(async |here, wire, there| {
        let (sent, let_go) = wire.trap(Fate::Unanswered);
        let saying = saying(here, 1, "unbeantwortet");
        sent.await.expect("is sent");
        let_go.send(()).expect("is held");
        assert_eq!(saying.await.expect("is acknowledged"), 4);
        assert_eq!(said(here).await.get("unbeantwortet"), Some(&1));
        comes_to(there, 4).await;
    })
    .await;
}

#[tokio::test]
async fn a_commit_whose_answer_was_cut_off_is_found_though_others_have_gone_on() {
    over_a_wire(async |here, wire, there| {
        let (told, done) = (oneshot::channel(), oneshot::channel());
        let (sent, let_go) = wire.trap(Fate::Late(told.1, done.0));
        let first = saying(here, 1, "unbeantwortet");
        sent.await.expect("is sent");
        // What is sent once more is held until both it and another machine's have come to the server.
        let (again, go_again) = wire.trap(Fate::Arrives);
        let_go.send(()).expect("is held");
        again.await.expect("is sent again");
        told.0.send(()).expect("waits");
        done.1.await.expect("answers");
        assert_eq!(say(there, room(1), person(2), "danach").await, 5);
        go_again.send(()).expect("is held");
        assert_eq!(first.await.expect("is acknowledged"), 4);
    })
    .await;
}

#[tokio::test]
async fn a_commit_that_comes_late_writes_nothing_twice() {
    over_a_wire(async |here, wire, _| {
        let (told, done) = (oneshot::channel(), oneshot::channel());
        let (sent, let_go) = wire.trap(Fate::Late(told.1, done.0));
        let saying = saying(here, 1, "verspätet");
        sent.await.expect("is sent");
        let_go.send(()).expect("is held");
        assert_eq!(saying.await.expect("is acknowledged"), 4);
        told.0.send(()).expect("waits");
        done.1.await.expect("answers");
        assert_eq!(here.ledger.size(), 4);
    })
    .await;
}

/// Another machine appends while a batch is held, of which then becomes what is said.
async fn overtaken(fate: Fate) {
    over_a_wire(async |here, wire, there| {
        let (sent, let_go) = wire.trap(fate);
        let saying = saying(here, 7, "überholt");
        sent.await.expect("is sent");
        assert_eq!(say(there, room(1), person(2), "zuerst").await, 4);
        let_go.send(()).expect("is held");
        assert_eq!(saying.await.expect("is acknowledged"), 6);
    })
    .await;
}

#[tokio::test]
async fn whoever_was_overtaken_stages_anew_and_is_acknowledged() {
    overtaken(Fate::Arrives).await;
}

#[tokio::test]
async fn whoever_was_cut_off_and_overtaken_stages_anew_and_is_acknowledged() {
    overtaken(Fate::Lost).await;
}
