//! One picture on every host: the digests of all views over a fixed story are committed. The browser's test folds the same
//! committed events in WebAssembly and compares with the same digests.

use crate::golden::{folder, settle};
use crate::invented::school;
use events::{Recorded, views};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs;

/// SHA-256, in hexadecimal, over the rows of a view; the same function as `fold_digest` of the frontend.
fn digest(view: &str, events: &[Recorded]) -> String {
    let mut folded = views::named(view).expect("the view has a name");
    for event in events {
        folded.fold(event);
    }
    assert!(!folded.is_empty(), "the story says nothing to {view}");
    let rows = serde_json::to_vec(&folded.to_json()).expect("rows can be written");
    Sha256::digest(&rows)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn lines(events: &[Recorded]) -> String {
    let line = |event| serde_json::to_string(event).expect("an event can be sent");
    let lines: Vec<String> = events.iter().map(line).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

#[test]
fn the_same_events_give_the_committed_digests() {
    let path = folder().join("sequence.json");
    settle(&path, &lines(&school()));
    let text = fs::read_to_string(path).expect("the sequence can be read");
    let events: Vec<Recorded> = serde_json::from_str(&text).expect("it holds events");
    let digests: BTreeMap<&str, String> = views::NAMES
        .into_iter()
        .map(|view| (view, digest(view, &events)))
        .collect();
    let text = serde_json::to_string_pretty(&digests).expect("digests are JSON");
    settle(&folder().join("digests.json"), &(text + "\n"));
}
