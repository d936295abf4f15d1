//! Whether a checkpoint that another school brings may be cosigned (c2sp.org/tlog-witness). Pure.

use events_proof::note::{Checkpoint, key_name, verify};
use events_proof::tree::{Hash, empty_root, is_consistent};
use events_proof::witness::AddCheckpoint;

/// Why it may not; each has a status of its own in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 400: not of the form, or the old size is beyond the new.
    Malformed,
    /// 403: no signature of a key that is trusted for this log.
    NotSigned,
    /// 404: no log that is witnessed here.
    UnknownLog,
    /// 409: this is how far the log had come when it was last cosigned.
    Conflict(u64),
    /// 422: the proof does not show that the log has only grown.
    Inconsistent,
    /// 429: this log has taken too many steps in a minute.
    TooMany,
}

/// The log that a note speaks of, before anything of it is believed.
pub(crate) fn claimed_origin(asked: &AddCheckpoint) -> Option<String> {
    Checkpoint::claimed(&asked.note).map(|checkpoint| checkpoint.origin)
}

/// The checkpoint, if a key that is believed for its log has signed it; and which.
pub(crate) fn is_signed<'a>(
    asked: &AddCheckpoint,
    logs: &'a [String],
) -> Result<(Checkpoint, &'a str), Refusal> {
    let origin = claimed_origin(asked).ok_or(Refusal::Malformed)?;
    let mut keys = logs
        .iter()
        .filter(|key| key_name(key) == Some(origin.as_str()))
        .peekable();
    keys.peek().ok_or(Refusal::UnknownLog)?;
    keys.find_map(|key| Some((verify(&asked.note, key).ok()?, key.as_str())))
        .ok_or(Refusal::NotSigned)
}

/// The checkpoint to remember and to cosign, and the key that has signed it. `known` is what was cosigned last for this log.
pub(crate) fn judge<'a>(
    asked: &AddCheckpoint,
    logs: &'a [String],
    known: Option<(u64, Hash)>,
) -> Result<(Checkpoint, &'a str), Refusal> {
    let (checkpoint, key) = is_signed(asked, logs)?;
    if asked.old > checkpoint.size {
        return Err(Refusal::Malformed);
    }
    let (size, root) = known.unwrap_or((0, empty_root()));
    if asked.old != size || (checkpoint.size == size && checkpoint.root != root) {
        return Err(Refusal::Conflict(size));
    }
    if is_consistent(size, &root, checkpoint.size, &checkpoint.root, &asked.proof) {
        Ok((checkpoint, key))
    } else {
        Err(Refusal::Inconsistent)
    }
}
