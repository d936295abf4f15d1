//! Files: a space of one's own and one per group, with folders, uploads, downloads, and a bin that gives things back.
//!
//! Bytes lie encrypted in the kernel's blob store; the log knows their names and keys. Who belongs to a group is the
//! kernel's knowledge, and opening spaces for new people and groups is a flow's affair.

mod ask;
mod decide;
mod error;
mod http;
mod needs;
mod policy;
mod queries;
mod store;
mod views;

pub use ask::{Changed, Content, Upload, Uploaded};
pub use decide::{Asked, By, Space};
use edge_kernel::Kernel;
pub use error::{FilesError, SpaceRefusal};
use events::ids::{GroupId, PersonId, SpaceId, StreamId};
pub use policy::{Reach, Rights, Standing, rights};

/// The largest file that is taken, in bytes, unless the operator sets another size: 2 GiB.
pub const LARGEST: u64 = 2 << 30;

/// The module's handle; cheap to clone.
#[derive(Clone)]
pub struct Files {
    kernel: Kernel,
    largest: u64,
}

impl Files {
    /// The module on a kernel.
    #[must_use]
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            largest: LARGEST,
        }
    }

    /// The same, taking files up to another size in bytes.
    #[must_use]
    pub fn with_largest(mut self, bytes: u64) -> Self {
        self.largest = bytes;
        self
    }
}

/// A person's own space.
#[must_use]
pub fn own_space(person: PersonId) -> SpaceId {
    SpaceId(StreamId::beside(person.0, b'f').0)
}

/// A group's space.
#[must_use]
pub fn group_space(group: GroupId) -> SpaceId {
    SpaceId(StreamId::beside(group.0, b'f').0)
}
