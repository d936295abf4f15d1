//! What an append asks for: events in order, the versions they were decided upon, values to claim, rows to keep.

use super::seal::Sealed;
use crate::database::Value;
use events::ids::StreamId;
use events::{AnyEvent, Position};

/// A statement on a `_kept` table, run in the append's transaction.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The statement; it names only tables of the module that asks.
    pub sql: &'static str,
    /// Its arguments in order.
    pub arguments: Vec<Value>,
    /// How many rows it must change; otherwise the whole append is refused as [`super::AppendError::KeptChanged`].
    pub rows: Option<u64>,
}

/// A unique value to take or to give back, already hashed.
#[derive(Clone, Debug)]
pub(crate) enum Claim {
    Take { scope: &'static str, value: Vec<u8> },
    Release { scope: &'static str, value: Vec<u8> },
}

/// One append: all of it happens, or nothing.
#[derive(Debug, Default)]
pub(crate) struct Append {
    pub(crate) expected: Vec<(StreamId, u32)>,
    pub(crate) sealed: Vec<Sealed>,
    pub(crate) typed: Vec<AnyEvent>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) kept: Vec<Kept>,
    pub(crate) once: Option<Vec<u8>>,
    pub(crate) cause: Position,
    /// Whether it seals the log, and at which position it must do so: it alone is taken while the school moves.
    pub(crate) seals: Option<Position>,
}

impl Append {
    /// Whether it reads or writes what lies beside the log, and so needs a transaction before it is taken.
    pub(crate) fn touches_beside(&self) -> bool {
        !self.claims.is_empty() || !self.kept.is_empty()
    }
}

/// Where an append ended up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The position of its first event; one past the head when it had none.
    pub first: Position,
    /// The position of its last event; the head when it had none.
    pub last: Position,
    /// Whether the same request had been done before, and this is its answer again.
    pub repeated: bool,
}
