//! What this module wants answered by others: what each part of the house holds of a person, and how it lets go of it. The
//! root answers for every module.

use edge_kernel::ledger::erase::Alone;
use edge_kernel::{Recorded, Unit};
use events::ids::{BlobId, PersonId};
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use std::ops::AddAssign;

/// A part of the house could not let go of somebody.
#[derive(Debug, thiserror::Error)]
#[error("a part of the house could not let go of a person")]
pub struct HoldError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// How much was let go beside the log's own entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Unique values.
    pub claims: u64,
    /// Rows beside the log.
    pub rows: u64,
}

impl AddAssign for Settled {
    fn add_assign(&mut self, more: Self) {
        self.claims += more.claims;
        self.rows += more.rows;
    }
}

/// A part of the house that holds something of people. One that keeps nothing beside the log says only what is theirs alone.
pub trait Holds: Send + Sync {
    /// What concerns a person alone, so that nobody misses it once it is gone.
    fn alone(&self, person: PersonId, into: &mut Alone);

    /// People of whom something is kept beside the log although their keys are gone: the log was restored from before their
    /// erasure.
    fn strangers(&self) -> BoxFuture<'_, Result<Vec<PersonId>, HoldError>> {
        ready(Ok(Vec::new())).boxed()
    }

    /// How much would be let go.
    fn count<'a>(&'a self, _people: &'a [PersonId]) -> BoxFuture<'a, Result<Settled, HoldError>> {
        ready(Ok(Settled::default())).boxed()
    }

    /// Stages, in the append that says the erasure, that people are gone: accounts closed, groups left, unique values released,
    /// rows removed. Here their names can still be read.
    fn settle<'a, 'k: 'a>(
        &'a self,
        _unit: &'a mut Unit<'k>,
        _people: &'a [PersonId],
    ) -> BoxFuture<'a, Result<Settled, HoldError>> {
        ready(Ok(Settled::default())).boxed()
    }

    /// The stored file that nobody can open any more, when this event named it and its author is forgotten.
    fn blob(&self, _event: &Recorded, _people: &[PersonId]) -> Option<BlobId> {
        None
    }
}
