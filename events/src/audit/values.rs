//! The values that reading other people's content speaks in: whose, and what for.

use crate::ids::{PersonId, RoomId, SpaceId};
use crate::scope::{Audience, Scope};
use serde::{Deserialize, Serialize};

/// What somebody asks to read. Room and space come with whom they are for, so that whoever reads this later knows whose they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum About {
    /// What one person wrote, stored, and what the office knows about them.
    Person(PersonId),
    /// What was said in a room.
    Room {
        /// Which.
        room: RoomId,
        /// Whom it is for.
        audience: Audience,
    },
    /// What lies in a space.
    Space {
        /// Which.
        space: SpaceId,
        /// Whom it is for.
        audience: Audience,
    },
}

impl About {
    /// The circle whose data these are: each of them, as they are when it is read, is told.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Person(person) => Scope::Person(*person),
            Self::Room { room, .. } => Scope::Room(*room),
            Self::Space { space, .. } => Scope::Space(*space),
        }
    }

    /// The one or two people whose data alone these are; none for what a group shares.
    #[must_use]
    pub fn concerned(&self) -> Vec<PersonId> {
        match self {
            Self::Person(person) => vec![*person],
            Self::Room { audience, .. } | Self::Space { audience, .. } => match audience {
                Audience::Person(person) => vec![*person],
                Audience::Pair(one, other) => vec![*one, *other],
                Audience::Group(_) => Vec::new(),
            },
        }
    }
}

/// What somebody needs to read it for; the rest they say in their own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Purpose {
    /// A child may be in danger.
    Protection,
    /// A quarrel, bullying, a threat.
    Conflict,
    /// Somebody whom it is about has asked for it.
    OwnWish,
    /// An authority or a court has asked for it.
    Authority,
    /// Something does not work.
    Fault,
    /// Checking that data are handled as they should be.
    Control,
    /// Keeping the accounts.
    Accounts,
}

/// The views whose rows are content: what people wrote and stored, and what the office knows about them.
pub const CONTENT_VIEWS: [&str; 3] = ["messages", "files", "records"];
