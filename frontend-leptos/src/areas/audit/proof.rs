//! The check, in the auditor's browser, that an entry belongs to the log that the school has signed. Pure.

use super::envelope::Envelope;
use events::Position;
use events_proof::note::{self, Checkpoint};
use events_proof::tree::{Hash, from_hex, leaf_hash, root_from_inclusion, to_hex};
use serde::Deserialize;

/// An entry and its proof, as `/api/audit/proof/{position}` answers it; hashes and bytes in hexadecimal.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Proof {
    entry: String,
    pub(super) index: u64,
    pub(super) size: u64,
    pub(super) root: String,
    pub(super) path: Vec<String>,
    pub(super) checkpoint: String,
    pub(super) key: String,
}

/// What the check found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// The entry belongs to the signed log; its leaf hash, and what it says.
    Holds { leaf: String, envelope: Envelope },
    /// The answer is not readable.
    Unreadable,
    /// The answer is about another entry than the one asked for.
    OtherEntry,
    /// The path does not lead from the entry to the root.
    NotInTree,
    /// The signature is not the key's.
    NotSigned,
    /// What is signed is another log or another state of it.
    OtherCheckpoint,
}

impl Proof {
    /// Checks that it is about `position`, and checks path, root and signature.
    pub(super) fn check(&self, position: Position) -> Verdict {
        let Some((entry, root, path)) = self.read() else {
            return Verdict::Unreadable;
        };
        let Some(envelope) = Envelope::read(&entry) else {
            return Verdict::Unreadable;
        };
        if envelope.position != position || self.index.checked_add(1) != Some(position) {
            return Verdict::OtherEntry;
        }
        let leaf = leaf_hash(&entry);
        if root_from_inclusion(leaf, self.index, self.size, &path) != Some(root) {
            return Verdict::NotInTree;
        }
        match note::verify(&self.checkpoint, &self.key) {
            Err(_) => Verdict::NotSigned,
            Ok(Checkpoint {
                size, root: signed, ..
            }) if size == self.size && signed == root => Verdict::Holds {
                leaf: to_hex(&leaf),
                envelope,
            },
            Ok(_) => Verdict::OtherCheckpoint,
        }
    }

    fn read(&self) -> Option<(Vec<u8>, Hash, Vec<Hash>)> {
        let path: Option<Vec<Hash>> = self.path.iter().map(|step| hash(step)).collect();
        Some((from_hex(&self.entry)?, hash(&self.root)?, path?))
    }
}

fn hash(text: &str) -> Option<Hash> {
    from_hex(text)?.try_into().ok()
}
