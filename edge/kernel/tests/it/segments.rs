//! Segments of a real log: they hold what is stored, erased entries keep their leaf, and nothing unfinished has a name.

use crate::support::{add_person, close, open, person, room, say};
use edge_kernel::ledger::segment::{Head, SegmentName, SegmentReader};
use edge_kernel::ledger::{Export, Said, Stored};
use events::ids::BatchId;
use events::privacy::{Counts, Depth, PrivacyEvent, Span};
use events_proof::tree::{Frontier, leaf_hash};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;

async fn talk(directory: &Path, messages: u64) -> edge_kernel::Kernel {
    let kernel = open(directory).await;
    add_person(&kernel, person(1), "Ada").await;
    for number in 0..messages {
        let text = format!("Nachricht {number}");
        say(&kernel, room(1 + u128::from(number % 3)), person(1), &text).await;
    }
    kernel
}

/// Carries out an erasure, as if the log said that somebody's ciphertext and another entry may be missing.
pub(crate) async fn erase(kernel: &edge_kernel::Kernel, ciphertext: u64, header: u64) {
    let (ciphertexts, headers) = (
        vec![Span(ciphertext, ciphertext)],
        vec![Span(header, header)],
    );
    let event = PrivacyEvent::ErasureExecuted {
        batch: BatchId(uuid::Uuid::from_u128(1)),
        rule: String::new(),
        basis: String::new(),
        depth: Depth::Header,
        keys: Vec::new(),
        ciphertexts,
        headers,
        hash: String::new(),
        counts: Counts::default(),
        approvals: Vec::new(),
    };
    let said = Said {
        position: kernel.ledger.size() + 1,
        event,
    };
    let done = kernel.erase(&said, async { Ok(()) }, &|_| Ok(()));
    done.await.expect("erases");
    let left = kernel.leave_nothing(&|_| Ok(()));
    left.await.expect("nobody reads an old state");
}

#[tokio::test]
async fn segments_hold_what_is_stored_with_the_leaves_of_what_was_erased() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = talk(directory.path(), 290).await;
    let size = kernel.ledger.size();
    let sound: Vec<Stored> = kernel.ledger.stored(0, 1000).await.expect("reads");
    erase(&kernel, 50, 60).await;
    let into = tempfile::tempdir().expect("a directory");
    let written = kernel
        .ledger
        .write_segments(into.path(), 0, u64::MAX, &|_, _| {})
        .await
        .expect("writes");
    assert_eq!(written.len(), 1);
    let files: Vec<String> = into
        .path()
        .read_dir()
        .expect("reads")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(files, [written[0].name.to_string()]);
    assert_eq!(SegmentName::parse(&files[0]), Some(written[0].name));
    let file = std::fs::File::open(into.path().join(&files[0])).expect("opens");
    let mut reader = SegmentReader::open(file).expect("is a segment");
    let mut tree = Frontier::default();
    while let Some(block) = reader.next_block().expect("is whole") {
        for piece in block.iter() {
            let row = &sound[usize::try_from(piece.position).expect("few") - 1];
            let entry = row.entry.as_deref().expect("was there");
            match piece.position {
                60 => assert_eq!(piece.head, Head::Erased(leaf_hash(entry))),
                _ => assert_eq!(piece.head, Head::Entry(entry)),
            }
            let structure = usize::from(entry[84 + 17]);
            let body = match piece.position {
                50 => row.body.as_deref().map(|body| &body[..structure]),
                60 => None,
                _ => row.body.as_deref(),
            };
            assert_eq!(piece.body, body);
            tree.push(piece.leaf(), |_, _, _| {});
        }
    }
    assert_eq!(tree.size(), size);
    let export = Export::open(directory.path(), None).await.expect("opens");
    assert_eq!((export.size(), export.root()), (size, tree.root()));
    close(kernel).await;
}

#[tokio::test]
async fn a_segment_begins_where_segments_begin_and_needs_every_event() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = talk(directory.path(), 10).await;
    let into = tempfile::tempdir().expect("a directory");
    let begun = kernel
        .ledger
        .write_segments(into.path(), 3, 9, &|_, _| {})
        .await;
    let error = begun.expect_err("is refused").to_string();
    assert!(error.contains("65,536"), "{error}");
    // An event that is not there.
    let log = directory.path().join("log.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(log);
    let mut db = options.connect().await.expect("connects");
    let first: i64 = sqlx::query_scalar("SELECT max(first) FROM kernel_block WHERE first <= 5")
        .fetch_one(&mut db)
        .await
        .expect("reads");
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "DROP TRIGGER kernel_block_is_append_only; DELETE FROM kernel_block WHERE first = {first}"
    )))
    .execute(&mut db)
    .await
    .expect("tampers");
    db.close().await.expect("closes");
    let written = kernel
        .ledger
        .write_segments(into.path(), 0, 9, &|_, _| {})
        .await;
    let error = written.expect_err("is refused").to_string();
    assert!(error.contains(&format!("position {first}")), "{error}");
    assert!(
        !into
            .path()
            .read_dir()
            .expect("reads")
            .flatten()
            .any(|file| file.file_name() != "unfinished")
    );
    close(kernel).await;
}

#[tokio::test]
async fn an_export_at_an_earlier_position_has_the_root_of_then() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = talk(directory.path(), 700).await;
    close(kernel).await;
    let into = tempfile::tempdir().expect("a directory");
    for until in [1, 255, 256, 257, 511, 512, 640, 703] {
        let mut export = Export::open(directory.path(), Some(until))
            .await
            .expect("opens");
        assert_eq!(export.size(), until);
        // Refused unless the entries lead to the root that the tiles tell.
        export
            .segments(into.path(), &|_, _| {})
            .await
            .expect("writes");
        let note = export.newest_checkpoint().await.expect("is signed");
        let read = events_proof::note::verify(&note, &export.verifier_key()).expect("is signed");
        assert_eq!((read.size, read.root), (until, export.root()));
    }
}
