//! A log on a database server: it refuses to be changed, notices when it was, gives its server role no more than it needs, and
//! survives that its connections are cut.

use crate::support::{Home, MONDAY, add_person, close, person, room, say};
use edge_kernel::Clock;
use edge_kernel::ledger::verify_log;
use sqlx::{AssertSqlSafe, PgConnection};

async fn school(home: &Home) {
    let kernel = home.open().await;
    add_person(&kernel, person(1), "Ada").await;
    for number in 0..100 {
        let text = format!("Nachricht {number}");
        say(&kernel, room(1 + number % 2), person(1), &text).await;
    }
    kernel.ledger.checkpoint().await.expect("signs");
    close(kernel).await;
}

async fn run(db: &mut PgConnection, sql: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(db)
        .await
        .map(|_| ())
}

async fn problems(home: &Home) -> Vec<u64> {
    let report = verify_log(home.path(), home.server.as_ref(), &|_, _| {}).await;
    let problems = report.expect("verifies").problems.into_iter();
    problems.map(|problem| problem.position).collect()
}

#[tokio::test]
async fn whatever_is_changed_by_sql_is_found_and_named() {
    Home::on_a_server(async |home| {
        school(home).await;
        assert_eq!(problems(home).await, [0_u64; 0]);
        let mut db = home.raw().await;
        // Only whoever owns the cluster can put the guards aside.
        run(&mut db, "SET session_replication_role = replica").await.expect("is allowed");
        let guarded = [
            "kernel_block", "kernel_name", "kernel_head", "kernel_stream", "kernel_checkpoint", "kernel_meta",
        ];
        for table in guarded {
            let copy = format!("CREATE TABLE aside_{table} AS TABLE {table}");
            run(&mut db, &copy).await.expect("is allowed");
        }
        for (change, expected) in [
            (
                "UPDATE kernel_block SET data = set_byte(data, octet_length(data) - 20, get_byte(data, octet_length(data) - 20) # 1)
                    WHERE first = 42",
                Some(42),
            ),
            ("DELETE FROM kernel_block WHERE first = 50", Some(50)),
            (
                "UPDATE kernel_block SET first = 9000 WHERE first = 50; UPDATE kernel_block SET first = 50 WHERE first = 51;
                    UPDATE kernel_block SET first = 51 WHERE first = 9000",
                Some(50),
            ),
            ("DELETE FROM kernel_block WHERE first = (SELECT max(first) FROM kernel_block)", Some(103)),
            ("UPDATE kernel_name SET id = '\\x00'", None),
            ("UPDATE kernel_head SET root = sha256('')", Some(103)),
            ("UPDATE kernel_head SET size = size - 1", None),
            ("UPDATE kernel_stream SET version = version + 1", None),
            ("UPDATE kernel_checkpoint SET note = replace(note, 'schulhof', 'schulhoF')", Some(103)),
            ("UPDATE kernel_meta SET value = 'schulhof/00000000-0000-0000-0000-000000000000'", None),
        ] {
            run(&mut db, change).await.expect("tampers");
            let found = problems(home).await;
            assert!(!found.is_empty(), "{change}");
            assert!(expected.is_none_or(|at| found.contains(&at)), "{change}: {found:?}");
            let opened = home.try_open(Clock::manual(MONDAY)).await;
            assert!(opened.is_err(), "{change}");
            for table in guarded {
                let back = format!("DELETE FROM {table}; INSERT INTO {table} TABLE aside_{table}");
                run(&mut db, &back).await.expect("is undone");
            }
            assert_eq!(problems(home).await, [0_u64; 0], "{change} is undone");
        }
    })
    .await;
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_history_also_to_its_owner() {
    Home::on_a_server(async |home| {
        school(home).await;
        let mut db = home.raw().await;
        for statement in [
            "DELETE FROM kernel_block",
            "TRUNCATE kernel_block",
            "TRUNCATE kernel_block_0",
            "DELETE FROM kernel_block_0",
            "UPDATE kernel_block SET data = ''",
            "SELECT kernel_put_emptied(1, '')",
            "DELETE FROM kernel_name",
            "TRUNCATE kernel_name",
            "UPDATE kernel_name SET id = ''",
        ] {
            assert!(run(&mut db, statement).await.is_err(), "{statement}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_role_that_may_only_add_is_enough_for_the_server() {
    Home::on_a_server(async |home| {
        school(home).await;
        let mut db = home.raw().await;
        let role = format!("server_{}", uuid::Uuid::new_v4().simple());
        let granted = format!("CREATE ROLE {role} LOGIN; SELECT kernel_grant('{role}')");
        run(&mut db, &granted).await.expect("the owner grants");
        let address = home.address.as_ref().expect("is on a server");
        let address = format!("{address}?user={role}");
        let lesser = Home {
            directory: tempfile::tempdir().expect("a directory"),
            server: Some(address.parse().expect("an address")),
            address: Some(address),
            keys: None,
        };
        std::os::unix::fs::symlink(home.path().join("keys"), lesser.path().join("keys"))
            .expect("links");
        let kernel = lesser.open().await;
        say(&kernel, room(1), person(1), "mit weniger Rechten").await;
        kernel.ledger.checkpoint().await.expect("signs");
        close(kernel).await;
        assert_eq!(problems(home).await, [0_u64; 0]);
        run(&mut db, &format!("SET ROLE {role}"))
            .await
            .expect("is allowed");
        for statement in [
            "DELETE FROM kernel_block",
            "UPDATE kernel_block SET data = ''",
            "UPDATE kernel_name SET id = ''",
            "DELETE FROM kernel_checkpoint",
            "DELETE FROM kernel_head",
            "DROP TABLE kernel_block",
            "ALTER TABLE kernel_block DISABLE TRIGGER ALL",
            "TRUNCATE kernel_block_0",
        ] {
            assert!(run(&mut db, statement).await.is_err(), "{statement}");
        }
        run(
            &mut db,
            &format!("RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}"),
        )
        .await
        .expect("cleans up");
    })
    .await;
}

#[tokio::test]
async fn a_machine_without_the_keys_does_not_join() {
    Home::on_a_server(async |home| {
        school(home).await;
        let stranger = Home {
            directory: tempfile::tempdir().expect("a directory"),
            server: home.server.clone(),
            address: home.address.clone(),
            keys: None,
        };
        assert!(stranger.try_open(Clock::manual(MONDAY)).await.is_err());
        assert!(
            !stranger.path().join("keys").exists(),
            "it drew no keys of its own"
        );
    })
    .await;
}

#[tokio::test]
async fn cut_connections_lose_and_double_nothing() {
    Home::on_a_server(async |home| {
        let kernel = home.open().await;
        let writing = (1..=8_u128).map(|writer| {
            let kernel = kernel.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for number in 0..60 {
                    let text = format!("{writer}/{number}");
                    let command = crate::support::Say(room(writer), person(writer), text.clone());
                    let order = edge_kernel::Order::by(edge_kernel::Actor::Machine);
                    let stream = events::ids::StreamId(room(writer).0);
                    let done = kernel.execute::<crate::support::Talk>(stream, command, order).await;
                    acknowledged.push((text, done.is_ok()));
                }
                acknowledged
            })
        });
        let writing: Vec<_> = writing.collect();
        let mut db = home.raw().await;
        for _ in 0..25 {
            let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'schulhof'";
            run(&mut db, cut).await.expect("cuts");
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
        let mut said = Vec::new();
        for written in writing {
            said.extend(written.await.expect("ends"));
        }
        let mut found = std::collections::HashMap::new();
        let read = kernel.ledger.fold_all(0, kernel.ledger.size(), |event| {
            if let events::AnyEvent::Messenger(events::messenger::MessengerEvent::MessageSent { text, .. }) = &event.event {
                *found.entry(text.get().cloned().unwrap_or_default()).or_insert(0) += 1;
            }
        });
        read.await.expect("reads");
        let acknowledged = said.iter().filter(|(_, done)| *done).count();
        assert!(acknowledged > 100, "work went on between the cuts: {acknowledged}");
        for (text, done) in said {
            let times = found.get(&text).copied().unwrap_or_default();
            assert_eq!(times, i32::from(done), "{text}, acknowledged: {done}");
        }
        kernel.ledger.checkpoint().await.expect("signs");
        close(kernel).await;
        assert_eq!(problems(home).await, [0_u64; 0]);
    })
    .await;
}

/// In which of the cluster's files bytes lie; none when those cannot be read.
pub(crate) fn lies_in(
    directory: &std::path::Path,
    bytes: &[u8],
) -> Option<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).ok()? {
        let path = entry.ok()?.path();
        if path.is_dir() {
            found.extend(lies_in(&path, bytes)?);
            continue;
        }
        // What the server has removed meanwhile holds nothing.
        let file = std::fs::read(&path).unwrap_or_default();
        if file.windows(bytes.len()).any(|window| window == bytes) {
            found.push(path);
        }
    }
    Some(found)
}

#[tokio::test]
async fn what_an_erasure_empties_lies_in_no_page_and_in_no_write_ahead_log() {
    Home::on_a_server(async |home| {
        let mut db = home.raw().await;
        // As the guide asks: segments of the write-ahead log are removed, not used again.
        run(&mut db, "ALTER SYSTEM SET wal_recycle = off")
            .await
            .expect("is allowed");
        run(&mut db, "SELECT pg_reload_conf()")
            .await
            .expect("is allowed");
        school(home).await;
        let place: String = sqlx::query_scalar("SHOW data_directory")
            .fetch_one(&mut db)
            .await
            .expect("reads");
        let kernel = home.open().await;
        let stored = kernel.ledger.stored(49, 1).await.expect("reads").remove(0);
        let body = stored.body.expect("is whole");
        let ciphertext = body[body.len() - 24..].to_vec();
        // What modules keep is deleted, and gone.
        let hash = format!("$argon2id$geheim-{}", uuid::Uuid::new_v4());
        let keep = async |sql: &'static str, value: &str| {
            let mut unit = kernel.unit(edge_kernel::Order::by(edge_kernel::Actor::Machine));
            unit.keep(sql, [value.into()]);
            unit.commit().await.expect("is kept");
        };
        keep(
            "INSERT INTO accounts_password_kept (person, hash, changed) VALUES (sha256('1'), ?, 0)",
            &hash,
        )
        .await;
        run(&mut db, "CHECKPOINT").await.expect("is allowed");
        let place = std::path::Path::new(&place);
        match lies_in(place, &ciphertext) {
            None => return eprintln!("SKIPPED: the files of the cluster cannot be read from here"),
            Some(found) => assert!(!found.is_empty(), "the search finds what is there"),
        }
        assert!(lies_in(place, hash.as_bytes()).is_some_and(|found| !found.is_empty()));
        // Somebody still reads an older state, of something else.
        let mut reader = home.raw().await;
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM kernel_meta";
        run(&mut reader, begin).await.expect("reads");
        keep("DELETE FROM accounts_password_kept WHERE hash = ?", &hash).await;
        crate::segments::erase(&kernel, 50, 60).await;
        assert_eq!(
            lies_in(place, &ciphertext),
            Some(Vec::new()),
            "the ciphertext is gone"
        );
        assert_eq!(
            lies_in(place, hash.as_bytes()),
            Some(Vec::new()),
            "the hash is gone"
        );
        let emptied = kernel.ledger.stored(49, 1).await.expect("reads").remove(0);
        assert!(emptied.body.expect("the structure stays").len() < body.len());
        say(&kernel, room(1), person(1), "und weiter").await;
        close(kernel).await;
    })
    .await;
}
