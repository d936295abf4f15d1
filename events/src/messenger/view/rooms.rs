//! `rooms`: the places to talk, and how far each has come.

use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::RoomId;
use crate::messenger::MessengerEvent as E;
use crate::recorded::{Millis, Recorded};
use crate::scope::{Audience, Scope};
use serde::{Deserialize, Serialize};

/// One room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomRow {
    /// Which.
    pub room: RoomId,
    /// Whom it is for; its name is the group's or the other person's.
    pub audience: Audience,
    /// The number of the last message; 0 while nothing was said.
    pub last: u64,
    /// When the last message was sent, or the room opened.
    pub at: Millis,
}

/// The view of all rooms.
pub struct Rooms;

impl View for Rooms {
    type Row = RoomRow;
    const NAME: &'static str = "rooms";
    const MODULE: &'static str = "messenger";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Messenger(E::RoomOpened { room, .. } | E::MessageSent { room, .. }) => {
                vec![room.to_string()]
            }
            _ => Vec::new(),
        }
    }

    fn apply(event: &Recorded, rows: &mut Touched<RoomRow>) {
        match &event.event {
            AnyEvent::Messenger(E::RoomOpened { room, audience }) => {
                let key = room.to_string();
                // The first opening counts, as it does for access.
                if rows.get(&key).is_none() {
                    let row = RoomRow {
                        room: *room,
                        audience: *audience,
                        last: 0,
                        at: event.at,
                    };
                    rows.put(key, row);
                }
            }
            AnyEvent::Messenger(E::MessageSent { room, number, .. }) => {
                if let Some(row) = rows.get_mut(&room.to_string()) {
                    row.last = row.last.max(*number);
                    row.at = event.at;
                }
            }
            _ => {}
        }
    }

    fn place(row: &RoomRow) -> Place {
        let newest_first = u64::MAX - row.at;
        Place {
            scope: Scope::Room(row.room),
            sort: format!("{newest_first:020}"),
            text: String::new(),
        }
    }
}
