//! What the reader may do in a room: the table of the messenger's policy, so that nothing is offered that the machine
//! refuses. The machine decides.

use super::Inbox;
use crate::erased;
use crate::session::me;
use crate::store::directory;
use events::Audience;
use events::accounts::Role;
use events::ids::RoomId;
use leptos::prelude::*;

fn audience(room: RoomId) -> Memo<Option<Audience>> {
    let inbox = expect_context::<Inbox>();
    erased::memo(move || {
        inbox.rooms.keys.track();
        let row = inbox.rooms.row(&room.to_string())?;
        Some(row.with(|row| row.audience))
    })
}

/// Whether the reader may remove what others said. Between two people nobody may: a teacher must not be able to make a
/// complaint vanish.
pub(super) fn reaches_all(room: RoomId) -> Memo<bool> {
    let audience = audience(room);
    let directory = directory();
    let me = me();
    let leads_all = me.is(Role::Teacher) || me.is(Role::Head);
    erased::memo(move || match audience.get() {
        Some(Audience::Group(group)) => leads_all || directory.leads(group, me.person),
        Some(Audience::Pair(..) | Audience::Person(_)) | None => false,
    })
}

/// Whether something can still be said here: the group is not over, and both accounts are open.
pub(super) fn is_running(room: RoomId) -> Memo<bool> {
    let audience = audience(room);
    let directory = directory();
    erased::memo(move || match audience.get() {
        Some(Audience::Group(group)) => directory.is_running(group),
        Some(Audience::Pair(one, other)) => directory.is_open(one) && directory.is_open(other),
        Some(Audience::Person(person)) => directory.is_open(person),
        None => false,
    })
}
