//! Auditing: every event listed by its envelope, proven, and any view as it was at any moment. Looking is logged first, and other
//! people's content is read only when a second person has agreed. Witnesses outside the house note how far the log has come, so
//! that it cannot be rewritten behind their backs.

mod ask;
mod decide;
mod error;
mod http;
mod needs;
mod policy;
mod queries;
mod store;
mod views;
mod witness;

use edge_kernel::Kernel;
pub use error::AuditError;
use http::log::Looks;
use http::states::Working;
pub use needs::{Answer, Shelf, Way};
pub use queries::{Moment, Replay, replay};
use std::sync::Arc;
use tokio::sync::Semaphore;
use witness::{Brought, Memory, OwnKey};
pub use witness::{Outlook, Peer, Policy, PolicyError, Seen, Served, Trouble};

/// Replays that may run at once: each reads the whole log up to its moment.
const REPLAYS: usize = 2;

/// The module's handle; cheap to clone.
#[derive(Clone)]
pub struct Audit {
    kernel: Kernel,
    replays: Arc<Semaphore>,
    policy: Arc<Policy>,
    witnesses: Arc<Memory>,
    looks: Arc<Looks>,
    working: Working,
    brought: Arc<Brought>,
    own_key: OwnKey,
    shelf: Arc<dyn Shelf>,
    /// One checkpoint of another school at a time: a key that hands over must not sign meanwhile.
    witnessing: Arc<tokio::sync::Mutex<()>>,
}

impl Audit {
    /// The module on a kernel, with whoever has the files.
    #[must_use]
    pub fn new(kernel: Kernel, shelf: Arc<dyn Shelf>) -> Self {
        Self {
            kernel,
            replays: Arc::new(Semaphore::new(REPLAYS)),
            policy: Arc::default(),
            witnesses: Arc::default(),
            looks: Arc::default(),
            working: Working::default(),
            brought: Arc::default(),
            own_key: OwnKey::default(),
            shelf,
            witnessing: Arc::default(),
        }
    }

    /// The same with witnesses; without, nobody is asked and nobody answered.
    #[must_use]
    pub fn with_witnesses(self, policy: Policy) -> Self {
        Self {
            policy: Arc::new(policy),
            ..self
        }
    }
}
