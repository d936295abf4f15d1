//! The same input has the same root, in a file and on a server.

use crate::Actor;
use crate::clock::Clock;
use crate::database::Server;
use crate::keyring::Keyring;
use crate::ledger::{Append, Ledger, Opening, seal_all};
use events::accounts::{AccountsEvent, PersonName, Role};
use events::ids::{PersonId, StreamId};
use events::{AnyEvent, Personal};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

const MONDAY: u64 = 1_792_396_800_000;

async fn open(directory: &Path, server: Option<Server>) -> Ledger {
    let opening = Opening {
        directory,
        clock: Clock::manual(MONDAY),
        progress: &|_, _, _| {},
        server,
        durable: true,
    };
    opening.open().await.expect("opens")
}

async fn run(cluster: &str, sql: &str) {
    let mut db = PgConnection::connect(cluster).await.expect("is there");
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await;
    done.expect("is done");
}

fn added(number: u128) -> (StreamId, AnyEvent) {
    let person = PersonId(Uuid::from_u128(number));
    let name = PersonName {
        given: format!("Ada {number}"),
        family: "Beispiel".into(),
    };
    let event = AccountsEvent::PersonAdded {
        person,
        name: Personal::new(name),
        roles: vec![Role::Pupil],
    };
    (StreamId(person.0), AnyEvent::Accounts(event))
}

#[tokio::test]
async fn the_same_input_has_the_same_root_in_a_file_and_on_a_server() {
    let Ok(cluster) = std::env::var("SCHULHOF_POSTGRES") else {
        eprintln!(
            "SKIPPED: SCHULHOF_POSTGRES names no PostgreSQL cluster; `cargo xtask test` starts one"
        );
        return;
    };
    let name = format!("schulhof_{}", Uuid::new_v4().simple());
    run(&cluster, &format!("CREATE DATABASE {name}")).await;
    let (base, _) = cluster.rsplit_once('/').expect("it names a database");
    let server: Server = format!("{base}/{name}").parse().expect("an address");
    let file = tempfile::tempdir().expect("a directory");
    let there = tempfile::tempdir().expect("a directory");
    let here = open(file.path(), None).await;
    let far = open(there.path(), Some(server)).await;
    // Sealed once: ids, nonces and keys are the same then, and what follows is each log's own work.
    let keys = tempfile::tempdir().expect("a directory");
    let keyring = Arc::new(Keyring::open(keys.path()).expect("opens"));
    let mut number = 0;
    for length in [1, 3, 1, 40, 256, 7] {
        let staged: Vec<_> = (0..length).map(|more| added(number + more + 1)).collect();
        number += length;
        let sealed = seal_all(&keyring, 2026, Actor::Machine, &staged)
            .await
            .expect("seals");
        let append = || Append {
            sealed: sealed.clone(),
            typed: staged.iter().map(|(_, event)| event.clone()).collect(),
            ..Append::default()
        };
        here.append(append()).await.expect("is appended");
        far.append(append()).await.expect("is appended");
        let root = here.root().await.expect("reads");
        assert_eq!(far.root().await.expect("reads"), root);
        assert_eq!(root.0, u64::try_from(number).expect("is small"));
    }
    here.close().await;
    far.close().await;
    run(&cluster, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}
