//! Messenger: a room per group and one per two people, messages in the order in which they were said, and how far each
//! person has read.
//!
//! Who belongs to a group is the kernel's knowledge, and opening rooms for new groups is a flow's affair.

mod ask;
mod decide;
mod error;
mod http;
mod needs;
mod policy;
mod queries;
mod store;
mod views;

pub use ask::{Opened, Said};
pub use decide::{AskedMarks, AskedRoom, By, Marks, Room};
use edge_kernel::Kernel;
pub use error::{MessengerError, RoomRefusal};
use events::ids::{GroupId, PersonId, RoomId, StreamId};
pub use policy::{Acquaintance, Reach, Rights, Standing, may_begin, rights};
use ring::digest::{SHA256, digest};
use uuid::Uuid;

/// The module's handle; cheap to clone.
#[derive(Clone)]
pub struct Messenger {
    kernel: Kernel,
}

impl Messenger {
    /// The module on a kernel.
    #[must_use]
    pub fn new(kernel: Kernel) -> Self {
        Self { kernel }
    }
}

/// A group's room.
#[must_use]
pub fn group_room(group: GroupId) -> RoomId {
    RoomId(StreamId::beside(group.0, b'm').0)
}

/// The room of two people, whoever is named first: opening it twice opens one.
#[must_use]
pub fn direct_room(one: PersonId, other: PersonId) -> RoomId {
    RoomId(derived(
        "messenger/direct",
        one.min(other).0,
        one.max(other).0,
    ))
}

/// The stream of a person's reading mark in a room.
fn marks_stream(person: PersonId, room: RoomId) -> StreamId {
    StreamId(derived("messenger/marks", person.0, room.0))
}

/// An id that follows from two others, and from what it is for.
fn derived(purpose: &str, one: Uuid, other: Uuid) -> Uuid {
    let named = [
        purpose.as_bytes(),
        one.as_bytes().as_slice(),
        other.as_bytes().as_slice(),
    ]
    .concat();
    let hash = digest(&SHA256, &named);
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
