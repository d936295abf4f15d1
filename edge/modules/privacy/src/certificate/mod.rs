//! The certificate of an erasure: what was destroyed, when, by whose approval, and how anybody can check it.

mod paper;
mod words;

use events::ids::BatchId;
use events::privacy::{Aged, Approval, Counts, Depth, Span};
use events::{Millis, Position};
use schemars::JsonSchema;
use serde::Serialize;

/// What a school shows to whoever asks whether somebody was really forgotten. It holds nothing about the person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Certificate {
    /// How to read this.
    pub format: &'static str,
    /// The batch.
    pub batch: BatchId,
    /// The retention rule, by name.
    pub rule: String,
    /// The legal basis, in words.
    pub basis: String,
    /// Which single events it concerned, when it forgot nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Aged>,
    /// How much went.
    pub depth: Depth,
    /// How many people it concerned.
    pub people: usize,
    /// Where the log says so.
    pub position: Position,
    /// When, in milliseconds since 1970, UTC.
    pub executed: Millis,
    /// By whose approval: roles and pseudonyms.
    pub approvals: Vec<Approval>,
    /// What was destroyed.
    pub destroyed: Counts,
    /// The keys that exist no more, by id.
    pub keys: Vec<String>,
    /// Where something was sealed under them.
    pub ciphertexts: Vec<Span>,
    /// Where the whole entry was dropped.
    pub headers: Vec<Span>,
    /// SHA-256 over both, as the log has it.
    pub hash: String,
    /// The tree just before the log said so.
    pub before: Head,
    /// The log's size when this was written.
    pub size: Position,
    /// Its root then, in hexadecimal digits.
    pub root: String,
    /// Copies of the keys of an earlier epoch have to be destroyed; none when no key was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    /// How far backups are covered, and what has to be done for it.
    pub backups: String,
}

/// The log's tree at a size.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Head {
    /// How many events.
    pub size: Position,
    /// Their root, in hexadecimal digits.
    pub root: String,
}

/// A certificate with the log's signature.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SignedCertificate {
    /// What it says.
    pub certificate: Certificate,
    /// The same as a signed note: its text is the certificate on one line.
    pub note: String,
    /// The key that verifies it.
    pub key: String,
}

impl Certificate {
    /// The first version.
    pub const FORMAT: &'static str = "schulhof erasure certificate 1";
    /// How far backups are covered, for whoever reads the certificate: `epoch` is how often the keyring had been written anew when
    /// keys were destroyed; none when only single events went.
    #[must_use]
    pub fn backups(epoch: Option<u32>) -> String {
        words::GERMAN.backups(epoch)
    }

    /// The text that is signed: JSON on one line.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}
