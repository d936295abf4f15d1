//! Stopped at every step, on either side, and begun again: at the end exactly one machine has the school.

use super::scene::{Elsewhere, listens, never, options, receive, refuses, verifies};
use crate::privacy::scene::{house, planted};
use crate::support::copy;
use edge::House;
use edge::moving::{Code, Handed, Point, Receiving};
use edge_kernel::Clock;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Stops at the step of a number, counted from 1, and counts on.
fn stop_at(number: u64, kind: ErrorKind) -> (Point, Arc<AtomicU64>) {
    let counted = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&counted);
    let point: Point = Arc::new(move |_| match count.fetch_add(1, Ordering::SeqCst) + 1 {
        at if at == number => Err(Error::new(kind, "a drill")),
        _ => Ok(()),
    });
    (point, counted)
}

/// The old machine once: by its house, or as the console does when the log is sealed.
async fn send_again(data: &Path, code: &Code, point: Point) -> anyhow::Result<Option<Handed>> {
    if edge_kernel::ledger::moved_away(data).await?.is_none() {
        let house = House::open(data, Clock::System, &|_, _, _| {}).await?;
        let handed = house.move_to(code, &|_, _, _| {}, &point).await;
        let is_here = !house.kernel.ledger.is_paused();
        let counts = house.kernel.ledger.size();
        if handed.is_err() && is_here {
            // It goes on here, which a command shows.
            let said = house
                .audit
                .record_at_console(events::audit::Looked::AtEntry { position: 1 });
            assert_eq!(said.await.expect("takes commands"), counts + 1);
        }
        house.close().await;
        return handed.map(Some);
    }
    if edge::moving::finish_destroying(data)? {
        return Ok(None);
    }
    let handed =
        edge::moving::send_sealed(data, &edge::Places::default(), code, &|_, _, _| {}, &point)
            .await;
    handed.map(Some)
}

/// Both machines with their own drill, then again without, until the school has moved. `is_torn` tells whether the first try failed.
async fn moved_in_spite(from: &Path, to: &Path, old: Point, new: Point) {
    let mut points = Some((old, new));
    for _ in 0..4 {
        let (old, new) = points.take().unwrap_or_else(|| (never(), never()));
        if !from.join("keys").exists() && to.join("log.db").exists() {
            break;
        }
        let receiving = listens(to, || options(Arc::clone(&new))).await;
        let code = receiving.code();
        let sent = send_again(from, &code, old);
        let received = receive(receiving, to);
        tokio::select! {
            // A machine that was stopped says nothing more; the other goes on until it gives up or is done.
            received = received => drop(received),
            sent = async {
                let sent = sent.await;
                if sent.is_ok() {
                    // The new one may still clear away.
                    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
                }
                sent
            } => drop(sent),
        }
        one_at_most(from, to).await;
    }
}

/// Never two: whichever opens, the other refuses.
async fn one_at_most(from: &Path, to: &Path) {
    if !to.join("log.db").exists() {
        return;
    }
    refuses(from, "both machines open").await;
}

async fn drill(stop: impl Fn(u64) -> (Point, Point, Arc<AtomicU64>)) {
    let mut school = planted().await;
    school.stop().await;
    let mut number = 1;
    loop {
        let old = tempfile::tempdir().expect("a directory of our own");
        let from = old.path().join("data");
        copy(school.data(), &from);
        let elsewhere = Elsewhere::new();
        let to = elsewhere.data();
        let (first, second, counted) = stop(number);
        moved_in_spite(&from, &to, first, second).await;
        refuses(&from, "the old machine opens").await;
        verifies(&to).await;
        let house = house(&to).await;
        let handovers = house.kernel.ledger.handed_over().await.expect("reads");
        assert_eq!(handovers.len(), 1, "stopped at step {number}");
        house.close().await;
        if counted.load(Ordering::SeqCst) < number {
            assert!(number > 8, "there were only {number} steps");
            return;
        }
        number += 1;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_machine_stopped_at_any_step_goes_on_or_has_handed_over() {
    drill(|number| {
        let (point, counted) = stop_at(number, ErrorKind::Interrupted);
        (point, never(), counted)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_machine_stopped_at_any_step_finishes_or_has_nothing() {
    drill(|number| {
        let (point, counted) = stop_at(number, ErrorKind::Interrupted);
        (never(), point, counted)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_on_the_new_machine_leaves_the_school_where_it_was() {
    let mut school = planted().await;
    school.stop().await;
    let elsewhere = Elsewhere::new();
    let to = elsewhere.data();
    let (point, _) = stop_at(4, ErrorKind::StorageFull);
    let mut receiving = Receiving::open(&to, options(point)).await.expect("listens");
    let code = receiving.code();
    let house_ = house(school.data()).await;
    let point = never();
    let refused = {
        let sent = house_.move_to(&code, &|_, _, _| {}, &point);
        tokio::select! {
            sent = sent => sent.expect_err("there is no room"),
            _ = receiving.arrive(&|_, _, _| {}) => panic!("nothing can arrive"),
        }
    };
    let refused = format!("{refused:#}");
    assert!(
        refused.contains("disk of the new machine is full"),
        "{refused}"
    );
    assert!(!house_.kernel.ledger.is_paused());
    house_.close().await;
    // There is room again, and the same code goes on.
    drop(receiving);
    let receiving = listens(&to, || options(never())).await;
    let code = receiving.code();
    let moved = tokio::try_join!(
        receive(receiving, &to),
        super::scene::send(school.data(), &code, never())
    );
    moved.expect("has moved");
    verifies(&to).await;
}
