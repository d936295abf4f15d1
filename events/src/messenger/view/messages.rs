//! `messages`: what was said in a room.

use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::{MessageId, PersonId, RoomId};
use crate::messenger::MessengerEvent as E;
use crate::personal::Personal;
use crate::recorded::{Millis, Recorded};
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageRow {
    /// Where.
    pub room: RoomId,
    /// Its number in the room.
    pub number: u64,
    /// Which.
    pub message: MessageId,
    /// Who said it.
    pub author: PersonId,
    /// What was said; forgotten when removed or erased.
    pub text: Personal<String>,
    /// When.
    pub at: Millis,
    /// Who removed it, when it was removed.
    pub removed_by: Option<PersonId>,
}

/// The view of all messages.
pub struct Messages;

impl Messages {
    /// The key of a message by its number.
    #[must_use]
    pub fn key(room: RoomId, number: u64) -> Key {
        format!("{room}/{number}")
    }
}

impl View for Messages {
    type Row = MessageRow;
    const NAME: &'static str = "messages";
    const MODULE: &'static str = "messenger";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Messenger(
                E::MessageSent { room, number, .. } | E::MessageRemoved { room, number, .. },
            ) => {
                vec![Self::key(*room, *number)]
            }
            _ => Vec::new(),
        }
    }

    fn apply(event: &Recorded, rows: &mut Touched<MessageRow>) {
        match &event.event {
            AnyEvent::Messenger(E::MessageSent {
                room,
                number,
                message,
                author,
                text,
            }) => {
                let row = MessageRow {
                    room: *room,
                    number: *number,
                    message: *message,
                    author: *author,
                    text: text.clone(),
                    at: event.at,
                    removed_by: None,
                };
                rows.put(Self::key(*room, *number), row);
            }
            AnyEvent::Messenger(E::MessageRemoved { room, number, by }) => {
                if let Some(row) = rows.get_mut(&Self::key(*room, *number)) {
                    row.text = Personal::forgotten();
                    row.removed_by = Some(*by);
                }
            }
            _ => {}
        }
    }

    fn place(row: &MessageRow) -> Place {
        Place {
            scope: Scope::Room(row.room),
            sort: format!("{:020}", row.number),
            text: String::new(),
        }
    }
}
