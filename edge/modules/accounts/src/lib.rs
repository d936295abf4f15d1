//! Who belongs to the school: people, groups, signing in, and the import of the school office's lists.

mod ask;
mod decide;
mod error;
mod http;
mod needs;
mod policy;
mod queries;
pub mod roster;
mod store;
mod views;

pub use ask::{
    AddedPerson, Applied, Entered, Entry, Kept, KeptReason, MintedCode, NotUndone, PastImport,
    Undone,
};
use ask::{Cached, Guesses, Hashing, Previews, ReadToday};
use edge_kernel::Kernel;
use edge_kernel::views::Registry;
pub use error::{AccountsError, GroupRefusal, PersonRefusal, WeakPassword};
pub use http::{Arrival, Visit};
pub use queries::{Belongs, Me};
use std::sync::Arc;
use tokio::sync::Mutex;

/// The module's handle; cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    kernel: Kernel,
    hashing: Hashing,
    guesses: Guesses,
    sessions: Arc<Cached>,
    previews: Arc<Previews>,
    /// Held while something is decided that several people's accounts must agree on: that one administrator is left.
    administrators: Arc<Mutex<()>>,
    /// Held while an import is applied or taken back.
    importing: Arc<Mutex<()>>,
    /// Held while a group gets a name that no other may have.
    naming: Arc<Mutex<()>>,
    read_today: Arc<Mutex<ReadToday>>,
}

impl Accounts {
    /// The module on a kernel.
    #[must_use]
    pub fn new(kernel: Kernel) -> Self {
        Self {
            hashing: Hashing::new(kernel.clone()),
            guesses: Guesses::new(kernel.clone()),
            sessions: Arc::default(),
            previews: Arc::default(),
            administrators: Arc::default(),
            importing: Arc::default(),
            naming: Arc::default(),
            read_today: Arc::default(),
            kernel,
        }
    }

    /// Names this module's views.
    #[must_use]
    pub fn views(registry: Registry) -> Registry {
        views::views(registry)
    }
}
