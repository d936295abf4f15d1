//! Typed ids. Each is a random UUID that names one thing for ever and says nothing about it.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(/// A person of the school, for as long as the school remembers them.
    PersonId);
id!(/// A class, a course, a club, a staff group.
    GroupId);
id!(/// One sign-in on one device.
    SessionId);
id!(/// One committed change set of a roster import.
    ImportId);
id!(/// One proposal to forget people, and what became of it.
    BatchId);
id!(/// One request to read other people's content, and what became of it.
    InspectionId);
id!(/// A place that holds files: a person's own or a group's.
    SpaceId);
id!(/// A file or a folder within a space.
    NodeId);
id!(/// A stored, encrypted object; its name in the blob store.
    BlobId);
id!(/// A place to talk: a group's or two people's.
    RoomId);
id!(/// One message.
    MessageId);
id!(/// A stream of the log: the history of one aggregate.
    StreamId);
id!(/// Who acted, as the log's header shows it: random per person, module and school year; only the keyring knows whose it is.
    Pseudonym);
id!(/// One event, drawn at random; it keeps the Merkle leaf of a dropped entry from being guessed.
    EventId);

impl StreamId {
    /// The stream of facts about the school as a whole.
    pub const SCHOOL: Self = Self(Uuid::from_u128(1));

    /// A second stream about the same thing, told apart by a tag: a person's reading marks beside their account.
    #[must_use]
    pub fn beside(id: Uuid, tag: u8) -> Self {
        Self(Uuid::from_u128(id.as_u128() ^ (u128::from(tag) << 64)))
    }
}

impl Pseudonym {
    /// Nobody: the machine itself acted.
    pub const MACHINE: Self = Self(Uuid::nil());
}
