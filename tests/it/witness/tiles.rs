//! The log read as a public tool would: checkpoint, tiles and bundles by c2sp.org/tlog-tiles, hashed by code of this file alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2e::api::Api;
use e2e::plan::Plan;
use e2e::school::School;
use sha2::{Digest as _, Sha256};

type Hash = [u8; 32];

fn leaf(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

fn root(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(1 << (many.len() - 1).ilog2());
            Sha256::new()
                .chain_update([1])
                .chain_update(root(left))
                .chain_update(root(right))
                .finalize()
                .into()
        }
    }
}

/// Origin, size and root of a checkpoint.
fn checkpoint(note: &str) -> (String, usize, Hash) {
    let mut lines = note.lines();
    let mut next = || lines.next().expect("a line of the checkpoint").to_owned();
    let (origin, size, root) = (next(), next(), next());
    let root = STANDARD.decode(root).expect("base64");
    let root = root.try_into().expect("32 bytes");
    (origin, size.parse().expect("a size"), root)
}

/// All resources of a level for a size, with the number of elements in each.
fn parts(elements: usize) -> Vec<(String, usize)> {
    let whole = (0..elements / 256).map(|index| (format!("{index:03}"), 256));
    let rest = elements % 256;
    let partial = (rest > 0).then(|| (format!("{:03}.p/{rest}", elements / 256), rest));
    whole.chain(partial).collect()
}

async fn fetch(auditor: &Api, path: &str) -> Vec<u8> {
    let answer = auditor.get(&format!("/audit/log/{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert!(answer.header("cache-control").contains("immutable"));
    assert!(answer.header("cache-control").contains("private"));
    answer.body
}

async fn tiles(auditor: &Api, level: u32, elements: usize) -> Vec<Hash> {
    let mut hashes = Vec::new();
    for (path, width) in parts(elements) {
        let tile = fetch(auditor, &format!("tile/{level}/{path}")).await;
        let (found, rest) = tile.as_chunks::<32>();
        assert_eq!((found.len(), rest.len()), (width, 0), "{path}");
        hashes.extend(found);
    }
    hashes
}

async fn entries(auditor: &Api, elements: usize) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for (path, width) in parts(elements) {
        let bundle = fetch(auditor, &format!("tile/entries/{path}")).await;
        let mut rest = bundle.as_slice();
        for _ in 0..width {
            let (length, after) = rest.split_first_chunk::<2>().expect("a length");
            let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
            entries.push(entry.to_vec());
            rest = after;
        }
        assert!(rest.is_empty(), "{path} holds more than it should");
    }
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_tool_reads_the_whole_log_and_comes_to_the_signed_root() {
    let school = School::open(&Plan::two_classes()).await;
    for number in 0..300 {
        let text = format!("Nachricht {number}");
        school.say("tilda", school.room("5a"), &text).await;
    }
    school.sign_and_ask().await;
    let auditor = school.api("anna");
    let looks = async || {
        let head = school.api("anna").get("/api/session").await.ok();
        let path = format!("/api/audit/entries?limit=500&at_least={}", head["position"]);
        let page = school.api("anna").search(&path, "viewed").await.ok();
        page["rows"].as_array().map_or(0, Vec::len)
    };
    let before = looks().await;
    let answer = auditor.get("/audit/log/checkpoint").await;
    assert_eq!(
        answer.header("content-type"),
        "text/plain; charset=utf-8",
        "{}",
        answer.text()
    );
    let (origin, size, signed) = checkpoint(&answer.text());
    assert!(origin.starts_with("schulhof/"), "{origin}");
    assert!(size > 300, "{size}");

    let leaves = tiles(auditor, 0, size).await;
    assert_eq!(root(&leaves), signed, "the leaves lead to the signed root");
    let read = entries(auditor, size).await;
    let hashed: Vec<Hash> = read.iter().map(|entry| leaf(entry)).collect();
    assert_eq!(hashed, leaves, "every entry is the pre-image of its leaf");
    let upper = tiles(auditor, 1, size / 256).await;
    let computed: Vec<Hash> = leaves.chunks_exact(256).map(root).collect();
    assert_eq!(
        upper, computed,
        "the second level holds the roots of the first"
    );

    // One event for the first listing, one for all of the tool's reading.
    assert_eq!(
        looks().await,
        before + 2,
        "looking is logged, not each tile"
    );
    for nothing in [
        "tile/0/999",
        "tile/0/0",
        "tile/64/000",
        "tile/7/000.p/1",
        "tile/entries/x000/000",
        "tile/entries/000.p/256",
    ] {
        let answer = auditor.get(&format!("/audit/log/{nothing}")).await;
        assert_eq!(answer.status, 404, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_signed_in_browser_gets_a_proof_that_the_log_has_only_grown() {
    let school = School::open(&Plan::two_classes()).await;
    school.sign_and_ask().await;
    let paul = school.api("paul");
    let first = paul.get("/api/audit/consistency").await.ok();
    let (_, old, old_root) = checkpoint(&super::text(&first["checkpoint"]));
    school.say("tilda", school.room("5a"), "Noch etwas").await;
    school.sign_and_ask().await;
    let path = format!("/api/audit/consistency?from={old}");
    let later = paul.get(&path).await.ok();
    let (_, new, new_root) = checkpoint(&super::text(&later["checkpoint"]));
    assert!(new > old);
    let proof: Vec<Hash> = later["path"]
        .as_array()
        .expect("a proof")
        .iter()
        .map(|hash| {
            let bytes = events_proof::tree::from_hex(hash.as_str().expect("text"));
            bytes.expect("hexadecimal").try_into().expect("32 bytes")
        })
        .collect();
    let shown =
        events_proof::tree::is_consistent(old as u64, &old_root, new as u64, &new_root, &proof);
    assert!(shown);
    let path = format!("/api/audit/consistency?from={}", new + 1000);
    assert!(paul.get(&path).await.ok()["path"].is_null());
}
