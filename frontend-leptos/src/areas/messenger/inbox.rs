//! All rooms of the reader and how far each is read, for as long as the page is open: the badge, the start page and the
//! list of conversations look at the same.

use crate::ask::Query;
use crate::erased;
use crate::session::me;
use crate::store::{Store, Window};
use events::Scope;
use events::ids::{PersonId, RoomId};
use events::messenger::view::{Reads, RoomRow, Rooms};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Nobody has more rooms than fit into one page.
const ALL: u16 = 500;

/// The reader's rooms; copies are the same.
#[derive(Clone, Copy)]
pub(crate) struct Inbox {
    pub(super) rooms: Window<Rooms>,
    pub(super) reads: Window<Reads>,
    /// What was written and not yet sent, by room.
    pub(super) drafts: StoredValue<BTreeMap<RoomId, String>>,
    me: PersonId,
}

impl Inbox {
    /// Opens it; it lives as long as the component that does.
    pub(crate) fn new(store: Store) -> Self {
        let me = me().person;
        let all = |scope| {
            Some(Query {
                scope,
                limit: ALL,
                ..Query::default()
            })
        };
        Self {
            rooms: store.window(move || all(None)),
            reads: store.window(move || all(Some(Scope::Person(me)))),
            drafts: StoredValue::new(BTreeMap::new()),
            me,
        }
    }

    /// All rooms, the last spoken in first. Tracks every room.
    pub(crate) fn all_rooms(self) -> Vec<RoomRow> {
        let rows = |keys: &Vec<String>| {
            let rows = keys.iter().filter_map(|key| self.rooms.row(key));
            rows.map(|row| row.get()).collect()
        };
        self.rooms.keys.with(rows)
    }

    /// How far the reader has read a room. Tracks the mark.
    pub(crate) fn read_up_to(self, room: RoomId) -> u64 {
        let key = Reads::key(self.me, room);
        // A mark may be there only later.
        self.reads.keys.track();
        self.reads
            .row(&key)
            .map_or(0, |row| row.with(|row| row.up_to))
    }

    /// How many messages of a room the reader has not read. Tracks room and mark.
    pub(crate) fn unread(self, room: &RoomRow) -> u64 {
        // Without the marks everything would look unread for a moment.
        if self.reads.state.get() == crate::store::State::Loading {
            return 0;
        }
        room.last.saturating_sub(self.read_up_to(room.room))
    }

    /// The rooms with something unread, the last spoken in first.
    pub(crate) fn unread_rooms(self) -> Vec<RoomRow> {
        let mut rooms = self.all_rooms();
        rooms.retain(|room| self.unread(room) > 0);
        rooms
    }

    /// How many messages are unread in all.
    pub(crate) fn unread_in_all(self) -> Memo<u64> {
        erased::memo(move || self.all_rooms().iter().map(|room| self.unread(room)).sum())
    }
}
