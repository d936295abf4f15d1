//! Writes an export as FORMAT.md says, of invented events: a second hand in the format, so that what the server writes and
//! what the verifier reads are not only true to one another.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::path::Path;

pub(crate) type Hash = [u8; 32];

/// An event: its entry, and its body unless that was erased. An entry that was erased is its leaf hash.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) entry: Result<Vec<u8>, Hash>,
    pub(crate) body: Option<Vec<u8>>,
}

pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    Sha256::digest(parts.concat()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

/// Numbers without a pattern (xorshift).
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let words = (0..length.div_ceil(8)).flat_map(|_| self.next().to_le_bytes());
        words.take(length).collect()
    }
}

/// The events of a log in which so many streams take turns, two parts in each body.
pub(crate) fn events(count: u64, streams: u64) -> impl Iterator<Item = Event> {
    let mut noise = Noise(count + 1);
    (1..=count).map(move |position| {
        let stream = (position - 1) % streams;
        let version = u32::try_from((position - 1) / streams + 1).expect("few");
        let parts = [
            noise.bytes(96),
            noise.bytes(80 + 16 * (position % 4) as usize),
        ];
        let mut entry = vec![1, 0, 1, 2];
        entry.extend(position.to_le_bytes());
        entry.extend((1_795_420_800_000 + 37 * position).to_le_bytes());
        entry.extend(noise.bytes(16));
        entry.extend(sha256(&[&stream.to_le_bytes()])[..16].to_vec());
        entry.extend(version.to_le_bytes());
        entry.extend([45, 1, 1, 0]);
        entry.extend(sha256(&[b"actor", &(position % 200).to_le_bytes()])[..16].to_vec());
        entry.extend(0_u64.to_le_bytes());
        for part in &parts {
            entry.push(0);
            entry.extend(sha256(&[b"key", &(position % 300).to_le_bytes()])[..16].to_vec());
            entry.extend(u32::try_from(part.len()).expect("short").to_le_bytes());
            entry.extend(sha256(&[part]));
        }
        Event {
            entry: Ok(entry),
            body: Some(parts.concat()),
        }
    })
}

/// An `ErasureExecuted` as far as the verifier knows it: kind 502, and an unsealed part with the hash of the ranges.
pub(crate) fn erasure(instead_of: &Event, ranges: &str) -> Event {
    let part = format!("{{\"hash\":\"{}\"}}", hex(&sha256(&[ranges.as_bytes()])));
    let mut entry = instead_of.entry.clone().expect("is whole");
    entry[3] = 1;
    entry[56..58].copy_from_slice(&502_u16.to_le_bytes());
    entry.truncate(84);
    entry.push(0);
    entry.extend([0; 16]);
    entry.extend(u32::try_from(part.len()).expect("short").to_le_bytes());
    entry.extend(sha256(&[part.as_bytes()]));
    Event {
        entry: Ok(entry),
        body: Some(part.into_bytes()),
    }
}

pub(crate) fn leaf(event: &Event) -> Hash {
    match &event.entry {
        Ok(entry) => sha256(&[&[0], entry]),
        Err(leaf) => *leaf,
    }
}

/// The root of RFC 6962 by its definition.
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [one] => *one,
        more => {
            let (left, right) = more.split_at(1 << (more.len() - 1).ilog2());
            sha256(&[&[1], &root(left), &root(right)])
        }
    }
}

/// An entry as a segment of version 2 has it: without position, and without the hashes of what lies in the body.
fn short(entry: &[u8], body: &[u8]) -> Vec<u8> {
    let mut short = [&entry[..4], &entry[12..84]].concat();
    let parts: Vec<&[u8]> = entry[84..].chunks(53).collect();
    short.extend(parts.iter().flat_map(|part| part[..21].to_vec()));
    let (mut end, mut gone) = (0, parts.len());
    for part in &parts {
        end += part[17..21]
            .iter()
            .rev()
            .fold(0, |sum, byte| 256 * sum + usize::from(*byte));
        gone -= usize::from(end <= body.len());
    }
    let gone = parts[parts.len() - gone..].iter();
    short.extend(gone.flat_map(|part| part[21..].to_vec()));
    short
}

pub(crate) fn segment(version: u32, first: u64, events: &[Event]) -> (String, Vec<u8>) {
    let count = u32::try_from(events.len()).expect("few");
    let mut bytes = b"schulhof segment".to_vec();
    bytes.extend(version.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(first.to_le_bytes());
    // What the hash at the end covers.
    let mut hashed = bytes.clone();
    for block in events.chunks(1024) {
        let state = |event: &Event| match (&event.entry, &event.body) {
            (Ok(_), Some(_)) => 3,
            (Ok(_), None) => 1,
            (Err(_), _) => 0,
        };
        let body = |event: &Event| event.body.clone().unwrap_or_default();
        let entry = |event: &Event| match &event.entry {
            Ok(entry) if version == 2 => short(entry, &body(event)),
            entry => entry.clone().unwrap_or_default(),
        };
        let mut columns = Vec::new();
        if version == 1 {
            columns.extend(block.iter().map(state));
        }
        columns.extend(
            block
                .iter()
                .flat_map(|event| (entry(event).len() as u16).to_le_bytes()),
        );
        columns.extend(
            block
                .iter()
                .flat_map(|event| (body(event).len() as u32).to_le_bytes()),
        );
        columns.extend(block.iter().flat_map(|event| leaf(event)[..4].to_vec()));
        columns.extend(
            block
                .iter()
                .filter_map(|event| event.entry.as_ref().err())
                .flatten(),
        );
        bytes.extend(&columns);
        hashed.extend(&columns);
        let entries: Vec<u8> = block.iter().flat_map(entry).collect();
        let packed = match entries.is_empty() {
            true => Vec::new(),
            false => zstd::bulk::compress(&entries, 1).expect("it packs"),
        };
        if version == 1 {
            bytes.extend((packed.len() as u32).to_le_bytes());
            bytes.extend(packed);
        } else {
            bytes.extend(entries);
        }
        bytes.extend(block.iter().flat_map(body));
    }
    let mut footer = b"segment complete".to_vec();
    footer.extend((bytes.len() as u64).to_le_bytes());
    if version == 2 {
        footer.extend(root(&events.iter().map(leaf).collect::<Vec<_>>()));
    }
    bytes.extend(&footer);
    hashed.extend(&footer);
    let sum = sha256(&[if version == 1 { &bytes } else { &hashed }]);
    bytes.extend(sum);
    (
        format!("segments/{first:020}-{count}-{}.segment", hex(&sum)),
        bytes,
    )
}

const ORIGIN: &str = "schulhof/test";

pub(crate) fn signing() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn key_id_and_text() -> ([u8; 4], String) {
    let key = [&[1][..], &signing().verifying_key().to_bytes()].concat();
    let hash = sha256(&[ORIGIN.as_bytes(), b"\n", &key]);
    let id = [hash[0], hash[1], hash[2], hash[3]];
    (
        id,
        format!("{ORIGIN}+{}+{}", hex(&id), STANDARD.encode(key)),
    )
}

pub(crate) fn verifier_key() -> String {
    key_id_and_text().1
}

pub(crate) fn checkpoint(size: u64, root: &Hash) -> String {
    let text = format!("{ORIGIN}\n{size}\n{}\n", STANDARD.encode(root));
    let signature = signing().sign(text.as_bytes()).to_bytes();
    let blob = [&key_id_and_text().0[..], &signature].concat();
    format!("{text}\n\u{2014} {ORIGIN} {}\n", STANDARD.encode(blob))
}

/// Writes an export; `older` are the sizes of older checkpoints.
pub(crate) fn export(to: &Path, events: &[Event], older: &[usize], erasures: &str) {
    export_of_version(2, to, events, older, erasures);
}

/// The same with segments of an older version.
pub(crate) fn export_of_version(
    version: u32,
    to: &Path,
    events: &[Event],
    older: &[usize],
    erasures: &str,
) {
    let leaves: Vec<Hash> = events.iter().map(leaf).collect();
    let root_of = |size: usize| root(&leaves[..size]);
    let mut files = vec![
        (
            "verifier.key".to_owned(),
            format!("{}\n", verifier_key()).into_bytes(),
        ),
        ("erasures.json".to_owned(), erasures.as_bytes().to_vec()),
        (
            "checkpoints/newest".to_owned(),
            checkpoint(events.len() as u64, &root_of(events.len())).into_bytes(),
        ),
    ];
    let lines = older.iter().map(|size| {
        let note = checkpoint(*size as u64, &root_of(*size));
        format!("{}\n", serde_json::json!({ "size": size, "note": note }))
    });
    files.push((
        "checkpoints/older.jsonl".to_owned(),
        lines.collect::<String>().into_bytes(),
    ));
    for (number, chunk) in events.chunks(65_536).enumerate() {
        files.push(segment(version, number as u64 * 65_536 + 1, chunk));
    }
    for folder in ["segments", "checkpoints"] {
        fs::create_dir_all(to.join(folder)).expect("the directory is ours");
    }
    for (path, bytes) in &files {
        fs::write(to.join(path), bytes).expect("the directory is ours");
    }
    sign(
        version,
        to,
        &files,
        events.len() as u64,
        &root_of(events.len()),
    );
}

/// Writes and signs the manifest.
fn sign(version: u32, to: &Path, files: &[(String, Vec<u8>)], size: u64, root: &Hash) {
    let listed = files.iter().map(|(path, bytes)| {
        // A segment's name has a hash that leads to all of its bytes.
        if version == 2 && path.starts_with("segments/") {
            return serde_json::json!({ "path": path, "bytes": bytes.len() });
        }
        serde_json::json!({ "path": path, "bytes": bytes.len(), "sha256": hex(&sha256(&[bytes])) })
    });
    let manifest = serde_json::json!({
        "format": format!("schulhof export {version}"),
        "origin": ORIGIN,
        "size": size,
        "root": hex(root),
        "files": listed.collect::<Vec<_>>(),
    });
    let manifest = manifest.to_string();
    let message = format!("schulhof export manifest 1\n{manifest}");
    let signature = hex(&signing().sign(message.as_bytes()).to_bytes()) + "\n";
    fs::write(to.join("manifest.json"), manifest).expect("the directory is ours");
    fs::write(to.join("manifest.json.sig"), signature).expect("the directory is ours");
}
