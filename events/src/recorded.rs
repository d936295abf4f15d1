//! An event as the log hands it out: what happened, where it stands, when, and who did it.

use crate::any::AnyEvent;
use crate::ids::{Pseudonym, StreamId};
use serde::{Deserialize, Serialize};

/// Place in the log, counted from 1 without gaps. 0 means "before everything".
pub type Position = u64;

/// Milliseconds since 1970-01-01T00:00Z.
pub type Millis = u64;

/// One event with its envelope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Place in the whole log; also the Merkle leaf's index plus one.
    pub position: Position,
    /// When, in UTC; rounded down to a quarter of an hour for kinds that say so.
    pub at: Millis,
    /// The aggregate's history this belongs to.
    pub stream: StreamId,
    /// Place in that history, counted from 1.
    pub version: u32,
    /// Who did it; only the keyring links this to a person.
    pub actor: Pseudonym,
    /// What happened.
    pub event: AnyEvent,
}
