//! What the two machines say to one another, as JSON over HTTP. The old one asks, the new one answers.

use serde::{Deserialize, Serialize};

/// Both machines must speak the same.
pub(super) const FORMAT: u32 = 1;
/// The SHA-256 of what is sent, in hexadecimal digits.
pub(super) const HASH: &str = "x-sha256";
/// How far the old machine has come, for whoever looks at the new one: `what;done;of`.
pub(super) const PROGRESS: &str = "x-progress";

/// The old machine introduces itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hello {
    pub(super) format: u32,
    /// The verifier key of its log.
    pub(super) key: String,
    /// What the school takes while it arrives.
    pub(super) bytes: u64,
}

/// The new machine answers.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Welcome {
    /// The verifier key under which it will sign.
    pub(super) key: String,
    /// Whom the keys are to be sealed to.
    pub(super) recipient: String,
    /// The key itself, as it lies in `keys/`: should this machine be lost before it serves, the old one can go on by it.
    pub(super) signing: String,
}

/// What is to be built out of what has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Build {
    /// Whether views are folded and everything is verified, too.
    pub(super) whole: bool,
}

/// The log is sealed: this is its last event.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    pub(super) position: u64,
    /// The root over the log up to there, in hexadecimal digits.
    pub(super) root: String,
}

/// How far the new machine has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Status {
    /// Whether the seal has arrived: then it finishes alone.
    pub(super) is_sealed: bool,
    pub(super) state: State,
}

/// What the new machine does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum State {
    /// It takes what comes.
    Receiving,
    /// It works.
    Working { what: String, done: u64, of: u64 },
    /// What has arrived is built, up to this position.
    Built { size: u64 },
    /// It could not; the text is for the operator.
    Failed { why: String },
    /// It serves: its newest checkpoint.
    Serving { checkpoint: String },
}
