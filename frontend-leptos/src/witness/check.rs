//! Whether the log that is shown today began as the one that was seen before. Pure.

use events_proof::handover::{Handover, Proven};
use events_proof::note::{Checkpoint, verify};
use events_proof::tree::{Hash, from_hex, is_consistent};
use serde::Deserialize;

/// The signed state that was seen last, and the key under which it was believed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    key: String,
    pub(super) note: String,
}

/// What `/api/audit/consistency` answers.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Shown {
    path: Option<Vec<String>>,
    pub(super) checkpoint: String,
    key: String,
    #[serde(default)]
    handovers: Vec<Followed>,
}

/// How one key gave way to the next, and that the log shown goes on from there.
#[derive(Clone, Debug, Default, Deserialize)]
struct Followed {
    proof: String,
    path: Vec<String>,
}

/// Why the log is not believed to be the one that was seen before, and how many entries it had and has.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Doubt {
    pub(super) reason: Reason,
    pub(super) before: u64,
    pub(super) now: u64,
}

/// A reason for doubt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reason {
    /// The log is smaller than it was.
    Smaller,
    /// What was seen before is not the beginning of what is shown now.
    Rewritten,
    /// What is shown is not signed by the key that is believed.
    NotSigned,
    /// The school shows another key than before, and no proof that the log was handed over to it.
    OtherKey,
}

impl Seen {
    /// What was kept, if it is whole: the key in the first line, the note below.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (key, note) = text.split_once('\n')?;
        let (key, note) = (key.to_owned(), note.to_owned());
        let seen = Self { key, note };
        seen.checkpoint().map(|_| seen)
    }

    /// As it is kept.
    pub(super) fn text(&self) -> String {
        format!("{}\n{}", self.key, self.note)
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        verify(&self.note, &self.key).ok()
    }

    /// Whether the key that is believed has handed the log over to the one that is shown, step by step, after what was seen.
    fn leads_to(&self, shown: &Shown, now: &Checkpoint) -> bool {
        let mut key = self.key.clone();
        for followed in &shown.handovers {
            let proven = Handover::parse(&followed.proof).and_then(|one| one.prove(&key).ok());
            match proven {
                Some(Proven {
                    checkpoint,
                    successor,
                }) if checkpoint.size >= self.size()
                    && has_grown(&checkpoint, now, &followed.path) =>
                {
                    key = successor;
                }
                Some(_) | None => return false,
            }
        }
        key == shown.key
    }

    /// How many entries the log had.
    pub(super) fn size(&self) -> u64 {
        self.checkpoint().map_or(0, |checkpoint| checkpoint.size)
    }
}

impl Shown {
    /// What is shown, to be remembered in place of what was seen; none when the key that is shown has not signed it.
    pub(super) fn accepted(&self) -> Option<Seen> {
        let (key, note) = (self.key.clone(), self.checkpoint.clone());
        Seen::read(&Seen { key, note }.text())
    }
}

/// Whether a path in hexadecimal digits proves that the log has only grown.
fn has_grown(before: &Checkpoint, now: &Checkpoint, path: &[String]) -> bool {
    let path: Option<Vec<Hash>> = path
        .iter()
        .map(|hash| from_hex(hash)?.try_into().ok())
        .collect();
    path.is_some_and(|path| is_consistent(before.size, &before.root, now.size, &now.root, &path))
}

/// What is to be remembered: what is shown, when it has only grown from what was seen. The first sight is believed.
pub(super) fn check(seen: Option<&Seen>, shown: &Shown) -> Result<Seen, Doubt> {
    let before = seen.and_then(Seen::checkpoint);
    let now = verify(&shown.checkpoint, &shown.key).ok();
    let doubt = |reason| Doubt {
        reason,
        before: before.as_ref().map_or(0, |before| before.size),
        now: now.as_ref().map_or(0, |now| now.size),
    };
    let leads = |seen: &Seen| {
        seen.key == shown.key || now.as_ref().is_some_and(|now| seen.leads_to(shown, now))
    };
    if !seen.is_none_or(leads) {
        return Err(doubt(Reason::OtherKey));
    }
    let Some(now) = &now else {
        return Err(doubt(Reason::NotSigned));
    };
    if let Some(before) = &before {
        if now.size < before.size {
            return Err(doubt(Reason::Smaller));
        }
        if !has_grown(before, now, shown.path.as_deref().unwrap_or_default()) {
            return Err(doubt(Reason::Rewritten));
        }
    }
    Ok(Seen {
        key: shown.key.clone(),
        note: shown.checkpoint.clone(),
    })
}
