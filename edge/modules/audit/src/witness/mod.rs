//! Witnesses: others who note how far this log had come and refuse to note a rewritten one, and this machine doing the same for
//! others. What is decided is pure (`policy`, `judge`); who carries the question is told by [`crate::needs::Way`].

mod ask;
mod brought;
mod judge;
mod policy;
mod serve;

pub use policy::{Peer, Policy, PolicyError};
pub(crate) use serve::OwnKey;
pub use serve::Served;

pub(crate) use brought::Brought;
pub(crate) use judge::{Refusal, claimed_origin, is_signed, judge};
pub(crate) use policy::{LATE, Standing};

use crate::store::Kept;
use events::Millis;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Why a witness has not cosigned the newest checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// No answer, or none that can be read.
    Silent,
    /// It does not know this log or its key: its operator has to enter it.
    Unknown,
    /// It answers under another key than the configured one.
    OtherKey,
    /// It has seen a larger log than there is here: this one was set back.
    Ahead,
    /// It has seen another history: one of the two is forged.
    Disagrees,
}

/// What is remembered of the witnesses while the machine runs.
#[derive(Default)]
pub(crate) struct Memory(Mutex<HashMap<String, Tries>>);

/// How asking one witness went.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tries {
    pub(crate) trouble: Option<Trouble>,
    pub(crate) failures: u32,
    /// Not to be asked before.
    pub(crate) not_before: Millis,
}

impl Memory {
    pub(crate) fn of(&self, key: &str) -> Tries {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.get(key).copied().unwrap_or_default()
    }

    pub(crate) fn note(&self, key: &str, tries: Tries) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.insert(key.to_owned(), tries);
    }
}

/// A witness as the administration sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Seen {
    /// The name in the configuration.
    pub name: String,
    /// The size that it cosigned last; 0 for never.
    pub size: u64,
    /// When, in milliseconds since 1970, UTC.
    pub at: Option<Millis>,
    /// Whether that is less than an hour ago.
    pub fresh: bool,
    /// What was wrong when it was asked last.
    pub trouble: Option<Trouble>,
}

/// How far the school's log is witnessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Outlook {
    /// Cosignatures that the policy asks for; 0 when there are no witnesses.
    pub need: usize,
    /// Witnesses whose last cosignature is less than an hour old.
    pub fresh: usize,
    /// Whether too few have cosigned for an hour.
    pub alarm: bool,
    /// Each witness.
    pub witnesses: Vec<Seen>,
}

impl Outlook {
    pub(crate) fn of(policy: &Policy, kept: &[Kept], memory: &Memory, now: Millis) -> Self {
        let standing = Standing::of(policy, kept, now);
        let witnesses = policy.peers().iter().map(|peer| {
            let kept = kept.iter().find(|kept| kept.key == peer.key);
            let at = kept.and_then(|kept| kept.at);
            Seen {
                name: peer.name.clone(),
                size: kept.map_or(0, |kept| kept.size),
                at,
                fresh: at.is_some_and(|at| at + LATE > now),
                trouble: memory.of(&peer.key).trouble,
            }
        });
        let witnesses: Vec<Seen> = witnesses.collect();
        Self {
            need: policy.need(),
            fresh: witnesses.iter().filter(|seen| seen.fresh).count(),
            alarm: standing.alarm,
            witnesses,
        }
    }
}
