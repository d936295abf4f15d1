//! Of several machines on one log, one reacts; another one goes on when that one is gone, and nothing is left out.

use crate::support::{Home, add_person, close, person, room, say};
use edge_kernel::react::{self, ReactError, Reaction};
use edge_kernel::{Kernel, Recorded};
use events::AnyEvent;
use events::accounts::AccountsEvent;
use events::ids::PersonId;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// Greets whoever is added, and notes whom it has greeted.
#[derive(Clone, Default)]
struct Greet(Arc<Mutex<Vec<PersonId>>>);

impl Reaction for Greet {
    const NAME: &'static str = "test_greet";

    async fn react(&self, kernel: &Kernel, events: &[Recorded]) -> Result<(), ReactError> {
        for event in events {
            if let AnyEvent::Accounts(AccountsEvent::PersonAdded { person, .. }) = &event.event {
                say(kernel, room(900), *person, "Willkommen").await;
                self.0.lock().expect("ours").push(*person);
            }
        }
        Ok(())
    }
}

impl Greet {
    fn greeted(&self) -> Vec<PersonId> {
        self.0.lock().expect("ours").clone()
    }

    async fn has_greeted(&self, expected: &[PersonId]) {
        let until = Instant::now() + Duration::from_secs(30);
        while !expected.iter().all(|one| self.greeted().contains(one)) {
            assert!(Instant::now() < until, "greeted: {:?}", self.greeted());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A machine that reacts until its runtime is shut down.
fn machine(home: Home, reaction: Greet) -> Runtime {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = runtime.expect("runs");
    runtime.spawn(async move {
        let kernel = home.open().await;
        react::run(kernel, reaction).await;
    });
    runtime
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_machine_reacts_and_when_it_is_gone_another_one_goes_on() {
    Home::on_a_server(async |home| {
        let here = home.open().await;
        let [first, second, own] = [Greet::default(), Greet::default(), Greet::default()];
        let dies = machine(home.beside(), first.clone());
        add_person(&here, person(1), "Ada").await;
        first.has_greeted(&[person(1)]).await;
        let stays = machine(home.beside(), second.clone());
        for number in 2..=5 {
            add_person(&here, person(number), "Ada").await;
            first.has_greeted(&[person(number)]).await;
        }
        // Whoever starts leaves it to the one that does it already.
        react::catch_up(&here, &own)
            .await
            .expect("is left to others");
        assert_eq!(own.greeted(), []);
        assert_eq!(second.greeted(), [], "one of them reacts");
        dies.shutdown_background();
        add_person(&here, person(6), "Ada").await;
        second.has_greeted(&[person(6)]).await;
        let both = [first.greeted(), second.greeted()].concat();
        assert!((1..=6).all(|number| both.contains(&person(number))));
        stays.shutdown_background();
        close(here).await;
    })
    .await;
}

#[tokio::test]
async fn a_machine_whose_lock_was_cut_off_takes_it_again() {
    Home::on_a_server(async |home| {
        let here = home.open().await;
        let greet = Greet::default();
        let running = tokio::spawn(react::run(here.clone(), greet.clone()));
        add_person(&here, person(1), "Ada").await;
        greet.has_greeted(&[person(1)]).await;
        let mut db = home.raw().await;
        let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let locks: i64 = sqlx::query_scalar(held)
            .fetch_one(&mut db)
            .await
            .expect("reads");
        assert_eq!(locks, 1);
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        sqlx::raw_sql(cut).execute(&mut db).await.expect("is cut");
        let until = Instant::now() + Duration::from_secs(30);
        let mut number = 2;
        loop {
            add_person(&here, person(number), "Ada").await;
            greet.has_greeted(&[person(number)]).await;
            let locks: i64 = sqlx::query_scalar(held)
                .fetch_one(&mut db)
                .await
                .expect("reads");
            if locks == 1 {
                break;
            }
            assert!(Instant::now() < until, "the lock is not taken again");
            number += 1;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        running.abort();
        let _ = running.await;
        close(here).await;
    })
    .await;
}
