//! A log goes from a file to a server and back, by the way of backup and restoration: the same events, the same root.

use crate::support::{Home, add_person, close, person, room, say};
use edge_kernel::Kernel;
use edge_kernel::database::query;
use edge_kernel::ledger::segment::SegmentReader;
use edge_kernel::ledger::{Restore, verify_log};
use std::path::Path;

async fn school(home: &Home) -> Kernel {
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
    let mut unit = kernel.unit(edge_kernel::Order::by(edge_kernel::Actor::Machine));
    unit.claim("login", "ada.beispiel");
    unit.keep(
        "INSERT INTO accounts_code_kept (person, hash, expires) VALUES (?, ?, ?)",
        [vec![1; 16].into(), vec![2; 32].into(), 7_u64.into()],
    );
    unit.keep(
        "INSERT INTO audit_witness_kept (key, since, size) VALUES (?, 1, 2)",
        ["Schlüssel".into()],
    );
    unit.commit().await.expect("is kept");
    kernel.ledger.checkpoint().await.expect("signs");
    kernel
}

/// What a backup does, without the object store between: pieces of the log, and what is kept beside it.
async fn cross(from: &Kernel, to: &Home) {
    let into = tempfile::tempdir().expect("a directory");
    let snapshot = from.ledger.snapshot().await.expect("takes a moment");
    let mut restore = match &to.server {
        Some(server) => Restore::begin_on(server).await,
        None => Restore::begin(to.path()).await,
    }
    .expect("begins");
    for (after, until) in [(0, 100), (100, 256), (256, snapshot.size)] {
        let written = from
            .ledger
            .write_piece(into.path(), after, until)
            .await
            .expect("writes");
        let beside = from.ledger.beside(after, until).await.expect("reads");
        restore.add_beside(beside).await.expect("puts in");
        let file = std::fs::File::open(into.path().join(written.name.to_string())).expect("opens");
        let mut reader = SegmentReader::open(file).expect("is a segment");
        while let Some(block) = reader.next_block().expect("is whole") {
            restore.add(block).await.expect("puts in");
        }
    }
    let keyring = from.ledger.keyring();
    let whole = restore
        .finish(snapshot.at, &snapshot.kept, keyring)
        .await
        .expect("ends");
    assert_eq!((whole.size, whole.root), (snapshot.size, snapshot.root));
    copy_keys(
        &from.ledger.directory().join("keys"),
        &to.path().join("keys"),
    );
}

fn copy_keys(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("ours");
    for file in std::fs::read_dir(from).expect("reads").flatten() {
        std::fs::copy(file.path(), to.join(file.file_name())).expect("copies");
    }
}

async fn kept(kernel: &Kernel, table: &str) -> Vec<String> {
    let sql = match table {
        "codes" => "SELECT person, hash, expires FROM accounts_code_kept",
        _ => "SELECT scope, value, position FROM kernel_claim",
    };
    let rows = query(sql)
        .fetch_all(kernel.ledger.kept())
        .await
        .expect("reads");
    let shown = rows.iter().map(|row| {
        let bytes = |column| row.try_bytes(column).expect("is one").to_vec();
        format!(
            "{:?} {:?} {}",
            bytes(0),
            bytes(1),
            row.try_get::<i64>(2).expect("is one")
        )
    });
    shown.collect()
}

#[tokio::test]
async fn a_log_crosses_to_a_server_and_back_with_the_same_root() {
    Home::on_a_server(async |there| {
        let here = Home::in_a_file();
        let before = school(&here).await;
        cross(&before, there).await;
        let server = there.open().await;
        let back = Home::in_a_file();
        cross(&server, &back).await;
        let again = back.open().await;
        let root = before.ledger.root().await.expect("reads");
        let events = before.ledger.read(0, 1000).await.expect("reads");
        for kernel in [&server, &again] {
            assert_eq!(kernel.ledger.root().await.expect("reads"), root);
            assert_eq!(kernel.ledger.read(0, 1000).await.expect("reads"), events);
            assert_eq!(
                kernel.ledger.checkpoints(5).await.expect("reads"),
                before.ledger.checkpoints(5).await.expect("reads")
            );
            for table in ["codes", "claims"] {
                assert_eq!(kept(kernel, table).await, kept(&before, table).await);
            }
        }
        // Both go on, and a name that was claimed stays claimed.
        for kernel in [&server, &again] {
            say(kernel, room(1), person(1), "und weiter").await;
            let mut unit = kernel.unit(edge_kernel::Order::by(edge_kernel::Actor::Machine));
            unit.claim("login", "ada.beispiel");
            assert!(unit.commit().await.is_err());
        }
        for kernel in [before, server, again] {
            close(kernel).await;
        }
        for home in [&here, there, &back] {
            let report = verify_log(home.path(), home.server.as_ref(), &|_, _| {}).await;
            assert_eq!(report.expect("verifies").problems, []);
        }
        let again = Restore::begin_on(there.server.as_ref().expect("is on a server")).await;
        assert!(again.is_err(), "a database in use is not restored into");
    })
    .await;
}

#[tokio::test]
async fn a_crossing_from_a_log_that_began_on_a_server_has_the_same_root_too() {
    Home::on_a_server(async |there| {
        let server = school(there).await;
        let here = Home::in_a_file();
        cross(&server, &here).await;
        let file = here.open().await;
        let root = server.ledger.root().await.expect("reads");
        assert_eq!(file.ledger.root().await.expect("reads"), root);
        assert_eq!(kept(&file, "codes").await, kept(&server, "codes").await);
        close(server).await;
        close(file).await;
    })
    .await;
}
