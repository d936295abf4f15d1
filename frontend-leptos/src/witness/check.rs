//! Whether the log that is shown today began as the one that was seen before. Pure.

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
    /// The school shows another key than before. A move to a new machine will bring the new key signed by the old one, in the log
    /// that the old one signed; until such a chain can be checked here, every other key is a reason to ask.
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

    /// How many entries the log had.
    pub(super) fn size(&self) -> u64 {
        self.checkpoint().map_or(0, |checkpoint| checkpoint.size)
    }
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
    if seen.is_some_and(|seen| seen.key != shown.key) {
        return Err(doubt(Reason::OtherKey));
    }
    let Some(now) = &now else {
        return Err(doubt(Reason::NotSigned));
    };
    if let Some(before) = &before {
        if now.size < before.size {
            return Err(doubt(Reason::Smaller));
        }
        let path = shown.path.iter().flatten();
        let path: Option<Vec<Hash>> = path.map(|hash| from_hex(hash)?.try_into().ok()).collect();
        let has_grown = path.is_some_and(|path| {
            is_consistent(before.size, &before.root, now.size, &now.root, &path)
        });
        if !has_grown {
            return Err(doubt(Reason::Rewritten));
        }
    }
    Ok(Seen {
        key: shown.key.clone(),
        note: shown.checkpoint.clone(),
    })
}
