//! What goes in comes out, whatever its size; what was changed or cut off is noticed.

use super::*;
use object_store::PutPayload;

async fn put(blobs: &Blobs, content: &[u8], limit: u64) -> Result<BlobRef, BlobError> {
    let pieces: Vec<Result<Bytes, std::io::Error>> = content
        .chunks(10_000)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    blobs
        .put(stream::iter(pieces), "text/plain".into(), limit)
        .await
}

async fn read(blobs: &Blobs, blob: &BlobRef, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
    let pieces: Vec<_> = blobs.get(blob, range)?.collect().await;
    Ok(pieces.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 7 % 251) as u8).collect()
}

#[tokio::test]
async fn every_size_and_range_comes_back_byte_for_byte() {
    let directory = tempfile::tempdir().expect("a directory");
    let blobs = Blobs::open(directory.path()).expect("opens");
    for length in [
        0,
        1,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        3 * CHUNK,
        40 * CHUNK + 17,
    ] {
        let content = content(length);
        let blob = put(&blobs, &content, u64::MAX).await.expect("stores");
        assert_eq!(blob.size, length as u64);
        assert_eq!(
            read(&blobs, &blob, 0..u64::MAX).await.expect("reads"),
            content,
            "length {length}"
        );
        for range in [0..1, 5..70_000, 65_535..65_537, 131_072..131_073] {
            let expected: Vec<u8> = content
                .iter()
                .copied()
                .skip(range.start)
                .take(range.end - range.start)
                .collect();
            let got = read(&blobs, &blob, range.start as u64..range.end as u64)
                .await
                .expect("reads");
            assert_eq!(got, expected, "length {length}, range {range:?}");
        }
    }
}

#[tokio::test]
async fn what_is_stored_shows_nothing_and_a_changed_bit_is_noticed() {
    let directory = tempfile::tempdir().expect("a directory");
    let blobs = Blobs::open(directory.path()).expect("opens");
    let content = b"Elternabend ".repeat(20_000);
    let blob = put(&blobs, &content, u64::MAX).await.expect("stores");
    let file = directory.path().join(path(blob.blob).as_ref());
    let mut stored = std::fs::read(&file).expect("reads");
    assert!(!stored.windows(6).any(|window| window == b"Eltern"));
    stored[100_000] ^= 1;
    std::fs::write(&file, &stored).expect("writes");
    assert!(matches!(
        read(&blobs, &blob, 0..u64::MAX).await,
        Err(BlobError::Damaged)
    ));
    std::fs::write(&file, &stored[..(CHUNK + TAG) * 2]).expect("writes");
    let half = BlobRef {
        size: 2 * CHUNK as u64,
        ..blob
    };
    assert!(matches!(
        read(&blobs, &half, 0..u64::MAX).await,
        Err(BlobError::Damaged)
    ));
}

#[tokio::test]
async fn an_upload_that_fails_leaves_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let blobs = Blobs::open(directory.path()).expect("opens");
    assert!(matches!(
        put(&blobs, &content(100_000), 99_999).await,
        Err(BlobError::TooLarge { .. })
    ));
    let cut = stream::iter([
        Ok(Bytes::from_static(b"half")),
        Err(std::io::Error::other("gone")),
    ]);
    assert!(matches!(
        blobs.put(cut, String::new(), u64::MAX).await,
        Err(BlobError::Upload(_))
    ));
    let files = walk(directory.path());
    assert!(files.is_empty(), "left behind: {files:?}");
}

fn walk(directory: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory)
        .expect("lists")
        .map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept_and_what_is_named_or_our_own_stays() {
    let directory = tempfile::tempdir().expect("a directory");
    let before = Blobs::open(directory.path()).expect("opens");
    let named = put(&before, b"named", 9).await.expect("stores");
    let unnamed = put(&before, b"unnamed", 9).await.expect("stores");
    let file = |blob: BlobId, end: &str| {
        let folder = directory.path().join(&blob.to_string()[..2]);
        std::fs::create_dir_all(&folder).expect("ours");
        folder.join(format!("{blob}{end}"))
    };
    let part = file(BlobId(Uuid::from_u128(7)), "#1");
    let foreign = [file(named.blob, "#x"), file(named.blob, ".note")];
    for path in foreign.iter().chain([&part]) {
        std::fs::write(path, [0; 100]).expect("ours");
    }
    drop(before);
    let after = Blobs::open(directory.path()).expect("opens");
    let own = put(&after, b"own", 9).await.expect("stores");
    let swept = after.sweep([named.blob].into()).await.expect("sweeps");
    assert_eq!((swept.parts, swept.blobs), (1, 1));
    assert!(!part.exists() && !file(unnamed.blob, "").exists());
    assert!(foreign.iter().all(|path| path.exists()));
    for blob in [&named, &own] {
        read(&after, blob, 0..9).await.expect("it stays");
    }
    let again = after.sweep([].into()).await.expect("does nothing");
    assert_eq!(
        again,
        Swept::default(),
        "a second sweep would not know its own"
    );
}

#[tokio::test]
async fn in_a_store_that_machines_share_what_is_young_or_named_or_our_own_stays() {
    let store: Arc<dyn ObjectStore> = Arc::new(object_store::memory::InMemory::new());
    let other = Blobs::in_store(Arc::clone(&store));
    let named = put(&other, b"named", 9).await.expect("stores");
    let unnamed = put(&other, &content(200_000), u64::MAX)
        .await
        .expect("stores");
    let foreign = ObjectPath::from("ab/of-somebody-else");
    let is_put = store.put(&foreign, PutPayload::from_static(b"x")).await;
    is_put.expect("puts");
    let here = Blobs::in_store(Arc::clone(&store));
    let own = put(&here, b"own", 9).await.expect("stores");
    let names = [named.blob].into();
    let swept = here.sweep_store(&names, 24).await.expect("sweeps");
    assert_eq!(
        swept,
        Swept::default(),
        "another machine may be about to name it"
    );
    let swept = here.sweep_store(&names, 0).await.expect("sweeps");
    let bytes = sealed_length(200_000);
    let expected = Swept {
        blobs: 1,
        bytes,
        ..Swept::default()
    };
    assert_eq!(swept, expected);
    assert_eq!(here.length(unnamed.blob).await.expect("asks"), None);
    for blob in [&named, &own] {
        read(&here, blob, 0..9).await.expect("it stays");
    }
    store.head(&foreign).await.expect("it stays");
}

#[tokio::test]
async fn what_comes_sealed_from_elsewhere_is_stored_only_when_it_is_what_was_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let here = Blobs::open(directory.path()).expect("opens");
    let there = Blobs::in_store(Arc::new(object_store::memory::InMemory::new()));
    for length in [0, 1, 100_000] {
        let blob = put(&here, &content(length), u64::MAX)
            .await
            .expect("stores");
        let sealed = || async {
            let found = here.sealed(blob.blob).await.expect("reads");
            found.expect("is there")
        };
        let broken = sealed()
            .await
            .map(|piece| piece.map(|bytes| bytes.slice(1..)));
        let refused = there.put_sealed(&blob, broken).await;
        assert!(matches!(refused, Err(BlobError::Damaged)), "{refused:?}");
        assert_eq!(there.length(blob.blob).await.expect("asks"), None);
        there
            .put_sealed(&blob, sealed().await)
            .await
            .expect("stores");
        let got = read(&there, &blob, 0..u64::MAX).await.expect("reads");
        assert_eq!(got, content(length));
    }
}
