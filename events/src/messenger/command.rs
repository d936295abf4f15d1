//! What can be asked of a room. Plain data; who may ask is the module's policy.

use crate::ids::{MessageId, PersonId};
use crate::scope::Audience;
use serde::{Deserialize, Serialize};

/// A command to one room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "fields mirror those of the events of the same names, which document them"
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum RoomCommand {
    /// Open the room.
    OpenRoom { audience: Audience },
    /// Say something. The message's id is drawn by whoever asks, so that asking twice says it once.
    SendMessage {
        message: MessageId,
        author: PersonId,
        text: String,
    },
    /// Remove a message; that it was removed stays visible.
    RemoveMessage { number: u64, by: PersonId },
}

/// A command to one person's reading mark in one room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "fields mirror those of the events of the same names, which document them"
)]
pub enum MarksCommand {
    /// Everything up to this message number is read.
    MarkRead {
        room: crate::ids::RoomId,
        person: PersonId,
        up_to: u64,
    },
}
