//! Segments of a real log: they hold what is stored, erased entries keep their leaf, and nothing unfinished has a name.

use crate::support::{add_person, close, open, person, room, say};
use edge_kernel::ledger::segment::{Head, SegmentName, SegmentReader};
use edge_kernel::ledger::{Export, Stored};
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

/// Empties two rows as an erasure does: of the one its body, of the other everything but its leaf hash.
async fn empty(log: &Path, body: i64, entry: i64, leaf: &[u8]) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(log);
    let mut db = options.connect().await.expect("connects");
    let statements = [
        (
            "UPDATE kernel_event SET body = NULL WHERE position = ?2",
            body,
        ),
        (
            "UPDATE kernel_event SET entry = NULL, body = ?1 WHERE position = ?2",
            entry,
        ),
    ];
    for (statement, position) in statements {
        let done = sqlx::query(statement)
            .bind(leaf)
            .bind(position)
            .execute(&mut db)
            .await;
        done.expect("empties");
    }
    db.close().await.expect("closes");
}

#[tokio::test]
async fn segments_hold_what_is_stored_with_the_leaves_of_what_was_erased() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = talk(directory.path(), 290).await;
    let size = kernel.ledger.size();
    let sound: Vec<Stored> = kernel.ledger.stored(0, 1000).await.expect("reads");
    let leaf = leaf_hash(sound[59].entry.as_deref().expect("is there"));
    empty(&directory.path().join("log.db"), 50, 60, &leaf).await;
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
            let body = row
                .body
                .as_deref()
                .filter(|_| ![50, 60].contains(&row.position));
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
async fn a_segment_begins_where_segments_begin_and_needs_every_leaf() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = talk(directory.path(), 10).await;
    let into = tempfile::tempdir().expect("a directory");
    let begun = kernel
        .ledger
        .write_segments(into.path(), 3, 9, &|_, _| {})
        .await;
    let error = begun.expect_err("is refused").to_string();
    assert!(error.contains("65,536"), "{error}");
    // Nobody knows the leaf any more.
    empty(&directory.path().join("log.db"), 4, 5, &[]).await;
    let written = kernel
        .ledger
        .write_segments(into.path(), 0, 9, &|_, _| {})
        .await;
    let error = written.expect_err("is refused").to_string();
    assert!(error.contains("position 5"), "{error}");
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
