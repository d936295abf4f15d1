//! What this module wants answered by others: what each part of the house holds of a person, and how it lets go of it. The
//! root answers for every module.

use edge_kernel::ledger::erase::Alone;
use edge_kernel::{Recorded, Unit};
use events::ids::{BlobId, PersonId};
use futures::future::BoxFuture;

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

/// A part of the house that holds something of people.
pub trait Holds: Send + Sync {
    /// What concerns a person alone, so that nobody misses it once it is gone.
    fn alone(&self, person: PersonId, into: &mut Alone);

    /// People of whom something is kept beside the log although their keys are gone: the log was restored from before their
    /// erasure.
    fn strangers(&self) -> BoxFuture<'_, Result<Vec<PersonId>, HoldError>>;

    /// How much would be let go.
    fn count<'a>(&'a self, people: &'a [PersonId]) -> BoxFuture<'a, Result<Settled, HoldError>>;

    /// Stages, in the append that says the erasure, that people are gone: accounts closed, groups left, unique values released,
    /// rows removed. Here their names can still be read.
    fn settle<'a, 'k: 'a>(
        &'a self,
        unit: &'a mut Unit<'k>,
        people: &'a [PersonId],
    ) -> BoxFuture<'a, Result<Settled, HoldError>>;

    /// The stored file that nobody can open any more, when this event named it and its author is forgotten.
    fn blob(&self, event: &Recorded, people: &[PersonId]) -> Option<BlobId>;
}
