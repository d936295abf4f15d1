//! The digest of a fold, so that a browser test can compare it with the native one: same events, same state, same bytes.

use crate::json;
use events::{Recorded, views};
use sha2::{Digest as _, Sha256};
use wasm_bindgen::prelude::wasm_bindgen;

/// SHA-256, in hexadecimal, over the rows of a view folded from a JSON array of events; a sentence instead of a digest
/// when there is no such view or the text holds no events.
#[wasm_bindgen]
#[must_use]
pub fn fold_digest(view: &str, events_json: &str) -> String {
    let Some(mut folded) = views::named(view) else {
        return format!("there is no view called {view}");
    };
    let Ok(events) = json::read::<Vec<Recorded>>(events_json) else {
        return "these are no events".to_owned();
    };
    for event in &events {
        folded.fold(event);
    }
    let rows = serde_json::to_vec(&folded.to_json()).unwrap_or_default();
    Sha256::digest(&rows)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
