//! Privacy: forgetting people so that it can be proven. A batch is proposed, a second person agrees, the log says what may be
//! missing from then on, and only then is anything destroyed.
//!
//! What the other parts of the house hold of a person they answer themselves, through `needs`.

mod again;
mod aged;
mod ask;
mod basis;
mod carry;
mod certificate;
mod decide;
mod error;
mod http;
mod jobs;
mod needs;
mod package;
mod policy;
mod queries;
mod retention;
mod views;

pub use ask::{Plan, Planned};
use carry::Unfinished;
pub use certificate::{Certificate, Head, SignedCertificate};
pub use decide::Batch;
use edge_kernel::Kernel;
pub use error::{BatchRefusal, PrivacyError};
pub use needs::{HoldError, Holds, Settled};
use package::Jobs;
use retention::Followed;
pub use retention::{Due, DueEvents, Pack, PackError, Rule, Who};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The module's handle; cheap to clone.
#[derive(Clone)]
pub struct Privacy {
    kernel: Kernel,
    holds: Arc<[Box<dyn Holds>]>,
    rules: Arc<Pack>,
    /// Held while an erasure is said and carried out: one at a time.
    acting: Arc<Mutex<()>>,
    /// What of erasures is not carried out to its end.
    unfinished: Arc<Unfinished>,
    packages: Arc<Jobs>,
    /// What the rules need to know of people.
    followed: Arc<Mutex<Followed>>,
    /// Where packages lie while they can be fetched.
    scratch: Arc<Path>,
}

impl Privacy {
    /// The module on a kernel; `holds` are the parts of the house that hold something of people, `rules` when they
    /// are to be forgotten, `scratch` a directory in which people's packages lie, without a name, until they are fetched.
    #[must_use]
    pub fn new(kernel: Kernel, holds: Vec<Box<dyn Holds>>, rules: Pack, scratch: &Path) -> Self {
        Self {
            kernel,
            holds: holds.into(),
            rules: Arc::new(rules),
            acting: Arc::default(),
            unfinished: Arc::default(),
            packages: Arc::default(),
            followed: Arc::default(),
            scratch: scratch.into(),
        }
    }

    /// The same by other rules.
    #[must_use]
    pub fn with_rules(mut self, rules: Pack) -> Self {
        self.rules = Arc::new(rules);
        self
    }
}
