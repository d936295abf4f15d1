//! `reads`: how far a person has read each room. Unread is the room's last number minus this.

use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::{PersonId, RoomId};
use crate::messenger::MessengerEvent as E;
use crate::recorded::Recorded;
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// One person's mark in one room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadRow {
    /// Where.
    pub room: RoomId,
    /// Who.
    pub person: PersonId,
    /// The last message read.
    pub up_to: u64,
}

/// The view of all reading marks.
pub struct Reads;

impl Reads {
    /// The key of a person's mark in a room.
    #[must_use]
    pub fn key(person: PersonId, room: RoomId) -> Key {
        format!("{person}/{room}")
    }
}

impl View for Reads {
    type Row = ReadRow;
    const NAME: &'static str = "reads";
    const MODULE: &'static str = "messenger";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Messenger(E::RoomRead { room, person, .. }) => {
                vec![Self::key(*person, *room)]
            }
            _ => Vec::new(),
        }
    }

    fn apply(event: &Recorded, rows: &mut Touched<ReadRow>) {
        let AnyEvent::Messenger(E::RoomRead {
            room,
            person,
            up_to,
        }) = &event.event
        else {
            return;
        };
        let key = Self::key(*person, *room);
        let before = rows.get(&key).map_or(0, |row| row.up_to);
        rows.put(
            key,
            ReadRow {
                room: *room,
                person: *person,
                up_to: before.max(*up_to),
            },
        );
    }

    fn place(row: &ReadRow) -> Place {
        Place {
            scope: Scope::Person(row.person),
            sort: row.room.to_string(),
            text: String::new(),
        }
    }
}
