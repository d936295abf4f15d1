//! Auditing: every event listed by its envelope, proven, and any view as it was at any moment. Looking is logged first.

mod ask;
mod decide;
mod error;
mod http;
mod needs;
mod policy;
mod queries;
mod store;
mod views;

use edge_kernel::Kernel;
pub use error::AuditError;
pub use queries::{Moment, Replay, replay};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Replays that may run at once: each reads the whole log up to its moment.
const REPLAYS: usize = 2;

/// The module's handle; cheap to clone.
#[derive(Clone)]
pub struct Audit {
    kernel: Kernel,
    replays: Arc<Semaphore>,
}

impl Audit {
    /// The module on a kernel.
    #[must_use]
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            replays: Arc::new(Semaphore::new(REPLAYS)),
        }
    }
}
