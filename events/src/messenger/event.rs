//! What has happened in rooms.

use crate::any::{Described, Kind, Owner, Term};
use crate::ids::{MessageId, PersonId, RoomId};
use crate::personal::Personal;
use crate::scope::{Audience, Scope};
use serde::{Deserialize, Serialize};

/// An event in a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MessengerEvent {
    /// A room exists from now on.
    RoomOpened {
        /// Which.
        room: RoomId,
        /// Whom it is for.
        audience: Audience,
    },
    /// Somebody said something.
    MessageSent {
        /// Where.
        room: RoomId,
        /// The message's number in the room, counted from 1 without gaps.
        number: u64,
        /// The message.
        message: MessageId,
        /// Who said it.
        author: PersonId,
        /// What was said: plain text.
        text: Personal<String>,
    },
    /// A message was removed; its number stays.
    MessageRemoved {
        /// Where.
        room: RoomId,
        /// Which.
        number: u64,
        /// Who removed it.
        by: PersonId,
    },
    /// A person has read a room up to a message.
    RoomRead {
        /// Where.
        room: RoomId,
        /// Who.
        person: PersonId,
        /// The last message read.
        up_to: u64,
    },
}

impl Described for MessengerEvent {
    const MODULE: &'static str = "messenger";

    fn kind(&self) -> (Kind, &'static str) {
        let (number, name) = match self {
            Self::RoomOpened { .. } => (300, "RoomOpened"),
            Self::MessageSent { .. } => (301, "MessageSent"),
            Self::MessageRemoved { .. } => (302, "MessageRemoved"),
            Self::RoomRead { .. } => (303, "RoomRead"),
        };
        (Kind(number), name)
    }

    fn owner(&self) -> (Owner, Term) {
        let owner = match self {
            Self::MessageSent { author, .. } => Owner::Person(*author),
            Self::RoomOpened { .. } | Self::MessageRemoved { .. } | Self::RoomRead { .. } => {
                Owner::School
            }
        };
        (owner, Term::Yearly)
    }

    fn scopes(&self) -> Vec<Scope> {
        match self {
            Self::RoomOpened { room, .. }
            | Self::MessageSent { room, .. }
            | Self::MessageRemoved { room, .. } => {
                vec![Scope::Room(*room)]
            }
            Self::RoomRead { person, .. } => vec![Scope::Person(*person)],
        }
    }

    fn is_coarse(&self) -> bool {
        matches!(self, Self::RoomRead { .. })
    }
}

#[cfg(feature = "cqrs")]
impl cqrs_es::DomainEvent for MessengerEvent {
    fn event_type(&self) -> String {
        Described::kind(self).1.to_owned()
    }

    fn event_version(&self) -> String {
        Described::schema(self).to_string()
    }
}
