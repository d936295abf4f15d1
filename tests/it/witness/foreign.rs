//! The log read by somebody else's program: Cloudflare's `tlog_tiles`, which knows nothing of us, names the tiles it wants, checks
//! them against the checkpoint, and proves entries and growth from them.

use e2e::api::Api;
use e2e::plan::Plan;
use e2e::school::School;
use std::collections::HashMap;
use tlog_tiles::{
    Checkpoint, Error, Hash, Tile, TileHashReader, TileReader, check_record, check_tree,
    prove_record, prove_tree, record_hash, tree_hash,
};

/// Two to the eighth hashes a tile, as c2sp.org/tlog-tiles fixes it.
const HEIGHT: u8 = 8;

/// The tiles of a log, fetched beforehand.
struct Fetched(HashMap<Tile, Vec<u8>>);

impl Fetched {
    async fn of(auditor: &Api, size: u64) -> Self {
        let mut tiles = HashMap::new();
        for tile in Tile::new_tiles(HEIGHT, 0, size) {
            tiles.insert(tile, fetch(auditor, &tile).await);
        }
        Self(tiles)
    }
}

/// The library writes the height into paths, which C2SP leaves out, and calls `data` what C2SP calls `entries`.
async fn fetch(auditor: &Api, tile: &Tile) -> Vec<u8> {
    let path = tile.path().replacen("tile/8/", "/audit/log/tile/", 1);
    let path = path.replacen("/data/", "/entries/", 1);
    let answer = auditor.get(&path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.body
}

impl TileReader for Fetched {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        tiles
            .iter()
            .map(|tile| self.0.get(tile).cloned().ok_or(Error::InvalidTile))
            .collect()
    }

    fn save_tiles(&self, _tiles: &[Tile], _data: &[Vec<u8>]) {}
}

async fn checkpoint(auditor: &Api) -> Checkpoint {
    let note = auditor.get("/audit/log/checkpoint").await.text();
    let end = note.find("\n\n").expect("a signed note") + 1;
    Checkpoint::from_bytes(&note.as_bytes()[..end]).expect("a checkpoint")
}

async fn entries(auditor: &Api, size: u64) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    let bundles = Tile::new_tiles(HEIGHT, 0, size);
    for mut bundle in bundles.into_iter().filter(|tile| tile.level() == 0) {
        bundle.set_is_data();
        let bytes = fetch(auditor, &bundle).await;
        let mut rest = bytes.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
            entries.push(entry.to_vec());
            rest = after;
        }
    }
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_library_finds_every_entry_proven_and_the_log_only_grown() {
    let school = School::open(&Plan::two_classes()).await;
    school.sign_and_ask().await;
    let auditor = school.api("anna");
    let before = checkpoint(auditor).await;
    for number in 0..300 {
        let text = format!("Nachricht {number}");
        school.say("tilda", school.room("5a"), &text).await;
    }
    school.sign_and_ask().await;
    let now = checkpoint(auditor).await;
    let (size, root) = (now.size(), *now.hash());
    assert!(size > before.size() + 256, "{size}");

    let fetched = Fetched::of(auditor, size).await;
    let reader = TileHashReader::new(size, root, &fetched);
    assert_eq!(tree_hash(size, &reader).expect("the tiles fit"), root);
    let entries = entries(auditor, size).await;
    assert_eq!(entries.len() as u64, size);
    for (at, entry) in (0..size).zip(&entries) {
        let proof = prove_record(size, at, &reader).expect("the tiles fit");
        check_record(&proof, size, root, at, record_hash(entry)).expect("the entry is proven");
    }
    let grown = prove_tree(size, before.size(), &reader).expect("the tiles fit");
    check_tree(&grown, size, root, before.size(), *before.hash()).expect("it has only grown");

    // What the machine itself hands to returning browsers is the same proof.
    let path = format!("/api/audit/consistency?from={}&to={size}", before.size());
    let shown = auditor.get(&path).await.ok();
    let hexadecimal = |hash: &Hash| events_proof::tree::to_hex(&hash.0);
    let expected: Vec<String> = grown.iter().map(hexadecimal).collect();
    assert_eq!(shown["path"], serde_json::json!(expected));
}
