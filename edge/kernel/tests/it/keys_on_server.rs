//! Keys in a database of their own: every machine comes to them, an erasure leaves nothing of them there, and they go there and back.

use crate::on_server::lies_in;
use crate::support::{Home, close, person, room, say};
use edge_kernel::keyring::{BucketName, KeyId, Keyring, KeyringError, Tombstone};
use edge_kernel::ledger::{LedgerError, verify_log};
use edge_kernel::{Clock, StartError};
use events::{Owner, Term};
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

fn stone(by: u64) -> Tombstone {
    Tombstone {
        by,
        depth: events::privacy::Depth::Header,
    }
}

fn name(number: u128) -> BucketName {
    BucketName::of(Owner::Person(person(number)), Term::Standing, "accounts", 0)
}

fn open(home: &Home) -> Arc<Keyring> {
    let keyring = try_open(home);
    Arc::new(keyring.unwrap_or_else(|error| panic!("{error}: {error:?}")))
}

fn try_open(home: &Home) -> Result<Keyring, KeyringError> {
    let server = home.server.as_ref().expect("is on a server");
    Keyring::open_at(&home.path().join("keys"), server.keys())
}

async fn mint(keyring: &Arc<Keyring>, numbers: impl IntoIterator<Item = u128>) -> Vec<KeyId> {
    let names: Vec<_> = numbers.into_iter().map(name).collect();
    let minted = keyring.buckets(&names).await.expect("mints");
    minted.iter().map(|bucket| bucket.id).collect()
}

fn destroy(keyring: &Keyring, dead: KeyId, by: u64) {
    let dead = HashSet::from([dead]);
    keyring
        .renew(&dead, stone(by), &|_| Ok(()))
        .expect("destroys");
}

async fn run(db: &mut PgConnection, sql: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The keyring as it lies in its database.
async fn stored(db: &mut PgConnection) -> Vec<u8> {
    let sql = "SELECT bytes FROM kernel_keyring_piece ORDER BY start";
    let pieces: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(db).await.expect("reads");
    pieces.concat()
}

fn names_in(home: &Home) -> HashSet<String> {
    let entries = std::fs::read_dir(home.path().join("keys")).expect("lists");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    };
    entries.map(name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_machines_that_want_the_same_keys_at_once_agree_on_them() {
    Home::with_keys_on_a_server(async |home| {
        let here = open(home);
        let beside = home.beside();
        let keyrings = [here, open(&beside)];
        let asking = (0..60_u128).map(|number| {
            let keyring = Arc::clone(&keyrings[usize::from(number % 2 == 1)]);
            // Two neighbours, one on each machine, want the same.
            tokio::spawn(async move { (number / 2, mint(&keyring, [number / 2]).await[0]) })
        });
        let mut keys = HashSet::new();
        for asked in asking.collect::<Vec<_>>() {
            keys.insert(asked.await.expect("ends"));
        }
        assert_eq!(keys.len(), 30, "one key for each, whoever asked first");
        drop(keyrings);
        let again = open(home);
        for (number, key) in keys {
            assert_eq!(again.get(&name(number)).expect("is there").id, key);
        }
    })
    .await;
}

#[tokio::test]
async fn a_school_whose_keys_are_in_a_database_is_served_by_two_machines_and_verified_from_outside()
{
    Home::with_keys_on_a_server(async |home| {
        let here = home.open().await;
        let beside = home.beside();
        let there = beside.open().await;
        for number in 1..=10 {
            say(&here, room(number), person(number), "von hier").await;
            say(&there, room(number), person(number), "von dort").await;
        }
        let report = verify_log(beside.path(), beside.server.as_ref(), &|_, _| {}).await;
        assert_eq!(report.expect("verifies").problems, []);
        close(here).await;
        close(there).await;
        for home in [home, &beside] {
            assert!(
                !names_in(home).contains("keyring"),
                "no key of a person is in the directory"
            );
            close(home.open().await).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_destroyed_key_is_gone_from_every_machine_and_from_pages_and_log_and_what_was_there_opens_no_more()
 {
    Home::with_keys_on_a_server(async |home| {
        let mut db = home.raw_keys().await;
        // As the guide asks.
        run(&mut db, "ALTER SYSTEM SET wal_recycle = off").await;
        run(&mut db, "SELECT pg_reload_conf()").await;
        let here = open(home);
        let keys = mint(&here, 1..=20).await;
        // Both were there before, and one of them is off while two people are forgotten.
        let (beside, away) = (home.beside(), home.beside());
        let there = open(&beside);
        drop(open(&away));
        let before = stored(&mut db).await;
        run(&mut db, "CHECKPOINT").await;
        let place: String = sqlx::query_scalar("SHOW data_directory")
            .fetch_one(&mut db)
            .await
            .expect("reads");
        let lies = |bytes: &[u8]| lies_in(Path::new(&place), &bytes[bytes.len() - 40..]);
        let can_search = match lies(&before) {
            None => {
                eprintln!("SKIPPED: the files of the cluster cannot be read from here");
                false
            }
            Some(found) => {
                assert!(!found.is_empty(), "the search finds what is there");
                true
            }
        };
        destroy(&here, keys[0], 7);
        if can_search {
            assert_eq!(lies(&before), Some(Vec::new()), "nothing of it is left");
        }
        assert!(there.refresh().expect("reads"), "keys are gone there too");
        assert!(there.by_id(&keys[0]).is_none() && there.by_id(&keys[1]).is_some());
        assert_eq!(there.destroyed(&keys[0]), Some(7));
        destroy(&there, keys[1], 8);
        mint(&here, [30]).await;
        let late = open(&away);
        assert!(late.by_id(&keys[1]).is_none() && late.by_id(&keys[2]).is_some());
        drop((here, there, late));
        // Yesterday's keyring, from a backup of its database: no machine has a master key to it.
        let restored = tempfile::tempdir().expect("a directory");
        for home in [home, &beside, &away] {
            assert!(!names_in(home).contains("master.next"));
            let master = home.path().join("keys/master.key");
            std::fs::copy(master, restored.path().join("master.key")).expect("copies");
            std::fs::write(restored.path().join("keyring"), &before).expect("writes");
            let opened = Keyring::open(restored.path());
            assert!(matches!(opened, Err(KeyringError::Damaged { record: 0 })));
        }
    })
    .await;
}

/// Stops before the step of this number, counted from 0.
fn stopping_at(number: u32) -> impl Fn(&'static str) -> std::io::Result<()> {
    let seen = AtomicU32::new(0);
    move |_| match seen.fetch_add(1, Ordering::SeqCst) == number {
        true => Err(std::io::Error::other("the power is cut")),
        false => Ok(()),
    }
}

#[tokio::test]
async fn cut_off_at_any_step_the_keys_open_and_the_next_attempt_ends_it() {
    Home::with_keys_on_a_server(async |home| {
        let mut db = home.raw_keys().await;
        for number in 0..=4 {
            let keyring = open(home);
            let keys = mint(&keyring, [100 + u128::from(number), 1]).await;
            let dead = HashSet::from([keys[0]]);
            let cut = keyring
                .renew(&dead, stone(7), &stopping_at(number))
                .is_err();
            assert_eq!(cut, number < 4, "four steps are all there are");
            // Whoever goes on in the same process, and whoever starts anew.
            if number % 2 == 0 {
                mint(&keyring, [200 + u128::from(number)]).await;
            }
            drop(keyring);
            let again = open(home);
            assert!(again.by_id(&keys[1]).is_some(), "step {number}");
            again.renew(&dead, stone(7), &|_| Ok(())).expect("ends");
            assert!(again.by_id(&keys[0]).is_none(), "step {number}");
            assert_eq!(names_in(home), HashSet::from(["master.key".to_owned()]));
            let unwritten: bool = sqlx::query_scalar("SELECT is_unwritten FROM kernel_keyring")
                .fetch_one(&mut db)
                .await
                .expect("reads");
            assert!(!unwritten, "step {number}");
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_is_cut_off_from_the_database_reads_on_and_mints_again_once_it_is_back() {
    Home::with_keys_on_a_server(async |home| {
        let keyring = open(home);
        let keys = mint(&keyring, [1]).await;
        let mut db = home.raw().await;
        let keys_at = home.keys.as_ref().expect("keys are on a server");
        let database = keys_at.rsplit('/').next().expect("a name");
        let cut = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        );
        run(&mut db, &cut).await;
        mint(&keyring, [2]).await;
        let off = format!("ALTER DATABASE {database} ALLOW_CONNECTIONS false");
        run(&mut db, &off).await;
        run(&mut db, &cut).await;
        assert!(keyring.by_id(&keys[0]).is_some());
        assert_eq!(mint(&keyring, [1]).await, keys, "what is known is known");
        let refused = keyring.buckets(&[name(3)]).await;
        assert!(matches!(refused, Err(KeyringError::Server { .. })));
        run(&mut db, &off.replace("false", "true")).await;
        mint(&keyring, [3]).await;
    })
    .await;
}

#[tokio::test]
async fn log_and_keys_in_one_database_are_refused_and_so_is_a_machine_with_another_master_key() {
    Home::with_keys_on_a_server(async |home| {
        let address = home.address.as_ref().expect("is on a server");
        let server: edge_kernel::database::Server = address.parse().expect("an address");
        let same = server.clone().with_keys(server.clone());
        assert!(same.is_err(), "it is the same by name");
        close(home.open().await).await;
        let log = Keyring::open_at(&home.path().join("keys"), Some(&server));
        assert!(matches!(log, Err(KeyringError::WithLog)));
        let stranger = home.beside();
        std::fs::write(stranger.path().join("keys/master.key"), "7".repeat(64)).expect("writes");
        let refused = stranger.try_open(Clock::System).await;
        assert!(matches!(
            refused,
            Err(StartError::Ledger(LedgerError::Keyring(
                KeyringError::OtherMaster { .. }
            )))
        ));
        std::fs::remove_file(stranger.path().join("keys/master.key")).expect("removes");
        let refused = stranger.try_open(Clock::System).await;
        assert!(refused.is_err(), "it would draw another one");
        close(home.open().await).await;
    })
    .await;
}

fn keys_of(home: &Home) -> (PathBuf, edge_kernel::database::Server) {
    let server = home.server.as_ref().expect("is on a server");
    let keys = server.keys().expect("keys are on a server").clone();
    (home.path().join("keys"), keys)
}

#[tokio::test]
async fn keys_go_into_their_database_and_back() {
    Home::with_keys_on_a_server(async |home| {
        let (directory, server) = keys_of(home);
        let before = Arc::new(Keyring::open(&directory).expect("opens"));
        let keys = mint(&before, 1..=5000).await;
        destroy(&before, keys[0], 3);
        drop(before);
        let refused = try_open(home);
        assert!(matches!(refused, Err(KeyringError::InDirectory { .. })));
        let written = std::fs::read(directory.join("keyring")).expect("reads");
        Keyring::bring_to_server(&directory, &server).expect("goes there");
        // Cut off before its last step, it is done again.
        std::fs::write(directory.join("keyring"), &written).expect("writes");
        assert!(matches!(try_open(home), Err(KeyringError::Twice { .. })));
        Keyring::bring_to_server(&directory, &server).expect("goes there");
        let there = open(home);
        assert_eq!(there.epoch(), 1);
        assert_eq!(there.destroyed(&keys[0]), Some(3));
        assert!(keys[1..].iter().all(|key| there.by_id(key).is_some()));
        assert_eq!(there.copy().expect("copies").files.len(), 2);
        let later = mint(&there, [6000]).await;
        destroy(&there, keys[1], 4);
        drop(there);
        let beside = home.beside();
        Keyring::bring_to_directory(&directory, &server).expect("comes back");
        let back = Keyring::open(&directory).expect("opens");
        assert_eq!(back.epoch(), 2);
        assert!(back.by_id(&later[0]).is_some() && back.by_id(&keys[2]).is_some());
        assert!(back.by_id(&keys[1]).is_none());
        drop(back);
        let mut db = home.raw_keys().await;
        assert!(stored(&mut db).await.is_empty());
        let again = Keyring::bring_to_directory(&directory, &server);
        assert!(matches!(again, Err(KeyringError::Missing { .. })));
        // Another school's keys are not overwritten.
        let other = Arc::new(Keyring::open(&beside.path().join("other")).expect("opens"));
        mint(&other, [1]).await;
        drop(other);
        Keyring::bring_to_server(&directory, &server).expect("goes there");
        let refused = Keyring::bring_to_server(&beside.path().join("other"), &server);
        assert!(matches!(refused, Err(KeyringError::Twice { .. })));
    })
    .await;
}
